"""Looking at a ledger file from outside: whole or damaged, ours or newer, free or held; and it stays as it was."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from codesession.store.checking import inspect_ledger
from codesession.store.migrate import LATEST
from codesession.store.sqlite import SqliteDatabase
from support.ledger import NOW_MS


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "a b#c?" / "sessions.db"
    SqliteDatabase(path, now_ms=NOW_MS).close()
    return path


def test_a_good_ledger_is_whole_and_can_be_written(ledger: Path) -> None:
    """Whatever characters its folder has; looking changes nothing."""
    before = ledger.read_bytes()
    state = inspect_ledger(ledger)
    assert (state.schema, state.newest_schema, state.damage, state.not_writable) == (LATEST, LATEST, (), None)
    assert state.size_bytes >= len(before)
    assert ledger.read_bytes() == before


def test_damage_is_named(ledger: Path) -> None:
    """SQLite's own words about pages that are overwritten."""
    data = ledger.read_bytes()
    ledger.write_bytes(data[:8192] + b"\xa5" * (len(data) - 8192))
    try:
        damage = inspect_ledger(ledger).damage
    except sqlite3.DatabaseError as error:  # too damaged even to be checked
        damage = (str(error),)
    assert damage


def test_a_row_without_its_session_is_damage(ledger: Path) -> None:
    """Another program deleted what others refer to."""
    with sqlite3.connect(ledger) as raw:
        raw.execute("INSERT INTO session_notes (session_id, message, created_at_ms) VALUES (99, 'x', 1)")
    raw.close()
    assert "session_notes" in inspect_ledger(ledger).damage[0]


def test_a_lock_is_not_waited_for(ledger: Path) -> None:
    """It is said, with everything that can be read all the same."""
    holder = sqlite3.connect(ledger, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    state = inspect_ledger(ledger)
    holder.close()
    assert state.schema == LATEST
    assert "locked" in (state.not_writable or "")


def test_what_is_no_ledger_raises_and_is_not_created(tmp_path: Path) -> None:
    """A text, a folder, nothing at all."""
    (tmp_path / "text").write_text("my only copy" * 100)
    (tmp_path / "folder").mkdir()
    for name in ("text", "folder", "nothing"):
        with pytest.raises(sqlite3.Error):
            inspect_ledger(tmp_path / name)
    assert not (tmp_path / "nothing").exists()
