"""What stands around every page: keys, palette, live figures, the lock, help, settings."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from support.dashboards import settled

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from support.dashboards import Dashboard, Open


def test_keys_lead_to_pages(dashboard: Dashboard, open_page: Open) -> None:
    """`g` and a letter goes to a page, `/` to the search."""
    page = open_page(dashboard)
    for key, title in (
        ("s", "Sessions"),
        ("m", "Models"),
        ("i", "Insights"),
        ("b", "Budgets & Alerts"),
        ("o", "Overview"),
    ):
        settled(page)  # a busy one takes keys one by one, and the second of two would come too late
        page.keyboard.press("g")
        page.keyboard.press(key)
        expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_whoever_leaves_a_page_is_not_led_back(dashboard: Dashboard, open_page: Open) -> None:
    """By a search that was typed just before; and keys take nobody out of a dialog."""
    page = open_page(dashboard, "/sessions")
    page.keyboard.press("/")
    page.keyboard.type("cache")
    page.get_by_role("navigation", name="Pages", exact=True).get_by_role("link", name="Budgets").click()
    page.wait_for_timeout(400)
    expect(page).to_have_url(f"{dashboard.url}/budgets")
    page.get_by_role("button", name="New budget").click()
    page.get_by_role("button", name="Cancel").focus()
    page.keyboard.press("g")
    page.keyboard.press("s")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page).to_have_url(f"{dashboard.url}/budgets")


@pytest.mark.parametrize("path", ["/nowhere", "/sessions/abc", "/sessions/1/2"])
def test_an_address_that_is_no_page_is_said_to_be_none(dashboard: Dashboard, open_page: Open, path: str) -> None:
    """A session has a number."""
    expect(open_page(dashboard, path).get_by_text("There is no such page")).to_be_visible()


@pytest.mark.parametrize(
    "address", ["/?since=abc", "/sessions?since=abc", "/models?until=x", "/insights?since=2026-13-01",
                "/?since=2026-11-01T00:00", "/sessions?since=2026-02-30", "/?until=0000-01-01"],
)  # fmt: skip
def test_a_date_that_is_none_is_no_filter(dashboard: Dashboard, open_page: Open, address: str) -> None:
    """Whatever an address says, the page is there and shows the usual time."""
    page = open_page(dashboard, address)
    expect(page.get_by_role("button", name="Choose dates")).to_have_text("Dates")


def test_a_date_is_typed_part_by_part(dashboard: Dashboard, open_page: Open) -> None:
    """Each part that is typed counts at once and leaves the focus where it is; a last day before the first does not."""
    page = open_page(dashboard, "/?since=2026-03-04&until=2026-11-20")
    page.get_by_role("button", name="Choose dates").click()
    first, last = page.get_by_label("From", exact=True), page.get_by_label("To", exact=True)
    first.focus()
    page.keyboard.type("0506")
    expect(first).to_be_focused()
    expect(first).to_have_value("2026-05-06")
    expect(page).to_have_url(f"{dashboard.url}/?since=2026-05-06&until=2026-11-20")
    last.focus()
    page.keyboard.type("02")
    expect(last).to_have_attribute("aria-invalid", "true")
    expect(page).to_have_url(f"{dashboard.url}/?since=2026-05-06&until=2026-11-20")


def test_a_page_that_cannot_be_fetched_leaves_the_frame(dashboard: Dashboard, browser: Browser) -> None:
    """Its place says so; the other pages are there, and it is too once the server answers again."""
    page = browser.new_context().new_page()
    page.goto(dashboard.entrance)
    page.get_by_role("heading", level=1, name="Overview").wait_for()
    away = re.compile(r"/assets/(SessionsPage|InsightsPage)")
    page.route(away, lambda route: route.abort())
    menu, alert = page.get_by_role("navigation", name="Pages", exact=True), page.get_by_role("alert")
    menu.get_by_role("link", name="Sessions").click()
    expect(alert).to_contain_text("could not be fetched")
    menu.get_by_role("link", name="Overview").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    menu.get_by_role("link", name="Insights").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Try again").click()
    expect(alert).to_contain_text("could not be fetched")

    page.unroute(away)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Insights")
    menu.get_by_role("link", name="Sessions").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sessions")
    page.context.close()


@pytest.mark.parametrize(
    ("path", "title"),
    [("/compare?ids=1&ids=2", "Compare sessions"), ("/providers", "Providers"), ("/sources", "Sources"),
     ("/nowhere", "Nothing here"), ("/", "Overview"), ("/budgets", "Budgets & Alerts")],
)  # fmt: skip
def test_a_tab_says_what_is_in_it(dashboard: Dashboard, open_page: Open, path: str, title: str) -> None:
    """The page's own heading, by which tabs are told apart."""
    expect(open_page(dashboard, path)).to_have_title(f"{title} · codesession")


def test_a_sessions_tab_has_its_name(dashboard: Dashboard, open_page: Open) -> None:
    """Not that of the list."""
    number, name = dashboard.one("SELECT id, name FROM sessions")
    expect(open_page(dashboard, f"/sessions/{number}")).to_have_title(f"{name} · codesession")


def test_the_palette_finds_pages_and_sessions(dashboard: Dashboard, open_page: Open) -> None:
    """Ctrl+K, a few letters, Enter."""
    name, number = dashboard.one("SELECT name, MAX(id) FROM sessions GROUP BY name ORDER BY 2 DESC")
    page = open_page(dashboard)
    search = page.get_by_placeholder("Pages, actions, sessions")
    page.keyboard.press("Control+k")
    expect(search).to_be_focused()
    page.keyboard.type("prices")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Prices")

    expect(search).to_have_count(0)
    page.keyboard.press("Control+k")
    expect(search).to_be_focused()
    page.keyboard.type(name)
    page.locator(".mantine-Spotlight-action", has_text=name).first.click()
    expect(page).to_have_url(re.compile(rf"/sessions/{number}$"))


def test_figures_change_by_themselves(quiet: Dashboard, open_page: Open) -> None:
    """A call that a command records is on the open page a moment later; an idle page asks for nothing."""
    page = open_page(quiet)
    page.locator(".recharts-bar-rectangle path").first.wait_for(state="attached")
    page.wait_for_timeout(3_000)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(4_000)
    assert asked == []

    quiet.cs("start", "From the terminal", "--json")
    quiet.cs("log-ai", "-p", "anthropic", "-m", "claude-opus-5-5", "--prompt-tokens", "1000000", "-c", "7.77")
    now = page.get_by_role("region", name="Right now")
    expect(now).to_contain_text("From the terminal")
    expect(now).to_contain_text("$7.77")
    today = quiet.cost("started_at_ms >= unixepoch('now', 'start of day') * 1000")
    expect(page.get_by_role("group", name="Today").locator(".kpi-value")).to_have_text(today)


def test_two_tabs_share_one_connection(dashboard: Dashboard, open_page: Open) -> None:
    """The second tab is live through the first; when that is closed, it takes over."""
    first = open_page(dashboard)
    expect(first.locator(".side .live-dot")).to_have_attribute("data-state", "live")
    second = first.context.new_page()
    streams: list[str] = []
    second.on("request", lambda request: streams.append(request.url) if "/events" in request.url else None)
    second.goto(dashboard.url)
    expect(second.locator(".side .live-dot")).to_have_attribute("data-state", "live")
    assert streams == []

    with second.expect_request("**/events*", timeout=15_000):
        first.close()
    expect(second.locator(".side .live-dot")).to_have_attribute("data-state", "live")


def test_without_its_cookie_a_browser_sees_nothing(dashboard: Dashboard, browser: Browser) -> None:
    """The lock asks for the token, refuses a wrong one and opens with the right one."""
    page = browser.new_context().new_page()
    page.goto(dashboard.url)
    expect(page.get_by_role("heading", name="This dashboard is locked")).to_be_visible()
    expect(page).to_have_title("Locked · codesession")
    page.get_by_label("Token").first.fill("wrong")
    page.get_by_role("button", name="Unlock").click()
    expect(page.get_by_text("this needs the dashboard's token")).to_be_visible()
    page.get_by_label("Token").first.fill(dashboard.token)
    page.get_by_role("button", name="Unlock").click()
    expect(page.get_by_role("group", name="Today")).to_be_visible()
    page.context.close()


def test_the_token_leaves_the_address(dashboard: Dashboard, open_page: Open) -> None:
    """What was opened with a token is not in the address bar or the history afterwards."""
    assert "token" not in open_page(dashboard).url


def test_help_shows_every_command(dashboard: Dashboard, open_page: Open) -> None:
    """As the commands describe themselves, subcommands too; a search narrows."""
    commands = dashboard.ask("/help")["commands"]
    page = open_page(dashboard, "/help")
    for command in commands:
        expect(page.get_by_role("button", name=re.compile(rf"^{re.escape(command['name'])}\b")).first).to_be_visible()
    page.get_by_label("Search commands").fill("spreadsheet-nonsense")
    expect(page.get_by_text("No such command")).to_be_visible()


def test_colours_and_zone_are_kept(dashboard: Dashboard, open_page: Open) -> None:
    """A choice holds after a reload; the page is dark before the script has run."""
    page = open_page(dashboard, "/settings")
    page.get_by_text("Dark", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    page.reload(wait_until="commit")
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    page.get_by_role("combobox", name="Time zone").click()
    page.keyboard.type("Tokyo")
    page.get_by_role("option", name="Asia/Tokyo").first.click()
    expect(page.locator(".side-foot")).to_contain_text("Asia/Tokyo")


def test_a_currency_stands_beside_dollars(scratch: Dashboard, open_page: Open) -> None:
    """At its fixed rate; dollars stay."""
    page = open_page(scratch, "/settings")
    page.get_by_label("Code").fill("EUR")
    page.get_by_label("For one dollar").fill("0.5")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Dollars only")).to_be_visible()
    page.goto(scratch.url)
    expect(page.get_by_role("group", name="This month")).to_contain_text("≈ €")


def test_starting_fresh_is_typed_and_says_where_the_backup_is(scratch: Dashboard, open_page: Open) -> None:
    """Nothing happens before the words are right; then the ledger is empty and the old one is where the page says."""
    sessions = scratch.one("SELECT COUNT(*) FROM sessions")[0]
    for session in scratch.ask("/sessions?status=active")["sessions"]:
        scratch.cs("end", "-s", str(session["id"]))
    page = open_page(scratch, "/settings")
    button = page.get_by_role("button", name="Start fresh")
    expect(button).to_be_disabled()
    page.get_by_label("to confirm").fill("start fresh")
    button.click()
    said = page.get_by_role("status").filter(has_text="are in the backup")
    expect(said).to_contain_text(f"{sessions} sessions")
    assert Path(said.locator(".mono").inner_text()).exists()
    assert scratch.one("SELECT COUNT(*) FROM sessions")[0] == 0
    page.goto(scratch.url)
    expect(page.get_by_role("region", name="First steps")).to_be_visible()


def test_names_from_outside_are_text(scratch: Dashboard, open_page: Open) -> None:
    """A session's name cannot become markup or a script."""
    name = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    started = json.loads(scratch.cs("start", name, "--json"))
    page = open_page(scratch, f"/sessions/{started['id']}")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
