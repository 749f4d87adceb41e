"""Data for charts: series without gaps, and the heatmap of a week."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from codesession.domain.periods import (
    DAY_MS,
    HOUR_MS,
    bucket_first_day,
    bucket_label,
    bucket_last_day,
    day_start_ms,
    local_date,
    segments,
)
from codesession.domain.report import (
    REST,
    Bucket,
    Dimension,
    Heatmap,
    ReportRequest,
    Series,
    SeriesPoint,
    Span,
    UsageTotals,
)
from codesession.services.reports.spans import asked_ms, daily_cells, hourly_cells, summed

if TYPE_CHECKING:
    from codesession.store.base_reports import ReportStore

_EPOCH_WEEKDAY = 3
"""1970-01-01 was a Thursday."""

_GAPLESS = 4_000
"""Points. More come of a mistyped year or a wrong clock, and those without calls would be millions."""

_LEAST_DAYS = {Bucket.DAY: 1, Bucket.WEEK: 7, Bucket.MONTH: 28}

_NOTHING = UsageTotals()


def series(store: ReportStore, bucket: Bucket, dimension: Dimension, request: ReportRequest, *, top: int) -> Series:
    """
    Usage per bucket over all the time asked for, stacked by the dearest values of a dimension.

    Buckets without calls are there too, unless they were more than any chart can show.
    """
    by_start = _by_bucket_start(store, bucket, dimension, request)
    sums = summed((name, totals) for parts in by_start.values() for name, totals in parts)
    names = list(sums)[:top]
    rest = len(sums) > top
    points = []
    for start, label in _buckets(store, bucket, request, by_start):
        found = summed((name if name in names else REST, totals) for name, totals in by_start.get(start, ()))
        order = [*names, REST] if rest else names
        points.append(
            SeriesPoint(label=label, start_ms=start, parts=tuple(found.get(name, _NOTHING) for name in order))
        )
    return Series(
        bucket=bucket,
        names=(*(name or None for name in names), *((REST,) if rest else ())),
        points=tuple(points),
        totals=UsageTotals.total(sums.values()),
    )


def _by_bucket_start(
    store: ReportStore, bucket: Bucket, dimension: Dimension, request: ReportRequest
) -> dict[int, list[tuple[str, UsageTotals]]]:
    found: defaultdict[int, list[tuple[str, UsageTotals]]] = defaultdict(list)
    if bucket is Bucket.HOUR:
        for start, cell in hourly_cells(store, request, (dimension,)):
            found[start].append((cell.keys[0], cell.totals))
        return found
    starts: dict[date, int] = {}
    for day, cell in daily_cells(store, request, (dimension,)):
        first = bucket_first_day(bucket, day, week_start=request.week_start)
        if first not in starts:
            starts[first] = day_start_ms(request.zone, first)
        found[starts[first]].append((cell.keys[0], cell.totals))
    return found


def _buckets(
    store: ReportStore, bucket: Bucket, request: ReportRequest, used: Iterable[int]
) -> Iterator[tuple[int, str]]:
    """(start, label) of every bucket of the time asked for; where it is open, of the time the ledger knows."""
    since, until = asked_ms(request)
    extent = store.extent()
    if since is None or until is None:
        if extent is None:
            return
        since = extent.start_ms if since is None else since
        until = extent.end_ms if until is None else until
    if since >= until:
        return
    if bucket is Bucket.HOUR:
        yield from _hours(request, Span(start_ms=since, end_ms=until))
        return
    if until - since > _GAPLESS * _LEAST_DAYS[bucket] * DAY_MS:
        yield from ((start, bucket_label(bucket, local_date(request.zone, start))) for start in sorted(used))
        return
    day = bucket_first_day(bucket, local_date(request.zone, since), week_start=request.week_start)
    last = local_date(request.zone, until - 1)
    while day <= last:
        following = bucket_last_day(bucket, day) + timedelta(days=1)
        start = day_start_ms(request.zone, day)
        if start < day_start_ms(request.zone, following):  # a zone that moved over the date line skipped a day
            yield start, bucket_label(bucket, day)
        day = following


def _hours(request: ReportRequest, span: Span) -> Iterator[tuple[int, str]]:
    for part in segments(request.zone, span):
        first = (part.span.start_ms + part.offset_ms) // HOUR_MS
        behind = -(-(part.span.end_ms + part.offset_ms) // HOUR_MS)
        for hour in range(first, behind):
            yield hour * HOUR_MS - part.offset_ms, f"{datetime.fromtimestamp(hour * 3600, UTC):%Y-%m-%dT%H:%M}"


def heatmap(store: ReportStore, request: ReportRequest) -> Heatmap:
    """Usage by weekday, Monday first, and hour of the local day."""
    sums = summed(
        (((cell.slot // 24 + _EPOCH_WEEKDAY) % 7, cell.slot % 24), cell.totals)
        for _, cell in hourly_cells(store, request)
    )
    return tuple(tuple(sums.get((weekday, hour), UsageTotals()) for hour in range(24)) for weekday in range(7))
