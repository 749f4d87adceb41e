"""Money that was set aside, when the call is in the ledger."""

from __future__ import annotations

from codesession.store.database import Database
from codesession.store.settling import settle
from support.ledger import make_request


def test_a_call_that_reserved_nothing_writes_nothing(database: Database) -> None:
    """Most calls: not even a statement runs."""
    database.close()
    settle(database, make_request(), 1)


def test_an_unknown_reservation_is_no_error(database: Database) -> None:
    """It may have been settled by another sighting."""
    settle(database, make_request(reservation="gone"), 1)
    settle(database, make_request(reservation="gone", cost_picousd=None), 1)
