"""Look at a ledger file without opening it as ours: nothing is created, upgraded or waited for."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from codesession.store.migrate import LATEST

_SHOWN = 5
"""Problems of a damaged file that are worth reading."""
_LOCK_PATIENCE_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerState:
    """What a ledger file is like."""

    schema: int
    """The newest migration in it; 0: none of ours yet (an npm ledger, an empty file)."""
    newest_schema: int
    size_bytes: int
    """With its write-ahead log."""
    damage: tuple[str, ...]
    """What SQLite's own check found."""
    not_writable: str | None
    """Why nothing could be recorded now."""


def inspect_ledger(path: Path) -> LedgerState:
    """Check an existing ledger. Raises `OSError` or `sqlite3.Error` when it cannot even be read."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_LOCK_PATIENCE_S)) as reader:
        ((schema,),) = reader.execute("PRAGMA user_version").fetchall()
        found = [str(row[0]) for row in reader.execute(f"PRAGMA quick_check({_SHOWN})")]
        orphans = reader.execute("PRAGMA foreign_key_check").fetchmany(_SHOWN) if found == ["ok"] else []
    damage = tuple(problem for problem in found if problem != "ok")
    damage += tuple(f"a row of {table} refers to one of {other} that is not there" for table, _, other, _ in orphans)
    return LedgerState(
        schema=int(schema),
        newest_schema=LATEST,
        size_bytes=sum(_size(path.with_name(path.name + ending)) for ending in ("", "-wal")),
        damage=damage,
        not_writable=_not_writable(path),
    )


def _not_writable(path: Path) -> str | None:
    """Take the write lock and give it back."""
    try:
        uri = f"{path.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, uri=True, timeout=_LOCK_PATIENCE_S, isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            writer.execute("ROLLBACK")
    except sqlite3.Error as error:
        return str(error)
    return None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # no write-ahead log: nothing to add
        return 0
