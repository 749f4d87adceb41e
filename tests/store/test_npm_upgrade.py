"""A `sessions.db` of the npm tool is taken over whole, whatever is in it, or left exactly as it was."""

from __future__ import annotations

import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from codesession.domain.pricing import CostStatus
from codesession.domain.session import SessionStatus
from codesession.errors import StorageError
from codesession.store.sql_store import SqlStore
from codesession.store.sqlite import SqliteDatabase
from support.ledger import NOW_MS, make_request

SESSIONS = (
    "CREATE TABLE sessions (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, start_time TEXT NOT NULL,"
    " end_time TEXT, duration INTEGER, working_directory TEXT NOT NULL, {git}files_changed INTEGER DEFAULT 0,"
    " commits INTEGER DEFAULT 0, ai_cost REAL DEFAULT 0, ai_tokens INTEGER DEFAULT 0, notes TEXT,"
    " status TEXT DEFAULT 'active')"
)
AI_USAGE = (
    "CREATE TABLE ai_usage (id INTEGER PRIMARY KEY AUTOINCREMENT, session_id INTEGER NOT NULL, provider TEXT NOT NULL,"
    " model TEXT NOT NULL, tokens INTEGER NOT NULL, {split}cost REAL NOT NULL, timestamp TEXT NOT NULL{agent},"
    " FOREIGN KEY (session_id) REFERENCES sessions(id))"
)
FILES = (
    "CREATE TABLE file_changes (id INTEGER PRIMARY KEY AUTOINCREMENT, session_id INTEGER NOT NULL,"
    " file_path TEXT NOT NULL, change_type TEXT NOT NULL, timestamp TEXT NOT NULL)"
)
COMMITS = (
    "CREATE TABLE commits (id INTEGER PRIMARY KEY AUTOINCREMENT, session_id INTEGER NOT NULL, hash TEXT NOT NULL,"
    " message TEXT NOT NULL, timestamp TEXT NOT NULL)"
)
NOTES = (
    "CREATE TABLE session_notes (id INTEGER PRIMARY KEY AUTOINCREMENT, session_id INTEGER NOT NULL,"
    " message TEXT NOT NULL, timestamp TEXT NOT NULL)"
)
PROJECTS = (
    "CREATE TABLE today_projects (id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL UNIQUE, name TEXT,"
    " added_at TEXT NOT NULL)"
)
NEWEST = [
    SESSIONS.format(git="git_root TEXT, start_git_head TEXT, "),
    AI_USAGE.format(split="prompt_tokens INTEGER, completion_tokens INTEGER, ", agent=", agent_name TEXT"),
    FILES,
    COMMITS,
    NOTES,
    PROJECTS,
]
WITHOUT_GIT = [SESSIONS.format(git=""), AI_USAGE.format(split="", agent=""), FILES, COMMITS]
FIRST = [SESSIONS.format(git=""), FILES, COMMITS]
BEGUN = "2026-11-22T01:58:45.946Z"
BEGUN_MS = 1_795_312_725_946


def npm_ledger(path: Path, schema: Iterable[str], rows: Iterable[tuple[str, dict[str, object]]] = ()) -> Path:
    """A database as that tool wrote it."""
    raw = sqlite3.connect(path)
    for statement in schema:
        raw.execute(statement)
    for table, row in rows:
        marks = ", ".join("?" for _ in row)
        raw.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))
    raw.commit()
    raw.close()
    return path


def session(number: int, **changes: object) -> tuple[str, dict[str, object]]:
    row = {"id": number, "name": f"s{number}", "start_time": BEGUN, "working_directory": "/w", "status": "completed"}
    return "sessions", {**row, "end_time": "2026-11-22T02:00:00.000Z", **changes}


def call(number: int, session_id: int, **changes: object) -> tuple[str, dict[str, object]]:
    row = {"id": number, "session_id": session_id, "provider": "anthropic", "model": "m", "tokens": 100, "cost": 0.1}
    return "ai_usage", {**row, "timestamp": BEGUN, **changes}


def opened(path: Path) -> SqlStore:
    return SqlStore(SqliteDatabase(path, now_ms=NOW_MS))


def backups(path: Path) -> list[Path]:
    return sorted(path.parent.glob(f"{path.name}.npm-backup-*"))


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_everything_of_the_newest_version_is_there_under_its_number(tmp_path: Path) -> None:
    """Agents remember session numbers; commits, files, notes and calls keep theirs too."""
    path = npm_ledger(
        tmp_path / "s.db",
        NEWEST,
        [
            session(3, git_root="/w/repo", start_git_head="abc", notes="done", files_changed=2, commits=1),
            session(8, status="active", end_time=None),
            call(5, 3, prompt_tokens=70, completion_tokens=30, agent_name="Bot"),
            (
                "file_changes",
                {"id": 2, "session_id": 3, "file_path": "ü b.txt", "change_type": "created", "timestamp": BEGUN},
            ),
            ("commits", {"id": 4, "session_id": 3, "hash": "a" * 40, "message": "m", "timestamp": BEGUN}),
            ("session_notes", {"id": 6, "session_id": 8, "message": "n", "timestamp": BEGUN}),
            ("today_projects", {"path": "/w", "name": "w", "added_at": "2026-11-22 01:58:45"}),
        ],
    )
    store = opened(path)
    ended, active = store.session(3), store.session(8)
    assert ended is not None
    assert active is not None
    assert (ended.name, ended.directory, ended.git_root, ended.end_notes) == ("s3", "/w/repo", "/w/repo", "done")
    assert (ended.started_at_ms, ended.status, active.status) == (BEGUN_MS, "completed", SessionStatus.ACTIVE)
    assert (ended.files_changed, ended.commits, ended.cost_picousd, ended.total_tokens) == (2, 1, 10**11, 100)
    (row,) = store.requests(3, limit=None)
    assert (row.agent_name, row.cost_picousd, row.cost_status, row.project) == ("Bot", 10**11, "manual", "/w/repo")
    assert row.usage is not None
    assert (row.usage.input_tokens, row.usage.output_tokens) == (70, 30)
    assert [(f.id, f.file_path) for f in store.files(3)] == [(2, "ü b.txt")]
    assert [(c.id, c.committed_at_ms) for c in store.commits(3)] == [(4, BEGUN_MS)]
    assert [(n.id, n.message) for n in store.notes(8)] == [(6, "n")]
    assert store.add_request(make_request(session_id=8))


@pytest.mark.parametrize("schema", [FIRST, WITHOUT_GIT, NEWEST])
def test_a_ledger_of_any_vintage_opens(tmp_path: Path, schema: list[str]) -> None:
    """Before calls were counted, before repositories were known, and the last one; empty ones as well."""
    path = npm_ledger(tmp_path / "s.db", schema, [session(1)])
    store = opened(path)
    assert [(s.id, s.name, s.directory) for s in store.sessions(limit=None)] == [(1, "s1", "/w")]
    assert store.add_request(make_request(session_id=1))
    assert opened(npm_ledger(tmp_path / "empty.db", schema)).sessions(limit=None) == []


def test_the_last_moment_of_a_day_stays_in_it(tmp_path: Path) -> None:
    """Digits beyond milliseconds are cut, never rounded up into the next day."""
    last = call(1, 1, timestamp="2026-10-06T23:59:59.999999Z")
    (row,) = opened(npm_ledger(tmp_path / "s.db", NEWEST, [session(1), last])).requests(1, limit=None)
    assert row.started_at_ms == 1_791_331_199_999


def test_money_is_the_decimal_that_was_meant(tmp_path: Path) -> None:
    """A binary 0.1 is ten cents exactly; ten of them are a dollar."""
    path = npm_ledger(tmp_path / "s.db", NEWEST, [session(1), *(call(n, 1) for n in range(1, 11))])
    kept = opened(path).session(1)
    assert kept is not None
    assert kept.cost_picousd == 10**12


def test_a_call_with_tokens_and_no_cost_is_unpriced_and_not_free(tmp_path: Path) -> None:
    """That tool wrote 0 where it knew no price."""
    path = npm_ledger(tmp_path / "s.db", NEWEST, [session(1), call(1, 1, cost=0), call(2, 1, cost=0, tokens=0)])
    store = opened(path)
    assert [(r.cost_picousd, r.cost_status) for r in store.requests(1, limit=None)] == [
        (None, CostStatus.UNKNOWN),
        (0, CostStatus.MANUAL),
    ]
    kept = store.session(1)
    assert kept is not None
    assert kept.unpriced_requests == 1


def test_rows_that_say_the_same_twice_do_not_stop_it(tmp_path: Path) -> None:
    """A commit noted twice is one; a file that changed twice stays two changes."""
    commit = {"session_id": 1, "hash": "a", "message": "m", "timestamp": BEGUN}
    file = {"session_id": 1, "file_path": "a", "change_type": "modified", "timestamp": BEGUN}
    path = npm_ledger(
        tmp_path / "s.db",
        NEWEST,
        [session(1), ("commits", commit), ("commits", commit), ("file_changes", file), ("file_changes", file)],
    )
    store = opened(path)
    assert (len(store.commits(1)), len(store.files(1))) == (1, 2)


def test_rows_whose_session_was_deleted_are_kept_with_a_shell_of_it(tmp_path: Path) -> None:
    """Foreign keys hold only where they are switched on: money must not vanish with a row elsewhere."""
    path = npm_ledger(
        tmp_path / "s.db",
        NEWEST,
        [session(1), call(1, 7), ("session_notes", {"session_id": 9, "message": "n", "timestamp": BEGUN})],
    )
    store = opened(path)
    shell = store.session(7)
    assert shell is not None
    assert (shell.name, shell.status, shell.cost_picousd) == ("session 7 (deleted)", "completed", 10**11)
    assert [n.message for n in store.notes(9)] == ["n"]


@pytest.mark.parametrize(
    ("changes", "cost", "tokens"),
    [
        ({"cost": "a text"}, None, 100),
        ({"cost": float("inf")}, None, 100),
        ({"cost": -0.5}, None, 100),
        ({"cost": 1e300}, None, 100),
        ({"cost": b"\xff"}, None, 100),
        ({"tokens": "many"}, 10**11, 0),
        ({"tokens": 1e300}, 10**11, 0),
        ({"tokens": 10.5}, 10**11, 10),
        ({"prompt_tokens": -5, "completion_tokens": 5}, 10**11, 100),
        ({"timestamp": "yesterday"}, 10**11, 100),
        ({"provider": b"\xff\x00", "model": b"\xfe"}, 10**11, 100),
    ],
)
def test_a_value_that_is_none_is_unknown_and_does_not_stop_it(
    tmp_path: Path, changes: dict[str, object], cost: int | None, tokens: int
) -> None:
    """SQLite columns hold anything: one odd row must not keep a user out of all the others."""
    path = npm_ledger(tmp_path / "s.db", NEWEST, [session(1), call(1, 1, **changes)])
    (row,) = opened(path).requests(1, limit=None)
    assert (row.cost_picousd, row.total_tokens) == (cost, tokens)


def test_the_copy_beside_it_is_what_the_file_was(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """One backup, private, a whole database with the old tables and rows; the user is told of it, once."""
    path = npm_ledger(tmp_path / "s.db", NEWEST, [session(1), call(1, 1)])
    before = list(sqlite3.connect(path).iterdump())
    opened(path)
    opened(path)
    (backup,) = backups(path)
    (told,) = caplog.messages
    assert told.endswith(str(backup))
    assert list(sqlite3.connect(backup).iterdump()) == before
    assert backup.stat().st_mode & 0o777 == 0o600


def test_what_everybody_could_read_is_its_owners_alone(tmp_path: Path) -> None:
    """The npm tool left it open; SQLite gives the files beside it the same mode."""
    path = npm_ledger(tmp_path / "sessions.db", NEWEST, [session(1), call(1, 1)])
    path.chmod(0o644)

    database = SqliteDatabase(path, now_ms=NOW_MS)
    SqlStore(database).add_request(make_request())
    modes = {each.name: each.stat().st_mode & 0o777 for each in tmp_path.glob("sessions.db*")}
    database.close()

    assert "sessions.db-wal" in modes
    assert set(modes.values()) == {0o600}


def test_nothing_of_the_old_tables_is_left(tmp_path: Path) -> None:
    """The schema is that of a new ledger."""
    upgraded = SqliteDatabase(npm_ledger(tmp_path / "s.db", NEWEST, [session(1), call(1, 1)]), now_ms=NOW_MS)
    fresh = SqliteDatabase(tmp_path / "new.db", now_ms=NOW_MS)
    names = "SELECT type, name FROM sqlite_master ORDER BY 1, 2"
    assert upgraded.query(names) == fresh.query(names)
    assert upgraded.query("PRAGMA foreign_key_check") == []
    assert upgraded.query("PRAGMA journal_mode") == [("wal",)]


def test_another_programs_database_is_refused_and_not_touched(tmp_path: Path) -> None:
    """A wrong CODESESSION_DB_PATH must not make a ledger of somebody's browser history."""
    for number, statement in enumerate(["CREATE TABLE sessions (token TEXT)", "CREATE TABLE bookmarks (url TEXT)"]):
        path = npm_ledger(tmp_path / f"{number}.db", [statement])
        before = digest(path)
        with pytest.raises(StorageError, match="another program"):
            SqliteDatabase(path, now_ms=NOW_MS)
        assert digest(path) == before
        assert backups(path) == []


def test_a_folder_without_room_for_the_backup_leaves_the_file_alone(tmp_path: Path) -> None:
    """No backup, no upgrade; nor is half a backup left, by this command and by every other that tries."""
    path = npm_ledger(tmp_path / "s.db", NEWEST, [session(1), call(1, 1)])
    before = digest(path)
    code = (
        "import resource, signal, sys; from pathlib import Path\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "from codesession.errors import StorageError\n"
        "from codesession.store.sqlite import SqliteDatabase\n"
        "try:\n    SqliteDatabase(Path(sys.argv[1]), now_ms=1)\n"
        "except StorageError as error:\n    print(error.message)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, path], env=with_source(), capture_output=True, text=True, check=True
    )
    assert "s.db" in done.stdout
    assert digest(path) == before
    assert list(tmp_path.iterdir()) == [path]


UPGRADE = (
    "import sys; from pathlib import Path\n"
    "from codesession.store.sqlite import SqliteDatabase\n"
    "print('go', flush=True)\n"
    "SqliteDatabase(Path(sys.argv[1]), now_ms=1)\n"
    "print('done', flush=True)\n"
)


def with_source() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")}


def test_killed_at_any_moment_it_is_the_old_or_the_new_ledger(tmp_path: Path) -> None:
    """Eight kills spread over the upgrade; then the file has all sessions and calls, in one shape or the other."""
    template = npm_ledger(
        tmp_path / "template.db", NEWEST, [session(1), *(call(n, 1) for n in range(1, 2_001))]
    ).read_bytes()
    outcomes = set()
    span = timed_upgrade(tmp_path / "timed.db", template)
    for step in range(8):
        path = tmp_path / f"{step}.db"
        path.write_bytes(template)
        process = subprocess.Popen([sys.executable, "-c", UPGRADE, path], env=with_source(), stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == b"go\n"
        time.sleep(span * step / 7)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        outcomes.add(shape_after_kill(path))
        assert len(opened(path).requests(1, limit=None)) == 2_000
    assert "old" in outcomes


def timed_upgrade(path: Path, template: bytes) -> float:
    """Seconds that an undisturbed upgrade takes here and now."""
    path.write_bytes(template)
    process = subprocess.Popen([sys.executable, "-c", UPGRADE, path], env=with_source(), stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    begun = time.monotonic()
    assert process.stdout.readline() == b"done\n"
    process.communicate()
    return time.monotonic() - begun


def shape_after_kill(path: Path) -> str:
    raw = sqlite3.connect(path)
    tables = {name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    calls = "ai_usage" if "ai_usage" in tables else "model_requests"
    assert raw.execute(f"SELECT COUNT(*) FROM {calls}").fetchone() == (2_000,)
    assert ("ai_usage" in tables) != ("model_requests" in tables)
    raw.close()
    return "old" if calls == "ai_usage" else "new"
