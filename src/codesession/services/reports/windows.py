"""
5-hour windows, as subscriptions meter them.

A window begins at the hour (UTC) of its first call and lasts five hours; the next begins with the first call after
it. Windows begin and end on hours, so the rollups tell exactly what fell into each.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING

from codesession.domain.periods import HOUR_MS
from codesession.domain.report import Burn, Dimension, Report, ReportRequest, ReportRow, Span, UsageTotals
from codesession.services.reports.spans import asked_ms, model_shares, names_of
from codesession.services.reports.tables import report_of

if TYPE_CHECKING:
    from codesession.store.base_reports import ReportStore

WINDOW_MS = 5 * HOUR_MS
_LEAST_ELAPSED_MS = 60_000
"""A pace measured over less than a minute says nothing."""

_Parts = defaultdict[int, list[tuple[str, str, UsageTotals]]]


def by_window(store: ReportStore, request: ReportRequest, *, now_ms: int) -> Report:
    """One row for every 5-hour window that began in the time asked for, oldest first; `last` shows the newest."""
    since, until = asked_ms(request)
    extent = store.extent()
    if extent is None:
        return report_of("blocks", request, [])
    end = extent.end_ms if until is None else until
    chosen = [
        start
        for start in window_starts(lambda at_ms: _next_call(store, request, at_ms, end))
        if since is None or start >= since
    ]
    if not chosen:
        return report_of("blocks", request, [])
    shown = chosen if request.last is None else chosen[-request.last :]
    parts = _parts(store, request, shown)
    rows = [_row(store, request, start, parts[start], now_ms) for start in shown]
    left_out = store.usage(Span(start_ms=chosen[0], end_ms=shown[0]), where=request.where) if shown != chosen else []
    totals = UsageTotals.total([*(row.totals for row in rows), *(cell.totals for cell in left_out)])
    return report_of("blocks", request, rows, totals=totals, found=len(chosen))


def window_starts(next_call: Callable[[int], int | None]) -> list[int]:
    """
    When windows begin, given when the first call at or after a moment was; jumps from window to window.

    All from the first call ever, because where a window begins depends on those before it.
    """
    starts: list[int] = []
    while (at_ms := next_call(starts[-1] + WINDOW_MS if starts else 0)) is not None:
        starts.append(at_ms - at_ms % HOUR_MS)
    return starts


def _next_call(store: ReportStore, request: ReportRequest, at_ms: int, end_ms: int) -> int | None:
    """The quarter of an hour of the next call before `end_ms`."""
    if at_ms >= end_ms:
        return None
    return store.first_bucket_ms(Span(start_ms=at_ms, end_ms=end_ms), where=request.where)


def _parts(store: ReportStore, request: ReportRequest, starts: list[int]) -> _Parts:
    span = Span(start_ms=starts[0], end_ms=starts[-1] + WINDOW_MS)
    parts: _Parts = defaultdict(list)
    by = (Dimension.PROVIDER, Dimension.MODEL)
    for cell in store.usage(span, by=by, slot_ms=HOUR_MS, where=request.where):
        provider, model = cell.keys
        start = starts[bisect_right(starts, cell.slot * HOUR_MS) - 1]
        parts[start].append((provider, model, cell.totals))
    return parts


def _row(
    store: ReportStore, request: ReportRequest, start: int, parts: list[tuple[str, str, UsageTotals]], now_ms: int
) -> ReportRow:
    span = Span(start_ms=start, end_ms=start + WINDOW_MS)
    shares = model_shares(parts)
    totals = UsageTotals.total(share.totals for share in shares)
    active = span.start_ms <= now_ms < span.end_ms
    subagents = None
    if request.breakdown:
        subagents = UsageTotals.total(cell.totals for cell in store.subagent_usage(span, where=request.where))
    return ReportRow(
        label=None,
        span=span,
        totals=totals,
        models=names_of(shares),
        breakdown=shares if request.breakdown else (),
        subagents=subagents,
        active=active,
        burn=_burn(store, request, span, totals, now_ms) if active else None,
    )


def _burn(store: ReportStore, request: ReportRequest, span: Span, totals: UsageTotals, now_ms: int) -> Burn:
    """The pace from the first call of the window to now, kept up to its end."""
    first = store.first_call_ms(span, where=request.where)
    elapsed = max(now_ms - (span.start_ms if first is None else first), _LEAST_ELAPSED_MS)
    remaining = span.end_ms - now_ms
    return Burn(
        tokens_per_minute=totals.total_tokens * 60_000 // elapsed,
        cost_per_hour_picousd=totals.cost_picousd * HOUR_MS // elapsed,
        remaining_ms=remaining,
        projected_tokens=totals.total_tokens + totals.total_tokens * remaining // elapsed,
        projected_cost_picousd=totals.cost_picousd + totals.cost_picousd * remaining // elapsed,
    )
