"""Money that was set aside for a call, and the row that says what the call cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesession.store import budget_queries as q

if TYPE_CHECKING:
    from codesession.domain.request import ModelRequest
    from codesession.store.database import Database


def settle(database: Database, request: ModelRequest, request_id: int | None) -> None:
    """
    Give back what was set aside for a call that is in the ledger now; belongs into the transaction that counts it.

    A call without a cost keeps its money until somebody knows what it cost: unknown is not free. One that was cut
    keeps what it may have cost beyond what was seen of it, where a budget is strict.
    """
    if request.reservation is None:
        return
    if request.cost_picousd is None:
        database.execute(q.SETTLE_UNPRICED, {"uid": request.reservation, "request_id": request_id})
    elif request.usage_status == "lower_bound" and database.query(q.ANY_STRICT):
        settled = {"uid": request.reservation, "request_id": request_id, "cost": request.cost_picousd}
        database.execute(q.SETTLE_CUT, settled)
    else:
        database.execute(q.SETTLE_PRICED, {"uid": request.reservation})
