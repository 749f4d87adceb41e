"""What each source saw."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from codesession.domain.reconciliation import Reconciliation
from codesession.domain.request import Source
from codesession.services.reconciling import reconcile
from codesession.store.reporting import SqlReports
from codesession.store.sql_store import SqlStore
from codesession.store.sqlite import SqliteDatabase
from support.ledger import NOW_MS, make_request
from support.logs import SAMPLES, ledger
from support.usage import request_in


@pytest.fixture
def database(tmp_path: Path) -> SqliteDatabase:
    return SqliteDatabase(tmp_path / "sessions.db", now_ms=NOW_MS)


def coverage(found: Reconciliation, by: str, of: str) -> Decimal:
    (pair,) = (pair for pair in found.coverages if (pair.by, pair.of) == (by, of))
    return pair.share


def test_calls_are_matched_by_id_and_the_rest_is_named(database: SqliteDatabase) -> None:
    """The log explains what it has of the proxy's dollars; what it lacks is told by model and agent."""
    store = SqlStore(database)
    for source in (Source.PROXY, Source.LOG):
        store.add_request(
            make_request(response_id="both", request_model="opus", cost_picousd=90, sources=frozenset({source}))
        )
    store.add_request(make_request(request_model="haiku", agent_name="claude-code", cost_picousd=10))
    found = reconcile(SqlReports(database), request_in())
    views = {view.source: view for view in found.sources}

    assert coverage(found, "log", "proxy") == Decimal("0.9")
    assert coverage(found, "proxy", "log") == 1
    assert found.totals.requests == 2
    assert [view.source for view in found.sources] == ["proxy", "log"]
    assert [(share.name, share.totals.requests) for share in views["proxy"].only_models] == [("haiku", 1)]
    assert [share.name for share in views["proxy"].only_agents] == ["claude-code"]
    assert views["log"].only.requests == 0


def test_sources_that_share_no_call_are_not_compared(database: SqliteDatabase) -> None:
    """Calls logged by hand say nothing about the proxy; proxy and log are compared whenever both are there."""
    store = SqlStore(database)
    store.add_requests(
        [make_request(sources=frozenset({source})) for source in (Source.MANUAL, Source.PROXY, Source.LOG)]
    )
    found = reconcile(SqlReports(database), request_in())

    assert {(pair.by, pair.of) for pair in found.coverages} == {("log", "proxy"), ("proxy", "log")}
    assert coverage(found, "log", "proxy") == 0


def test_a_call_seen_again_leaves_no_trace_of_its_first_bucket(database: SqliteDatabase) -> None:
    """Rollups keep rows that were emptied by a merge; they are nobody's calls."""
    store = SqlStore(database)
    store.add_request(make_request(response_id="x", sources=frozenset({Source.PROXY})))
    store.add_request(make_request(response_id="x", sources=frozenset({Source.HOOK})))
    views = reconcile(SqlReports(database), request_in()).sources

    assert all(view.only.requests == 0 and view.only_models == () for view in views)


def test_an_empty_ledger_has_no_sources(database: SqliteDatabase) -> None:
    """Nothing to compare is no error."""
    found = reconcile(SqlReports(database), request_in())

    assert (found.sources, found.coverages, found.totals.requests) == ((), (), 0)


def test_agents_own_totals_are_compared_with_their_calls(tmp_path: Path) -> None:
    """Resumed and forked conversations are explained whole; calls without a line are a gap that is named."""
    with ledger(tmp_path / "ledger") as opened:
        opened.run(SAMPLES / "claude_code" / "claude-2.1.330")
        claims = reconcile(SqlReports(opened.database), request_in()).claims
    shares = {claim.conversation_id[:8]: claim.share for claim in claims}
    assert {name: share for name, share in shares.items() if name != "86ab4eb0"} == {
        "02e45750": 1,
        "a093106c": 1,
        "bf2b1eab": 1,
        "cd3b8a82": 1,
    }
    assert claims[0].conversation_id.startswith("86ab4eb0")
    assert (claims[0].said.total_tokens - claims[0].known.total_tokens, claims[0].known.requests) == (4, 4)
