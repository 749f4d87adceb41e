"""SQLite files: private, upgraded, never damaged."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from codesession.errors import RefusedError, StorageError
from codesession.store import migrate
from codesession.store.database import Database
from codesession.store.migrate import LATEST
from codesession.store.sql_store import SqlStore
from codesession.store.sqlite import SqliteDatabase, copy_ledger, storage_error
from support.ledger import NOW_MS, make_request, make_session


def test_a_new_ledger_is_private_and_in_wal_mode(tmp_path: Path) -> None:
    """The folder is 0700, the file 0600, and readers never block the writer."""
    path = tmp_path / "home" / "sessions.db"
    database = SqliteDatabase(path, now_ms=NOW_MS)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert database.query("PRAGMA journal_mode") == [("wal",)]
    database.close()


def test_opening_again_migrates_nothing(tmp_path: Path) -> None:
    """The schema number is believed; the history of migrations has one entry per migration."""
    path = tmp_path / "s.db"
    SqliteDatabase(path, now_ms=NOW_MS).close()
    database = SqliteDatabase(path, now_ms=NOW_MS + 1)
    times = database.query("SELECT applied_at_ms FROM schema_migrations")
    assert times
    assert set(times) == {(NOW_MS,)}
    database.close()


def test_a_ledger_of_a_newer_version_is_refused_and_kept(tmp_path: Path) -> None:
    """An older program must not write into a schema it does not know."""
    path = tmp_path / "s.db"
    SqliteDatabase(path, now_ms=NOW_MS).close()
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA user_version = 99")
    raw.close()
    with pytest.raises(StorageError, match="schema 99"):
        SqliteDatabase(path, now_ms=NOW_MS)


def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    """An exception inside a transaction takes everything in it back."""
    with pytest.raises(RuntimeError), database.transaction():
        database.execute("INSERT INTO projects (path, added_at_ms) VALUES ('/x', 1)")
        raise RuntimeError
    assert database.query("SELECT COUNT(*) FROM projects") == [(0,)]


@pytest.mark.parametrize("content", [b"this is no database" * 100, b"\x00" * 5000])
def test_a_file_that_is_no_database_is_named_and_kept(tmp_path: Path, content: bytes) -> None:
    """The error says which file it is; not one byte of it changes."""
    path = tmp_path / "sessions.db"
    path.write_bytes(content)
    with pytest.raises(StorageError, match=r"sessions\.db"):
        SqliteDatabase(path, now_ms=NOW_MS)
    assert path.read_bytes() == content


def test_a_damaged_ledger_is_a_storage_error_and_stays_as_it_was(tmp_path: Path) -> None:
    """Half of the pages overwritten: the error is ours, the bytes are kept for a rescue."""
    path = tmp_path / "sessions.db"
    database = SqliteDatabase(path, now_ms=NOW_MS)
    database.query("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    data = bytearray(path.read_bytes())
    data[1024:] = os.urandom(len(data) - 1024)
    path.write_bytes(data)
    with pytest.raises(StorageError):
        SqlStore(SqliteDatabase(path, now_ms=NOW_MS)).create_session(make_session(), exclusive=True)
    assert path.read_bytes() == data


def test_a_locked_ledger_says_so(tmp_path: Path) -> None:
    """After the busy time-out the error names the reason and the way out."""
    path = tmp_path / "s.db"
    database = SqliteDatabase(path, now_ms=NOW_MS)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match="locked") as caught:
        SqlStore(SqliteDatabase(path, now_ms=NOW_MS, busy_timeout_s=0.05)).create_session(
            make_session(), exclusive=True
        )
    assert caught.value.hint
    assert not isinstance(caught.value, RefusedError)
    holder.close()
    database.close()


@pytest.mark.parametrize("wrong", [{"cost_picousd": 2**63}, {"session_id": 77}])
def test_what_no_ledger_takes_is_told_apart_from_one_that_is_away(
    sqlite: SqliteDatabase, wrong: dict[str, int]
) -> None:
    """A call that can never be kept must not hold up those that wait behind it, and one that can must wait."""
    with pytest.raises(RefusedError):
        SqlStore(sqlite).add_request(make_request(**wrong))


def test_a_full_disk_leaves_the_ledger_as_it_was(tmp_path: Path) -> None:
    """SQLite's own page limit stands for the disk: the write fails as a whole, what was there stays."""
    database = SqliteDatabase(tmp_path / "s.db", now_ms=NOW_MS)
    store = SqlStore(database)
    session = store.create_session(make_session(), exclusive=True)
    assert session is not None
    ((pages,),) = database.query("PRAGMA page_count")
    database.query(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageError, match="full"):
        store.add_note(session.id, "x" * 10_000_000, at_ms=NOW_MS)
    assert store.notes(session.id) == []
    assert database.query("PRAGMA integrity_check") == [("ok",)]
    database.close()


def test_a_folder_that_cannot_be_written_is_a_storage_error(tmp_path: Path) -> None:
    """A file where the folder should be: the same answer as for a read-only home, also for root."""
    (tmp_path / "home").write_text("a file")
    with pytest.raises(StorageError) as caught:
        SqliteDatabase(tmp_path / "home" / "sessions.db", now_ms=NOW_MS)
    ledger, home = tmp_path / "home" / "sessions.db", tmp_path / "home"
    assert caught.value.message == f"cannot use the ledger {ledger}: File exists: {home}"


def test_an_error_of_the_disk_names_its_cause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite says "disk I/O error" of a disk that is merely full: nobody shall move a whole ledger away for that."""
    path = tmp_path / "s.db"
    monkeypatch.setattr("codesession.store.disk.obstacle", lambda _: ("the disk is full", "free some space"))
    error = storage_error(path, sqlite3.OperationalError("disk I/O error"))
    assert (error.message.endswith("disk I/O error: the disk is full"), error.hint) == (True, "free some space")
    assert storage_error(path, sqlite3.DatabaseError("not a database")).message.endswith(": not a database")


def test_a_copy_that_cannot_be_made_is_a_storage_error_of_the_file_at_fault(tmp_path: Path) -> None:
    """The ledger where it cannot be read, the copy where that cannot be written."""
    (tmp_path / "junk.db").write_bytes(b"junk" * 500)
    with pytest.raises(StorageError, match="not a database") as caught:
        copy_ledger(tmp_path / "junk.db", tmp_path / "copy.db")
    assert caught.value.facts["path"] == str(tmp_path / "junk.db")
    assert not (tmp_path / "copy.db").exists()
    (tmp_path / "copy.db").touch()
    SqliteDatabase(tmp_path / "s.db", now_ms=NOW_MS).close()
    with pytest.raises(StorageError, match="cannot copy the ledger to") as caught:
        copy_ledger(tmp_path / "s.db", tmp_path / "copy.db")
    assert caught.value.facts["path"] == str(tmp_path / "copy.db")


_KILLED = """
import os, sys
from pathlib import Path
from codesession.store.sqlite import copy_ledger
Path.replace = lambda *_: os._exit(9)
copy_ledger(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def test_a_copy_that_was_killed_is_taken_for_none(tmp_path: Path) -> None:
    """What there is of it has another name."""
    SqliteDatabase(tmp_path / "s.db", now_ms=NOW_MS).close()
    done = subprocess.run([sys.executable, "-c", _KILLED, tmp_path / "s.db", tmp_path / "copy.db"], check=False)
    assert (done.returncode, (tmp_path / "copy.db").exists()) == (9, False)


def test_rows_that_nobody_reads_to_the_end_are_let_go_in_silence(tmp_path: Path) -> None:
    """`cs export --calls | head` closes the ledger before it forgets the rows."""
    database = SqliteDatabase(tmp_path / "s.db", now_ms=NOW_MS)
    rows = database.stream("SELECT 1 UNION SELECT 2")
    assert next(iter(rows)) == (1,)
    database.close()
    rows.close()  # type: ignore[attr-defined]  # what the end of the program does to a generator


_MIGRATE = """
import sys
from pathlib import Path
from codesession.store.sqlite import SqliteDatabase
SqliteDatabase(Path(sys.argv[1]), now_ms=1).close()
"""


def test_whoever_writes_to_a_ledger_that_is_just_made_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite itself refuses at once to switch to WAL mode then, whatever the time-out."""
    path = tmp_path / "s.db"
    SqliteDatabase(path, now_ms=NOW_MS).close()
    monkeypatch.setattr(migrate, "LATEST", LATEST + 1)  # not quite made yet, but there is nothing left to do
    monkeypatch.setattr(migrate, "migrations", list)
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as writing:
        writing.execute("PRAGMA journal_mode = DELETE")
        writing.execute("BEGIN IMMEDIATE")
        done = threading.Timer(0.1, writing.execute, ["COMMIT"])
        done.start()
        database = SqliteDatabase(path, now_ms=NOW_MS)
        done.join()
    assert database.query("PRAGMA journal_mode") == [("wal",)]
    database.close()


def test_a_ledger_that_lost_wal_mode_gets_it_back(tmp_path: Path) -> None:
    """Who made it was killed before the switch, or it is a copy (`VACUUM INTO`): readers would hold up writers."""
    path = tmp_path / "s.db"
    SqliteDatabase(path, now_ms=NOW_MS).close()
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
    database = SqliteDatabase(path, now_ms=NOW_MS)
    assert database.query("PRAGMA journal_mode") == [("wal",)]
    database.close()


def test_many_processes_may_create_the_ledger_at_once(tmp_path: Path) -> None:
    """Twelve first starts at the same moment: one of them migrates, all of them find the schema."""
    path = tmp_path / "s.db"
    started = [
        subprocess.Popen([sys.executable, "-c", _MIGRATE, path], env={**os.environ, "PYTHONPATH": "src"})
        for _ in range(12)
    ]
    assert [process.wait(60) for process in started] == [0] * 12
    database = SqliteDatabase(path, now_ms=NOW_MS)
    assert database.query("SELECT COUNT(*) - COUNT(DISTINCT version) FROM schema_migrations") == [(0,)]
    database.close()


def test_only_a_large_batch_takes_memory_for_its_indexes(tmp_path: Path) -> None:
    """A hook that adds a line stays small; a first import keeps the pages it comes back to."""
    database = SqliteDatabase(tmp_path / "s.db", now_ms=NOW_MS)
    usual = database.query("PRAGMA cache_size")
    database.insert_many("projects", ("path", "added_at_ms"), [("/one", NOW_MS)])
    assert database.query("PRAGMA cache_size") == usual
    database.insert_many("projects", ("path", "added_at_ms"), [(f"/{number}", NOW_MS) for number in range(1_000)])
    assert database.query("PRAGMA cache_size") == [(-32_000,)]
    assert database.query("SELECT COUNT(*) FROM projects") == [(1_001,)]
    database.close()
