"""A ledger and what stands out in it, at a moment the test chooses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pytest

from codesession.domain.pricing import ModelRates
from codesession.services.insights import InsightService
from codesession.store.insights import SqlInsights
from codesession.store.reporting import SqlReports
from codesession.store.sql_store import SqlStore
from codesession.store.sqlite import SqliteDatabase
from support.ledger import NOW_MS


class PlainPrices:
    """$10 a million in, $1 cached, $12.5 and $20 written, $50 out, for every model but `unknown`."""

    def rates(self, provider: str | None, model: str, at_ms: int) -> ModelRates | None:
        if model == "unknown":
            return None
        return ModelRates(
            provider=provider or "any",
            model=model,
            input=Decimal(10),
            output=Decimal(50),
            cache_read=Decimal(1),
            cache_write=Decimal("12.5"),
            cache_write_1h=Decimal(20),
        )


@dataclass
class World:
    """A ledger, a clock and the service over both."""

    database: SqliteDatabase
    now_ms: int = NOW_MS
    store: SqlStore = field(init=False)
    insights: InsightService = field(init=False)

    def __post_init__(self) -> None:
        self.store = SqlStore(self.database)
        reports = SqlReports(self.database)
        self.insights = InsightService(
            SqlInsights(self.database), reports, self.store, PlainPrices, lambda: self.now_ms
        )


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    database = SqliteDatabase(tmp_path / "sessions.db", now_ms=NOW_MS)
    yield World(database)
    database.close()
