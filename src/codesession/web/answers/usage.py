"""Sums, charts, heatmaps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codesession.contract import iso
from codesession.domain.report import Bucket, Dimension, ReportRequest, UsageTotals
from codesession.errors import InvalidInputError
from codesession.web.answers.asking import day, request
from codesession.web.answers.figures import ratio, usage, usd
from codesession.web.schemas.overview import CacheSavings
from codesession.web.schemas.usage import Chart, ChartPart, ChartPoint, Heatmap, HeatmapCell, Names, Totals

if TYPE_CHECKING:
    from codesession.app import App
    from codesession.domain.report import Series
    from codesession.web.schemas.asking import Asked, AskedChart

_MAX_HOURS_DAYS = 92
"""Days of which hours are told; more would be points by the thousand."""


def totals(app: App, asked: Asked) -> Totals:
    """One sum."""
    wanted = request(app, asked)
    return Totals(
        since=day(wanted.since),
        until=day(wanted.until),
        timezone=wanted.zone_name,
        usage=usage(app.reports.totals(wanted)),
    )


def cache_savings(app: App, asked: Asked) -> CacheSavings:
    """What caching saved."""
    wanted = request(app, asked)
    return savings_of(app, wanted, app.reports.totals(wanted))


def savings_of(app: App, wanted: ReportRequest, sums: UsageTotals) -> CacheSavings:
    """What caching saved, with the sums of the same time."""
    found = app.insights.savings(wanted)
    return CacheSavings(
        saved_usd=usd(found.saved_picousd),
        cache_hit_rate=ratio(sums.cache_read_input_tokens, sums.input_tokens),
        covered_tokens=found.covered_tokens,
        uncovered_tokens=found.uncovered_tokens,
    )


def chart(app: App, asked: AskedChart) -> Chart:
    """Usage over time, stacked by one dimension."""
    wanted, bucket = request(app, asked), Bucket(asked.bucket)
    if bucket is Bucket.HOUR and not tells_hours(wanted):
        raise InvalidInputError(f"hours are told for at most {_MAX_HOURS_DAYS} days: give since and until")
    series = app.reports.series(bucket, Dimension(asked.by), wanted, top=asked.top)
    return Chart(
        bucket=asked.bucket,
        by=asked.by,
        timezone=wanted.zone_name,
        names=list(series.names),
        points=_points(series),
        totals=usage(series.totals),
    )


def tells_hours(wanted: ReportRequest) -> bool:
    """Whether the time asked for is short enough to be told hour by hour."""
    since, until = wanted.since, wanted.until
    return since is not None and until is not None and (until - since).days <= _MAX_HOURS_DAYS


def _points(series: Series) -> list[ChartPoint]:
    return [
        ChartPoint.model_construct(
            label=point.label,
            start=iso(point.start_ms),
            usage=usage(UsageTotals.total(point.parts)),
            parts=[_part(part) for part in point.parts],
        )
        for point in series.points
    ]


def _part(part: UsageTotals) -> ChartPart:
    return ChartPart.model_construct(**_sums(part))


def _sums(part: UsageTotals) -> dict[str, Any]:
    return {
        "calls": part.requests,
        "tokens": part.total_tokens,
        "cost_usd": usd(part.known_cost_picousd),
        "cost_is_lower_bound": part.is_partial,
    }


def heatmap(app: App, asked: Asked) -> Heatmap:
    """Usage by weekday and hour."""
    wanted = request(app, asked)
    found = app.reports.heatmap(wanted)
    weekdays = [[HeatmapCell.model_construct(**_sums(cell)) for cell in hours] for hours in found]
    return Heatmap(timezone=wanted.zone_name, weekdays=weekdays)


def names(app: App) -> Names:
    """What filters can choose from, dearest first."""
    found = app.insights.names()
    single = dict.fromkeys(source for joined in found[Dimension.SOURCE] for source in joined.split("+"))
    return Names(
        models=found[Dimension.MODEL],
        providers=found[Dimension.PROVIDER],
        agents=found[Dimension.AGENT],
        projects=found[Dimension.PROJECT],
        sources=list(single),
    )
