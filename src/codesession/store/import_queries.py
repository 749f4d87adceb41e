"""The SQL of imports: named parameters, understood by SQLite and PostgreSQL alike."""

from __future__ import annotations

from codesession.domain import sameness
from codesession.domain.money import PICO
from codesession.store.queries import REQUESTS_SELECTED

CURSOR_COLUMNS = (
    "agent_name",
    "path",
    "device",
    "inode",
    "size",
    "modified_ns",
    "head_length",
    "head_hash",
    "start",
    "line_number",
    "first_ms",
    "since_ms",
    "state",
    "lines",
    "bad_lines",
    "bad_named",
)
TOTALS = (
    "calls",
    "unpriced_calls",
    "lower_bound_calls",
    "input_tokens",
    "cache_read_input_tokens",
    "cache_write_input_tokens",
    "cache_write_1h_input_tokens",
    "output_tokens",
    "total_tokens",
    "cost_picousd",
)
"""What a cursor counts of the calls its file owns, kept in the transaction of the call."""
TOTAL_COLUMNS = (*TOTALS[:-1], "cost_dollars", "cost_picousd")
KEYS_PER_QUERY = (8, 400)
"""Keys that statements with a fixed number of keys have: for a hook's few calls, and for all else."""

_IN = {count: ", ".join(f":k{i}" for i in range(count)) for count in KEYS_PER_QUERY}

CURSORS = f"SELECT id, {', '.join(CURSOR_COLUMNS)} FROM import_cursors WHERE agent_name = :agent_name"
CURSOR_TOTALS = (
    f"SELECT path, lines, bad_lines, bad_named, {', '.join(TOTAL_COLUMNS)} FROM import_cursors"
    " WHERE agent_name = :agent_name"
)
CURSOR = f"{CURSORS} AND path = :path"
CURSOR_TOTAL = f"{CURSOR_TOTALS} AND path = :path"
OPEN_CURSOR = (
    "INSERT INTO import_cursors (agent_name, path) VALUES (:agent_name, :path)"
    " ON CONFLICT (agent_name, path) DO NOTHING"
)
SAVE_CURSOR = (
    f"UPDATE import_cursors SET {', '.join(f'{c} = :{c}' for c in CURSOR_COLUMNS[2:])}"
    " WHERE agent_name = :agent_name AND path = :path"
)
COUNT_FOR_CURSOR = f"UPDATE import_cursors SET {', '.join(f'{c} = {c} + :{c}' for c in TOTAL_COLUMNS)} WHERE id = :id"

BOOKED = "SELECT booked FROM booked_totals WHERE agent_name = :agent_name AND name = :name"
BOOK = (
    "INSERT INTO booked_totals (agent_name, name, booked) VALUES (:agent_name, :name, :booked)"
    " ON CONFLICT (agent_name, name) DO UPDATE SET booked = excluded.booked"
)
AGENT_TOTAL_COLUMNS = (
    *("agent_name", "conversation_id", "since_ms", "at_ms", "input_tokens", "output_tokens", "cost_picousd"),
    "carried_from",
)
SAVE_AGENT_TOTAL = (
    f"INSERT INTO agent_totals ({', '.join(AGENT_TOTAL_COLUMNS)})"
    f" VALUES ({', '.join(f':{c}' for c in AGENT_TOTAL_COLUMNS)}) ON CONFLICT (agent_name, conversation_id) DO UPDATE"
    f" SET {', '.join(f'{c} = excluded.{c}' for c in AGENT_TOTAL_COLUMNS[2:])}"
    " WHERE excluded.at_ms >= agent_totals.at_ms"
)
AGENT_TOTALS = (
    f"SELECT {', '.join(AGENT_TOTAL_COLUMNS)} FROM agent_totals WHERE at_ms >= :since_ms AND at_ms < :until_ms"
    " ORDER BY at_ms, conversation_id"
)
CONVERSATION_USE = (
    "SELECT COUNT(*), MIN(started_at_ms), COALESCE(SUM(input_tokens), 0), COALESCE(SUM(output_tokens), 0),"
    f" COALESCE(SUM(cost_picousd / {PICO}), 0), COALESCE(SUM(cost_picousd % {PICO}), 0)"
    " FROM model_requests WHERE started_at_ms BETWEEN :since_ms AND :until_ms"
    " AND agent_name = :agent_name AND conversation_id = :conversation_id"
)

PROXIED_PROVIDERS = "SELECT DISTINCT provider_name FROM usage_rollups WHERE source LIKE '%proxy%'"
HOSTS = " UNION ALL ".join(
    f"SELECT '{host}' WHERE EXISTS (SELECT 1 FROM model_requests WHERE provider_name = '{host}')"
    for host in sorted(sameness.HOSTS)
)
REQUESTS_BY_KEYS = {
    count: f"{REQUESTS_SELECTED} WHERE provider_name = :provider_name AND response_id IN ({keys})"
    for count, keys in _IN.items()
}
REQUESTS_BY_LOG_KEYS = {count: f"{REQUESTS_SELECTED} WHERE log_key IN ({keys})" for count, keys in _IN.items()}
ANY_LOG_KEY = "SELECT 1 FROM model_requests WHERE log_key IS NOT NULL LIMIT 1"
UNCLAIMED_BUCKETS = (
    "SELECT DISTINCT bucket_start_ms FROM usage_rollups WHERE source LIKE '%proxy%' AND source NOT LIKE '%log%'"
    " AND requests > 0"
)
UNCLAIMED_REQUESTS = (
    f"{REQUESTS_SELECTED} WHERE started_at_ms BETWEEN :since_ms AND :until_ms AND sources NOT LIKE '%log%'"
    " AND log_key IS NULL"
)
REQUESTS_ONLY_IN_LOGS = f"{REQUESTS_SELECTED} WHERE started_at_ms BETWEEN :since_ms AND :until_ms AND sources = 'log'"

CS_SESSIONS_OF = "SELECT id, started_at_ms, ended_at_ms FROM sessions WHERE source = 'cs' AND directory = :directory"
SESSION_OF_CONVERSATION = (
    "SELECT id, started_at_ms, ended_at_ms, name FROM sessions"
    " WHERE agent_name = :agent_name AND conversation_id = :conversation_id"
)
INSERT_LOG_SESSION = (
    "INSERT INTO sessions (uid, name, status, directory, git_root, git_branch, started_at_ms, ended_at_ms, source,"
    " agent_name, conversation_id) VALUES (:uid, :name, 'completed', :directory, :git_root, :git_branch,"
    " :started_at_ms, :ended_at_ms, 'log', :agent_name, :conversation_id) RETURNING id"
)
UPDATE_LOG_SESSION = (
    "UPDATE sessions SET name = :name, started_at_ms = :started_at_ms, ended_at_ms = :ended_at_ms WHERE id = :id"
)
BOUNDS_OF_SESSION = "SELECT MIN(started_at_ms), MAX(started_at_ms) FROM model_requests WHERE session_id = :id"
SHRINK_SESSION = (
    "UPDATE sessions SET started_at_ms = :started_at_ms, ended_at_ms = :ended_at_ms WHERE id = :id AND source = 'log'"
)
DROP_EMPTY_SESSION = (
    "DELETE FROM sessions WHERE id = :id AND source = 'log' AND requests = 0"
    " AND NOT EXISTS (SELECT 1 FROM session_notes WHERE session_id = :id)"
    " AND NOT EXISTS (SELECT 1 FROM file_changes WHERE session_id = :id)"
    " AND NOT EXISTS (SELECT 1 FROM commits WHERE session_id = :id)"
    " AND NOT EXISTS (SELECT 1 FROM budgets WHERE session_id = :id)"
    " AND NOT EXISTS (SELECT 1 FROM budget_allowances WHERE session_id = :id)"
)
