"""The SQL of the ledger and its indexes fit each other."""

from __future__ import annotations

import pytest

from codesession.domain.report import CallFilter
from codesession.store import import_queries as iq
from codesession.store import queries as q
from codesession.store.report_queries import session_uses
from codesession.store.sqlite import SqliteDatabase

_USES = session_uses([1, 2], CallFilter(models=("m",)))


@pytest.mark.parametrize(
    ("sql", "plan"),
    [
        (q.ACTIVE_SESSIONS, "SCAN sessions USING INDEX sessions_active"),
        (q.ACTIVE_SESSIONS_OF, "SEARCH sessions USING INDEX sessions_active (directory=?)"),
        (q.SESSION_BY_ID, "SEARCH sessions USING INTEGER PRIMARY KEY (rowid=?)"),
        (q.SESSIONS, "SCAN sessions USING INDEX sessions_by_start"),
        (q.REQUESTS, "SEARCH model_requests USING INDEX model_requests_by_session (session_id=?)"),
        (
            q.REQUEST_BY_KEY,
            "SEARCH model_requests USING INDEX sqlite_autoindex_model_requests_2 (provider_name=? AND response_id=?)",
        ),
        (q.REQUESTS_SINCE, "SEARCH model_requests USING INTEGER PRIMARY KEY (rowid>?)"),
        (q.AGENT_NAMES, "SEARCH session_usage USING INDEX sqlite_autoindex_session_usage_1 (session_id=?)"),
        (q.MODEL_TOTALS, "SEARCH session_usage USING INDEX sqlite_autoindex_session_usage_1 (session_id=?)"),
        (iq.PROXIED_PROVIDERS, "SCAN usage_rollups USING INDEX usage_rollups_proxied"),
        (_USES.sql, "SEARCH session_usage USING INDEX sqlite_autoindex_session_usage_1 (session_id=?"),
    ],
)
def test_what_is_asked_all_the_time_reads_an_index_and_no_whole_table(
    sqlite: SqliteDatabase, sql: str, plan: str
) -> None:
    """Asked as the program asks it; the index of active sessions holds nothing but those."""
    params = dict.fromkeys(("id", "uid", "directory", "session_id", "provider_name", "response_id"), "1")
    numbers = {"limit": 5, "after": 1, "since_ms": 1}
    steps = [row[-1] for row in sqlite.query(f"EXPLAIN QUERY PLAN {sql}", {**params, **numbers, **_USES.params})]

    assert steps[0].startswith(plan)
    assert not any(step.startswith("SCAN") for step in steps[1:])
