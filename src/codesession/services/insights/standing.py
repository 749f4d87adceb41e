"""
Where spending stands: the running day, week and month beside those before, and where the month is going.

All of it comes from one look at the days since the beginning of last month, and one at the part of a day up to the
same point of each period before.

The projection: what is spent stands. Each day that is left, and the rest of today, is taken to cost what a day cost on
average over the last 28 whole days since the first call. The range comes from how much those days differ: a sum of n
such days spreads by the square root of n, and 8 of 10 sums lie within 1.2816 standard deviations of the mean.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from codesession.domain.insights import PeriodStanding, Projection, Standing
from codesession.domain.periods import (
    DAY_MS,
    GRAIN_MS,
    bucket_first_day,
    bucket_last_day,
    day_start_ms,
    earlier_bucket,
    local_date,
)
from codesession.domain.report import Bucket, Span, UsageTotals
from codesession.services.reports.spans import daily_cells

if TYPE_CHECKING:
    from codesession.domain.report import ReportRequest
    from codesession.store.base_reports import ReportStore

OBSERVED_DAYS = 28
_SPREAD = Decimal("1.2816")
_DAY = timedelta(days=1)

_Days = Mapping[date, UsageTotals]


def standing(store: ReportStore, request: ReportRequest, *, now_ms: int) -> Standing:
    """At `now_ms`, in the request's zone; its filters hold, its dates do not."""
    today = local_date(request.zone, now_ms)
    since = min(earlier_bucket(Bucket.MONTH, today.replace(day=1), 1), today - OBSERVED_DAYS * _DAY)
    days = _days(store, replace(request, since=since, until=today, last=None))
    day, week, month = (
        _period(store, request, bucket, days, today, now_ms) for bucket in (Bucket.DAY, Bucket.WEEK, Bucket.MONTH)
    )
    return Standing(day=day, week=week, month=month, projection=_projection(store, request, days, month, today, now_ms))


def _days(store: ReportStore, request: ReportRequest) -> _Days:
    parts: defaultdict[date, list[UsageTotals]] = defaultdict(list)
    for day, cell in daily_cells(store, request):
        parts[day].append(cell.totals)
    return {day: UsageTotals.total(found) for day, found in parts.items()}


def _between(days: _Days, first: date, last: date) -> UsageTotals:
    return UsageTotals.total(totals for day, totals in days.items() if first <= day <= last)


def _period(
    store: ReportStore, request: ReportRequest, bucket: Bucket, days: _Days, today: date, now_ms: int
) -> PeriodStanding:
    first = bucket_first_day(bucket, today, week_start=request.week_start)
    last_first = earlier_bucket(bucket, first, 1)
    elapsed = now_ms - day_start_ms(request.zone, first)
    point = min(day_start_ms(request.zone, last_first) + elapsed, day_start_ms(request.zone, first))
    day = local_date(request.zone, point)
    so_far = _between(days, last_first, min(day, first) - _DAY)
    if day < first:
        so_far += _part_of_day(store, request, day, point)
    return PeriodStanding(
        first=first,
        last=bucket_last_day(bucket, first),
        current=_between(days, first, today),
        before=_between(days, last_first, first - _DAY),
        before_so_far=so_far,
    )


def _part_of_day(store: ReportStore, request: ReportRequest, day: date, until_ms: int) -> UsageTotals:
    """From the first moment of a day to the end of the quarter of an hour that a moment lies in."""
    start = day_start_ms(request.zone, day)
    end = -(-until_ms // GRAIN_MS) * GRAIN_MS
    if end <= start:
        return UsageTotals()
    cells = store.usage(Span(start_ms=start, end_ms=end), where=request.where)
    return UsageTotals.total(cell.totals for cell in cells)


def _projection(
    store: ReportStore, request: ReportRequest, days: _Days, month: PeriodStanding, today: date, now_ms: int
) -> Projection:
    observed = _observed(store, request, days, today)
    gone = now_ms - day_start_ms(request.zone, today)
    left = Decimal((month.last - today).days) + max(Decimal(0), 1 - Decimal(gone) / DAY_MS)
    expected, low, high = _range(month.current.cost_picousd, observed, left)
    return Projection(
        first=month.first,
        spent_picousd=month.current.cost_picousd,
        expected_picousd=expected,
        low_picousd=low,
        high_picousd=high,
        days_observed=len(observed),
        days_left=(month.last - today).days,
    )


def _observed(store: ReportStore, request: ReportRequest, days: _Days, today: date) -> list[int]:
    """What each of the last whole days cost, from the ledger's first day on; days without a call cost nothing."""
    extent = store.extent()
    if extent is None:
        return []
    first = max(local_date(request.zone, extent.start_ms), today - OBSERVED_DAYS * _DAY)
    chosen = (first + n * _DAY for n in range((today - first).days))
    return [days[day].cost_picousd if day in days else 0 for day in chosen]


def _range(so_far: int, observed: list[int], left: Decimal) -> tuple[int | None, int | None, int | None]:
    if not observed:
        return None, None, None
    mean = Decimal(sum(observed)) / len(observed)
    expected = so_far + mean * left
    if len(observed) < 2:
        return int(expected), so_far, None
    variance = sum(((cost - mean) ** 2 for cost in observed), Decimal(0)) / (len(observed) - 1)
    around = _SPREAD * (variance * left).sqrt()
    return int(expected), max(so_far, int(expected - around)), int(expected + around)
