"""Reports by time and by kind, from the rollups."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from codesession.domain.periods import (
    bucket_first_day,
    bucket_label,
    bucket_last_day,
    days_span,
    earlier_bucket,
    local_date,
)
from codesession.domain.report import Bucket, Dimension, Report, ReportRequest, ReportRow, UsageTotals
from codesession.services.reports.spans import (
    agent_shares,
    cells,
    daily_cells,
    dearness,
    model_shares,
    names_of,
    summed,
)

if TYPE_CHECKING:
    from datetime import date

    from codesession.store.base_reports import ReportStore

KINDS = {Bucket.DAY: "daily", Bucket.WEEK: "weekly", Bucket.MONTH: "monthly"}


def by_time(store: ReportStore, bucket: Bucket, request: ReportRequest, *, now_ms: int) -> Report:
    """One row for every day, week or month with a call, oldest first."""
    asked = _with_last(bucket, request, now_ms)
    parts: defaultdict[date, list[tuple[str, str, UsageTotals]]] = defaultdict(list)
    for day, cell in daily_cells(store, asked, (Dimension.PROVIDER, Dimension.MODEL)):
        provider, model = cell.keys
        parts[bucket_first_day(bucket, day, week_start=asked.week_start)].append((provider, model, cell.totals))
    subagents = _subagents_by_time(store, bucket, asked) if asked.breakdown else None
    rows = []
    for first in sorted(parts):
        shares = model_shares(parts[first])
        rows.append(
            ReportRow(
                label=bucket_label(bucket, first),
                span=days_span(asked.zone, first, bucket_last_day(bucket, first)),
                totals=UsageTotals.total(share.totals for share in shares),
                models=names_of(shares),
                breakdown=shares if asked.breakdown else (),
                subagents=None if subagents is None else subagents.get(first, UsageTotals()),
            )
        )
    return report_of(KINDS[bucket], asked, rows)


def _with_last(bucket: Bucket, request: ReportRequest, now_ms: int) -> ReportRequest:
    """`last` so many buckets as the day they begin on."""
    if request.last is None:
        return request
    end = request.until or local_date(request.zone, now_ms)
    newest = bucket_first_day(bucket, end, week_start=request.week_start)
    first = earlier_bucket(bucket, newest, request.last - 1)
    return replace(request, since=first if request.since is None else max(first, request.since))


def _subagents_by_time(store: ReportStore, bucket: Bucket, request: ReportRequest) -> dict[date, UsageTotals]:
    return summed(
        (bucket_first_day(bucket, day, week_start=request.week_start), cell.totals)
        for day, cell in daily_cells(store, request, subagents=True)
    )


def by_dimension(store: ReportStore, dimension: Dimension, request: ReportRequest) -> Report:
    """
    One row for every value of a dimension, dearest first.

    Equal models of different providers are different rows. A row breaks down by model, a model by agent.
    """
    own = (Dimension.MODEL, Dimension.PROVIDER) if dimension is Dimension.MODEL else (dimension,)
    inner = (Dimension.AGENT,) if dimension is Dimension.MODEL else (Dimension.PROVIDER, Dimension.MODEL)
    parts: defaultdict[tuple[str, ...], list[tuple[tuple[str, ...], UsageTotals]]] = defaultdict(list)
    for cell in cells(store, request, own + inner):
        parts[cell.keys[: len(own)]].append((cell.keys[len(own) :], cell.totals))
    subagents = None
    if request.breakdown:
        subagents = summed((cell.keys, cell.totals) for cell in cells(store, request, own, subagents=True))
    rows = []
    for key, found in parts.items():
        row = _dimension_row(dimension, key, found)
        if subagents is None:
            row = replace(row, breakdown=())
        else:
            row = replace(row, subagents=subagents.get(key, UsageTotals()))
        rows.append(row)
    rows.sort(key=lambda row: (*dearness(row.totals), row.label or "", row.provider or ""))
    return report_of(dimension.value, request, rows, limit=request.last)


def _dimension_row(
    dimension: Dimension, key: tuple[str, ...], found: list[tuple[tuple[str, ...], UsageTotals]]
) -> ReportRow:
    totals = UsageTotals.total(part for _, part in found)
    if dimension is Dimension.MODEL:
        agents = agent_shares((agent, part) for (agent,), part in found)
        model, provider = key
        return ReportRow(
            label=model, provider=provider, totals=totals, models=(model,), breakdown=agents, agents=names_of(agents)
        )
    models = model_shares((provider, model, part) for (provider, model), part in found)
    return ReportRow(label=key[0] or None, totals=totals, models=names_of(models), breakdown=models)


def report_of(
    kind: str,
    request: ReportRequest,
    rows: list[ReportRow],
    *,
    limit: int | None = None,
    totals: UsageTotals | None = None,
    found: int | None = None,
) -> Report:
    """The first `limit` rows as a report; `totals` and `found` are those of all rows where nothing else is given."""
    return Report(
        kind=kind,
        timezone=request.zone_name,
        since=request.since,
        until=request.until,
        rows=tuple(rows if limit is None else rows[:limit]),
        totals=UsageTotals.total(row.totals for row in rows) if totals is None else totals,
        rows_found=len(rows) if found is None else found,
        breakdown=request.breakdown,
    )
