"""The first page: where spending stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from codesession.contract import iso
from codesession.domain.money import json_usd
from codesession.domain.periods import (
    bucket_first_day,
    bucket_last_day,
    day_start_ms,
    days_span,
    earlier_bucket,
    local_date,
)
from codesession.domain.report import Bucket, ReportRequest, SessionQuery, UsageTotals
from codesession.web.answers.asking import zone
from codesession.web.answers.budgets import standings
from codesession.web.answers.figures import per_hour_picousd, summaries, usage, usd
from codesession.web.answers.usage import savings_of
from codesession.web.schemas.overview import Overview, PeriodCard, Projection, Velocity

if TYPE_CHECKING:
    from datetime import date

    from codesession.app import App
    from codesession.domain.session import Session
    from codesession.web.schemas.asking import Zoned

_RUNNING = 20
_RECENT = 15
_PACE_MS = 10 * 60_000

_PROJECTED = (
    "spent so far, and for the time left what a day cost on average over the last 28 whole days; 8 of 10 such months"
    " end within the range"
)


def overview(app: App, asked: Zoned) -> Overview:
    """Everything the first page shows beside its chart."""
    found, name = zone(app, asked.zone)
    now = app.reports.now_ms()
    today = local_date(found, now)
    whole = ReportRequest(zone=found, zone_name=name)
    month = replace(whole, since=today.replace(day=1), until=today)
    month_card = _card(app, whole, Bucket.MONTH, today, now)
    running = app.reports.sessions(SessionQuery(status="active", limit=_RUNNING))
    recent = app.reports.sessions(SessionQuery(limit=_RECENT))
    return Overview(
        time=iso(now),
        timezone=name,
        week_start="monday",
        today=_card(app, whole, Bucket.DAY, today, now),
        week=_card(app, whole, Bucket.WEEK, today, now),
        month=month_card,
        cache=savings_of(app, month, app.reports.totals(month)),
        projection=_projection(app, whole),
        velocity=[shown for session in recent.sessions if (shown := _velocity(session, now)) is not None],
        running=summaries(app, running.sessions),
        running_found=running.found,
        pace_usd_per_hour=json_usd(app.insights.spent_since(now - _PACE_MS) * 3_600_000 // _PACE_MS),
        budgets=standings(app),
    )


def _card(app: App, whole: ReportRequest, bucket: Bucket, today: date, now: int) -> PeriodCard:
    first = bucket_first_day(bucket, today)
    last_first = earlier_bucket(bucket, first, 1)
    current = app.reports.totals(replace(whole, since=first, until=bucket_last_day(bucket, first)))
    last = app.reports.totals(replace(whole, since=last_first, until=first - timedelta(days=1)))
    so_far = _until_same_point(app, whole, first, last_first, now)
    known, before = current.known_cost_picousd, so_far.cost_picousd
    return PeriodCard(
        since=first.isoformat(),
        until=bucket_last_day(bucket, first).isoformat(),
        current=usage(current),
        last=usage(last),
        last_so_far=usage(so_far),
        change=round((known - before) / before, 6) if known is not None and before else None,
    )


def _until_same_point(app: App, whole: ReportRequest, first: date, last_first: date, now: int) -> UsageTotals:
    """The period before, up to as long after its beginning as now is after this one's."""
    start = day_start_ms(whole.zone, last_first)
    behind = days_span(whole.zone, last_first, first - timedelta(days=1)).end_ms
    elapsed = now - day_start_ms(whole.zone, first)
    return app.insights.usage_between(start, min(start + elapsed, behind))


def _projection(app: App, whole: ReportRequest) -> Projection:
    found = app.insights.projection(whole)
    return Projection(
        month=f"{found.first:%Y-%m}",
        spent_usd=json_usd(found.spent_picousd),
        expected_usd=usd(found.expected_picousd),
        low_usd=usd(found.low_picousd),
        high_usd=usd(found.high_picousd),
        days_observed=found.days_observed,
        days_left=found.days_left,
        basis=_PROJECTED,
    )


def _velocity(session: Session, now: int) -> Velocity | None:
    """Only sessions whose speed means something."""
    duration = session.duration_ms(now)
    speed = per_hour_picousd(UsageTotals.of_session(session), duration)
    if speed is None or not session.requests:
        return None
    return Velocity(
        session_id=session.id,
        name=session.name,
        start_time=iso(session.started_at_ms),
        hours=round(duration / 3_600_000, 4),
        cost_usd=json_usd(session.cost_picousd),
        cost_per_hour_usd=json_usd(speed),
    )
