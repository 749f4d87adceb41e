"""The ledger: a protocol in domain types, one SQL implementation, a driver per database."""
