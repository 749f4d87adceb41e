"""
Take over a `sessions.db` of the npm tool codesession-cli, in place and whole.

Its tables (sessions, file_changes, commits, ai_usage, session_notes, today_projects) keep ids, so that what
agents remember stays valid. Money was a binary float of dollars there; its shortest decimal form is what was
meant. A call with tokens and a cost of exactly 0 had no known price: that tool wrote 0 for it, we say unpriced.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codesession.domain.ids import uuid7
from codesession.domain.money import to_picousd
from codesession.domain.pricing import CostStatus
from codesession.domain.request import ModelRequest, Source
from codesession.domain.usage import TokenUsage
from codesession.store import queries as q
from codesession.store import rows
from codesession.store.migrate import migrations, statements

if TYPE_CHECKING:
    from codesession.store.sqlite import SqliteDatabase

_TABLES = ("sessions", "file_changes", "commits", "ai_usage", "session_notes", "today_projects")


def upgrade_npm_ledger(database: SqliteDatabase, *, now_ms: int) -> bool:
    """
    Upgrade if the file is one of the npm tool's; returns whether it was.

    One transaction: killed at any moment, the file is either the old or the new ledger. The copy beside it is
    made under the same lock.
    """
    if not database.has_table("ai_usage"):
        return False
    with database.transaction():
        if not database.has_table("ai_usage"):
            return True
        database.backup(_backup_path(database.path, now_ms))
        present = [name for name in _TABLES if database.has_table(name)]
        for name in present:
            database.execute(f"ALTER TABLE {name} RENAME TO npm_{name}")
        for number, sql in migrations():
            for statement in statements(sql, identity=database.identity):
                database.execute(statement)
            database.set_schema_version(number, at_ms=now_ms)
        _Copy(database, now_ms, frozenset(present)).run()
        for name in reversed(present):
            database.execute(f"DROP TABLE npm_{name}")
    return True


def _backup_path(path: Path, now_ms: int) -> Path:
    stamp = datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y%m%dT%H%M%S")
    return path.with_name(f"{path.name}.npm-backup-{stamp}-{os.getpid()}")


def _milliseconds(value: Any, fallback: int) -> int:
    """ISO-8601 text as that tool and git wrote it, or SQLite's own `YYYY-MM-DD HH:MM:SS`, in UTC."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return fallback
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


def _picousd(value: Any) -> int:
    return to_picousd(Decimal(repr(float(value or 0))))


class _Copy:
    """Copies the renamed tables into the new ones."""

    def __init__(self, database: SqliteDatabase, now_ms: int, present: frozenset[str]) -> None:
        self._db = database
        self._now_ms = now_ms
        self._present = present
        self._directory: dict[int, str] = {}

    def run(self) -> None:
        """Copy everything, parents first."""
        self._sessions()
        self._requests()
        self._files()
        self._commits()
        self._notes()
        self._projects()

    def _old(self, table: str, *columns: str) -> list[dict[str, Any]]:
        """Rows of an old table; a column that an older version of that tool lacked is None."""
        if table not in self._present:
            return []
        there = {row[1] for row in self._db.query(f"PRAGMA table_info(npm_{table})")}
        picked = ", ".join(name if name in there else f"NULL AS {name}" for name in columns)
        order = "id" if "id" in there else "rowid"
        return [
            dict(zip(columns, row, strict=True))
            for row in self._db.query(f"SELECT {picked} FROM npm_{table} ORDER BY {order}")
        ]

    def _insert(self, table: str, values: dict[str, Any]) -> None:
        names = ", ".join(values)
        marks = ", ".join(f":{name}" for name in values)
        self._db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)

    def _sessions(self) -> None:
        columns = ("id", "name", "start_time", "end_time", "working_directory", "git_root", "start_git_head")
        for old in self._old("sessions", *columns, "notes", "status", "commits", "files_changed"):
            started = _milliseconds(old["start_time"], self._now_ms)
            active = old["status"] == "active"
            self._directory[old["id"]] = old["git_root"] or old["working_directory"]
            self._insert(
                "sessions",
                {
                    "id": old["id"],
                    "uid": uuid7(started),
                    "name": old["name"],
                    "status": "active" if active else "completed",
                    "directory": self._directory[old["id"]],
                    "git_root": old["git_root"],
                    "start_git_head": old["start_git_head"],
                    "started_at_ms": started,
                    "ended_at_ms": None if active else _milliseconds(old["end_time"], started),
                    "end_notes": old["notes"],
                    "files_changed": old["files_changed"] or 0,
                    "commits": old["commits"] or 0,
                },
            )

    def _requests(self) -> None:
        columns = ("id", "session_id", "provider", "model", "tokens", "prompt_tokens", "completion_tokens")
        for old in self._old("ai_usage", *columns, "cost", "timestamp", "agent_name"):
            request = self._request(old)
            self._db.execute(q.INSERT_REQUEST, rows.request_params(request))
            counts = rows.counts_of(request)
            self._db.execute(q.COUNT_FOR_ROLLUP, {**rows.rollup_key(request), **counts})
            self._db.execute(q.COUNT_FOR_SESSION, {**counts, "session_id": request.session_id})

    def _request(self, old: dict[str, Any]) -> ModelRequest:
        at = _milliseconds(old["timestamp"], self._now_ms)
        prompt, completion, tokens = old["prompt_tokens"], old["completion_tokens"], old["tokens"] or 0
        split = prompt is not None and completion is not None
        cost = _picousd(old["cost"])
        unpriced = cost == 0 and tokens > 0
        uid = uuid7(at)
        return ModelRequest(
            uid=uid,
            provider_name=old["provider"],
            response_id=f"~npm:{old['id']}:{uid}",
            request_model=old["model"],
            session_id=old["session_id"],
            project=self._directory.get(old["session_id"]),
            agent_name=old["agent_name"],
            started_at_ms=at,
            usage=TokenUsage(input_tokens=prompt, output_tokens=completion) if split else None,
            reported_total_tokens=tokens,
            cost_picousd=None if unpriced else cost,
            cost_status=CostStatus.UNKNOWN if unpriced else CostStatus.MANUAL,
            cost_source=None if unpriced else "manual",
            billing=json.dumps({"npm": {"id": old["id"], "cost": old["cost"]}}, separators=(",", ":")),
            sources=frozenset({Source.MANUAL}),
        )

    def _files(self) -> None:
        seen: Counter[tuple[int, str]] = Counter()
        for old in self._old("file_changes", "id", "session_id", "file_path", "change_type", "timestamp"):
            key = (old["session_id"], old["file_path"])
            self._insert(
                "file_changes",
                {
                    "id": old["id"],
                    "session_id": old["session_id"],
                    "file_path": old["file_path"],
                    "change_type": old["change_type"],
                    "changed_at_ms": _milliseconds(old["timestamp"], self._now_ms),
                    "occurrence": seen[key],
                },
            )
            seen[key] += 1

    def _commits(self) -> None:
        for old in self._old("commits", "id", "session_id", "hash", "message", "timestamp"):
            values = {name: old[name] for name in ("id", "session_id", "hash", "message")}
            values["committed_at_ms"] = _milliseconds(old["timestamp"], self._now_ms)
            names = ", ".join(values)
            marks = ", ".join(f":{name}" for name in values)
            self._db.execute(f"INSERT INTO commits ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING", values)

    def _notes(self) -> None:
        for old in self._old("session_notes", "id", "session_id", "message", "timestamp"):
            values = {name: old[name] for name in ("id", "session_id", "message")}
            self._insert("session_notes", {**values, "created_at_ms": _milliseconds(old["timestamp"], self._now_ms)})

    def _projects(self) -> None:
        for old in self._old("today_projects", "path", "name", "added_at"):
            values = {"path": old["path"], "name": old["name"]}
            self._insert("projects", {**values, "added_at_ms": _milliseconds(old["added_at"], self._now_ms)})
