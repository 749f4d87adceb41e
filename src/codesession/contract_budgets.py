"""
The JSON contract of budgets and alerts.

    cs budget set            {…, budget: {…}}
    cs budget list|status|allow|check    {…, budgets: [{…}], ok?, session?}
    a budget     id, name, scope (session|project|global), sessionId, project, agent, period (total|day|week|month),
                 periodStart, limitUsd (with allowances), budgetUsd (without), extraUsd, allowedUntil, spentUsd,
                 reservedUsd, callsUnderWay, heldUsd, callsHeld, remainingUsd, maxOvershootUsd (null where nothing is
                 stopped, and before the first call), percent, exceeded, stops, action (warn|stop), strict,
                 warn: [50, 80, 95], unpricedCalls, lowerBoundCalls
    cs alerts list           {…, alerts: [{id, kind, …}], breaches: [{…}]}
    cs alerts check          {…, new: [{…}], problems: [text]}
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from codesession.contract import Json, enveloped, iso
from codesession.domain.money import json_usd

if TYPE_CHECKING:
    from codesession.domain.alerts import AlertRule, Breach
    from codesession.domain.budget import Spender, Standing
    from codesession.services.alerts import Told


def standing_json(standing: Standing) -> Json:
    """One budget and how it stands."""
    budget, overshoot = standing.budget, standing.max_overshoot_picousd
    limit, used = standing.limit_picousd, standing.used_picousd
    return {
        "id": budget.id,
        "name": budget.name,
        "scope": str(budget.scope),
        "sessionId": standing.session_id,
        "project": budget.project,
        "agent": budget.agent_name,
        "period": str(budget.period),
        "periodStart": None if standing.window_start_ms is None else iso(standing.window_start_ms),
        "limitUsd": json_usd(limit),
        "budgetUsd": json_usd(budget.limit_picousd),
        "extraUsd": json_usd(standing.extra_picousd),
        "allowedUntil": None if standing.paused_until_ms is None else iso(standing.paused_until_ms),
        "spentUsd": json_usd(standing.spent_picousd),
        "reservedUsd": json_usd(standing.reserved_picousd),
        "callsUnderWay": standing.calls_under_way,
        "heldUsd": json_usd(standing.held_picousd),
        "callsHeld": standing.calls_held,
        "remainingUsd": json_usd(standing.remaining_picousd),
        "maxOvershootUsd": None if overshoot is None else json_usd(overshoot),
        "percent": used * 100 // limit if limit else None,
        "exceeded": standing.is_exhausted,
        "stops": standing.stops,
        "action": str(budget.action),
        "strict": budget.strict,
        "warn": list(budget.warn_percents),
        "unpricedCalls": standing.unpriced_requests,
        "lowerBoundCalls": standing.lower_bound_requests,
    }


def budget_json(standing: Standing) -> Json:
    """The answer of `cs budget set`."""
    return enveloped({"budget": standing_json(standing)})


def budgets_json(standings: Iterable[Standing], spender: Spender | None = None) -> Json:
    """Several budgets; with a spender, whether it may go on."""
    found = list(standings)
    body: Json = {"budgets": [standing_json(each) for each in found]}
    if spender is not None:
        body["session"] = spender.session_id
        body["project"] = spender.project
        body["ok"] = not any(each.stops for each in found)
    return enveloped(body)


def rule_json(rule: AlertRule) -> Json:
    """One rule or address; an address without its secrets."""
    body: Json = {"id": rule.id, "kind": str(rule.kind)}
    optional = {
        "limitUsd": None if rule.limit_picousd is None else json_usd(rule.limit_picousd),
        "percent": rule.percent,
        "url": rule.masked_url,
        "project": rule.project,
    }
    return body | {key: value for key, value in optional.items() if value is not None}


def breach_json(breach: Breach) -> Json:
    """One breach."""
    return {
        "id": breach.id,
        "kind": breach.kind,
        "message": breach.message,
        "budgetId": breach.budget_id,
        "alertId": breach.rule_id,
        "sessionId": breach.session_id,
        "percent": breach.percent,
        "spentUsd": json_usd(breach.spent_picousd),
        "limitUsd": json_usd(breach.limit_picousd),
        "timestamp": iso(breach.noticed_at_ms),
        "endTime": None if breach.ended_at_ms is None else iso(breach.ended_at_ms),
        "problem": breach.problem,
    }


def alerts_json(rules: Iterable[AlertRule], breaches: Iterable[Breach]) -> Json:
    """Everything `cs alerts list` shows."""
    return enveloped(
        {"alerts": [rule_json(rule) for rule in rules], "breaches": [breach_json(breach) for breach in breaches]}
    )


def told_json(told: Told) -> Json:
    """What `cs alerts check` found new."""
    return enveloped({"new": [breach_json(each) for each in told.breaches], "problems": list(told.problems)})
