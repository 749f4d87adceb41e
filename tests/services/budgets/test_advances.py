"""Money set aside before a call asks: while calls come quickly, within what is left, and never lost sight of."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from codesession.app import App
from codesession.domain.budget import LEASE_MS, BudgetAction, BudgetScope, CallDemand, NewBudget, Spender, Standing
from codesession.domain.money import PICO
from codesession.services.budgets import advances
from codesession.services.budgets.advances import Advances
from support.spending import DEMAND, app_of, finished, now_ms

ME = Spender(session_id=1)
DEAR = replace(DEMAND, output_tokens=10_000)


class Proxy:
    """Asks as the proxy does: in advance where that is possible, else one by one."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.stock = Advances()
        self.spender = app.budgets.whole(ME)

    def take(self, demand: CallDemand = DEMAND, conversation_id: str | None = None) -> str | None:
        """A reservation out of the stock; None where the call asks for itself, which is noted."""
        budgets, at_ms = self.app.budgets, now_ms()
        estimate = budgets.estimate(demand, at_ms)
        found = self.stock.take(budgets, self.spender, estimate, demand, conversation_id, at_ms)
        if found is None:
            self.stock.note(self.spender, estimate)
        return found

    def tend(self) -> None:
        """What a thread beside it does every now and then."""
        self.stock.tend(self.app.budgets, now_ms())

    def burst(self, demand: CallDemand = DEMAND, *, calls: int = 2) -> None:
        """So many calls in quick succession, and then a look at the stock."""
        for _ in range(calls):
            self.take(demand)
        self.tend()

    def standing(self, at_ms: int | None = None) -> Standing:
        """The only budget."""
        if at_ms is None:
            return self.app.budgets.standings(ME)[0]
        return self.app.budgets._budgets.standings(self.spender, lambda _: None, now_ms=at_ms)[0]

    @property
    def stocked(self) -> int:
        """How many tickets are there."""
        return sum(len(each.tickets) for each in self.stock._stocks.values())

    def rows(self) -> list[tuple[Any, ...]]:
        """What is set aside, as the ledger has it."""
        sql = "SELECT provider_name, request_model, conversation_id, amount_picousd FROM budget_reservations ORDER BY 1"
        return [tuple(row) for row in self.app.store._db.query(sql)]  # type: ignore[attr-defined]  # the ledger itself


@pytest.fixture
def proxy(app: App) -> Proxy:
    budget(app, 100 * PICO)
    return Proxy(app)


def budget(app: App, limit: int = PICO, **changes: Any) -> None:
    app.budgets.set(NewBudget(**{"scope": BudgetScope.SESSION, "session_id": 1, "limit_picousd": limit, **changes}))


def cost_of(app: App, demand: CallDemand = DEMAND) -> int:
    return app.budgets.estimate(demand, now_ms()).picousd


def test_calls_in_quick_succession_find_money_set_aside(proxy: Proxy) -> None:
    """In the ledger, where every process sees it; it is no call yet."""
    proxy.burst()
    standing = proxy.standing()
    assert proxy.stocked > 1
    assert standing.reserved_picousd == proxy.stocked * cost_of(proxy.app)
    assert standing.calls_under_way == 0
    before = proxy.stocked
    assert proxy.take() is not None
    assert proxy.stocked == before - 1


def test_a_call_on_its_own_changes_nothing(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks every few seconds leaves no money lying about."""
    monkeypatch.setattr(advances, "_BURST_S", 0.05)
    for _ in range(3):
        assert proxy.take() is None
        proxy.tend()
        time.sleep(0.06)
    assert proxy.standing().reserved_picousd == 0


def test_it_is_given_back_a_moment_after_the_last_call(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the status shows what is really under way; nothing is left to look after then."""
    monkeypatch.setattr(advances, "_BURST_S", 0.05)
    proxy.burst()
    assert proxy.stock.are_due() is False
    time.sleep(0.06)
    assert proxy.stock.are_due() is True
    proxy.tend()
    assert proxy.standing().reserved_picousd == 0
    assert proxy.stock.are_due() is None


def test_a_proxy_that_ends_gives_it_back(proxy: Proxy) -> None:
    """But not what a call has taken."""
    proxy.burst()
    proxy.take()
    proxy.stock.give_back(proxy.app.budgets)
    assert proxy.standing().reserved_picousd == cost_of(proxy.app)
    assert proxy.standing().calls_under_way == 1


def test_the_ledger_learns_whose_a_ticket_is(proxy: Proxy) -> None:
    """With the call's own estimate, and its record settles it."""
    proxy.burst(DEAR)
    ticket = proxy.take(DEMAND, "conv-1")
    assert ticket is not None
    time.sleep(advances._COVER_S / 2 + 0.01)
    proxy.take(DEAR)
    proxy.tend()
    assert ("anthropic", DEMAND.model, "conv-1", cost_of(proxy.app)) in proxy.rows()
    proxy.app.recording.record([finished(1, ticket, "msg_1", output=100, at_ms=now_ms())])
    assert ("anthropic", DEMAND.model, "conv-1", cost_of(proxy.app)) not in proxy.rows()


def test_a_call_that_was_recorded_before_the_ledger_knew_of_it_leaves_nothing(proxy: Proxy) -> None:
    """The note comes too late then, and says nothing."""
    proxy.burst()
    ticket = proxy.take()
    proxy.app.recording.record([finished(1, ticket, "msg_1", output=100, at_ms=now_ms())])
    proxy.stock.give_back(proxy.app.budgets)
    assert proxy.rows() == []


def test_no_more_is_set_aside_than_a_small_part_of_what_is_left(app: App) -> None:
    """Others are not kept waiting for money that nobody uses."""
    cost = cost_of(app)
    budget(app, 16 * 3 * cost + 5)
    proxy = Proxy(app)
    proxy.burst(calls=50)
    assert proxy.stocked == 3
    budget(app, 15 * cost)
    near = Proxy(app)
    near.burst(calls=50)
    assert near.stocked == 0


def test_a_dearer_call_asks_for_itself(proxy: Proxy) -> None:
    """And the next ones of its kind find enough."""
    proxy.burst()
    assert proxy.take(DEAR) is None
    proxy.tend()
    assert proxy.take(DEAR) is None
    time.sleep(advances._COVER_S / 2 + 0.01)
    proxy.take()
    proxy.tend()
    assert proxy.take(DEAR) is not None


@pytest.mark.parametrize("change", ["lower", "another", "spent", "removed"])
def test_another_rule_ends_it(proxy: Proxy, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    """A budget that was set, lowered or used up elsewhere holds from a moment later on."""
    monkeypatch.setattr(advances, "_FRESH_S", 0)
    proxy.burst()
    assert proxy.take() is not None
    match change:
        case "lower":
            budget(proxy.app, PICO // 2)
        case "another":
            budget(proxy.app, PICO, scope=BudgetScope.GLOBAL, session_id=None)
        case "spent":
            spent = finished(1, None, "msg_9", output=10_000_000, at_ms=now_ms())
            proxy.app.recording.record([spent])
        case "removed":
            proxy.app.budgets.remove("1")
    assert proxy.take() is None
    assert proxy.take() is None


def test_where_no_budget_stops_anything_nothing_is_written(app: App) -> None:
    """A warning is no reason to set money aside."""
    budget(app, PICO, action=BudgetAction.WARN)
    proxy = Proxy(app)
    proxy.burst()
    assert proxy.take() is None
    assert proxy.rows() == []


def test_unknown_costs_are_asked_about_one_by_one(proxy: Proxy) -> None:
    """They may be refused, whatever is left."""
    unknown = replace(DEMAND, model="nobody-knows-it")
    proxy.burst(unknown)
    assert proxy.take(unknown) is None
    assert proxy.take(replace(DEMAND, open_ended=True)) is None


def test_what_a_dead_process_had_set_aside_may_have_been_spent(proxy: Proxy) -> None:
    """Its last calls may have taken it, and nobody can tell."""
    proxy.burst()
    stocked, later = proxy.stocked, now_ms() + LEASE_MS + 1_000
    assert proxy.standing(later).held_picousd == stocked * cost_of(proxy.app)
    assert proxy.standing(later).calls_held == 0


def test_old_leases_are_replaced(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ticket that will soon count as spent is not handed out."""
    proxy.burst()
    monkeypatch.setattr(advances, "_STALE_MS", LEASE_MS + 1_000)
    assert proxy.take() is None
    monkeypatch.undo()
    assert proxy.take() is not None


def test_a_ledger_that_fails_loses_no_note(proxy: Proxy) -> None:
    """Whose a ticket is, is told when it is back."""
    proxy.burst()
    assert proxy.take(DEMAND, "conv-1") is not None

    class Broken:
        def set_aside(self, *_: Any, **__: Any) -> None:
            raise OSError("gone")

    time.sleep(advances._COVER_S / 2 + 0.01)
    proxy.take()
    with pytest.raises(OSError, match="gone"):
        proxy.stock.tend(Broken(), now_ms())  # type: ignore[arg-type]  # only what is called
    proxy.stock.give_back(proxy.app.budgets)
    assert "conv-1" in [row[2] for row in proxy.rows()]


def test_a_stock_ends_with_the_budget_however_fast_calls_come(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking after it does not renew the belief that something is left."""
    monkeypatch.setattr(advances, "_COVER_S", 0.02)
    proxy.burst(calls=100)
    proxy.app.recording.record([finished(1, None, "msg_9", output=10_000_000, at_ms=now_ms())])
    end = time.monotonic() + advances._FRESH_S + 0.05
    while time.monotonic() < end:
        proxy.take()
        proxy.tend()
        time.sleep(0.005)
    assert proxy.take() is None
    assert proxy.stocked == 0


@pytest.mark.parametrize("ends", [False, True])
def test_a_ledger_that_is_held_for_long_loses_no_money(proxy: Proxy, ends: bool) -> None:
    """What could not be given back is given back later."""
    proxy.burst()

    class Locked:
        def set_aside(self, *_: Any, **__: Any) -> None:
            raise OSError("locked")

    with pytest.raises(OSError, match="locked"):
        proxy.stock.give_back(Locked())  # type: ignore[arg-type]  # only what is called
    assert proxy.standing().reserved_picousd > 0
    if ends:
        proxy.stock.give_back(proxy.app.budgets)
    else:
        assert proxy.stock.are_due()
        proxy.take()
        proxy.take()
        proxy.tend()
        proxy.stock.give_back(proxy.app.budgets)
    assert proxy.rows() == []


def test_a_call_without_a_cost_keeps_its_own_estimate_aside(proxy: Proxy) -> None:
    """Not that of the dearer calls its ticket was made for, also where its record was faster than the note."""
    proxy.burst(DEAR)
    ticket = proxy.take(DEMAND, "conv-1")
    unpriced = finished(1, ticket, "msg_1", output=100, at_ms=now_ms())
    unpriced = replace(unpriced, response=replace(unpriced.response, response_model="nobody-knows-it"))
    proxy.app.recording.record([replace(unpriced, response=replace(unpriced.response, request_model="nobody"))])
    proxy.stock.give_back(proxy.app.budgets)
    assert proxy.rows() == [("anthropic", DEMAND.model, "conv-1", cost_of(proxy.app))]
    assert proxy.standing().calls_held == 1


def test_another_ledger_knows_nothing_of_it(proxy: Proxy, tmp_path: Path) -> None:
    """A backup that was put in its place has the same budgets, and none of the money set aside."""
    proxy.burst()
    other = app_of(tmp_path / "other.db")
    other.sessions.start("task", tmp_path)
    budget(other, 100 * PICO)
    mine, proxy.app = proxy.app, other
    assert proxy.take() is None
    proxy.app = mine
    other.close()
