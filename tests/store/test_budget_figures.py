"""The figures of one budget on a bare connection."""

from __future__ import annotations

from codesession.store import budget_queries
from codesession.store.budget_figures import figures
from codesession.store.call_rows import PERIOD_MS
from codesession.store.sql_store import SqlStore
from codesession.store.sqlite import SqliteDatabase
from support.ledger import NOW_MS, make_request


def test_an_empty_ledger_has_spent_nothing(database: SqliteDatabase) -> None:
    """A session that is not there neither."""
    for scope in ("session", "project", "global"):
        found = figures(
            database.query,
            budget_id=1,
            scope=scope,
            session_id=9,
            project="/repo",
            agent_name=None,
            strict=False,
            start_ms=None,
            now_ms=NOW_MS,
        )
        assert not any(found.values())


def test_sums_beyond_64_bits_are_exact(database: SqliteDatabase, store: SqlStore) -> None:
    """Three calls of four million dollars each."""
    for month in range(3):
        at_ms = NOW_MS + month * PERIOD_MS
        store.add_request(make_request(cost_picousd=4_000_000 * 10**12 + 1, started_at_ms=at_ms))
    found = figures(
        database.query,
        budget_id=1,
        scope="global",
        session_id=None,
        project=None,
        agent_name=None,
        strict=False,
        start_ms=None,
        now_ms=NOW_MS,
    )
    assert found["spent_picousd"] == 12_000_000 * 10**12 + 3


def test_many_small_calls_can_be_summed_beyond_what_fits(database: SqliteDatabase, store: SqlStore) -> None:
    """Their sum is all rest and no dollars: six million dollars in each of three periods."""
    for month in range(3):
        store.add_request(make_request(cost_picousd=1, started_at_ms=NOW_MS + month * PERIOD_MS))
    database.execute("UPDATE spending SET cost_rest_picousd = 6000000000000000001")
    found = figures(
        database.query,
        budget_id=1,
        scope="global",
        session_id=None,
        project=None,
        agent_name=None,
        strict=False,
        start_ms=None,
        now_ms=NOW_MS,
    )
    assert found["spent_picousd"] == 18_000_000 * 10**12 + 3


def test_statements_name_only_what_is_asked_for() -> None:
    """Everything without a condition, the rest with exactly theirs."""
    everything = budget_queries.figures("global", since=False)
    assert "FROM spending)" in everything
    project = budget_queries.figures("project", "project", since=True)
    assert "FROM usage_rollups WHERE project = :project AND bucket_start_ms >= :since)" in project
    assert "r.project = :project AND r.created_at_ms >= :since)" in project
    session = budget_queries.figures("session", "session_id", since=False)
    assert "FROM sessions WHERE id IN (SELECT CAST(:session_id AS BIGINT)" in session
    assert "r.session_id IN (SELECT CAST(:session_id AS BIGINT)" in session
