"""Budgets as front ends use them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from codesession.app import App
from codesession.domain.budget import LEASE_MS, BudgetAction, BudgetPeriod, BudgetScope, Decision, NewBudget, Spender
from codesession.domain.money import MAX_PICOUSD, PICO
from codesession.domain.request import Source
from codesession.errors import BudgetExceededError, InvalidInputError
from support.ledger import make_request
from support.spending import DEMAND, app_of, now_ms


def new(limit: int = PICO, **changes: Any) -> NewBudget:
    return NewBudget(**{"scope": BudgetScope.SESSION, "session_id": 1, "limit_picousd": limit, **changes})


def spend(app: App, picousd: int, **changes: Any) -> None:
    facts = {"started_at_ms": now_ms(), "provider_name": "anthropic", **changes}
    app.store.add_request(make_request(session_id=1, cost_picousd=picousd, **facts))


ME = Spender(session_id=1)


@pytest.mark.parametrize(
    "wish",
    [
        new(period=BudgetPeriod.DAY),
        new(agent_name="codex"),
        new(warn_percents=(0,)),
        new(warn_percents=(101,)),
        new(name=" "),
        new(name="7"),
        new(limit=-1),
    ],
    ids=lambda wish: str(wish.name or wish.period),
)
def test_a_budget_that_cannot_be_kept_is_refused(app: App, wish: NewBudget) -> None:
    """A session has no days, and its counters know no agents."""
    with pytest.raises(InvalidInputError):
        app.budgets.set(wish)


def test_a_budget_of_an_agent_counts_its_calls_whatever_people_call_it(app: App, tmp_path: Path) -> None:
    """`Claude` is `claude-code`: under another name the budget would stop nothing."""
    spend(app, PICO, agent_name="claude-code")
    wish = {"scope": BudgetScope.GLOBAL, "session_id": None}
    assert app.budgets.set(new(agent_name="Claude", **wish)).spent_picousd == PICO
    assert app.budgets.set(new(agent_name="bot", **wish)).spent_picousd == 0
    (standing,) = app.budgets.standings(app.budgets.spender(1, tmp_path, "CLAUDE"))
    assert standing.budget.agent_name == "claude-code"


def test_spending_is_checked_before_it_happens(app: App) -> None:
    """What is known to cost 40 cents does not begin with 30 left, and the error says all there is to say."""
    app.budgets.set(new(name="lunch"))
    spend(app, PICO * 7 // 10)
    assert app.budgets.ensure(ME)[0].spent_picousd == PICO * 7 // 10
    assert app.budgets.ensure(ME, PICO * 3 // 10)
    with pytest.raises(BudgetExceededError) as caught:
        app.budgets.ensure(ME, PICO * 4 // 10)
    assert (caught.value.spent, caught.value.budget, caught.value.scope) == (0.7, 1.0, "session")
    assert caught.value.facts == {"spent": 0.7, "budget": 1.0, "scope": "session"}


def test_a_warning_budget_never_raises(app: App) -> None:
    """It warns, as it says."""
    app.budgets.set(new(0, action=BudgetAction.WARN))
    assert app.budgets.ensure(ME, 5)


def test_an_allowance_without_a_name_means_what_stops_you(app: App) -> None:
    """Of two budgets the one that is used up; a second allowance adds to the first."""
    app.budgets.set(new(10 * PICO))
    app.budgets.set(new(PICO, scope=BudgetScope.GLOBAL, session_id=None, period=BudgetPeriod.DAY))
    spend(app, 2 * PICO)
    (allowed,) = app.budgets.allow(ME, None, extra_picousd=PICO)
    assert (allowed.budget.period, allowed.limit_picousd, allowed.stops) == (BudgetPeriod.DAY, 2 * PICO, True)
    (again,) = app.budgets.allow(ME, None, extra_picousd=PICO)
    assert (again.limit_picousd, again.stops) == (3 * PICO, False)


def test_nothing_is_allowed_beyond_what_the_ledger_counts_to(app: App) -> None:
    """Nine million dollars; one more and every budget would fail to be read."""
    app.budgets.set(new(MAX_PICOUSD - PICO, scope=BudgetScope.GLOBAL, session_id=None))
    app.budgets.allow(ME, None, extra_picousd=PICO)
    with pytest.raises(InvalidInputError, match=r"a budget ends at \$9,223,372\.04"):
        app.budgets.allow(ME, None, extra_picousd=1)
    (standing,) = app.budgets.all()
    assert standing.limit_picousd == MAX_PICOUSD


def test_an_allowance_needs_to_know_which_budget(app: App) -> None:
    """None applies, several do, or the name is wrong."""
    with pytest.raises(InvalidInputError, match="no budget stops"):
        app.budgets.allow(ME, None, extra_picousd=1)
    app.budgets.set(new())
    app.budgets.set(new(name="second"))
    with pytest.raises(InvalidInputError, match="several budgets apply"):
        app.budgets.allow(ME, None, extra_picousd=1)
    with pytest.raises(InvalidInputError, match="no budget 'third'"):
        app.budgets.allow(ME, "third", extra_picousd=1)
    assert app.budgets.allow(ME, "second", extra_picousd=1)[0].budget.name == "second"


def test_a_pause_lets_calls_go_without_reserving(app: App) -> None:
    """Until it is over."""
    app.budgets.set(new(0))
    assert app.budgets.request(ME, DEMAND, None, now_ms()).decision is Decision.STOP
    app.budgets.allow(ME, None, until_ms=now_ms() + 60_000)
    ruling = app.budgets.request(ME, DEMAND, None, now_ms())
    assert (ruling.decision, ruling.reservation) == (Decision.GO, None)
    assert app.budgets.request(ME, DEMAND, None, now_ms() + 61_000).decision is Decision.STOP


def test_money_of_dead_processes_is_looked_for_before_a_call_is_refused_and_not_in_passing(app: App) -> None:
    """It takes a look at the ledger for each; calls that may go do not need it."""
    app.budgets.set(new(PICO // 100))
    at_ms = now_ms() - LEASE_MS - 1_000
    huge = replace(DEMAND, output_tokens=5_000)
    assert app.budgets.request(ME, huge, None, at_ms).decision is Decision.GO
    spend(app, 1, sources=frozenset({Source.LOG}), started_at_ms=at_ms + 1)
    refused = app.budgets.request(ME, DEMAND, None, now_ms(), in_passing=True)
    assert refused.decision is Decision.STOP
    assert app.budgets.request(ME, DEMAND, None, now_ms()).decision is Decision.GO


def test_a_project_is_that_of_the_session(app: App, tmp_path: Path) -> None:
    """A call that names only its session counts for the budget of its repository, and for no other's."""
    app.budgets.set(new(0, scope=BudgetScope.PROJECT, session_id=None, project=str(tmp_path)))
    assert app.budgets.request(ME, DEMAND, None, now_ms()).decision is Decision.STOP
    assert app.budgets.request(Spender(project="/else"), DEMAND, None, now_ms()).decision is Decision.GO


def test_a_model_without_a_price_is_refused_where_the_user_says_so(tmp_path: Path) -> None:
    """`[budget] unpriced = "refuse"`; without a budget nobody minds."""
    folder = tmp_path / ".codesession"
    folder.mkdir()
    (folder / "config.toml").write_text('[budget]\nunpriced = "refuse"\n')
    app = app_of(tmp_path / "s.db")
    app.sessions.start("task", tmp_path)
    unknown = replace(DEMAND, model="nobody-knows-7")
    assert app.budgets.request(ME, unknown, None, now_ms()).decision is Decision.GO
    app.budgets.set(new())
    assert app.budgets.request(ME, unknown, None, now_ms()).decision is Decision.STOP
    assert app.budgets.request(ME, DEMAND, None, now_ms()).decision is Decision.GO
    app.close()


def test_every_session_has_its_own_where_a_budget_is_for_each(app: App, tmp_path: Path) -> None:
    """What one spends is not missing in the other."""
    other = app.sessions.start("other", tmp_path, parallel=True).session
    app.budgets.set(new(session_id=None))
    spend(app, 2 * PICO)
    assert [standing.stops for standing in app.budgets.every()] == [True, False]
    assert not app.budgets.standings(Spender(session_id=other.id))[0].stops
    app.sessions.end(other.id, tmp_path)
    assert len(app.budgets.every()) == 1


def test_a_budget_is_found_by_number_and_by_name(app: App) -> None:
    """And removed once."""
    standing = app.budgets.set(new(name="lunch"))
    assert app.budgets.find("lunch") == app.budgets.find(str(standing.budget.id)) == standing.budget
    assert app.budgets.remove("lunch").name == "lunch"
    with pytest.raises(InvalidInputError):
        app.budgets.remove("lunch")
