"""Hermes Agent's running totals."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from codesession.importers.base import LogFile, Places
from codesession.importers.hermes import DATABASE, Hermes
from support.logs import NOON_MS, Ledger, read_all

COUNTS = {"input_tokens": 3, "output_tokens": 321, "cache_read_tokens": 8000, "cache_write_tokens": 1200}


def put(path: Path, table: str, **row: Any) -> None:
    """A row, in a table that has the columns it needs."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"CREATE TABLE IF NOT EXISTS {table} ({', '.join(row)})")
    connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", tuple(row.values()))
    connection.close()


def usage(path: Path, calls: int, *, task: str = "", model: str = "claude-opus-4-6") -> None:
    counts = {name: count * calls for name, count in COUNTS.items()}
    seen = {"first_seen": NOON_MS / 1000, "last_seen": NOON_MS / 1000 + calls}
    put(path, "session_model_usage", session_id="s", model=model, task=task, api_call_count=calls, **counts, **seen)


def test_every_import_books_what_the_totals_gained(imported: Ledger, tmp_path: Path) -> None:
    """By model and task, as estimates; the sums of the session are left alone; twice is once."""
    path = tmp_path / DATABASE
    put(
        path, "sessions", id="s", cwd="/nowhere/w", git_branch="main", title="Fix it", model="claude-opus-4-6", **COUNTS
    )
    usage(path, 2)
    usage(path, 1, task="title")
    imported.run(tmp_path, "hermes")
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("DELETE FROM session_model_usage WHERE task = ''")
    connection.close()
    usage(path, 5)
    for _ in range(2):
        imported.run(tmp_path, "hermes")
    rows = imported.query("SELECT input_tokens, started_at_ms, usage_status, git_branch FROM model_requests ORDER BY 2")
    assert rows == [
        (9203, NOON_MS + 1000, "lower_bound", "main"),
        (2 * 9203, NOON_MS + 2000, "lower_bound", "main"),
        (3 * 9203, NOON_MS + 5000, "lower_bound", "main"),
    ]
    assert imported.query("SELECT name, requests FROM sessions") == [("Fix it", 3)]
    imported.check()


def test_sessions_of_older_versions_are_read_as_a_whole(tmp_path: Path) -> None:
    """They have no totals by model; one without a time is counted as unreadable."""
    path = tmp_path / DATABASE
    row = {"model": "claude-opus-4-6", "billing_provider": "anthropic", "started_at": NOON_MS / 1000} | COUNTS
    put(path, "sessions", id="a", **row)
    put(path, "sessions", id="b", **(row | {"started_at": None}))
    log = LogFile(path=path, root=tmp_path)
    (call,) = Hermes().read(log)
    assert call.observation.response.usage is not None
    assert call.observation.response.usage.input_tokens == 9203
    assert log.bad_count == 1


def test_a_database_that_is_none_is_one_unreadable_line(tmp_path: Path) -> None:
    """Whatever has taken its name."""
    (tmp_path / DATABASE).write_bytes(b"nothing of the kind")
    assert read_all(Hermes(), tmp_path / DATABASE) == []


def test_home_and_profiles(tmp_path: Path) -> None:
    """`HERMES_HOME`; every profile has a database of its own."""
    assert Hermes().homes(Places(environment={"HERMES_HOME": "/x"}, home=Path("/h"))) == [Path("/x")]
    for folder in (tmp_path, tmp_path / "profiles" / "work", tmp_path / "elsewhere"):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / DATABASE).touch()
    assert list(Hermes().files(tmp_path)) == [tmp_path / DATABASE, tmp_path / "profiles" / "work" / DATABASE]
    assert Hermes().recognises(Path("/h/.hermes") / DATABASE, b"SQLite format 3\x00")
    assert not Hermes().recognises(Path("/h/.codex") / DATABASE, b"SQLite format 3\x00")


def test_a_copied_database_is_told_by_its_tables(tmp_path: Path) -> None:
    """Wherever it lies."""
    path = tmp_path / DATABASE
    usage(path, 1)
    assert Hermes().recognises(path, path.read_bytes()[:4096])
