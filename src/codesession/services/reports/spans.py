"""From what was asked to what the store is asked: spans of time, and their cells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from codesession.domain.periods import DAY_MS, HOUR_MS, Segment, day_of, day_start_ms, days_span, segments
from codesession.domain.report import CallFilter, Dimension, ReportRequest, Share, Span, UsageCell, UsageTotals

if TYPE_CHECKING:
    from datetime import date

    from codesession.store.base_reports import ReportStore

_K = TypeVar("_K", bound=Hashable)

_STRETCH_MS = 366 * DAY_MS
"""Looked at in one go: a log with a wrong clock may date a call thousands of years from all others."""


def asked_ms(request: ReportRequest) -> tuple[int | None, int | None]:
    """The limits of a request in time, where it has any; the second not included."""
    since = None if request.since is None else day_start_ms(request.zone, request.since)
    until = None if request.until is None else days_span(request.zone, request.until, request.until).end_ms
    return since, until


def used_span(store: ReportStore, request: ReportRequest) -> Span | None:
    """The part of the time asked for that the ledger knows something about; None if there is none."""
    extent = store.extent()
    if extent is None:
        return None
    since, until = asked_ms(request)
    start = extent.start_ms if since is None else max(since, extent.start_ms)
    end = extent.end_ms if until is None else min(until, extent.end_ms)
    return Span(start_ms=start, end_ms=end) if start < end else None


def cells(
    store: ReportStore, request: ReportRequest, by: Sequence[Dimension] = (), *, subagents: bool = False
) -> list[UsageCell]:
    """Sums over the whole time asked for."""
    span = used_span(store, request)
    if span is None:
        return []
    ask = store.subagent_usage if subagents else store.usage
    return ask(span, by=by, where=request.where)


def daily_cells(
    store: ReportStore, request: ReportRequest, by: Sequence[Dimension] = (), *, subagents: bool = False
) -> Iterator[tuple[date, UsageCell]]:
    """Sums per local day, which may come in two parts: where the clock is changed, and where a segment ends."""
    ask = store.subagent_usage if subagents else store.usage
    for part in _used_segments(store, request):
        for cell in ask(part.span, by=by, slot_ms=DAY_MS, offset_ms=part.offset_ms, where=request.where):
            yield day_of(cell.slot), cell


def hourly_cells(
    store: ReportStore, request: ReportRequest, by: Sequence[Dimension] = ()
) -> Iterator[tuple[int, UsageCell]]:
    """
    (start of the hour in UTC milliseconds, sums) per local hour, which may come in two parts as days do.

    The cell's slot is the local hour since 1970.
    """
    for part in _used_segments(store, request):
        for cell in store.usage(part.span, by=by, slot_ms=HOUR_MS, offset_ms=part.offset_ms, where=request.where):
            yield cell.slot * HOUR_MS - part.offset_ms, cell


def _used_segments(store: ReportStore, request: ReportRequest) -> Iterator[Segment]:
    """The time asked for, cut where the zone's offset changes; long times without a call are left out."""
    span = used_span(store, request)
    while span is not None:
        first = store.first_bucket_ms(span, where=CallFilter())
        if first is None:
            return
        end = min(first + _STRETCH_MS, span.end_ms)
        yield from segments(request.zone, Span(start_ms=first, end_ms=end))
        span = Span(start_ms=end, end_ms=span.end_ms) if end < span.end_ms else None


def summed(pairs: Iterable[tuple[_K, UsageTotals]]) -> dict[_K, UsageTotals]:
    """Totals per key, dearest key first."""
    parts: defaultdict[_K, list[UsageTotals]] = defaultdict(list)
    for key, totals in pairs:
        parts[key].append(totals)
    sums = {key: found[0] if len(found) == 1 else UsageTotals.total(found) for key, found in parts.items()}
    return dict(sorted(sums.items(), key=lambda item: (*dearness(item[1]), repr(item[0]))))


def dearness(totals: UsageTotals) -> tuple[int, int, int]:
    """Sorts what cost most first; what has no price by its tokens."""
    return (-totals.cost_picousd, -totals.total_tokens, -totals.requests)


def model_shares(parts: Iterable[tuple[str, str, UsageTotals]]) -> tuple[Share, ...]:
    """(provider, model, totals) as shares, dearest first."""
    sums = summed(((provider, model), totals) for provider, model, totals in parts)
    return tuple(Share(name=model, provider=provider, totals=totals) for (provider, model), totals in sums.items())


def agent_shares(parts: Iterable[tuple[str, UsageTotals]]) -> tuple[Share, ...]:
    """(agent, totals) as shares, dearest first."""
    return tuple(Share(name=agent or None, totals=totals) for agent, totals in summed(parts).items())


def names_of(shares: Iterable[Share]) -> tuple[str, ...]:
    """The names of shares, each once, in their order."""
    return tuple(dict.fromkeys(share.name for share in shares if share.name is not None))
