"""Ledgers to test on: `database` and `store` are SQLite, then PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from codesession.store.database import Database
from codesession.store.sql_store import SqlStore
from codesession.store.sqlite import SqliteDatabase

if TYPE_CHECKING:
    from support.postgres import PostgresServer

NOW_MS = 1_795_312_800_000

Open = Callable[[], Database]


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[SqliteDatabase]:
    """For what only a file does."""
    opened = SqliteDatabase(tmp_path / "ledger" / "sessions.db", now_ms=NOW_MS)
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens an empty ledger, as often as it is called; the one before is over then."""
    opened: list[Database] = []
    server: PostgresServer | None = request.getfixturevalue("postgres") if request.param == "postgres" else None

    def open_empty() -> Database:
        if server is None:
            opened.append(SqliteDatabase(tmp_path / f"ledger-{len(opened)}" / "sessions.db", now_ms=NOW_MS))
        else:
            from codesession.store.postgres import PostgresDatabase

            url = server.empty_ledger()
            if opened:
                return opened[0]
            opened.append(PostgresDatabase(url, now_ms=NOW_MS))
        return opened[-1]

    yield open_empty
    for each in opened:
        each.close()


@pytest.fixture
def database(empty_database: Open) -> Database:
    return empty_database()


@pytest.fixture
def store(database: Database) -> SqlStore:
    return SqlStore(database)
