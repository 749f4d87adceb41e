"""Budgets, alert rules, breaches."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from codesession.web.answers import alerts, budgets
from codesession.web.routes.shared import PROBLEMS, StateOf, answer, changed
from codesession.web.schemas.asking import Paged
from codesession.web.schemas.base import Done
from codesession.web.schemas.budgets import (
    AlertRule,
    AlertRules,
    Allow,
    BreachList,
    BudgetList,
    BudgetState,
    NewAlertRule,
    SetBudget,
)

router = APIRouter(prefix="/api/v1", tags=["budgets"], responses=PROBLEMS)

Number = Annotated[int, Path(ge=1, le=2**53 - 1)]


@router.get("/budgets", response_model=BudgetList)
async def get_budgets(state: StateOf) -> Response:
    """Every budget and where it stands."""
    return await answer(state.quick, budgets.budget_list)


@router.put("/budgets", response_model=BudgetState)
async def set_budget(state: StateOf, wanted: SetBudget) -> Response:
    """Set a budget, or change the one like it."""
    return await changed(state, state.quick, budgets.set_budget, wanted)


@router.delete("/budgets/{budget_id}", response_model=Done)
async def remove_budget(state: StateOf, budget_id: Number) -> Response:
    """Drop a budget."""
    return await changed(state, state.quick, budgets.remove, budget_id)


@router.post("/budgets/{budget_id}/allow", response_model=BudgetState)
async def allow_more(state: StateOf, budget_id: Number, wanted: Allow) -> Response:
    """Let spending go on."""
    return await changed(state, state.quick, budgets.allow, budget_id, wanted)


@router.get("/alerts/rules", response_model=AlertRules)
async def get_alert_rules(state: StateOf) -> Response:
    """What somebody wants to be told."""
    return await answer(state.quick, alerts.rules)


@router.post("/alerts/rules", response_model=AlertRule)
async def add_alert_rule(state: StateOf, wanted: NewAlertRule) -> Response:
    """Add a rule."""
    return await changed(state, state.quick, alerts.add, wanted)


@router.delete("/alerts/rules/{rule_id}", response_model=Done)
async def remove_alert_rule(state: StateOf, rule_id: Number) -> Response:
    """Drop a rule."""
    return await changed(state, state.quick, alerts.remove, rule_id)


@router.get("/alerts/breaches", response_model=BreachList)
async def get_breaches(state: StateOf, asked: Annotated[Paged, Query()]) -> Response:
    """What was passed, newest first."""
    return await answer(state.quick, alerts.breaches, asked)
