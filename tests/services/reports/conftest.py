"""A ledger and the reports about it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from codesession.services.reports import ReportService
from codesession.store.reporting import SqlReports
from codesession.store.sql_store import SqlStore
from codesession.store.sqlite import SqliteDatabase
from support.ledger import NOW_MS


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SqliteDatabase]:
    opened = SqliteDatabase(tmp_path / "sessions.db", now_ms=NOW_MS)
    yield opened
    opened.close()


@pytest.fixture
def store(database: SqliteDatabase) -> SqlStore:
    return SqlStore(database)


@pytest.fixture
def report_store(database: SqliteDatabase) -> SqlReports:
    return SqlReports(database)


@pytest.fixture
def reports(report_store: SqlReports) -> ReportService:
    return ReportService(report_store, lambda: NOW_MS)
