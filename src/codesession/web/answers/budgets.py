"""Budgets: how they stand, set, dropped, and more allowed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from codesession.domain.budget import BudgetAction, BudgetPeriod, BudgetScope, NewBudget, Spender
from codesession.domain.money import dollars, json_usd, to_picousd
from codesession.domain.times import epoch_ms
from codesession.errors import InvalidInputError
from codesession.web.answers.asking import project
from codesession.web.answers.figures import moment, ratio, usd
from codesession.web.schemas.base import Done
from codesession.web.schemas.budgets import Allow, BudgetList, BudgetState, SetBudget

if TYPE_CHECKING:
    from codesession.app import App
    from codesession.domain.budget import Standing


def standings(app: App) -> list[BudgetState]:
    """What counts now: budgets of projects and of everything, and those of active sessions."""
    return [state(standing) for standing in app.budgets.every()]


def budget_list(app: App) -> BudgetList:
    """
    Every budget, oldest first; those of sessions that have ended are left out.

    One that each session has stands as that of the active session which has used most of it.
    """
    active = {session.id for session in app.store.active_sessions()}
    shown = [one for one in app.budgets.all() if one.budget.session_id is None or one.budget.session_id in active]
    worst: dict[int, Standing] = {}
    for one in app.budgets.every():
        if one.budget.id not in worst or one.used_picousd > worst[one.budget.id].used_picousd:
            worst[one.budget.id] = one
    meant = [(one.budget.session_id, worst.get(one.budget.id, one)) for one in shown]
    return BudgetList(budgets=[state(one).model_copy(update={"session_id": whose}) for whose, one in meant])


def set_budget(app: App, wanted: SetBudget) -> BudgetState:
    """Set a budget, or change the one with the same scope, period, agent and name."""
    scope = BudgetScope(wanted.scope)
    if wanted.session_id is not None:
        app.scopes.by_id(wanted.session_id)
    new = NewBudget(
        scope=scope,
        limit_picousd=to_picousd(dollars(wanted.limit_usd)),
        period=BudgetPeriod(wanted.period),
        name=wanted.name or None,
        session_id=wanted.session_id if scope is BudgetScope.SESSION else None,
        project=_project(app, wanted) if scope is BudgetScope.PROJECT else None,
        agent_name=(wanted.agent or "").strip() or None,
        warn_percents=tuple(sorted(set(wanted.warn_percents))),
        action=BudgetAction(wanted.action),
        strict=wanted.strict,
    )
    return state(app.budgets.set(new))


def _project(app: App, wanted: SetBudget) -> str:
    if not wanted.project:
        raise InvalidInputError("a project's budget needs the project")
    return project(app, wanted.project)


def remove(app: App, budget_id: int) -> Done:
    """Drop a budget."""
    app.budgets.remove(str(budget_id))
    return Done(ok=True)


def allow(app: App, budget_id: int, wanted: Allow) -> BudgetState:
    """Dollars on top for this period, or no stop until a time."""
    if (wanted.extra_usd is None) == (wanted.until is None):
        raise InvalidInputError("say how much more, or until when")
    budget = app.budgets.find(str(budget_id))
    (standing,) = app.budgets.allow(
        Spender(session_id=budget.session_id, project=budget.project),
        str(budget_id),
        extra_picousd=0 if wanted.extra_usd is None else to_picousd(dollars(wanted.extra_usd)),
        until_ms=None if wanted.until is None else _moment(wanted.until),
    )
    return state(standing)


def _moment(text: str) -> int:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInputError(f"{text!r} is no time", hint="write it as 2026-11-22T18:00:00Z") from error
    if found.tzinfo is None:
        raise InvalidInputError(f"{text!r} does not say where", hint="write it as 2026-11-22T18:00:00Z")
    return epoch_ms(found)


def state(standing: Standing) -> BudgetState:
    """A budget and where it stands."""
    budget = standing.budget
    return BudgetState(
        id=budget.id,
        label=budget.label,
        name=budget.name,
        scope=budget.scope.value,
        session_id=standing.session_id,
        project=budget.project,
        agent=budget.agent_name,
        period=budget.period.value,
        period_start=moment(standing.window_start_ms),
        action=budget.action.value,
        strict=budget.strict,
        limit_usd=json_usd(standing.limit_picousd),
        extra_usd=json_usd(standing.extra_picousd),
        spent_usd=json_usd(standing.spent_picousd),
        reserved_usd=json_usd(standing.reserved_picousd),
        held_usd=json_usd(standing.held_picousd),
        remaining_usd=json_usd(standing.remaining_picousd),
        max_overshoot_usd=usd(standing.max_overshoot_picousd),
        used=ratio(standing.used_picousd, standing.limit_picousd),
        warn_percents=list(budget.warn_percents),
        state=_word(standing),
        paused_until=moment(standing.paused_until_ms) if standing.is_paused else None,
        unpriced_calls=standing.unpriced_requests,
        lower_bound_calls=standing.lower_bound_requests,
    )


def _word(standing: Standing) -> Literal["ok", "warning", "exceeded", "paused"]:
    if standing.is_paused:
        return "paused"
    if standing.is_exhausted:
        return "exceeded"
    levels = standing.budget.warn_percents
    warned = any(standing.used_picousd * 100 >= standing.limit_picousd * level for level in levels)
    return "warning" if warned else "ok"
