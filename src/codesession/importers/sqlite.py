"""
Reading databases that belong to a running agent, without being in its way.

Databases are opened read-only; whether a journal or a write-ahead log is live makes no difference. Tables and
columns that a version does not have read as nothing.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from codesession.importers.base import LogFile

MAGIC = b"SQLite format 3\x00"
Row = dict[str, Any]
_BUSY_SECONDS = 5.0
_T = TypeVar("_T")


class Database:
    """One database of an agent, open for reading."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._columns: dict[str, frozenset[str]] = {}

    def has(self, table: str) -> bool:
        """Whether there is such a table."""
        return bool(self._known(table))

    def rows(
        self, table: str, columns: Sequence[str], *, where: str = "", order: str = "", values: Sequence[Any] = ()
    ) -> Iterator[Row]:
        """
        Rows of a table as dicts; a column it does not have is None, a table that is not there has no rows.

        `where`, to which `values` belong, and `order` are our own SQL; they are left out when they name a column
        that is not there.
        """
        known = self._known(table)
        if not known:
            return
        wanted = ", ".join(f'"{name}"' if name in known else f'NULL AS "{name}"' for name in columns)
        sql = f'SELECT {wanted} FROM "{table}"'  # noqa: S608 - our own names
        bound: Sequence[Any] = ()
        for keyword, clause, given in (("WHERE", where, values), ("ORDER BY", order, ())):
            if clause and self._compiles(f'SELECT 1 FROM "{table}" {keyword} {clause}', given):  # noqa: S608 - as above
                sql += f" {keyword} {clause}"
                bound = (*bound, *given)
        for row in self._connection.execute(sql, bound):
            yield dict(zip(columns, row, strict=True))

    def _known(self, table: str) -> frozenset[str]:
        if table not in self._columns:
            found = self._connection.execute("SELECT name FROM pragma_table_xinfo(?)", (table,))
            self._columns[table] = frozenset(name for (name,) in found)
        return self._columns[table]

    def _compiles(self, sql: str, values: Sequence[Any]) -> bool:
        try:
            self._connection.execute(f"EXPLAIN {sql}", values).close()
        except sqlite3.OperationalError as error:
            if "no such column" in str(error):
                return False
            raise
        return True


def read(log: LogFile, reader: Callable[[Database], Iterator[_T]]) -> Iterator[_T]:
    """
    What `reader(database)` yields.

    A database that another program holds locked for long raises `OSError`: nothing was wrong with it, the next pass
    reads it. One that is broken or no database is counted as unreadable.
    """
    try:
        with closing(_connect(log.path)) as connection:
            yield from reader(Database(connection))
    except (sqlite3.Error, UnicodeError) as error:  # the latter where a broken schema quotes itself
        if isinstance(error, sqlite3.OperationalError) and _is_passing(error):
            raise OSError(f"the database cannot be read now: {error}") from error
        log.bad_line(f"not a readable database: {error}", 1)


def _connect(path: Path) -> sqlite3.Connection:
    """
    A connection that never writes, waits for locks, and reads text leniently.

    A database with a write-ahead log cannot be opened in a folder we may not write to, unless it is known that
    nobody writes it: there is no `-wal` file then.
    """
    uri = f"{path.absolute().as_uri()}?mode=ro"
    wal = path.with_name(path.name + "-wal")
    if not os.access(path.parent, os.W_OK) and not wal.exists():
        uri += "&immutable=1"
    connection = sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    return connection


def _is_passing(error: sqlite3.OperationalError) -> bool:
    return any(word in str(error) for word in ("locked", "busy", "unable to open"))
