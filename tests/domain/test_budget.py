"""What a budget says about a call."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from codesession.domain.budget import Budget, BudgetAction, BudgetScope, Decision, Standing, refusal, verdict
from codesession.domain.budget_rules import fits, is_partial, is_reached, window_start_ms
from codesession.domain.money import PICO

BUDGET = Budget(id=1, uid="u", scope=BudgetScope.GLOBAL, limit_picousd=10 * PICO, created_at_ms=0)
STANDING = Standing(
    budget=BUDGET, session_id=None, window_start_ms=None, spent_picousd=6 * PICO, reserved_picousd=0, at_ms=1_000
)
STRICT = replace(STANDING, budget=replace(BUDGET, strict=True))


@pytest.mark.parametrize(
    ("standing", "estimate", "decision"),
    [
        (STANDING, 100, Decision.GO),
        (replace(STANDING, reserved_picousd=4 * PICO), 1, Decision.WAIT),
        (replace(STANDING, held_picousd=4 * PICO), 1, Decision.STOP),
        (replace(STANDING, spent_picousd=10 * PICO), 1, Decision.STOP),
        (STRICT, 4, Decision.GO),
        (STRICT, 5, Decision.STOP),
        (replace(STRICT, reserved_picousd=PICO), 4, Decision.WAIT),
    ],
)
def test_a_call_goes_waits_or_stops(standing: Standing, estimate: int, decision: Decision) -> None:
    """Reserved money may come back, so that one waits for it; spent and held money does not. Estimates in dollars."""
    assert standing.judge(estimate * PICO) is decision


def test_a_budget_that_only_warns_or_is_paused_lets_everything_go() -> None:
    """Until the pause is over."""
    spent = replace(STANDING, spent_picousd=11 * PICO)
    assert replace(spent, budget=replace(BUDGET, action=BudgetAction.WARN)).judge(PICO) is Decision.GO
    assert replace(spent, paused_until_ms=1_001).judge(PICO) is Decision.GO
    assert replace(spent, paused_until_ms=1_000).judge(PICO) is Decision.STOP
    assert not replace(spent, paused_until_ms=1_001).stops
    assert spent.stops


def test_what_was_allowed_on_top_counts() -> None:
    """The limit grows, for judging and for what remains."""
    more = replace(STANDING, spent_picousd=10 * PICO, extra_picousd=PICO)
    assert (more.limit_picousd, more.remaining_picousd, more.judge(PICO)) == (11 * PICO, PICO, Decision.GO)


def test_the_largest_overshoot_is_one_call() -> None:
    """Nothing for strict; unknown before the first call and where nothing is stopped."""
    large = replace(BUDGET, largest_call_picousd=7)
    assert replace(STANDING, budget=large).max_overshoot_picousd == 7
    assert replace(STANDING, budget=replace(large, strict=True)).max_overshoot_picousd == 0
    assert STANDING.max_overshoot_picousd is None
    assert replace(STANDING, budget=replace(large, action=BudgetAction.WARN)).max_overshoot_picousd is None


def test_the_strictest_of_several_budgets_is_heard() -> None:
    """One stop is a stop, whatever the others say."""
    waiting = replace(STANDING, reserved_picousd=5 * PICO)
    spent = replace(STANDING, spent_picousd=10 * PICO)
    assert verdict([], 1) == (Decision.GO, None)
    assert verdict([STANDING, waiting], 1) == (Decision.WAIT, waiting)
    assert verdict([waiting, spent, STANDING], 1) == (Decision.STOP, spent)


def test_a_refusal_says_what_how_much_and_how_to_go_on() -> None:
    """An agent shows it to its user as it is."""
    used = refusal(replace(STANDING, budget=replace(BUDGET, name="lunch"), spent_picousd=10 * PICO))
    assert used.startswith("budget 'lunch' of $10.00 is used up: $10.00 spent.")
    assert "cs budget allow" in used
    cut = refusal(replace(STANDING, spent_picousd=10 * PICO, lower_bound_requests=1))
    assert "is used up: ≥ $10.00 spent." in cut
    assert "leaves $4.00, this call may cost $5.00" in refusal(STRICT, 5 * PICO)
    held = refusal(replace(STANDING, spent_picousd=PICO, held_picousd=9 * PICO))
    assert "is used up: $1.00 spent, $9.00 held for calls whose cost is not known." in held


def test_what_is_held_for_a_call_makes_up_for_what_nobody_knows() -> None:
    """Calls without a cost, and those cut short: a strict budget holds money for both."""
    assert is_partial(1, 0, 0)
    assert is_partial(0, 1, 0)
    assert is_partial(1, 1, 1)
    assert not is_partial(1, 1, 2)


def test_an_exact_fit_is_a_fit() -> None:
    """To the pico-dollar, on both sides."""
    assert fits(10, 7, 3, strict=True)
    assert not fits(10, 7, 4, strict=True)
    assert fits(10, 9, 99, strict=False)
    assert not fits(10, 10, 0, strict=False)
    assert (is_reached(10, 9), is_reached(10, 10)) == (False, True)


@pytest.mark.parametrize(
    ("period", "start"),
    [("day", (2026, 11, 22)), ("week", (2026, 11, 16)), ("month", (2026, 11, 1))],
)
def test_a_period_begins_at_midnight_of_the_zone(period: str, start: tuple[int, int, int]) -> None:
    """Weeks begin on Monday; a Sunday evening in Kiritimati is a Sunday there."""
    zone = ZoneInfo("Pacific/Kiritimati")
    now = int(datetime(2026, 11, 22, 9, tzinfo=UTC).timestamp() * 1000)
    expected = int(datetime(*start, tzinfo=zone).timestamp() * 1000)
    assert window_start_ms(period, now, zone) == expected
    assert window_start_ms("total", now, zone) is None
