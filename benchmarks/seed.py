"""
A large ledger with exact counters, made inside SQLite because a million rows through the front door take minutes.

    python -m benchmarks.seed LEDGER CALLS SESSIONS
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from codesession.domain.money import PICO
from codesession.store.call_rows import BUCKET_MS, PERIOD_MS
from codesession.store.queries import COUNTERS, SESSION_USE_KEYS, SPENDING, SPENDING_KEYS
from codesession.store.sqlite import SqliteDatabase

NOW_MS = time.time_ns() // 1_000_000
SPAN_MS = 365 * 24 * 3600 * 1000

_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :count)"

_SESSIONS = f"""
{_NUMBERS}
INSERT INTO sessions (uid, name, status, directory, git_root, started_at_ms, ended_at_ms)
SELECT printf('seed-%08d', i), 'Task ' || i, 'completed', '/repo/' || (i % 50), '/repo/' || (i % 50),
       :start + i * :step, :start + i * :step + 600000 FROM n
"""

_REQUESTS = f"""
{_NUMBERS}
INSERT INTO model_requests (uid, provider_name, response_id, request_model, session_id, project, agent_name,
    started_at_ms, input_tokens, cache_read_input_tokens, cache_write_input_tokens, cache_write_1h_input_tokens,
    output_tokens, reasoning_output_tokens, usage_status, cost_picousd, cost_status, sources)
SELECT printf('call-%010d', i), CASE i % 3 WHEN 2 THEN 'openai' ELSE 'anthropic' END, printf('resp-%010d', i),
       CASE i % 3 WHEN 0 THEN 'claude-opus-5-5' WHEN 1 THEN 'claude-haiku-5-5' ELSE 'gpt-6.1-sol' END,
       i % :sessions + 1, '/repo/' || (i % :sessions % 50), CASE i % 2 WHEN 0 THEN 'claude-code' ELSE 'codex' END,
       :start + (i % :sessions) * :step + (i / :sessions) * 1000, 1000 + i % 5000, 900, 50, 0, 100 + i % 300, 20,
       'complete', 4500000000 + i, 'exact', 'proxy' FROM n
"""

_TOTALS = """COUNT(*), 0, 0, 0, SUM(input_tokens), SUM(cache_read_input_tokens), SUM(cache_write_input_tokens),
       SUM(output_tokens), SUM(reasoning_output_tokens), SUM(input_tokens + output_tokens), 0, SUM(cost_picousd)"""

_ROLLUPS = f"""
INSERT INTO usage_rollups (bucket_start_ms, project, provider_name, model, agent_name, source, {", ".join(COUNTERS)})
SELECT started_at_ms - started_at_ms % {BUCKET_MS}, project, provider_name, request_model, agent_name, sources,
       {_TOTALS}
FROM model_requests GROUP BY 1, 2, 3, 4, 5, 6
"""

_SESSION_USE = f"""
INSERT INTO session_usage ({", ".join(SESSION_USE_KEYS + COUNTERS)})
SELECT session_id, provider_name, request_model, agent_name, sources, '', 0, {_TOTALS}
FROM model_requests GROUP BY 1, 2, 3, 4, 5
"""

_SPENDING = f"""
INSERT INTO spending ({", ".join(SPENDING_KEYS + SPENDING)})
SELECT bucket_start_ms - bucket_start_ms % {PERIOD_MS}, project, agent_name,
       SUM(unpriced_requests), SUM(lower_bound_requests), SUM(cost_picousd / {PICO}), SUM(cost_picousd % {PICO})
FROM usage_rollups GROUP BY 1, 2, 3
"""

_COUNTED = f"""
UPDATE sessions SET ({", ".join(COUNTERS)}) =
    (SELECT {_TOTALS} FROM model_requests WHERE session_id = sessions.id)
"""


def seed(path: Path, *, calls: int, sessions: int) -> None:
    """Fill a new ledger; each session gets the same number of calls, spread over a year."""
    database = SqliteDatabase(path, now_ms=NOW_MS)
    facts = {"start": NOW_MS - SPAN_MS, "step": SPAN_MS // (sessions + 1), "sessions": sessions}
    with database.transaction():
        database.execute(_SESSIONS, {**facts, "count": sessions})
        database.execute(_REQUESTS, {**facts, "count": calls})
        database.execute(_ROLLUPS)
        database.execute(_SPENDING)
        database.execute(_SESSION_USE)
        database.execute(_COUNTED)
    database.query("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


if __name__ == "__main__":
    seed(Path(sys.argv[1]), calls=int(sys.argv[2]), sessions=int(sys.argv[3]))
