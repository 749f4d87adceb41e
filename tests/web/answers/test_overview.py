"""The first page."""

from __future__ import annotations

from codesession.app import now_ms
from codesession.domain.budget import BudgetScope, NewBudget
from codesession.domain.session import Session
from support.ledger import make_request
from support.web_server import Dashboard


def test_an_empty_ledger_has_an_overview(dashboard: Dashboard) -> None:
    """Nothing was spent, nothing is projected, nothing is invented."""
    shown = dashboard.get("/api/v1/overview")

    assert shown["today"]["current"]["costUsd"] == 0 and shown["today"]["change"] is None
    assert shown["projection"]["expectedUsd"] is None and shown["running"] == [] and shown["budgets"] == []


def test_what_runs_is_shown_with_its_cost_and_speed(dashboard: Dashboard, session: Session) -> None:
    """Three calls of $0.0045 within an hour."""
    shown = dashboard.get("/api/v1/overview?zone=UTC")

    assert shown["month"]["current"]["costPicousd"] == "13500000000"
    assert [running["id"] for running in shown["running"]] == [session.id]
    assert shown["running"][0]["models"] == ["claude-sonnet-4-5", "gpt-5"]
    assert 0.0134 < shown["velocity"][0]["costPerHourUsd"] <= 0.0135


def test_an_unpriced_call_is_told_and_not_counted_as_free(dashboard: Dashboard, session: Session) -> None:
    """The sum is a lower bound from then on."""
    dashboard.app.store.add_request(make_request(session_id=session.id, started_at_ms=now_ms(), cost_picousd=None))

    shown = dashboard.get("/api/v1/overview?zone=UTC")
    current = shown["month"]["current"]
    assert shown["velocity"][0]["costIsLowerBound"]

    assert current["unpricedCalls"] == 1 and current["costStatus"] == "lower_bound"
    assert current["costUsd"] == 0.0135


def test_budgets_stand_beside_it(dashboard: Dashboard, session: Session) -> None:
    """Spent against the limit, in words too."""
    dashboard.app.budgets.set(NewBudget(scope=BudgetScope.GLOBAL, limit_picousd=15_000_000_000))

    (budget,) = dashboard.get("/api/v1/overview")["budgets"]

    assert (budget["spentUsd"], budget["limitUsd"], budget["used"], budget["state"]) == (0.0135, 0.015, 0.9, "warning")
