"""Beginning anew empties every table of history, after a backup."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codesession.errors import StorageError
from codesession.store import starting_over
from codesession.store.sql_store import SqlStore
from codesession.store.sqlite import SqliteDatabase
from codesession.store.starting_over import KEPT, start_over
from support.ledger import NOW_MS, make_request, make_session


def fill(store: SqlStore) -> None:
    session = store.create_session(make_session(budget_picousd=10), exclusive=True)
    assert session is not None
    store.add_request(make_request(session_id=session.id))
    store.add_note(session.id, "note", at_ms=NOW_MS)
    store.add_files(session.id, [("a", "created")], at_ms=NOW_MS)
    store.finish_session(session.id, ended_at_ms=NOW_MS, notes=None, commits=[("a" * 40, "m", NOW_MS)])


def counts(database: SqliteDatabase) -> dict[str, int]:
    """Rows by table."""
    return {
        name: database.query(f'SELECT COUNT(*) FROM "{name}"')[0][0]
        for (name,) in database.query(starting_over._TABLES)
    }


def test_nothing_of_the_history_is_left_and_all_of_it_is_in_the_backup(sqlite: SqliteDatabase) -> None:
    """A table that a later version adds is emptied too; numbers are not given out twice."""
    store = SqlStore(sqlite)
    fill(store)
    sqlite.execute("CREATE TABLE later (id INTEGER)")
    sqlite.execute("INSERT INTO later VALUES (1)")
    before = counts(sqlite)

    done = start_over(sqlite, now_ms=NOW_MS)

    assert all(count == 0 for name, count in counts(sqlite).items() if name not in KEPT)
    backup = SqliteDatabase(done.backup, now_ms=NOW_MS)
    assert counts(backup) == before and (done.sessions, done.calls) == (1, 1)
    backup.close()
    again = store.create_session(make_session(), exclusive=True)
    assert again is not None and again.id == 2


def test_when_it_fails_the_ledger_is_as_it_was(sqlite: SqliteDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """One transaction."""
    store = SqlStore(sqlite)
    fill(store)
    before = counts(sqlite)
    monkeypatch.setattr(starting_over, "TOTAL_COLUMNS", ("no_such_column",))

    with pytest.raises(Exception, match="no_such_column"):
        start_over(sqlite, now_ms=NOW_MS)

    assert counts(sqlite) == before


def test_nobody_writes_between_the_backup_and_the_end(sqlite: SqliteDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that a proxy recorded then would be in neither of both."""
    fill(SqlStore(sqlite))
    other = SqliteDatabase(sqlite.path, now_ms=NOW_MS, busy_timeout_s=0)
    copy, refused = sqlite.backup, []

    def backup(target: Path) -> None:
        copy(target)
        with pytest.raises(StorageError, match="locked"):
            SqlStore(other).add_request(make_request(response_id="meanwhile"))
        refused.append(target)

    monkeypatch.setattr(sqlite, "backup", backup)
    done = start_over(sqlite, now_ms=NOW_MS)
    other.close()
    assert refused == [done.backup]


def test_an_empty_ledger_that_cannot_be_made_small_is_empty_all_the_same(
    sqlite: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk, or while somebody writes; to say that it failed would be wrong."""
    fill(SqlStore(sqlite))
    run = sqlite.execute

    def execute(sql: str, *given: Any) -> int:
        if sql == "VACUUM":
            raise StorageError("the disk is full")
        return run(sql, *given)

    monkeypatch.setattr(sqlite, "execute", execute)
    assert start_over(sqlite, now_ms=NOW_MS).calls == 1
    assert counts(sqlite)["model_requests"] == 0
