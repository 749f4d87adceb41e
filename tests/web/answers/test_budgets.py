"""Budgets and alerts over the API."""

from __future__ import annotations

import pytest

from codesession.domain.request import UsageStatus
from codesession.domain.session import Session
from support.ledger import make_request
from support.web_server import Dashboard
from web.conftest import Repository


def test_a_budget_is_set_changed_allowed_more_and_removed(dashboard: Dashboard, session: Session) -> None:
    """Exact to the picodollar; setting it again changes it."""
    made = dashboard.ask("PUT", "/api/v1/budgets", {"limitUsd": "0.0135", "period": "total", "action": "stop"}).json
    assert (made["state"], made["spentUsd"], made["remainingUsd"]) == ("exceeded", 0.0135, 0)

    changed = dashboard.ask("PUT", "/api/v1/budgets", {"limitUsd": "$1", "period": "total", "action": "stop"}).json
    assert (changed["id"], changed["limitUsd"], changed["state"]) == (made["id"], 1, "ok")

    more = dashboard.ask("POST", f"/api/v1/budgets/{made['id']}/allow", {"extraUsd": "0.5"}).json
    assert (more["limitUsd"], more["extraUsd"]) == (1.5, 0.5)
    paused = dashboard.ask("POST", f"/api/v1/budgets/{made['id']}/allow", {"until": "2100-01-01T00:00:00Z"}).json
    assert paused["state"] == "paused"

    for until in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):  # years that no clock can show
        assert dashboard.ask("POST", f"/api/v1/budgets/{made['id']}/allow", {"until": until}).status == 200
        assert dashboard.get("/api/v1/overview")["budgets"]
    assert len(dashboard.get("/api/v1/budgets")["budgets"]) == 1
    assert dashboard.ask("DELETE", f"/api/v1/budgets/{made['id']}").json == {"ok": True}
    assert dashboard.get("/api/v1/budgets") == {"budgets": []}


def test_calls_that_are_not_exact_are_counted_apart(dashboard: Dashboard, session: Session) -> None:
    """The page marks what was spent with them, as every other figure."""
    dashboard.app.store.add_request(make_request(session_id=session.id, usage_status=UsageStatus.LOWER_BOUND))
    made = dashboard.ask("PUT", "/api/v1/budgets", {"limitUsd": "1", "period": "total", "action": "stop"}).json
    assert (made["unpricedCalls"], made["lowerBoundCalls"]) == (0, 1)


def test_a_limit_for_each_session_stands_as_the_session_that_used_most_of_it(
    dashboard: Dashboard, session: Session
) -> None:
    """On every page; it stays a budget of all of them."""
    asked = {"limitUsd": "0.0001", "scope": "session", "period": "total", "action": "stop"}
    assert dashboard.ask("PUT", "/api/v1/budgets", asked).status == 200
    (shown,) = dashboard.get("/api/v1/budgets")["budgets"]
    assert (shown["sessionId"], shown["state"], shown["spentUsd"] > 0) == (None, "exceeded", True)
    assert {each["state"] for each in dashboard.get("/api/v1/overview")["budgets"]} == {"exceeded"}


def test_a_project_that_was_typed_is_the_one_that_calls_name(
    dashboard: Dashboard, session: Session, repository: Repository
) -> None:
    """A slash at the end, a folder inside: a budget under another word than the calls' would never stop one."""
    inside = repository.root / "src"
    inside.mkdir()
    known = {f"{repository.root}/": str(repository.root), str(inside): str(repository.root), " /code/b/ ": "/code/b"}
    for typed, meant in {**known, "/code/shop": "/code/shop"}.items():
        asked = {"limitUsd": "1", "scope": "project", "project": typed, "period": "total"}
        assert dashboard.ask("PUT", "/api/v1/budgets", asked).json["project"] == meant
        rule = dashboard.ask("POST", "/api/v1/alerts/rules", {"kind": "jump", "percent": 200, "project": typed})
        assert rule.json["project"] == meant
    unknown = {"limitUsd": "1", "scope": "project", "project": "shop", "period": "total"}
    assert dashboard.ask("PUT", "/api/v1/budgets", unknown).code == "invalid_input"


@pytest.mark.parametrize(
    "wrong",
    [
        {"limitUsd": "much"},
        {"limitUsd": "-1"},
        {"limitUsd": "1", "scope": "project"},
        {"limitUsd": "1", "period": "year"},
        {"limitUsd": "1", "scope": "session", "sessionId": 99, "period": "total"},
        {"limitUsd": "1", "warnPercents": [0]},
        {},
    ],
)
def test_a_budget_that_makes_no_sense_is_refused(dashboard: Dashboard, wrong: dict[str, object]) -> None:
    """And none is made."""
    assert dashboard.ask("PUT", "/api/v1/budgets", wrong).status in (400, 404)
    assert dashboard.get("/api/v1/budgets") == {"budgets": []}


def test_alert_rules_are_added_and_removed(dashboard: Dashboard) -> None:
    """A rule without its figure is refused."""
    rule = dashboard.ask("POST", "/api/v1/alerts/rules", {"kind": "rate", "limitUsd": "5"}).json
    assert (rule["kind"], rule["limitUsd"], rule["target"]) == ("rate", 5, None)
    assert dashboard.ask("POST", "/api/v1/alerts/rules", {"kind": "jump"}).status == 400

    assert dashboard.get("/api/v1/alerts/rules")["rules"] == [rule]
    assert dashboard.ask("DELETE", f"/api/v1/alerts/rules/{rule['id']}").status == 200
    assert dashboard.ask("DELETE", f"/api/v1/alerts/rules/{rule['id']}").status == 400


def test_breaches_are_told_newest_first(dashboard: Dashboard, session: Session) -> None:
    """One row for what was passed, a page at a time."""
    dashboard.ask("PUT", "/api/v1/budgets", {"limitUsd": "0.01", "period": "total"})
    dashboard.app.alerts.check()

    page = dashboard.get("/api/v1/alerts/breaches?limit=1")

    assert page["breaches"][0]["percent"] == 100 and page["breaches"][0]["spentUsd"] == 0.0135
    assert page["more"] is False
