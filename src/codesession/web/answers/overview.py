"""The first page: where spending stands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from codesession.contract import iso
from codesession.domain.money import json_usd
from codesession.domain.report import ReportRequest, UsageTotals
from codesession.web.answers.asking import zone
from codesession.web.answers.budgets import standings
from codesession.web.answers.figures import per_hour_picousd, summaries, usage, usd
from codesession.web.answers.usage import savings_of
from codesession.web.schemas.overview import Overview, PeriodCard, Projection, Velocity

if TYPE_CHECKING:
    from codesession.app import App
    from codesession.domain import insights
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
    now, whole = app.reports.now_ms(), ReportRequest(zone=found, zone_name=name)
    standing = app.insights.standing(whole)
    month = replace(whole, since=standing.month.first, until=standing.month.last)
    active = app.store.active_sessions()[::-1]
    recent = app.sessions.newest_first(limit=_RECENT)
    return Overview(
        time=iso(now),
        timezone=name,
        week_start="monday",
        today=_card(standing.day),
        week=_card(standing.week),
        month=_card(standing.month),
        cache=savings_of(app, month, standing.month.current),
        projection=_projection(standing.projection),
        velocity=[shown for session in recent if (shown := _velocity(session, now)) is not None],
        running=summaries(app, active[:_RUNNING]),
        running_found=len(active),
        pace_usd_per_hour=json_usd(app.insights.spent_since(now - _PACE_MS) * 3_600_000 // _PACE_MS),
        budgets=standings(app),
    )


def _card(period: insights.PeriodStanding) -> PeriodCard:
    known, before = period.current.known_cost_picousd, period.before_so_far.cost_picousd
    return PeriodCard(
        since=period.first.isoformat(),
        until=period.last.isoformat(),
        current=usage(period.current),
        last=usage(period.before),
        last_so_far=usage(period.before_so_far),
        change=round((known - before) / before, 6) if known is not None and before else None,
    )


def _projection(found: insights.Projection) -> Projection:
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
    totals = UsageTotals.of_session(session)
    speed = per_hour_picousd(totals, duration)
    if speed is None or not session.requests:
        return None
    return Velocity(
        session_id=session.id,
        name=session.name,
        start_time=iso(session.started_at_ms),
        hours=round(duration / 3_600_000, 4),
        cost_usd=json_usd(session.cost_picousd),
        cost_per_hour_usd=json_usd(speed),
        cost_is_lower_bound=totals.is_partial,
    )
