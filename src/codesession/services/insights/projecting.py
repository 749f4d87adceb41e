"""
Where a month is going.

What is spent stands. Each day that is left, and the rest of today, is taken to cost what a day cost on average over
the last 28 whole days since the first call. The range comes from how much those days differ from each other: a sum of
n such days spreads by the square root of n, and 8 of 10 sums lie within 1.2816 standard deviations of the mean.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from codesession.domain.insights import Projection
from codesession.domain.periods import DAY_MS, bucket_last_day, day_start_ms, local_date
from codesession.domain.report import Bucket
from codesession.services.reports.spans import daily_cells

if TYPE_CHECKING:
    from codesession.domain.report import ReportRequest
    from codesession.store.base_reports import ReportStore

OBSERVED_DAYS = 28
_SPREAD = Decimal("1.2816")


def projection(store: ReportStore, request: ReportRequest, *, now_ms: int) -> Projection:
    """The month of `now_ms` in the request's zone; its filters hold, its dates do not."""
    from dataclasses import replace

    today = local_date(request.zone, now_ms)
    first, last = today.replace(day=1), bucket_last_day(Bucket.MONTH, today.replace(day=1))
    since = min(first, today - timedelta(days=OBSERVED_DAYS))
    spent: dict[date, int] = {}
    for day, cell in daily_cells(store, replace(request, since=since, until=today, last=None)):
        spent[day] = spent.get(day, 0) + cell.totals.cost_picousd
    so_far = sum(cost for day, cost in spent.items() if day >= first)
    observed = _observed(store, request, spent, today)
    left = Decimal((last - today).days) + _rest_of_day(request, today, now_ms)
    expected, low, high = _range(so_far, observed, left)
    return Projection(
        first=first,
        last=last,
        spent_picousd=so_far,
        expected_picousd=expected,
        low_picousd=low,
        high_picousd=high,
        days_observed=len(observed),
        days_left=(last - today).days,
    )


def _observed(store: ReportStore, request: ReportRequest, spent: dict[date, int], today: date) -> list[int]:
    """What each of the last whole days cost, from the ledger's first day on; days without a call cost nothing."""
    extent = store.extent()
    if extent is None:
        return []
    first = max(local_date(request.zone, extent.start_ms), today - timedelta(days=OBSERVED_DAYS))
    return [spent.get(first + timedelta(days=n), 0) for n in range((today - first).days)]


def _rest_of_day(request: ReportRequest, today: date, now_ms: int) -> Decimal:
    gone = now_ms - day_start_ms(request.zone, today)
    return max(Decimal(0), 1 - Decimal(gone) / DAY_MS)


def _range(so_far: int, observed: list[int], left: Decimal) -> tuple[int | None, int | None, int | None]:
    if not observed:
        return None, None, None
    mean = Decimal(sum(observed)) / len(observed)
    expected = so_far + mean * left
    if len(observed) < 2:
        return int(expected), so_far, None
    variance = sum((cost - mean) ** 2 for cost in observed) / (len(observed) - 1)
    around = _SPREAD * (variance * left).sqrt()
    return int(expected), max(so_far, int(expected - around)), int(expected + around)
