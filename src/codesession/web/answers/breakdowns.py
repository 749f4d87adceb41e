"""Models, agents, projects, providers, sources: who used what, at which ratios, and where it is going."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codesession.domain.money import json_usd
from codesession.domain.report import REST, Bucket, Dimension
from codesession.web.answers.asking import day, request
from codesession.web.answers.figures import ratio, usage, usd
from codesession.web.answers.usage import tells_hours
from codesession.web.schemas.usage import Breakdown, BreakdownRow, DimensionName

if TYPE_CHECKING:
    from codesession.app import App
    from codesession.domain.report import ReportRequest, ReportRow
    from codesession.web.schemas.asking import AskedBreakdown

_TRENDS = 500
"""Rows that get a trend of their own; what lies behind costs next to nothing."""


def breakdown(app: App, by: DimensionName, asked: AskedBreakdown) -> Breakdown:
    """A page of rows, dearest first; shares are of all rows."""
    wanted, dimension = request(app, asked), Dimension(by)
    report = app.reports.by_dimension(dimension, wanted)
    page = report.rows[asked.offset : asked.offset + asked.limit]
    labels, trends = _trends(app, asked, wanted, dimension)
    whole = report.totals.cost_picousd
    return Breakdown(
        by=by,
        since=day(wanted.since),
        until=day(wanted.until),
        timezone=wanted.zone_name,
        rows=[_row(row, whole, trends.get(row.label, [])) for row in page],
        rows_found=report.rows_found,
        limit=asked.limit,
        offset=asked.offset,
        trend_labels=labels,
        totals=usage(report.totals),
    )


def _trends(
    app: App, asked: AskedBreakdown, wanted: ReportRequest, dimension: Dimension
) -> tuple[list[str], dict[str | None, list[float]]]:
    """(labels of the buckets, cost per bucket by value). Equal models of different providers share a trend."""
    if asked.trend == "none":
        return [], {}
    bucket = Bucket(asked.trend)
    if bucket is Bucket.HOUR and not tells_hours(wanted):
        bucket = Bucket.DAY
    series = app.reports.series(bucket, dimension, wanted, top=_TRENDS)
    trends = {
        name: [json_usd(point.parts[place].cost_picousd) for point in series.points]
        for place, name in enumerate(series.names)
        if name != REST
    }
    return [point.label for point in series.points], trends


def _row(row: ReportRow, whole_picousd: int, trend: list[float]) -> BreakdownRow:
    totals = row.totals
    cost, priced = totals.known_cost_picousd, totals.requests - totals.unpriced_requests
    figures: dict[str, Any] = {
        "share": None if cost is None else ratio(cost, whole_picousd),
        "cache_hit_rate": ratio(totals.cache_read_input_tokens, totals.input_tokens),
        "reasoning_share": ratio(totals.reasoning_output_tokens, totals.output_tokens),
        "input_per_output": ratio(totals.input_tokens, totals.output_tokens),
        "cost_per_call_usd": usd(None if cost is None or not priced else cost // priced),
        "cost_per_1k_output_usd": usd(
            None if cost is None or not totals.output_tokens else cost * 1000 // totals.output_tokens
        ),
    }
    return BreakdownRow(
        label=row.label,
        provider=row.provider,
        usage=usage(totals),
        trend=trend,
        models=list(row.models),
        agents=list(row.agents),
        **figures,
    )
