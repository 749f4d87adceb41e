"""The SQL of the ledger: named parameters, understood by SQLite and PostgreSQL alike."""

from __future__ import annotations

from codesession.domain.money import PICO

SESSION_COLUMNS = (
    "id",
    "uid",
    "name",
    "status",
    "directory",
    "git_root",
    "git_branch",
    "start_git_head",
    "started_at_ms",
    "ended_at_ms",
    "end_notes",
    "budget_picousd",
    "files_changed",
    "commits",
    "requests",
    "unpriced_requests",
    "lower_bound_requests",
    "list_price_requests",
    "input_tokens",
    "cache_read_input_tokens",
    "cache_write_input_tokens",
    "cache_write_1h_input_tokens",
    "output_tokens",
    "reasoning_output_tokens",
    "total_tokens",
    "cost_dollars",
    "cost_picousd",
    "source",
    "agent_name",
    "conversation_id",
)
WHOLE_DOLLARS, REST_PICOUSD = f"cost_dollars + cost_picousd / {PICO}", f"cost_picousd % {PICO}"
"""What a counter's cost comes to. Nothing sums pico-dollars alone: 64 bit of them end at 9 million dollars."""

INNER_COLUMNS = ("inner_dollars", "inner_rest_picousd", "inner_partial_requests")
_INNER = ", ".join(
    f"(SELECT COALESCE(SUM({summed}), 0) FROM session_nesting n JOIN sessions i ON i.id = n.session_id"
    f" WHERE n.outer_id = sessions.id) AS {name}"
    for name, summed in zip(
        INNER_COLUMNS, (WHOLE_DOLLARS, REST_PICOUSD, "unpriced_requests + lower_bound_requests"), strict=True
    )
)
"""About the sessions that were begun inside a session's run."""
SESSIONS_SELECTED = f"SELECT {', '.join(SESSION_COLUMNS)}, {_INNER} FROM sessions"
"""What `rows.session_of` takes; conditions may follow."""

NEW_SESSION_COLUMNS = (
    "uid",
    "name",
    "status",
    "directory",
    "git_root",
    "git_branch",
    "start_git_head",
    "started_at_ms",
    "budget_picousd",
)

REQUEST_COLUMNS = (
    "uid",
    "provider_name",
    "response_id",
    "request_model",
    "response_model",
    "api",
    "session_id",
    "project",
    "conversation_id",
    "agent_name",
    "agent_version",
    "subagent_id",
    "parent_subagent_id",
    "prompt_id",
    "git_branch",
    "started_at_ms",
    "duration_ms",
    "input_tokens",
    "cache_read_input_tokens",
    "cache_write_input_tokens",
    "cache_write_1h_input_tokens",
    "output_tokens",
    "reasoning_output_tokens",
    "reported_total_tokens",
    "usage_status",
    "cost_picousd",
    "cost_status",
    "cost_source",
    "price_model",
    "price_version",
    "billing",
    "sources",
    "request_id",
    "owner_rank",
    "log_key",
    "import_id",
)

COUNTERS = (
    "requests",
    "unpriced_requests",
    "lower_bound_requests",
    "list_price_requests",
    "input_tokens",
    "cache_read_input_tokens",
    "cache_write_input_tokens",
    "output_tokens",
    "reasoning_output_tokens",
    "total_tokens",
    "cache_write_1h_input_tokens",
    "cost_picousd",
)
"""What sessions and rollups count, kept in the transaction of the call they count."""

COUNTER_COLUMNS = (*COUNTERS[:-1], "cost_dollars", "cost_picousd")
"""Where they keep it: whole dollars apart. `cost_picousd` is the rest, and all of what was counted before schema 15."""

ROLLUP_KEYS = ("bucket_start_ms", "project", "provider_name", "model", "agent_name", "source")

SESSION_USE_KEYS = (
    "session_id",
    "provider_name",
    "model",
    "agent_name",
    "source",
    "conversation_id",
    "by_subagent",
)
"""What the calls of a session are counted by, so that no report reads them one by one."""


def _names(columns: tuple[str, ...]) -> str:
    return ", ".join(columns)


def _values(columns: tuple[str, ...]) -> str:
    return ", ".join(f":{name}" for name in columns)


REQUESTS_SELECTED = f"SELECT id, {_names(REQUEST_COLUMNS)} FROM model_requests"

INSERT_SESSION = (
    f"INSERT INTO sessions ({_names(NEW_SESSION_COLUMNS)}) VALUES ({_values(NEW_SESSION_COLUMNS)}) RETURNING id"
)
INSERT_BASELINE = "INSERT INTO session_baselines (session_id, baseline) VALUES (:session_id, :baseline)"
NEST_SESSION = (
    "INSERT INTO session_nesting (session_id, outer_id) SELECT CAST(:session_id AS BIGINT), CAST(:outer_id AS BIGINT)"
    " UNION SELECT CAST(:session_id AS BIGINT), outer_id FROM session_nesting WHERE session_id = :outer_id"
)
BASELINE = "SELECT baseline FROM session_baselines WHERE session_id = :session_id"
SESSION_BY_ID = f"{SESSIONS_SELECTED} WHERE id = :id"
ACTIVE_SESSIONS = f"{SESSIONS_SELECTED} WHERE status = 'active' ORDER BY +started_at_ms, id"
"""The plus sign keeps SQLite from walking all sessions in their order: those that are active have an index."""
ACTIVE_SESSIONS_OF = (
    f"{SESSIONS_SELECTED} WHERE status = 'active' AND directory = :directory ORDER BY started_at_ms, id"
)
SESSIONS = f"{SESSIONS_SELECTED} ORDER BY started_at_ms DESC, id DESC LIMIT :limit"
SESSIONS_OF_STATUS = f"{SESSIONS_SELECTED} WHERE status = :status ORDER BY started_at_ms DESC, id DESC LIMIT :limit"
FINISH_SESSION = (
    "UPDATE sessions SET status = 'completed', ended_at_ms = :ended_at_ms, end_notes = :notes"
    " WHERE id = :id AND status = 'active'"
)
STATS = f"""
SELECT COUNT(*), COALESCE(SUM(CASE WHEN ended_at_ms > started_at_ms THEN ended_at_ms - started_at_ms ELSE 0 END), 0),
       COALESCE(SUM(files_changed), 0), COALESCE(SUM(commits), 0),
       COALESCE(SUM({WHOLE_DOLLARS}), 0), COALESCE(SUM({REST_PICOUSD}), 0),
       COALESCE(SUM(total_tokens), 0), COALESCE(SUM(requests), 0),
       COALESCE(SUM(unpriced_requests), 0), COALESCE(SUM(lower_bound_requests), 0),
       COALESCE(SUM(list_price_requests), 0)
FROM sessions WHERE status = 'completed'
"""

REQUEST_ID = "SELECT id FROM model_requests WHERE provider_name = :provider_name AND response_id = :response_id"
REQUEST_BY_KEY = f"{REQUESTS_SELECTED} WHERE provider_name = :provider_name AND response_id = :response_id"
INSERT_REQUEST = (
    f"INSERT INTO model_requests ({_names(REQUEST_COLUMNS)}) VALUES ({_values(REQUEST_COLUMNS)})"
    " ON CONFLICT (provider_name, response_id) DO NOTHING RETURNING id"
)
UPDATE_REQUEST = (
    f"UPDATE model_requests SET {', '.join(f'{name} = :{name}' for name in REQUEST_COLUMNS if name != 'uid')}"
    " WHERE id = :id"
)
DELETE_REQUEST = "DELETE FROM model_requests WHERE id = :id"
REQUESTS = f"{REQUESTS_SELECTED} WHERE session_id = :session_id ORDER BY started_at_ms DESC, id DESC LIMIT :limit"
REQUESTS_SINCE = f"{REQUESTS_SELECTED} WHERE id > :after AND started_at_ms >= :since_ms ORDER BY id LIMIT :limit"
INSERT_REVISION = """
INSERT INTO cost_revisions (request_id, revised_at_ms, reason, old_cost_picousd, old_cost_status, old_cost_source,
    old_price_model, old_price_version, old_billing)
VALUES (:request_id, :revised_at_ms, :reason, :cost_picousd, :cost_status, :cost_source, :price_model,
    :price_version, :billing)
"""
UNPRICED_MODELS = """
SELECT provider_name, model, SUM(unpriced_requests) FROM usage_rollups
WHERE unpriced_requests > 0 GROUP BY provider_name, model ORDER BY 3 DESC, 1, 2
"""
COUNT_FOR_SESSION = (
    f"UPDATE sessions SET {', '.join(f'{c} = {c} + :{c}' for c in COUNTER_COLUMNS)} WHERE id = :session_id"
)


def _count_by(table: str, keys: tuple[str, ...], counters: tuple[str, ...] = COUNTER_COLUMNS) -> str:
    """Add to the counters of a key; the first time, begin them."""
    return (
        f"INSERT INTO {table} ({_names(keys + counters)}) VALUES ({_values(keys + counters)})"
        f" ON CONFLICT ({_names(keys)}) DO UPDATE SET"
        f" {', '.join(f'{c} = {table}.{c} + excluded.{c}' for c in counters)}"
    )


COUNT_FOR_ROLLUP = _count_by("usage_rollups", ROLLUP_KEYS)
SPENDING_KEYS = ("period_start_ms", "project", "agent_name")
SPENDING = ("unpriced_requests", "lower_bound_requests", "cost_dollars", "cost_rest_picousd")
COUNT_FOR_SPENDING = _count_by("spending", SPENDING_KEYS, SPENDING)
COUNT_FOR_SESSION_USE = _count_by("session_usage", SESSION_USE_KEYS)
AGENT_NAMES = (
    "SELECT agent_name FROM session_usage WHERE session_id = :session_id AND agent_name <> '' AND requests > 0"
    " GROUP BY agent_name ORDER BY MIN(id)"
)
MODEL_TOTALS = f"""
SELECT provider_name, model, SUM(requests), SUM(total_tokens), SUM({WHOLE_DOLLARS}), SUM({REST_PICOUSD}),
       SUM(unpriced_requests), SUM(lower_bound_requests), SUM(list_price_requests)
FROM session_usage WHERE session_id = :session_id AND requests > 0
GROUP BY provider_name, model
"""

KNOWN_FILE = "SELECT 1 FROM file_changes WHERE session_id = :session_id AND file_path = :file_path LIMIT 1"
UPSERT_FILE = (
    "INSERT INTO file_changes (session_id, file_path, change_type, changed_at_ms)"
    " VALUES (:session_id, :file_path, :change_type, :changed_at_ms)"
    " ON CONFLICT (session_id, file_path, occurrence)"
    " DO UPDATE SET change_type = excluded.change_type, changed_at_ms = excluded.changed_at_ms"
)
ADD_FILES_CHANGED = "UPDATE sessions SET files_changed = files_changed + :added WHERE id = :session_id"
FILES = (
    "SELECT id, session_id, file_path, change_type, changed_at_ms FROM file_changes"
    " WHERE session_id = :session_id ORDER BY id"
)
INSERT_COMMIT = (
    "INSERT INTO commits (session_id, hash, message, committed_at_ms)"
    " VALUES (:session_id, :hash, :message, :committed_at_ms) ON CONFLICT (session_id, hash) DO NOTHING"
)
ADD_COMMITS = "UPDATE sessions SET commits = commits + :added WHERE id = :session_id"
COMMITS = (
    "SELECT id, session_id, hash, message, committed_at_ms FROM commits"
    " WHERE session_id = :session_id ORDER BY committed_at_ms, id"
)
INSERT_NOTE = (
    "INSERT INTO session_notes (session_id, message, created_at_ms)"
    " VALUES (:session_id, :message, :created_at_ms) RETURNING id"
)
NOTES = "SELECT id, session_id, message, created_at_ms FROM session_notes WHERE session_id = :session_id ORDER BY id"
