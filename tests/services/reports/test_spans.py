"""From what was asked to what the store is asked."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from codesession.domain.report import Span, UsageCell, UsageTotals
from codesession.services.reports.spans import (
    agent_shares,
    asked_ms,
    daily_cells,
    hourly_cells,
    model_shares,
    names_of,
    summed,
    used_span,
)
from codesession.store.reporting import SqlReports
from codesession.store.sql_store import SqlStore
from support.usage import at, call_at, request_in


def test_limits_are_the_ends_of_days_in_the_zone() -> None:
    """Open where nothing was said."""
    request = request_in("Asia/Kolkata", until=date(2026, 1, 1))

    assert asked_ms(request) == (None, at("2026-01-01T18:30"))


def test_only_the_time_the_ledger_knows_is_asked_about(store: SqlStore, report_store: SqlReports) -> None:
    """A request from the year 1971 does not walk through fifty empty years."""
    assert used_span(report_store, request_in()) is None

    store.add_request(call_at("2026-01-01T12:07"))

    known = Span(start_ms=at("2026-01-01T12:00"), end_ms=at("2026-01-01T12:15"))
    assert used_span(report_store, request_in(since=date(1971, 1, 1), until=date(2100, 1, 1))) == known
    assert used_span(report_store, request_in(since=date(2026, 1, 2))) is None


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_a_call_of_a_wrong_clock_costs_reports_no_walk_through_thousands_of_years(
    store: SqlStore, report_store: SqlReports, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is asked where calls are, not for every year between them."""
    store.add_requests([call_at(day) for day in ("2026-01-01T12:07", "2027-06-01T00:00", "4999-12-31T12:00")])
    asked: list[Span] = []

    class Counted(SqlReports):
        def usage(self, span: Span, **options: Any) -> list[UsageCell]:
            asked.append(span)
            return super().usage(span, **options)

    monkeypatch.setattr(report_store, "__class__", Counted)
    days = [day for day, _ in daily_cells(report_store, request_in(zone))]

    assert days == [date(2026, 1, 1), date(2027, 6, 1), date(4999, 12, 31)]
    assert len(list(hourly_cells(report_store, request_in(zone)))) == 3
    assert len(asked) < 20


def test_shares_come_dearest_first_and_unpriced_ones_by_their_tokens() -> None:
    """Equal ones by name, so that the order never changes."""
    dear, cheap = UsageTotals(requests=1, cost_picousd=5), UsageTotals(requests=1, cost_picousd=1)
    long, short = (UsageTotals(requests=1, unpriced_requests=1, total_tokens=tokens) for tokens in (9, 1))

    assert list(summed([("d", short), ("c", long), ("b", cheap), ("a", dear), ("b", cheap)])) == ["a", "b", "c", "d"]
    models = model_shares([("p2", "m", cheap), ("p1", "m", cheap), ("p1", "x", dear)])
    assert [(share.provider, share.name) for share in models] == [("p1", "x"), ("p1", "m"), ("p2", "m")]
    assert names_of(models) == ("x", "m")
    assert [share.name for share in agent_shares([("", dear), ("codex", cheap)])] == [None, "codex"]
