"""The picture of `cs live` at any size."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date
from decimal import Decimal

import pytest
from rich.console import Console

from codesession.cli.live_frame import frame
from codesession.domain.live import LiveSnapshot
from codesession.domain.money import PICO
from codesession.domain.pricing import CostStatus
from codesession.domain.report import Currency, Share, UsageTotals
from codesession.domain.request import UsageStatus
from codesession.domain.session import Session
from support.ledger import NOW_MS, make_request
from support.sessions import make_stored

USED = UsageTotals(requests=12_345, unpriced_requests=1, total_tokens=10**9, cost_picousd=1_234 * PICO)


def session(number: int, cost: int = 2 * PICO, budget: int | None = 4 * PICO) -> Session:
    return make_stored(
        id=number,
        name="日本語の名前 and a very long name " * 3 + "\x1b[2J",
        started_at_ms=NOW_MS - 3_600_000,
        budget_picousd=budget,
        requests=1,
        cost_picousd=cost,
    )


def snapshot(many: int) -> LiveSnapshot:
    shares = tuple(Share(name=f"model-with-a-very-long-name-{number}", totals=USED) for number in range(many))
    return LiveSnapshot(
        at_ms=NOW_MS,
        day=date(2026, 11, 22),
        today=USED,
        models=shares,
        agents=shares,
        sessions=tuple(session(number) for number in range(many)),
        calls=tuple(make_request(agent_name="claude-code", cost_picousd=None) for _ in range(many)),
        minutes=tuple(range(60)),
    )


def lines(seen: LiveSnapshot, *, width: int, height: int | None, currency: Currency | None = None) -> list[str]:
    console = Console(width=width, height=height or 99, color_system=None)
    with console.capture() as captured:
        console.print(frame(seen, UTC, currency, height=height))
    return captured.get().splitlines()


@pytest.mark.parametrize("height", [18, 24, 40, 60])
@pytest.mark.parametrize("width", [40, 60, 80, 160])
@pytest.mark.parametrize("many", [0, 1, 3, 50])
def test_it_fits_the_terminal(width: int, height: int, many: int) -> None:
    """Whatever there is to show, no line is too long and none too many."""
    shown = lines(snapshot(many), width=width, height=height)

    assert len(shown) <= height
    assert all(len(line) <= width for line in shown)
    assert shown[-1].startswith("q leaves")


@pytest.mark.parametrize("width", [34, 40, 60, 80])
def test_money_is_whole_however_narrow_the_terminal(width: int) -> None:
    """What does not fit is left out: `$0.00…` would be another amount."""
    seen = replace(snapshot(3), minutes=(12_400_000_000,) * 60)
    words = "\n".join(lines(seen, width=width, height=40))

    assert "$0.7440/h now" in words
    assert "Today ≥ $1,234.00" in words
    assert words.count("≥ $1,234.00") == 7
    assert not re.search(r"[$][0-9.,]*…", words)
    assert ("in the last hour" in words) == (width >= 40)


def test_a_call_that_cost_more_than_is_known_is_marked() -> None:
    """A stream that was cut, as in every sum."""
    cut = make_request(usage_status=UsageStatus.LOWER_BOUND, cost_picousd=3 * PICO)
    doubted = make_request(cost_status=CostStatus.LOWER_BOUND, cost_picousd=5 * PICO)
    unknown, whole = make_request(cost_picousd=None), make_request(cost_picousd=7 * PICO)
    shown = lines(replace(snapshot(0), calls=(cut, doubted, unknown, whole)), width=80, height=40)

    costs = [line.split("  ")[-1].strip() for line in shown if "claude-sonnet-4-5" in line]
    assert costs == ["≥ $3.00", "≥ $5.00", "unpriced", "$7.00"]


def test_a_call_of_another_day_says_which() -> None:
    """A time alone would be taken for today's."""
    seen = replace(
        snapshot(1), calls=(make_request(started_at_ms=NOW_MS), make_request(started_at_ms=NOW_MS - 86_400_000))
    )
    shown = "\n".join(lines(seen, width=80, height=40))
    assert re.search(r"^\d\d:\d\d:\d\d +claude", shown, re.MULTILINE)
    assert re.search(r"^11-21 \d\d:\d\d  claude", shown, re.MULTILINE)


def test_what_is_not_known_of_today_is_said_in_eighty_columns() -> None:
    """A sum without its caveat would be a wrong one."""
    today = replace(
        USED,
        requests=12_345,
        total_tokens=123_400_000,
        unpriced_requests=999,
        lower_bound_requests=1_234,
        cost_picousd=1_234 * PICO,
    )
    first, *_ = lines(replace(snapshot(3), today=today), width=80, height=24)

    assert "12,345 calls · 999 unpriced · 1,234 at least" in first


def test_what_is_left_out_is_counted() -> None:
    """A heading says how many there are."""
    words = "\n".join(lines(snapshot(50), width=80, height=24))

    assert "of 50)" in words
    assert "\x1b" not in words


@pytest.mark.parametrize(
    ("cost", "budget", "said"),
    [(0, 4, "0 % of $4.00"), (2, 4, "50 % of $4.00"), (9, 4, "225 % of $4.00"), (1, 0, "100 % of $0.00")],
)
def test_a_budget_is_a_bar(cost: int, budget: int, said: str) -> None:
    """Full when it is reached, never longer."""
    seen = replace(snapshot(0), sessions=(session(1, cost * PICO, budget * PICO),))
    (line,) = (line for line in lines(seen, width=100, height=24) if "%" in line)

    assert said in line
    assert line.count("█") + line.count("░") == 12
    assert line.count("█") == min(12, 12 * cost // budget if budget else 12)


def test_money_is_shown_in_the_own_currency() -> None:
    """The same picture at the user's rate."""
    words = "\n".join(lines(snapshot(1), width=100, height=24, currency=Currency(code="EUR", rate=Decimal("0.5"))))

    assert "≥ €617.00" in words
    assert "$" not in words
