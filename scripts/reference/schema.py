"""The database, from a ledger that is brought to the newest schema."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from codesession.store.migrate import LATEST, migrations
from reference.markdown import code, document, table

INTRO = """
What `cs` keeps, in SQLite and in PostgreSQL alike. Read it as you like; write through `cs`, whose counters and sums are kept
in the same transaction as the rows they count.

* Money is in pico-dollars (1e-12 US dollars), an integer: `cost_picousd / 1e12` is dollars. NULL is not known, never 0.
  Tables that have `cost_dollars`, too, keep whole dollars there: `cost_dollars + cost_picousd / 1e12` is what they sum up.
* Times end in `_at_ms` or `_ms`: milliseconds since 1970, UTC.
* `input_tokens` holds cache reads and writes, `output_tokens` holds reasoning.
* `uid` is unique over all machines, `id` on this one.
"""

TABLES = {
    "sessions": "A session, with counters over its calls.",
    "session_baselines": "What was dirty in the repository when a running session began.",
    "spending": "What one project and agent cost in 30 days: what budgets without a period ask for.",
    "session_usage": "What one model and agent used in a session.",
    "session_nesting": "Sessions that were begun inside another one's run.",
    "session_notes": "A remark.",
    "file_changes": "A file that a session changed.",
    "commits": "A commit of a session.",
    "model_requests": "A model call: the ledger itself. One row for each `(provider_name, response_id)`.",
    "cost_revisions": "An old cost that `cs pricing reprice` replaced.",
    "usage_rollups": "15 minutes of calls of one project, provider, model, agent and source.",
    "projects": "A project that `cs today` watches.",
    "budgets": "A budget.",
    "budget_allowances": "What was allowed on top of a budget.",
    "budget_reservations": "Money set aside for a call that is under way, or whose cost nobody knows.",
    "alert_rules": "Something to be told about, or an address to tell.",
    "alert_breaches": "What was passed, once each.",
    "import_cursors": "How far a log file was read.",
    "agent_totals": "What an agent itself says a conversation used.",
    "booked_totals": "What of an agent's running total is in the ledger.",
    "schema_migrations": "A migration that was applied.",
    "ledger_writes": "On PostgreSQL: the row that writers hold in turn.",
}


def page() -> str:
    """docs/reference/database.md"""
    with tempfile.TemporaryDirectory() as folder:
        ledger = _ledger(Path(folder))
        names = [name for (name,) in ledger.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        names = [name for name in names if not name.startswith("sqlite_")]
        if unknown := set(names) - set(TABLES):
            raise SystemExit(f"reference/schema.py says nothing of {', '.join(sorted(unknown))}")
        parts = [part for name in TABLES if name in names for part in _table(ledger, name)]
        ledger.close()
    files = [f"{number:04d}" for number, _ in migrations()]
    schema = (
        f"Schema {LATEST}, made by the migrations {files[0]} to {files[-1]} in `src/codesession/store/migrations/`."
    )
    return document("Database", INTRO, schema, *parts)


def _ledger(folder: Path) -> sqlite3.Connection:
    from codesession.app import App

    app = App({"HOME": str(folder)}, folder)
    app.store  # noqa: B018 - opening it makes the tables
    app.close()
    return sqlite3.connect(folder / ".codesession" / "sessions.db")


def _table(ledger: sqlite3.Connection, name: str) -> Iterator[str]:
    yield f"## `{name}`"
    yield TABLES[name]
    leads = {row[3]: (row[2], row[4]) for row in ledger.execute(f"PRAGMA foreign_key_list({name})")}
    rows = []
    for _, column, kind, not_null, default, key in ledger.execute(f"PRAGMA table_info({name})"):
        notes = ["key"] if key else []
        notes += [] if not_null or key else ["may be NULL"]
        notes += [f"default {default}"] if default is not None else []
        notes += [f"of `{leads[column][0]}`"] if column in leads else []
        rows.append((code(column), kind.lower(), ", ".join(notes)))
    yield table(["column", "type", ""], rows)
    yield _unique(ledger, name)


def _unique(ledger: sqlite3.Connection, name: str) -> str:
    found = []
    for _, index, unique, origin, _ in ledger.execute(f"PRAGMA index_list({name})"):
        columns = [row[2] for row in ledger.execute(f"PRAGMA index_info({index})")]
        if unique and origin != "pk":
            found.append(f"`({', '.join(columns)})`")
    return f"Unique: {', '.join(sorted(found))}." if found else ""
