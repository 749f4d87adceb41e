"""From what was asked to what the store is asked: spans of time, and their cells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from codesession.domain.periods import DAY_MS, HOUR_MS, day_of, day_start_ms, days_span, segments
from codesession.domain.report import Dimension, ReportRequest, Share, Span, UsageCell, UsageTotals

if TYPE_CHECKING:
    from datetime import date

    from codesession.store.base_reports import ReportStore

_K = TypeVar("_K", bound=Hashable)


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
    """Sums per local day; a day on which the clock is changed may come in two parts."""
    span = used_span(store, request)
    if span is None:
        return
    ask = store.subagent_usage if subagents else store.usage
    for part in segments(request.zone, span):
        for cell in ask(part.span, by=by, slot_ms=DAY_MS, offset_ms=part.offset_ms, where=request.where):
            yield day_of(cell.slot), cell


def hourly_cells(
    store: ReportStore, request: ReportRequest, by: Sequence[Dimension] = ()
) -> Iterator[tuple[int, UsageCell]]:
    """(start of the hour in UTC milliseconds, sums) per local hour; the cell's slot is the local hour since 1970."""
    span = used_span(store, request)
    if span is None:
        return
    for part in segments(request.zone, span):
        for cell in store.usage(part.span, by=by, slot_ms=HOUR_MS, offset_ms=part.offset_ms, where=request.where):
            yield cell.slot * HOUR_MS - part.offset_ms, cell


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
