"""What stands out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from codesession.domain.money import format_usd
from support.ledger import COST

if TYPE_CHECKING:
    from support.dashboards import Dashboard, Open


def test_the_heatmap_holds_every_call_in_the_chosen_zone(dashboard: Dashboard, open_page: Open) -> None:
    """Weekday by hour; another zone shifts the hours."""
    page = open_page(dashboard, "/insights?range=all")
    activity = page.get_by_role("region", name="Activity", exact=True)
    expect(activity).to_contain_text("hours of ")
    expect(activity.locator("tbody td")).to_have_count(7 * 24)

    page.evaluate("localStorage.setItem('codesession.zone', 'Asia/Tokyo')")
    page.reload()
    expect(activity).to_contain_text("hours of Asia/Tokyo")


def test_the_dearest_session_is_the_ledgers(dashboard: Dashboard, open_page: Open) -> None:
    """Hours, sessions and commits, dearest first."""
    name, cost = dashboard.one(f"SELECT name, {COST} AS cost_picousd FROM sessions ORDER BY 2 DESC")
    page = open_page(dashboard, "/insights?range=all")
    first = page.get_by_role("region", name="Most expensive sessions").locator("li").first
    expect(first).to_contain_text(name)
    expect(first).to_contain_text(format_usd(cost))
    expect(page.get_by_role("region", name="Most expensive commits").locator("li").first).to_be_visible()


def test_hotspots_count_sessions(dashboard: Dashboard, open_page: Open) -> None:
    """The file that most sessions of one project changed stands first."""
    sessions = dashboard.one(
        "SELECT COUNT(DISTINCT session_id) AS n FROM file_changes JOIN sessions ON sessions.id = session_id"
        " GROUP BY directory, file_path ORDER BY n DESC"
    )[0]
    page = open_page(dashboard, "/insights?range=all")
    first = page.get_by_role("region", name="File hotspots").first.locator("tbody tr").first
    expect(first.locator("td").nth(1)).to_have_text(str(sessions))


def test_cache_waste_says_how_it_is_found(dashboard: Dashboard, open_page: Open) -> None:
    """A figure with its basis beside it."""
    answer = dashboard.ask("/insights/cache-waste?limit=15")
    page = open_page(dashboard, "/insights?range=all")
    panel = page.get_by_role("region", name="Cache waste").first
    expect(panel).to_contain_text(answer["basis"])
    expect(panel).to_contain_text(format_usd(round(answer["wastedUsd"] * 10**10) * 100))


def test_a_page_far_away_is_reached_by_its_number(dashboard: Dashboard, open_page: Open) -> None:
    """A number and Enter; beyond the last page is the last page."""
    page = open_page(dashboard, "/insights?range=all")
    pages = page.get_by_role("navigation", name="Pages of files")
    number = pages.get_by_label("Page number")
    number.fill("3")
    number.press("Enter")
    expect(page).to_have_url(f"{dashboard.url}/insights?range=all&page=3")
    expect(pages).to_contain_text("31–45 of")
    number.fill("9999")
    number.press("Enter")
    expect(pages.get_by_role("button", name="Last page")).to_be_disabled()
