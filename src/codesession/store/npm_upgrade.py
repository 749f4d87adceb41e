"""
Take over a `sessions.db` of the npm tool codesession-cli, in place and whole.

Its tables (sessions, file_changes, commits, ai_usage, session_notes, today_projects) keep ids, so that what
agents remember stays valid. Money was a binary float of dollars there; its shortest decimal form is what was
meant. A call with tokens and a cost of exactly 0 had no known price: that tool wrote 0 for it, we say unpriced.

SQLite lets any column hold anything, and foreign keys hold only where they are switched on. A value that is not
what its column promises must not keep a user out of the ledger: it is read as unknown, and the backup has it.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from codesession.domain.ids import uuid7
from codesession.domain.money import MAX_USD, to_picousd
from codesession.domain.pricing import CostStatus
from codesession.domain.request import ModelRequest, Source
from codesession.domain.times import epoch_ms
from codesession.domain.usage import TokenUsage
from codesession.errors import StorageError
from codesession.store import call_rows, rows
from codesession.store import queries as q
from codesession.store.calls import SqlCalls
from codesession.store.migrate import apply_missing, migrations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from codesession.store.sqlite import SqliteDatabase

_MAX_COUNT = 10**15

_TABLES = ("sessions", "file_changes", "commits", "ai_usage", "session_notes", "today_projects")


def upgrade_npm_ledger(database: SqliteDatabase, *, now_ms: int) -> bool:
    """
    Upgrade if the file is one of the npm tool's; returns whether it was.

    One transaction: killed at any moment, the file is either the old or the new ledger. The copy beside it is
    made under the same lock, and named in a warning. That tool left the file open to everybody of the machine; ours
    is its owner's alone.
    """
    if not _is_due(database):
        return False
    backup = _backup_path(database.path, now_ms)
    with database.transaction():
        if not _is_due(database):
            return False
        database.backup(backup)
        present = [name for name in _TABLES if database.has_table(name)]
        for name in present:
            database.execute(f"ALTER TABLE {name} RENAME TO npm_{name}")
        apply_missing(database, migrations(), at_ms=now_ms)
        _Copy(database, now_ms, frozenset(present)).run()
        for name in reversed(present):
            database.execute(f"DROP TABLE npm_{name}")
    with suppress(OSError):  # somebody else's file: `cs doctor` says that others may read it
        database.path.chmod(0o600)
    import logging  # nothing that opens a ledger of our own needs it

    logging.getLogger("codesession").warning("the npm tool's ledger is taken over; as it was it is kept in %s", backup)
    return True


def _is_due(database: SqliteDatabase) -> bool:
    """
    Whether the file is an npm ledger; raises when it is another program's database.

    The number is read after the tables: whoever else is at it right now commits both together.
    """
    tables = database.query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    if not tables or database.schema_version():
        return False
    columns = {row[1] for row in database.query("PRAGMA table_info(sessions)")}
    if not columns >= {"id", "name", "start_time"}:
        raise StorageError(
            f"{database.path} is another program's database",
            hint="set CODESESSION_DB_PATH to a file of its own",
            path=str(database.path),
        )
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
    return epoch_ms(moment)


def _number(value: Any) -> Decimal | None:
    """A finite number that is not negative, else None."""
    try:
        number = Decimal(repr(float(value)))
    except (TypeError, ValueError):
        return None
    return number if number.is_finite() and number >= 0 else None


def _count(value: Any) -> int | None:
    number = _number(value)
    return None if number is None or number > _MAX_COUNT else int(number)


def _picousd(value: Any) -> int | None:
    usd = _number(value)
    return None if usd is None or usd > MAX_USD else to_picousd(usd)


def _text(value: Any, otherwise: str) -> str:
    if isinstance(value, bytes):
        return rows.text(value.decode("utf-8", "replace"))
    return otherwise if value is None else rows.text(str(value))


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
        """Keep a row; one that says what another said already (a commit noted twice) adds nothing."""
        names = ", ".join(values)
        marks = ", ".join(f":{name}" for name in values)
        self._db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING", values)

    def _sessions(self) -> None:
        columns = ("id", "name", "start_time", "end_time", "working_directory", "git_root", "start_git_head")
        for old in self._old("sessions", *columns, "notes", "status", "commits", "files_changed"):
            started = _milliseconds(old["start_time"], self._now_ms)
            active = old["status"] == "active"
            self._directory[old["id"]] = _text(old["git_root"] or old["working_directory"], "")
            self._insert(
                "sessions",
                {
                    "id": old["id"],
                    "uid": uuid7(started),
                    "name": _text(old["name"], f"session {old['id']}"),
                    "status": "active" if active else "completed",
                    "directory": self._directory[old["id"]],
                    "git_root": old["git_root"],
                    "start_git_head": old["start_git_head"],
                    "started_at_ms": started,
                    "ended_at_ms": None if active else _milliseconds(old["end_time"], started),
                    "end_notes": old["notes"],
                    "files_changed": _count(old["files_changed"]) or 0,
                    "commits": _count(old["commits"]) or 0,
                },
            )

    def _owner(self, session_id: int, at_ms: int) -> int:
        """The session of a row; one that was deleted under its rows comes back as an empty shell to hold them."""
        if session_id not in self._directory:
            self._directory[session_id] = ""
            shell = {"id": session_id, "uid": uuid7(at_ms), "name": f"session {session_id} (deleted)"}
            times = {"started_at_ms": at_ms, "ended_at_ms": at_ms}
            self._insert("sessions", {**shell, "status": "completed", "directory": "", **times})
        return session_id

    def _requests(self) -> None:
        calls = SqlCalls(self._db)
        columns = ("id", "session_id", "provider", "model", "tokens", "prompt_tokens", "completion_tokens")
        for old in self._old("ai_usage", *columns, "cost", "timestamp", "agent_name"):
            request = self._request(old)
            self._db.execute(q.INSERT_REQUEST, call_rows.request_params(request))
            calls.count(request)

    def _request(self, old: dict[str, Any]) -> ModelRequest:
        at = _milliseconds(old["timestamp"], self._now_ms)
        prompt, completion = _count(old["prompt_tokens"]), _count(old["completion_tokens"])
        tokens, cost = _count(old["tokens"]), _picousd(old["cost"])
        usage = None
        if prompt is not None and completion is not None:
            usage = TokenUsage(input_tokens=prompt, output_tokens=completion)
        unpriced = cost is None or (cost == 0 and tokens != 0)
        uid = uuid7(at)
        return ModelRequest(
            uid=uid,
            provider_name=_text(old["provider"], "unknown"),
            response_id=f"~npm:{old['id']}:{uid}",
            request_model=_text(old["model"], "unknown"),
            session_id=self._owner(old["session_id"], at),
            project=self._directory[old["session_id"]],
            agent_name=_text(old["agent_name"], "") or None,
            started_at_ms=at,
            usage=usage,
            reported_total_tokens=tokens,
            cost_picousd=None if unpriced else cost,
            cost_status=CostStatus.UNKNOWN if unpriced else CostStatus.MANUAL,
            cost_source=None if unpriced else "manual",
            billing=json.dumps({"npm": {"id": old["id"], "cost": old["cost"]}}, separators=(",", ":"), default=str),
            sources=frozenset({Source.MANUAL}),
        )

    def _files(self) -> None:
        seen: Counter[tuple[int, str]] = Counter()
        for old in self._old("file_changes", "id", "session_id", "file_path", "change_type", "timestamp"):
            at = _milliseconds(old["timestamp"], self._now_ms)
            key = (self._owner(old["session_id"], at), _text(old["file_path"], "?"))
            self._insert(
                "file_changes",
                {
                    "id": old["id"],
                    "session_id": key[0],
                    "file_path": key[1],
                    "change_type": _text(old["change_type"], "modified"),
                    "changed_at_ms": at,
                    "occurrence": seen[key],
                },
            )
            seen[key] += 1

    def _commits(self) -> None:
        for old in self._old("commits", "id", "session_id", "hash", "message", "timestamp"):
            at = _milliseconds(old["timestamp"], self._now_ms)
            values = {
                "id": old["id"],
                "session_id": self._owner(old["session_id"], at),
                "hash": _text(old["hash"], "?"),
            }
            self._insert("commits", {**values, "message": _text(old["message"], ""), "committed_at_ms": at})

    def _notes(self) -> None:
        for old in self._old("session_notes", "id", "session_id", "message", "timestamp"):
            at = _milliseconds(old["timestamp"], self._now_ms)
            values = {"id": old["id"], "session_id": self._owner(old["session_id"], at)}
            self._insert("session_notes", {**values, "message": _text(old["message"], ""), "created_at_ms": at})

    def _projects(self) -> None:
        for old in self._old("today_projects", "path", "name", "added_at"):
            values = {"path": _text(old["path"], "?"), "name": old["name"]}
            self._insert("projects", {**values, "added_at_ms": _milliseconds(old["added_at"], self._now_ms)})
