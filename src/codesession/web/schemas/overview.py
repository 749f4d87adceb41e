"""The first page: where spending stands."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from codesession.web.schemas.base import Day, Moment, Name, Schema, Usd
from codesession.web.schemas.budgets import BudgetState
from codesession.web.schemas.sessions import SessionSummary
from codesession.web.schemas.usage import Usage


class PeriodCard(Schema):
    """A running day, week or month beside the last one."""

    since: Day
    until: Day
    current: Usage
    last: Annotated[Usage, Field(description="The whole period before.")]
    last_so_far: Annotated[Usage, Field(description="The period before up to the same point, to a quarter hour.")]
    change: Annotated[
        float | None, Field(description="current / lastSoFar - 1 in dollars; null when there was nothing to compare.")
    ]


class CacheSavings(Schema):
    """
    What caching saved: reads at the difference to the uncached price, less what writes cost above it.

    An estimate at each day's list prices; calls of models without a cache price are not in it.
    """

    saved_usd: Usd | None
    cache_hit_rate: float | None
    covered_tokens: Annotated[int, Field(description="Cache tokens whose model has prices.")]
    uncovered_tokens: int


class Projection(Schema):
    """What the month comes to, from the days behind us: `low` and `high` are where 8 of 10 months like it end."""

    month: str
    spent_usd: Usd
    expected_usd: Usd | None
    low_usd: Usd | None
    high_usd: Usd | None
    days_observed: int
    days_left: int
    basis: str


class Velocity(Schema):
    """How fast a session spent."""

    session_id: int
    name: Name
    start_time: Moment
    hours: float
    cost_usd: Usd
    cost_per_hour_usd: Usd
    cost_is_lower_bound: bool


class Overview(Schema):
    """Everything the first page shows beside its chart."""

    time: Moment
    timezone: str
    week_start: Literal["monday", "sunday"]
    today: PeriodCard
    week: PeriodCard
    month: PeriodCard
    cache: Annotated[CacheSavings, Field(description="This month's.")]
    projection: Projection
    velocity: Annotated[list[Velocity], Field(description="Recent sessions with calls, newest first.")]
    running: list[SessionSummary]
    running_found: int
    pace_usd_per_hour: Annotated[Usd, Field(description="As of the last ten minutes.")]
    budgets: list[BudgetState]
