"""
SQLite as the ledger's database: WAL, private files, the write lock taken at the start of a transaction.

`synchronous=NORMAL` in WAL mode: a killed process loses nothing it was told is stored; a machine that loses
power may lose the last transactions, never the file.
"""

from __future__ import annotations

import os
import sqlite3
import time
from _thread import RLock  # `threading.RLock`, without what else `threading` loads
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from errno import EEXIST
from pathlib import Path

from codesession.errors import RefusedError, StorageError, reason
from codesession.store.database import Params, Row
from codesession.store.migrate import apply_migrations, check_version

BUSY_TIMEOUT_S = 10.0
"""How long to wait for another process's write lock before saying so."""

_WRITE_AHEAD = "PRAGMA journal_mode = WAL"
_LOOK_AGAIN_S = 0.01
_NONE: Params = {}

_MANY = 1_000
"""Rows from which on the pages of every index are wanted again and again."""
_ROOM_FOR_INDEXES = "PRAGMA cache_size = -32000"

_TURNS: dict[str, RLock] = {}
"""By ledger: whose turn it is to write, among the connections of this process."""

_HINTS = (
    ("locked", "another program holds the ledger; try again, or look for a hanging one"),
    ("readonly", "the file or its folder is read-only; mend its permissions or set CODESESSION_DB_PATH"),
    ("read-only", "the file or its folder is read-only; mend its permissions or set CODESESSION_DB_PATH"),
    ("full", "the disk is full; free some space and try again"),
    ("not a database", "the file is something else; move it away or set CODESESSION_DB_PATH"),
    ("malformed", "the file is damaged; restore a backup, or move it away to begin a new ledger"),
    ("unable to open", "check that the folder exists and can be written, or set CODESESSION_DB_PATH"),
)
_DISK = ("disk i/o error", "unable to open", "readonly", "read-only", "full")
"""What SQLite and the system say of a disk."""
_REFUSALS = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.InterfaceError, sqlite3.ProgrammingError, OverflowError)
"""About the values that were to be kept, not about the file."""


def storage_error(path: Path, error: Exception, failed: str = "cannot use the ledger") -> StorageError:
    """What went wrong with the ledger, which file it is, and what to do."""
    why = reason(error)
    if isinstance(error, OSError) and error.filename not in (None, str(path)):
        why = f"{why}: {error.filename}"
    hint = next((hint for word, hint in _HINTS if word in why.lower()), "run `cs doctor`")
    if isinstance(error, OSError) or any(word in why.lower() for word in _DISK):
        from codesession.store.disk import obstacle

        if (found := obstacle(path)) is not None:
            cause, hint = found
            why = f"{why}: {cause}"
    kind = RefusedError if isinstance(error, _REFUSALS) else StorageError
    return kind(f"{failed} {path}: {why}", hint=hint, path=str(path))


def copy_ledger(path: Path, target: Path) -> None:
    """A consistent copy of a ledger that others may be writing to, readable by its owner only."""
    failed, at_fault = "cannot use the ledger", path
    try:
        reader = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_TIMEOUT_S)
        with closing(reader) as source:
            source.execute("SELECT COUNT(*) FROM sqlite_master").fetchall()
            failed, at_fault = "cannot copy the ledger to", target
            if target.exists():
                raise FileExistsError(EEXIST, os.strerror(EEXIST), str(target))
            unfinished = target.with_name(f"{target.name}.part")  # half a copy would be taken for a backup
            os.close(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            try:
                with closing(sqlite3.connect(unfinished)) as copy:
                    source.backup(copy)
                unfinished.replace(target)
            except BaseException:  # raised on
                unfinished.unlink()
                raise
    except (sqlite3.Error, OSError) as error:
        raise storage_error(at_fault, error, failed) from error


class SqliteDatabase:
    """One connection. Opening it brings the file to the newest schema."""

    identity = "INTEGER PRIMARY KEY AUTOINCREMENT"

    def __init__(self, path: Path, *, now_ms: int, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        self.path = path
        self._patience_s = busy_timeout_s
        self._turn = _TURNS.setdefault(str(path), RLock())
        try:
            self._prepare_file()
            self._connection = sqlite3.connect(path, timeout=busy_timeout_s, isolation_level=None)
        except (sqlite3.Error, OSError) as error:
            raise storage_error(path, error) from error
        try:
            self._open(now_ms)
        except BaseException:  # nobody else can close it, whatever ended the opening; raised on
            self._connection.close()
            raise

    def _prepare_file(self) -> None:
        folder = self.path.parent
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self.path.exists():
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))

    def _open(self, now_ms: int) -> None:
        with self._errors():
            self._connection.execute("PRAGMA foreign_keys = ON")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            if not self._patience_s:  # a connection that never waits leaves the long work to the others, too
                self._connection.execute("PRAGMA wal_autocheckpoint = 0")
            if check_version(self.schema_version(), self.path):
                self._create_or_upgrade(now_ms)
            with suppress(sqlite3.Error):  # its maker was killed, or it is a copy; unswitched it serves, too
                self._connection.execute(_WRITE_AHEAD)

    def _create_or_upgrade(self, now_ms: int) -> None:
        from codesession.store.npm_upgrade import upgrade_npm_ledger

        if not upgrade_npm_ledger(self, now_ms=now_ms):
            apply_migrations(self, at_ms=now_ms)
        self._write_ahead()

    def _write_ahead(self) -> None:
        """Switch to WAL mode, which SQLite refuses at once while others write to a ledger that is just made."""
        deadline = time.monotonic() + self._patience_s
        while True:
            try:
                self._connection.execute(_WRITE_AHEAD)
            except sqlite3.OperationalError:
                if time.monotonic() >= deadline:
                    raise
                time.sleep(_LOOK_AGAIN_S)
            else:
                return

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OverflowError) as error:
            raise storage_error(self.path, error) from error

    def query(self, sql: str, params: Params = _NONE) -> list[Row]:
        """Rows of a SELECT, or of a statement with RETURNING."""
        with self._errors():
            return self._connection.execute(sql, params).fetchall()

    def execute(self, sql: str, params: Params = _NONE) -> int:
        """Run a statement; returns how many rows it changed."""
        with self._errors():
            return self._connection.execute(sql, params).rowcount

    def execute_many(self, sql: str, params: Sequence[Params]) -> None:
        """Run a statement once per set of parameters; nothing for none."""
        if params:
            with self._errors():
                self._connection.executemany(sql, params)

    def insert_many(self, table: str, columns: tuple[str, ...], values: Sequence[Row]) -> None:
        """
        Insert rows of a table of ours, values in the order of the columns; nothing for none.

        Columns that no row fills are left out: handing over a value costs more than storing it.
        """
        if not values:
            return
        given = list(zip(columns, zip(*values, strict=True), strict=True))
        filled = [(name, column) for name, column in given if column.count(None) < len(column)]
        names = ", ".join(name for name, _ in filled)
        sql = f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(filled))})"
        with self._errors():
            if len(values) >= _MANY:
                self._connection.execute(_ROOM_FOR_INDEXES)
            self._connection.executemany(sql, zip(*(column for _, column in filled), strict=True))

    def stream(self, sql: str, params: Params = _NONE) -> Iterator[Row]:
        """Rows of a SELECT one by one."""
        with self._errors():
            # `yield from` would close the cursor of a reader who left, which fails where the database is closed already
            for row in self._connection.execute(sql, params):  # noqa: UP028
                yield row

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """
        Take the write lock; commit at the end, roll back on an exception.

        Connections of one process queue for it: SQLite itself would make them sleep and look again. A ledger that
        a newer program has upgraded meanwhile is refused: it may keep counters that this one does not know.
        """
        queued = self._turn.acquire(timeout=self._patience_s)
        try:
            self.execute("BEGIN IMMEDIATE")
            try:
                check_version(self.schema_version(), self.path)
                yield
                self.execute("COMMIT")
            except BaseException:  # Ctrl+C, too, must not leave a transaction that others wait for; raised on
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
        finally:
            if queued:
                self._turn.release()

    def change_mark(self) -> int:
        """Another number after every commit of any other connection, in this process or elsewhere."""
        ((mark,),) = self.query("PRAGMA data_version")
        return int(mark)

    def has_table(self, name: str) -> bool:
        """Whether the file holds a table of this name."""
        return bool(self.query("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = :name", {"name": name}))

    def schema_version(self) -> int:
        """The newest migration that was applied, 0 for an empty database."""
        ((version,),) = self.query("PRAGMA user_version")
        return int(version)

    def set_schema_version(self, version: int, *, at_ms: int) -> None:
        """Note an applied migration: the history in a table, the number where it is read at once."""
        self.execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, applied_at_ms INTEGER NOT NULL)"
        )
        self.execute("INSERT INTO schema_migrations VALUES (:version, :at_ms)", {"version": version, "at_ms": at_ms})
        self.execute(f"PRAGMA user_version = {int(version)}")

    def backup(self, target: Path) -> None:
        """Write a consistent copy beside the ledger, readable by its owner only."""
        copy_ledger(self.path, target)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
