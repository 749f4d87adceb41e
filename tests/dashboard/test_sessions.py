"""The list of sessions, and two of them side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from codesession.domain.money import format_usd
from support.ledger import COST

if TYPE_CHECKING:
    from support.dashboards import Dashboard, Open


def test_the_list_counts_what_the_ledger_holds(dashboard: Dashboard, open_page: Open) -> None:
    """Number of sessions, their whole cost, and pages of fifty."""
    found = dashboard.one("SELECT COUNT(*) FROM sessions")[0]
    page = open_page(dashboard, "/sessions")

    expect(page.get_by_role("heading", name=f"{found} sessions")).to_be_visible()
    expect(page.get_by_text("costing")).to_contain_text(dashboard.cost("session_id IS NOT NULL"))
    expect(page.locator("tbody tr")).to_have_count(50)
    page.get_by_role("button", name="Next page").click()
    expect(page).to_have_url(f"{dashboard.url}/sessions?page=2")
    expect(page.get_by_text(f"51–100 of {found} sessions")).to_be_visible()


def test_sorting_by_cost_is_the_servers(dashboard: Dashboard, open_page: Open) -> None:
    """The dearest session of the ledger stands first, with its cost."""
    dearest = dashboard.one(f"SELECT name, {COST} AS cost_picousd FROM sessions ORDER BY 2 DESC")
    page = open_page(dashboard, "/sessions")
    page.get_by_role("button", name="Cost", exact=True).click()

    expect(page).to_have_url(f"{dashboard.url}/sessions?sort=cost")
    first = page.locator("tbody tr").first
    expect(first).to_contain_text(dearest["name"])
    expect(first).to_contain_text(format_usd(dearest["cost_picousd"]))
    page.get_by_role("button", name="Cost", exact=True).click()
    expect(page).to_have_url(f"{dashboard.url}/sessions?sort=cost&order=asc")


def test_search_status_and_cost_narrow_the_list(dashboard: Dashboard, open_page: Open) -> None:
    """Each narrows on the server, and each is in the address; a view that finds nothing says so."""
    page = open_page(dashboard, "/sessions")
    page.keyboard.press("/")
    page.keyboard.type("webhooks")
    expect(page).to_have_url(f"{dashboard.url}/sessions?search=webhooks")
    count = dashboard.one("SELECT COUNT(*) FROM sessions WHERE name LIKE '%webhooks%'")[0]
    expect(page.locator("tbody tr")).to_have_count(count)

    page.goto(f"{dashboard.url}/sessions?status=active")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_label("Least cost in dollars").fill("99999")
    expect(page.get_by_text("No session matches")).to_be_visible()


def test_two_sessions_side_by_side(dashboard: Dashboard, open_page: Open) -> None:
    """Tick two, compare them: both costs are those of the ledger."""
    found = dashboard.ask("/sessions")["sessions"]
    known = [at for at, row in enumerate(found) if row["usage"]["costStatus"] == "complete" and row["usage"]["costUsd"]]
    page = open_page(dashboard, "/sessions")
    for number in known[:2]:
        page.locator("tbody tr").nth(number).get_by_role("checkbox").check()
    page.get_by_role("link", name="Compare 2 sessions").click()

    rows = [found[number] for number in known[:2]]
    expect(page.get_by_role("heading", name="Compare sessions")).to_be_visible()
    cells = page.locator("tr").filter(has=page.get_by_role("rowheader", name="Cost", exact=True)).get_by_role("cell")
    expect(cells).to_have_count(3)
    for row in rows:
        expect(cells.filter(has_text=dashboard.cost("session_id = ?", row["id"]))).to_have_count(1)
    costs = [row["usage"]["costUsd"] for row in rows]
    change = round(abs(costs[1] / costs[0] - 1) * 100)
    expect(cells.last).to_have_text(f"{'+' if costs[1] >= costs[0] else '−'}{change}%")


def test_five_sessions_are_compared_at_most(dashboard: Dashboard, open_page: Open) -> None:
    """One is too few for a way on, and a sixth takes none of the five away; the focus stays on what was ticked."""
    page = open_page(dashboard, "/sessions")
    ticks = page.locator("tbody").get_by_role("checkbox")
    ticks.nth(0).check()
    expect(ticks.nth(0)).to_be_focused()
    expect(page.get_by_role("button", name="Tick one more to compare")).to_be_disabled()
    expect(page.get_by_role("link", name="compare")).to_have_count(0)
    for number in range(1, 5):
        ticks.nth(number).check()
    expect(page.get_by_role("link", name="Compare 5 sessions")).to_be_visible()
    expect(ticks.nth(5)).to_be_disabled()
    expect(ticks.nth(0)).to_be_checked()
    ticks.nth(0).uncheck()
    expect(ticks.nth(5)).to_be_enabled()
