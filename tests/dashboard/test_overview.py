"""The first page."""

from __future__ import annotations

import calendar
import os
import time
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from codesession.app import App
from codesession.domain.money import PICO, format_usd
from codesession.domain.pricing import CostStatus
from codesession.domain.request import UsageStatus
from support.ledger import make_request

if TYPE_CHECKING:
    from support.dashboards import Dashboard, Open

DAY_MS = 86_400_000


def month_start_ms() -> int:
    now = time.gmtime()
    return calendar.timegm((now.tm_year, now.tm_mon, 1, 0, 0, 0)) * 1000


def test_key_figures_are_those_of_the_ledger(dashboard: Dashboard, open_page: Open) -> None:
    """Today and this month stand there to the cent, with a mark where more was spent than is known."""
    page = open_page(dashboard)
    month = page.get_by_role("group", name="This month")
    today = page.get_by_role("group", name="Today")
    start_of_day = time.time_ns() // 1_000_000 // DAY_MS * DAY_MS

    expect(month.locator(".kpi-value")).to_have_text(dashboard.cost("started_at_ms >= ?", month_start_ms()))
    expect(today.locator(".kpi-value")).to_have_text(dashboard.cost("started_at_ms >= ?", start_of_day))


def test_unknown_costs_are_counted(dashboard: Dashboard, open_page: Open) -> None:
    """How much is unpriced, a lower bound or at list price is said on the first page."""
    unpriced, listed = (
        dashboard.one(f"SELECT COUNT(*) FROM model_requests WHERE {what} AND started_at_ms >= ?", month_start_ms())[0]
        for what in ("cost_picousd IS NULL", "cost_status = 'list_price'")
    )
    card = open_page(dashboard).get_by_role("group", name="Not fully known")

    expect(card).to_contain_text(f"{unpriced} unpriced")
    expect(card).to_contain_text("a lower bound")
    expect(card).to_contain_text(f"{listed} at list price")


def test_the_chart_is_drawn_and_stacked_by_what_is_chosen(dashboard: Dashboard, open_page: Open) -> None:
    """Layers, figure and time are in the address."""
    page = open_page(dashboard)
    expect(page.locator(".recharts-bar-rectangle path").first).to_be_attached()
    expect(page.get_by_label("Legend")).to_contain_text("claude-opus-5-5")

    page.get_by_role("combobox", name="Stacked by").click()
    page.get_by_role("option", name="by agent").click()
    expect(page.get_by_label("Legend")).to_contain_text("gemini-cli")
    page.get_by_text("Tokens", exact=True).first.click()
    expect(page).to_have_url(f"{dashboard.url}/?by=agent&metric=tokens")


def test_filters_hold_in_the_address(dashboard: Dashboard, open_page: Open) -> None:
    """A chosen agent narrows the chart's total to what the ledger holds for it."""
    page = open_page(dashboard, "/?range=all")
    page.get_by_role("button", name="Filter by agent").click()
    page.get_by_role("checkbox", name="codex").check()

    expect(page).to_have_url(f"{dashboard.url}/?range=all&agent=codex")
    total = dashboard.cost("agent_name = 'codex'")
    expect(page.get_by_role("region", name="Cost per month")).to_contain_text(f"{total} in all")
    page.goto(f"{dashboard.url}/?until={time.gmtime().tm_year}-01-01")
    expect(page.get_by_role("region", name="Cost per month")).to_be_visible()
    page.go_back()
    # They stand with what they are for, apart from the key figures, the budgets and what runs now.
    chosen = page.get_by_role("region", name="Over time")
    expect(chosen.get_by_role("button", name="Filter by agent")).to_be_visible()
    expect(chosen.get_by_role("region", name="Budgets")).to_have_count(0)


def test_projection_budgets_and_running_sessions_are_there(dashboard: Dashboard, open_page: Open) -> None:
    """What the month comes to with a range, the budgets with their bars, what runs now."""
    page = open_page(dashboard)
    projection = dashboard.ask("/overview")["projection"]
    expect(page.get_by_role("region", name="To the month's end")).to_contain_text(
        format_usd(round(projection["lowUsd"] * 10**10) * 100)
    )
    expect(page.get_by_role("meter").first).to_be_visible()
    running = dashboard.one("SELECT COUNT(*) FROM sessions WHERE status = 'active'")[0]
    expect(page.get_by_role("region", name="Right now")).to_contain_text(f"Running sessions ({running})")


def test_an_empty_ledger_says_what_to_type(empty: Dashboard, open_page: Open) -> None:
    """Nobody is left alone with empty boxes."""
    page = open_page(empty)
    expect(page.get_by_role("region", name="First steps")).to_contain_text("cs run -- claude")
    expect(page.get_by_role("group", name="Today").locator(".kpi-value")).to_have_text("$0.00")


def add(dashboard: Dashboard, days_ago: int, **changes: object) -> None:
    """A call that was made at this hour of another day."""
    app = App({**os.environ, "HOME": str(dashboard.home), "TZ": "UTC"}, dashboard.home)
    app.store.add_request(make_request(started_at_ms=time.time_ns() // 1_000_000 - days_ago * DAY_MS, **changes))
    app.close()


def test_one_old_call_is_not_nothing(empty: Dashboard, open_page: Open) -> None:
    """Whoever imports a session of last year finds it, however short it was."""
    add(empty, 400)
    page = open_page(empty)
    expect(page.get_by_role("region", name="Over time")).to_be_visible()
    expect(page.get_by_role("region", name="First steps")).to_have_count(0)


def test_a_day_without_known_costs_is_not_taken_for_a_free_one(empty: Dashboard, open_page: Open) -> None:
    """Neither beside yesterday, nor under its bar, nor in the month's range."""
    add(empty, 1, cost_picousd=5 * PICO)
    add(empty, 0, cost_picousd=None, cost_status=CostStatus.UNKNOWN)
    page = open_page(empty)
    today = page.get_by_role("group", name="Today")
    expect(today).to_contain_text("unpriced")
    expect(today).not_to_contain_text("nothing spent")
    month = page.get_by_role("region", name="To the month's end")
    expect(month).to_contain_text("expected")
    expect(month).not_to_contain_text("between")

    chart = page.locator(".chart")
    page.locator(".recharts-bar-rectangle path").first.wait_for(state="attached")
    box = chart.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] - 20, box["y"] + box["height"] / 2)
    expect(page.locator(".tip .strong .num")).to_have_text("unpriced")
    day = time.strftime("%Y-%m-%d", time.gmtime())
    page.goto(f"{empty.url}/insights?since={day}&until={day}")
    expect(page.get_by_role("region", name="Activity", exact=True)).to_contain_text("No cost that is known")


def test_the_last_calls_say_what_of_them_is_known(empty: Dashboard, open_page: Open) -> None:
    """More than a lower bound was spent, and a call whose tokens nobody reported has not none of them."""
    add(empty, 0, cost_picousd=2 * PICO, usage_status=UsageStatus.LOWER_BOUND)
    add(empty, 1, cost_picousd=None, usage=None, usage_status=UsageStatus.MISSING)
    calls = open_page(empty).locator(".ticker li")
    expect(calls.first).to_contain_text("1,100 · ≥ $2.00")
    expect(calls.last.locator(".num").last).to_have_text("unpriced")
