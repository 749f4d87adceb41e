"""Alert rules, and what was breached."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from codesession.contract import iso
from codesession.domain.money import dollars, json_usd, to_picousd
from codesession.errors import InvalidInputError
from codesession.web.answers.asking import project
from codesession.web.answers.figures import moment, usd
from codesession.web.schemas.base import Done
from codesession.web.schemas.budgets import AlertRule, AlertRules, Breach, BreachList, NewAlertRule

if TYPE_CHECKING:
    from codesession.app import App
    from codesession.domain import alerts
    from codesession.web.schemas.asking import Paged


T = TypeVar("T")


def rules(app: App) -> AlertRules:
    """Every rule and address, without an address's secrets."""
    return AlertRules(rules=[_rule(rule) for rule in app.alerts.rules()])


def add(app: App, wanted: NewAlertRule) -> AlertRule:
    """Add a rule or an address."""
    where = project(app, wanted.project) if wanted.project else None
    if wanted.kind == "rate":
        return _rule(app.alerts.add_rate(to_picousd(dollars(_given(wanted.limit_usd, "limitUsd"))), where))
    if wanted.kind == "jump":
        return _rule(app.alerts.add_jump(int(_given(wanted.percent, "percent")), where))
    return _rule(app.alerts.add_address(_given(wanted.url, "url")))


def _given(value: T | None, name: str) -> T:
    if value is None:
        raise InvalidInputError(f"{name} is missing")
    return value


def remove(app: App, rule_id: int) -> Done:
    """Drop a rule or an address."""
    app.alerts.remove(rule_id)
    return Done(ok=True)


def breaches(app: App, asked: Paged) -> BreachList:
    """A page of breaches, newest first."""
    found = app.alerts.breaches(limit=asked.offset + asked.limit + 1)[asked.offset :]
    return BreachList(
        breaches=[_breach(breach) for breach in found[: asked.limit]],
        more=len(found) > asked.limit,
        limit=asked.limit,
        offset=asked.offset,
    )


def _rule(rule: alerts.AlertRule) -> AlertRule:
    return AlertRule(
        id=rule.id,
        kind=rule.kind.value,
        limit_usd=usd(rule.limit_picousd),
        percent=rule.percent,
        project=rule.project,
        target=rule.masked_url,
    )


def _breach(breach: alerts.Breach) -> Breach:
    return Breach(
        id=breach.id,
        kind=breach.kind,
        budget_id=breach.budget_id,
        rule_id=breach.rule_id,
        session_id=breach.session_id,
        percent=breach.percent,
        spent_usd=json_usd(breach.spent_picousd),
        limit_usd=json_usd(breach.limit_picousd),
        message=breach.message,
        noticed_at=iso(breach.noticed_at_ms),
        ended_at=moment(breach.ended_at_ms),
        problem=breach.problem,
    )
