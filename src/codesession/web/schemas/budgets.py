"""Budgets, alert rules and what was breached."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from codesession.web.schemas.base import Moment, Name, Schema, Usd

BudgetScope = Literal["session", "project", "global"]
BudgetPeriod = Literal["total", "day", "week", "month"]
BudgetAction = Literal["warn", "stop"]
AlertKind = Literal["rate", "jump", "notify"]

DollarText = Annotated[str, Field(max_length=30, description="Dollars as a decimal text, so that nothing is rounded.")]
Percent = Annotated[int, Field(ge=1, le=100)]


class BudgetState(Schema):
    """A budget and where it stands now."""

    id: int
    label: Name
    name: Name | None
    scope: BudgetScope
    session_id: Annotated[int | None, Field(description="For session; null: every session on its own.")]
    project: Name | None
    agent: Name | None
    period: BudgetPeriod
    period_start: Moment | None
    action: BudgetAction
    strict: bool
    limit_usd: Annotated[Usd, Field(description="With what was allowed on top.")]
    extra_usd: Annotated[Usd, Field(description="Allowed on top for this period.")]
    spent_usd: Usd
    reserved_usd: Annotated[Usd, Field(description="Upper estimates of calls under way.")]
    held_usd: Annotated[Usd, Field(description="May have been spent: calls of dead processes, calls without a cost.")]
    remaining_usd: Annotated[Usd, Field(description="Negative beyond the limit.")]
    max_overshoot_usd: Annotated[Usd | None, Field(description="Null where nothing is stopped.")]
    used: Annotated[float | None, Field(description="Used share of the limit, above 1 beyond; null for a limit of 0.")]
    warn_percents: list[int]
    state: Literal["ok", "warning", "exceeded", "paused"]
    paused_until: Moment | None
    unpriced_calls: Annotated[int, Field(description="Calls the spent amount does not hold.")]
    lower_bound_calls: Annotated[int, Field(description="Calls that cost at least what the spent amount holds.")]


class BudgetList(Schema):
    """Every budget, oldest first."""

    budgets: list[BudgetState]


class SetBudget(Schema):
    """A budget to set; the one with the same scope, period, agent and name gets the new limit and rules."""

    limit_usd: DollarText
    scope: BudgetScope = "global"
    session_id: Annotated[int | None, Field(ge=1, le=2**53 - 1)] = None
    project: Annotated[str | None, Field(max_length=4_096)] = None
    agent: Annotated[str | None, Field(max_length=200)] = None
    period: BudgetPeriod = "month"
    name: Annotated[str | None, Field(max_length=200)] = None
    warn_percents: Annotated[list[Percent], Field(max_length=10, default_factory=lambda: [50, 80, 95])]
    action: BudgetAction = "warn"
    strict: bool = False


class Allow(Schema):
    """More money for this period, or a time until which nothing is stopped; one of the two."""

    extra_usd: DollarText | None = None
    until: Annotated[str | None, Field(max_length=40, description="ISO-8601 with an offset or `Z`.")] = None


class AlertRule(Schema):
    """Something to be told about beside budgets' own warn levels."""

    id: int
    kind: AlertKind
    limit_usd: Annotated[Usd | None, Field(description="rate: dollars within an hour.")]
    percent: Annotated[int | None, Field(description="jump: per cent of the usual day.")]
    project: Name | None
    target: Annotated[str | None, Field(description="notify: what is told, without its secrets.")]


class AlertRules(Schema):
    """Every rule, oldest first."""

    rules: list[AlertRule]


class NewAlertRule(Schema):
    """A rule to add."""

    kind: AlertKind
    limit_usd: DollarText | None = None
    percent: Annotated[int | None, Field(ge=1, le=100_000)] = None
    project: Annotated[str | None, Field(max_length=4_096)] = None
    url: Annotated[str | None, Field(max_length=2_000, description="notify: an apprise URL.")] = None


class Breach(Schema):
    """A level or rule that was passed, once."""

    id: int
    kind: str
    budget_id: int | None
    rule_id: int | None
    session_id: int | None
    percent: int | None
    spent_usd: Usd
    limit_usd: Usd
    message: str
    noticed_at: Moment
    ended_at: Moment | None
    problem: Annotated[str | None, Field(description="Why somebody could not be told.")]


class BreachList(Schema):
    """A page of breaches, newest first."""

    breaches: list[Breach]
    more: bool
    limit: int
    offset: int
