"""Ledgers to test on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from codesession.store.sql_store import SqlStore
from codesession.store.sqlite import SqliteDatabase

NOW_MS = 1_795_312_800_000


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SqliteDatabase]:
    opened = SqliteDatabase(tmp_path / "ledger" / "sessions.db", now_ms=NOW_MS)
    yield opened
    opened.close()


@pytest.fixture
def store(database: SqliteDatabase) -> SqlStore:
    return SqlStore(database)
