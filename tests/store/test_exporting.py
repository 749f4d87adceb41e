"""The ledger call by call, on both databases."""

from __future__ import annotations

from codesession.domain.report import CallFilter
from codesession.domain.request import UsageStatus
from codesession.store.database import Database
from codesession.store.exporting import SqlExports
from codesession.store.sql_store import SqlStore
from support.ledger import NOW_MS, make_request, make_session


def test_calls_are_streamed_by_time_and_chosen_by_span_and_filter(database: Database, store: SqlStore) -> None:
    """Oldest first; the newest few newest first; other questions may be asked meanwhile."""
    session = store.create_session(make_session(name="task"), exclusive=False)
    assert session is not None
    for n in (2, 0, 1):
        store.add_request(make_request(started_at_ms=NOW_MS + n, cost_picousd=n, agent_name=f"a{n}"))
    exports, everything = SqlExports(database), CallFilter()

    stream = exports.calls(everything, since_ms=None, until_ms=None, limit=None)
    assert next(stream).cost_picousd == 0
    assert exports.session_names() == {session.id: (session.uid, "task")}
    assert [each.cost_picousd for each in stream] == [1, 2]

    newest = exports.calls(everything, since_ms=None, until_ms=None, limit=2)
    assert [each.cost_picousd for each in newest] == [2, 1]
    some = exports.calls(everything, since_ms=NOW_MS + 1, until_ms=NOW_MS + 2, limit=None)
    assert [each.cost_picousd for each in some] == [1]
    chosen = exports.calls(CallFilter(agents=("a2",)), since_ms=None, until_ms=None, limit=None)
    assert [each.agent_name for each in chosen] == ["a2"]


def test_calls_without_usage_are_counted_by_model(database: Database, store: SqlStore) -> None:
    """Not those with a cost, nor those of which at least a total is known."""
    silent = {"usage": None, "usage_status": UsageStatus.MISSING}
    store.add_requests(
        [
            make_request(cost_picousd=None),
            make_request(**silent, cost_picousd=None, response_model="answered"),
            make_request(**silent, cost_picousd=None, response_model="answered"),
            make_request(**silent, cost_picousd=None, reported_total_tokens=7),
            make_request(**silent, cost_picousd=7),
        ]
    )
    assert SqlExports(database).without_usage() == {("anthropic", "answered"): 2}
