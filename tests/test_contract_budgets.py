"""Budgets and alerts as JSON."""

from __future__ import annotations

from dataclasses import replace

from codesession.contract_budgets import budgets_json, rule_json, standing_json
from codesession.domain.alerts import AlertKind, AlertRule
from codesession.domain.budget import Budget, BudgetScope, Spender, Standing
from codesession.domain.money import PICO

BUDGET = Budget(id=1, uid="u", scope=BudgetScope.GLOBAL, limit_picousd=4 * PICO, created_at_ms=0)
STANDING = Standing(
    budget=BUDGET,
    session_id=None,
    window_start_ms=0,
    spent_picousd=PICO,
    reserved_picousd=PICO // 2,
    held_picousd=PICO // 4,
    extra_picousd=PICO,
    at_ms=5,
)


def test_money_is_dollars_and_unknown_is_null() -> None:
    """The limit is what holds now; what is held counts as used."""
    found = standing_json(STANDING)
    assert (found["limitUsd"], found["budgetUsd"], found["extraUsd"]) == (5.0, 4.0, 1.0)
    assert (found["spentUsd"], found["reservedUsd"], found["heldUsd"], found["remainingUsd"]) == (1.0, 0.5, 0.25, 3.25)
    assert (found["maxOvershootUsd"], found["percent"], found["periodStart"]) == (None, 25, "1970-01-01T00:00:00.000Z")
    nothing = replace(STANDING, budget=replace(BUDGET, limit_picousd=0), extra_picousd=0)
    assert (standing_json(nothing)["percent"], standing_json(nothing)["stops"]) == (None, True)


def test_a_spender_is_told_whether_it_may_go_on() -> None:
    """One budget that stops is enough."""
    used_up = replace(STANDING, spent_picousd=9 * PICO)
    assert budgets_json([STANDING], Spender(session_id=3))["ok"] is True
    assert budgets_json([STANDING, used_up], Spender(session_id=3))["ok"] is False
    assert "ok" not in budgets_json([STANDING])


def test_an_address_is_masked() -> None:
    """Its URL holds passwords."""
    rule = AlertRule(id=1, uid="u", kind=AlertKind.NOTIFY, url="mailto://me:secret@host", created_at_ms=0)
    assert rule_json(rule) == {"id": 1, "kind": "notify", "url": "mailto://…"}
