"""Budgets in the ledger: set, reserved, settled, in one transaction each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from codesession.domain.budget import (
    BudgetAction,
    BudgetPeriod,
    BudgetScope,
    Decision,
    NewBudget,
    Reservation,
    Spender,
    Standing,
)
from codesession.domain.pricing import CostStatus
from codesession.domain.request import Source, UsageStatus
from codesession.store.budgeting import SqlBudgets
from codesession.store.database import Database
from codesession.store.sql_store import SqlStore
from support.ledger import NOW_MS, make_request, make_session

DAY = NOW_MS - 6 * 3_600_000
ME = Spender(session_id=1, project="/repo", agent_name="codex")


def window(period: BudgetPeriod) -> int | None:
    """Every period but `total` began six hours ago."""
    return None if period is BudgetPeriod.TOTAL else DAY


@pytest.fixture
def budgets(database: Database, store: SqlStore) -> SqlBudgets:
    """A ledger with session 1 in /repo."""
    store.create_session(make_session("/repo"), exclusive=False)
    return SqlBudgets(database)


def new(limit: int = 100, **changes: Any) -> NewBudget:
    return NewBudget(**{"scope": BudgetScope.GLOBAL, "limit_picousd": limit, **changes})


def put(budgets: SqlBudgets, limit: int = 100, **changes: Any) -> int:
    made = new(limit, **changes)
    return budgets.put(
        made, uid=f"{made.scope}{made.period}{made.name}{made.agent_name}{made.project}", at_ms=NOW_MS
    ).id


def wanted(uid: str, amount: int, **changes: Any) -> Reservation:
    values: dict[str, Any] = {
        "uid": uid,
        "spender": ME,
        "conversation_id": "c",
        "provider_name": "anthropic",
        "request_model": "m",
        "amount_picousd": amount,
        "created_at_ms": NOW_MS,
        "expires_at_ms": NOW_MS + 1_000,
    }
    return Reservation(**{**values, **changes})


def only(budgets: SqlBudgets, now_ms: int = NOW_MS, spender: Spender = ME) -> Standing:
    (standing,) = budgets.standings(spender, window, now_ms=now_ms)
    return standing


def test_a_budget_comes_back_as_it_was_set(budgets: SqlBudgets) -> None:
    """Every column makes the round trip."""
    wish = new(
        7,
        scope=BudgetScope.PROJECT,
        project="/repo",
        period=BudgetPeriod.WEEK,
        name="n",
        agent_name="codex",
        warn_percents=(10, 90),
        action=BudgetAction.WARN,
        strict=True,
    )
    kept = budgets.put(wish, uid="u", at_ms=NOW_MS)
    assert budgets.budgets() == [kept]
    assert {name: getattr(kept, name) for name in NewBudget.__slots__} == {
        name: getattr(wish, name) for name in NewBudget.__slots__
    }


def test_setting_the_same_budget_again_changes_it(budgets: SqlBudgets) -> None:
    """Scope, period, agent and name tell budgets apart; everything else can be changed."""
    first = put(budgets, 5)
    assert put(budgets, 6, strict=True) == first
    assert put(budgets, 6, name="other") != first
    assert [(b.limit_picousd, b.strict) for b in budgets.budgets()] == [(6, True), (6, False)]


def test_a_session_is_begun_with_its_budget(store: SqlStore, budgets: SqlBudgets) -> None:
    """`--budget` makes a budget like any other, and the session shows it as it changes."""
    session = store.create_session(make_session("/two", budget_picousd=9, budget_strict=True), exclusive=False)
    assert session is not None
    (budget,) = budgets.budgets()
    assert (budget.session_id, budget.limit_picousd, budget.strict, session.budget_picousd) == (session.id, 9, True, 9)
    budgets.put(new(12, scope=BudgetScope.SESSION, session_id=session.id), uid="x", at_ms=NOW_MS)
    assert store.session(session.id).budget_picousd == 12  # type: ignore[union-attr]
    budgets.allow(budget, session_id=session.id, window_start_ms=None, extra_picousd=3, until_ms=None, at_ms=NOW_MS)
    assert store.session(session.id).budget_picousd == 15  # type: ignore[union-attr]
    assert budgets.remove(budget.id)
    assert store.session(session.id).budget_picousd is None  # type: ignore[union-attr]
    assert not budgets.remove(budget.id)


@pytest.mark.parametrize(
    ("changes", "spent"),
    [
        ({}, 111),
        ({"period": BudgetPeriod.DAY}, 11),
        ({"scope": BudgetScope.PROJECT, "project": "/repo"}, 110),
        ({"scope": BudgetScope.PROJECT, "project": "/repo", "period": BudgetPeriod.DAY}, 10),
        ({"agent_name": "codex"}, 100),
        ({"scope": BudgetScope.SESSION, "session_id": 1}, 10),
        ({"scope": BudgetScope.SESSION}, 10),
    ],
)
def test_spending_is_that_of_scope_period_and_agent(
    budgets: SqlBudgets, store: SqlStore, changes: dict[str, Any], spent: int
) -> None:
    """From counters and rollups, to the pico-dollar."""
    store.add_requests(
        [
            make_request(session_id=1, cost_picousd=10, agent_name="other"),
            make_request(project="/else", cost_picousd=1),
            make_request(project="/repo", cost_picousd=100, agent_name="codex", started_at_ms=DAY - 1),
        ]
    )
    put(budgets, **changes)
    assert only(budgets).spent_picousd == spent
    assert not only(budgets).is_partial

    cut: dict[str, Any] = {"usage_status": UsageStatus.LOWER_BOUND, "cost_picousd": 1}
    store.add_requests([make_request(session_id=1, project="/repo", agent_name="codex", **cut)])

    assert (only(budgets).spent_picousd, only(budgets).lower_bound_requests) == (spent + 1, 1)
    assert only(budgets).is_partial


def test_a_budget_of_somebody_else_does_not_apply(budgets: SqlBudgets) -> None:
    """Other projects, other agents, other sessions; and session budgets for calls without a session."""
    put(budgets, scope=BudgetScope.PROJECT, project="/else")
    put(budgets, agent_name="claude-code")
    put(budgets, scope=BudgetScope.SESSION)
    assert len(budgets.standings(ME, window, now_ms=NOW_MS)) == 1
    assert budgets.standings(replace(ME, session_id=None), window, now_ms=NOW_MS) == []


def test_what_is_begun_inside_a_run_counts_for_the_budgets_around_it(budgets: SqlBudgets, store: SqlStore) -> None:
    """Spent and set aside, on every level; what is around it does not count for what is inside."""
    inner = store.create_session(make_session(outer_id=1), exclusive=False)
    innermost = store.create_session(make_session(outer_id=2), exclusive=False)
    assert (inner and inner.id, innermost and innermost.id) == (2, 3)
    store.add_requests([make_request(session_id=number, cost_picousd=10**number) for number in (1, 2, 3)])
    put(budgets, scope=BudgetScope.SESSION)
    put(budgets, scope=BudgetScope.SESSION, session_id=2, name="of 2")

    def told(session_id: int) -> list[tuple[int | None, int, int]]:
        found = budgets.standings(replace(ME, session_id=session_id), window, now_ms=NOW_MS)
        return [(each.session_id, each.spent_picousd, each.reserved_picousd) for each in found]

    assert budgets.reserve(wanted("a", 5, spender=replace(ME, session_id=2)), window)[0] is Decision.STOP
    put(budgets, 10_000, scope=BudgetScope.SESSION)
    put(budgets, 10_000, scope=BudgetScope.SESSION, session_id=2, name="of 2")
    assert budgets.reserve(wanted("a", 5, spender=replace(ME, session_id=2)), window)[0] is Decision.GO
    assert [(each.cost_picousd, each.spent_picousd) for each in store.active_sessions()] == [
        (10, 1110),
        (100, 1100),
        (1000, 1000),
    ]
    assert told(1) == [(1, 1110, 5)]
    assert told(2) == [(2, 1100, 5), (1, 1110, 5), (2, 1100, 5)]
    assert told(3) == [(3, 1000, 0), (2, 1100, 5), (1, 1110, 5), (2, 1100, 5)]


def test_the_budget_of_a_session_that_ended_holds_for_what_was_begun_in_it(
    budgets: SqlBudgets, store: SqlStore, database: Database
) -> None:
    """As long as that goes on."""
    store.create_session(make_session(outer_id=1), exclusive=False)
    put(budgets, scope=BudgetScope.SESSION, session_id=1)
    database.execute("UPDATE sessions SET status = 'completed', ended_at_ms = 5 WHERE id = 1")
    assert budgets.armed(since_ms=NOW_MS).stops
    database.execute("UPDATE sessions SET status = 'completed', ended_at_ms = 5 WHERE id = 2")
    assert not budgets.armed(since_ms=NOW_MS).stops


def test_reserved_money_is_gone_for_everybody_else(budgets: SqlBudgets) -> None:
    """The second call waits although nothing is spent yet; what was set aside first stays."""
    put(budgets, 100, strict=True)
    assert budgets.reserve(wanted("a", 60), window)[0] is Decision.GO
    assert budgets.reserve(wanted("b", 60), window)[0] is Decision.WAIT
    assert budgets.reserve(wanted("c", 101), window)[0] is Decision.STOP
    standing = only(budgets)
    assert (standing.reserved_picousd, standing.calls_under_way, standing.remaining_picousd) == (60, 1, 40)
    assert standing.budget.largest_call_picousd == 60
    budgets.release("a")
    assert budgets.reserve(wanted("b", 60), window)[0] is Decision.GO


def test_every_budget_must_let_a_call_go(budgets: SqlBudgets) -> None:
    """A refusal reserves nothing in any of them."""
    put(budgets, 100)
    put(budgets, 0, scope=BudgetScope.PROJECT, project="/repo")
    decision, said_by, _ = budgets.reserve(wanted("a", 1), window)
    assert decision is Decision.STOP
    assert said_by is not None
    assert said_by.budget.scope is BudgetScope.PROJECT
    assert [s.reserved_picousd for s in budgets.standings(ME, window, now_ms=NOW_MS)] == [0, 0]


def test_counting_a_call_gives_its_money_back_at_once(budgets: SqlBudgets, store: SqlStore) -> None:
    """In one transaction: no moment shows the call neither reserved nor spent."""
    put(budgets, 10**12)
    budgets.reserve(wanted("a", 60), window)
    store.add_request(make_request(session_id=1, cost_picousd=7, reservation="a"))
    standing = only(budgets)
    assert (standing.spent_picousd, standing.reserved_picousd, standing.held_picousd) == (7, 0, 0)


def test_a_call_the_log_had_first_settles_too(budgets: SqlBudgets, store: SqlStore) -> None:
    """The proxy's sighting is merged into a known row; its money comes back all the same."""
    put(budgets, 10**12)
    budgets.reserve(wanted("a", 60), window)
    call = make_request(session_id=1, cost_picousd=7, sources=frozenset({Source.LOG}))
    store.add_request(call)
    store.add_request(replace(call, sources=frozenset({Source.PROXY}), reservation="a"))
    assert (only(budgets).spent_picousd, only(budgets).reserved_picousd) == (7, 0)


def test_a_call_without_a_cost_keeps_its_money_until_there_is_one(budgets: SqlBudgets, store: SqlStore) -> None:
    """Unknown is not free, however many hours pass; a later sighting with a price frees the rest."""
    put(budgets, 10**12)
    budgets.reserve(wanted("a", 60), window)
    unknown = make_request(session_id=1, cost_picousd=None, cost_status=CostStatus.UNKNOWN, usage=None, reservation="a")
    store.add_request(unknown)
    held = only(budgets, NOW_MS + 10**9)
    assert (held.spent_picousd, held.held_picousd, held.calls_held, held.unpriced_requests) == (0, 60, 1, 1)
    store.add_request(make_request(response_id=unknown.response_id, session_id=1, cost_picousd=5))
    settled = only(budgets)
    assert (settled.spent_picousd, settled.held_picousd) == (5, 0)


@pytest.mark.parametrize("strict", [False, True])
def test_a_strict_budget_holds_what_a_call_that_was_cut_may_have_cost(
    budgets: SqlBudgets, store: SqlStore, strict: bool
) -> None:
    """Beyond what was seen of it, until somebody saw it whole; what was seen is spent already."""
    put(budgets, 10**12, strict=strict)
    budgets.reserve(wanted("a", 60), window)
    cut = make_request(session_id=1, cost_picousd=7, usage_status=UsageStatus.LOWER_BOUND, reservation="a")
    store.add_request(cut)
    standing = only(budgets, NOW_MS + 10**9)
    assert (standing.spent_picousd, standing.held_picousd) == (7, 53 if strict else 0)
    store.add_request(make_request(response_id=cut.response_id, session_id=1, cost_picousd=9))
    assert (only(budgets).spent_picousd, only(budgets).held_picousd) == (9, 0)


def test_what_is_held_of_a_cut_call_is_held_by_strict_budgets_alone(budgets: SqlBudgets, store: SqlStore) -> None:
    """Also where another one counts the same call."""
    put(budgets, 10**12)
    put(budgets, 10**12, period=BudgetPeriod.DAY, strict=True)
    budgets.reserve(wanted("a", 6), window)
    cut = make_request(session_id=1, cost_picousd=7, usage_status=UsageStatus.LOWER_BOUND, reservation="a")
    budgets.reserve(wanted("b", 60), window)
    store.add_requests([cut, replace(cut, uid="u", response_id="other", reservation="b")])
    assert [standing.held_picousd for standing in budgets.standings(ME, window, now_ms=NOW_MS)] == [0, 53]


def test_an_expired_reservation_is_matched_with_one_later_record(budgets: SqlBudgets, store: SqlStore) -> None:
    """Two dead calls, one sighting: one stays held. What the proxy itself recorded matches nothing."""
    put(budgets, 10**12)
    for uid in "ab":
        budgets.reserve(wanted(uid, 60), window)
    store.add_request(make_request(session_id=1, cost_picousd=1))
    assert budgets.settle_expired(now_ms=NOW_MS + 999) == 0
    assert budgets.settle_expired(now_ms=NOW_MS + 2_000) == 0
    store.add_request(make_request(session_id=1, cost_picousd=7, sources=frozenset({Source.LOG})))
    assert budgets.settle_expired(now_ms=NOW_MS + 2_000) == 1
    assert budgets.settle_expired(now_ms=NOW_MS + 2_000) == 0
    assert (only(budgets, NOW_MS + 2_000).held_picousd, only(budgets).spent_picousd) == (60, 8)


def test_an_allowance_is_for_its_period_and_its_session(budgets: SqlBudgets, store: SqlStore) -> None:
    """Tomorrow the old limit holds again; with a budget for each session the others keep theirs."""
    budget_id = put(budgets, 100, period=BudgetPeriod.DAY)
    (budget,) = budgets.budgets()
    budgets.allow(budget, session_id=None, window_start_ms=DAY, extra_picousd=5, until_ms=None, at_ms=NOW_MS)
    assert only(budgets).limit_picousd == 105
    tomorrow = budgets.standing(budget, None, lambda _: DAY + 86_400_000, now_ms=NOW_MS)
    assert tomorrow.limit_picousd == 100
    budgets.remove(budget_id)
    put(budgets, 10, scope=BudgetScope.SESSION)
    (each,) = budgets.budgets()
    budgets.allow(each, session_id=1, window_start_ms=None, extra_picousd=5, until_ms=NOW_MS + 9, at_ms=NOW_MS)
    store.create_session(make_session("/repo"), exclusive=False)
    assert (only(budgets).limit_picousd, only(budgets).is_paused) == (15, True)
    other = only(budgets, spender=replace(ME, session_id=2))
    assert (other.limit_picousd, other.is_paused) == (10, False)


def test_a_budget_that_is_set_anew_forgets_what_was_allowed_on_top(budgets: SqlBudgets) -> None:
    """Who says 5 means 5, whatever was allowed on top of the 10 before."""
    put(budgets, 10)
    (budget,) = budgets.budgets()
    budgets.allow(budget, session_id=None, window_start_ms=None, extra_picousd=5, until_ms=NOW_MS + 9, at_ms=NOW_MS)
    assert (only(budgets).limit_picousd, only(budgets).is_paused) == (15, True)
    put(budgets, 5)
    assert (only(budgets).limit_picousd, only(budgets).is_paused) == (5, False)


def test_only_a_stop_that_can_happen_arms_the_gate(budgets: SqlBudgets, store: SqlStore) -> None:
    """Warnings do not, nor the budget of a session that had ended before anybody asked for calls."""
    put(budgets, action=BudgetAction.WARN)
    assert budgets.armed(NOW_MS) == (False, False)
    put(budgets, scope=BudgetScope.SESSION, session_id=1, strict=True)
    assert budgets.armed(NOW_MS) == (True, True)
    store.finish_session(1, ended_at_ms=NOW_MS, notes=None)
    assert budgets.armed(NOW_MS) == (True, True)
    assert budgets.armed(NOW_MS + 1) == (False, False)


def test_sums_of_absurd_reservations_do_not_overflow(budgets: SqlBudgets) -> None:
    """Ten reservations of a million dollars are more than 64 bits of pico-dollars."""
    put(budgets, 2**62)
    for number in range(10):
        budgets.reserve(wanted(str(number), 10**18), window)
    assert only(budgets).reserved_picousd == 5 * 10**18
