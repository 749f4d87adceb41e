"""Reading databases of running agents."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from codesession.importers import sqlite
from codesession.importers.base import LogFile


@pytest.fixture
def live(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A database that its agent has open, with a write-ahead log."""
    connection = sqlite3.connect(tmp_path / "agent #1?.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE calls (id INTEGER, tokens INTEGER)")
    connection.execute("INSERT INTO calls VALUES (1, 10), (2, 20)")
    yield connection
    connection.close()


def _log(tmp_path: Path) -> LogFile:
    return LogFile(path=tmp_path / "agent #1?.db", root=tmp_path)


def _tokens(database: sqlite.Database) -> Iterator[object]:
    return (row["tokens"] for row in database.rows("calls", ("tokens",), order="id"))


def test_what_is_only_in_the_write_ahead_log_is_read(live: sqlite3.Connection, tmp_path: Path) -> None:
    """The agent has written it and not copied it into the database yet; it can go on writing meanwhile."""
    rows = sqlite.read(_log(tmp_path), _tokens)
    assert next(rows) == 10
    live.execute("INSERT INTO calls VALUES (3, 30)")
    assert 20 in list(rows)
    assert list(sqlite.read(_log(tmp_path), _tokens)) == [10, 20, 30]


def test_missing_columns_are_none_and_missing_tables_empty(live: sqlite3.Connection, tmp_path: Path) -> None:
    """Older schemas are read as far as they go; conditions on what they lack are left out."""

    def reader(database: sqlite.Database) -> Iterator[object]:
        yield from database.rows("calls", ("id", "cost"), where="cost > 0", order="id")
        yield from database.rows("sessions", ("id",))

    assert list(sqlite.read(_log(tmp_path), reader)) == [
        {"id": 1, "cost": None},
        {"id": 2, "cost": None},
    ]


def test_nothing_is_ever_written(live: sqlite3.Connection, tmp_path: Path) -> None:
    """Not even by mistake."""

    def writer(database: sqlite.Database) -> Iterator[object]:
        yield database._connection.execute("DELETE FROM calls")

    log = _log(tmp_path)
    assert list(sqlite.read(log, writer)) == []
    assert "readonly" in log.bad_lines[0].reason
    assert live.execute("SELECT COUNT(*) FROM calls").fetchone() == (2,)


def test_a_locked_database_is_for_the_next_pass(
    live: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is wrong with it: an error that is reported, no unreadable line."""
    monkeypatch.setattr(sqlite, "_BUSY_SECONDS", 0.05)
    live.execute("PRAGMA journal_mode=DELETE")
    live.execute("BEGIN EXCLUSIVE")
    log = _log(tmp_path)
    with pytest.raises(OSError, match="locked"):
        list(sqlite.read(log, _tokens))
    assert log.bad_count == 0


@pytest.mark.parametrize("raw", [b"no database" * 100, sqlite.MAGIC + b"\x00" * 4096, b""])
def test_what_is_no_database_is_one_unreadable_line_or_nothing(tmp_path: Path, raw: bytes) -> None:
    """A file of that name can hold anything."""
    path = tmp_path / "agent #1?.db"
    path.write_bytes(raw)
    log = _log(tmp_path)
    assert list(sqlite.read(log, _tokens)) == []
    assert log.bad_count == (1 if raw else 0)


def test_text_that_is_no_utf8_is_read(live: sqlite3.Connection, tmp_path: Path) -> None:
    """What cannot be decoded is replaced."""
    live.execute("INSERT INTO calls VALUES (4, CAST(x'ff41' AS TEXT))")
    assert list(sqlite.read(_log(tmp_path), _tokens))[-1] == "\ufffdA"
