"""
Agents' own logs into the ledger: every call once, charged to the conversation that made it.

`service` is the use case, `scan` says which files have something new, `news` turns a file's news into calls (`crew`:
in several processes), `places` finds the session they belong to, `handover` gives them to the ledger, `outcome` is what
the user is told.
"""
