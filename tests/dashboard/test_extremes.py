"""Names and figures of any length, other years, and writing from right to left: everything keeps to its place."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from playwright.sync_api import expect

from codesession.app import App
from codesession.domain.budget import BudgetAction, BudgetPeriod, BudgetScope, NewBudget
from codesession.domain.money import PICO
from codesession.domain.pricing import CostStatus
from codesession.domain.usage import TokenUsage
from support.dashboards import Dashboard, pixels_beyond, resize, serving, wait_for_figures
from support.ledger import make_request, make_session

if TYPE_CHECKING:
    from support.dashboards import Open

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
LONG = "unbroken" * 11
ARABIC = "مشروع طويل جدا للاختبار مع نص كثير جدا لكي يقطع في النهاية والمزيد من النص هنا"
TURNED = "invoice\u202efdp.exe"
MODEL, AGENT, FOLDER = f"model-{'m' * 80}", f"agent-{'a' * 80}", f"/srv/{'d' * 200}"
WIDTHS = (360, 1024, 1280)

BEYOND = """() => [...document.querySelectorAll(
    '.kpi-value, .kpi-foot > *, .facts dd, .timeline > li > *, .figures > li > *, .spread > *'
)].flatMap((part) => {
    const around = part.closest('.kpi, .facts > div, .timeline > li, .figures > li, .spread').getBoundingClientRect();
    const beyond = Math.max(
        part.getBoundingClientRect().right - around.right,
        getComputedStyle(part).overflowX === 'visible' ? part.scrollWidth - part.clientWidth : 0,
    );
    return part.clientWidth > 0 && beyond > 2 ? [`${part.className}: ${part.textContent.slice(0, 40)}`] : [];
})"""
"""What stands out of its card or column, or is printed over the next one."""

CUT_TABLES = """() => [...document.querySelectorAll('.scroll:has(.table)')]
    .filter((table) => table.scrollWidth > table.clientWidth + 1)
    .map((table) => table.ariaLabel)"""

CUT_WITHOUT_TITLE = """() => [...document.querySelectorAll('main .clip, main .lines')]
    .filter((cut) => cut.scrollWidth > cut.clientWidth || cut.scrollHeight > cut.clientHeight + 1)
    .filter((cut) => !cut.closest('[title]') && !cut.querySelector('[title]'))
    .map((cut) => cut.textContent.slice(0, 60))"""


class Extreme(NamedTuple):
    """A ledger of extremes, and the numbers of its sessions by name."""

    dashboard: Dashboard
    ids: dict[str, int]

    def path(self, name: str) -> str:
        return f"/sessions/{self.ids[name]}"


@pytest.fixture(scope="module")
def extreme(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Extreme]:
    """Millions and billionths of a dollar, long names, yesterday's midnight and the year before last."""
    home = tmp_path_factory.mktemp("extreme")
    app, now = App({**os.environ, "HOME": str(home), "TZ": "UTC"}, home), time.time_ns() // 1_000_000
    midnight = now - now % DAY_MS - DAY_MS
    ids: dict[str, int] = {}

    def session(name: str, start: int, costs: list[int | None], *, step: int = 0, ends: bool = True) -> None:
        made = app.store.create_session(
            make_session(FOLDER, name=name, git_branch="b" * 120, git_root=FOLDER, started_at_ms=start), exclusive=False
        )
        assert made is not None
        ids[name] = made.id
        for number, cost in enumerate(costs):
            app.store.add_request(
                make_request(
                    session_id=made.id, project=FOLDER, request_model=MODEL, agent_name=AGENT,
                    response_id=f"{name}{number}", cost_picousd=cost, started_at_ms=start + step * number,
                    cost_status=CostStatus.EXACT if cost is not None else CostStatus.UNKNOWN,
                )
            )  # fmt: skip
        if ends:
            commits = [("0" * 40, ARABIC, start)] if name == ARABIC else []
            app.store.finish_session(
                made.id, ended_at_ms=start + step * len(costs), notes=None, commits=commits, files=[]
            )

    session(LONG, now, [2_999_997 * PICO, 1_000, None, 370_000_000_000])
    session(ARABIC, now, [PICO])
    session(TURNED, now, [PICO], ends=False)
    session("over midnight", midnight - HOUR_MS, [PICO] * 4, step=HOUR_MS)
    session("years ago", now - 400 * DAY_MS, [PICO])
    for number in range(60):
        session(f"{number}", midnight, [PICO // 50])
    app.store.add_request(
        make_request(
            response_id="many", request_model="tokens", started_at_ms=midnight, cost_picousd=0,
            usage=TokenUsage(input_tokens=999_999_999_999),
        )
    )  # fmt: skip
    for scope, name in ((BudgetScope.GLOBAL, LONG), (BudgetScope.SESSION, "careful")):
        app.budgets.set(
            NewBudget(
                scope=scope, name=name, limit_picousd=PICO,
                period=BudgetPeriod.MONTH if scope is BudgetScope.GLOBAL else BudgetPeriod.TOTAL,
                action=BudgetAction.WARN,
            )
        )  # fmt: skip
    app.alerts.check()
    app.close()
    with serving(home) as server:
        yield Extreme(server, ids)


PATHS = ["/", "/sessions", "{long}", "/models", "/insights", "/budgets"]


@pytest.mark.parametrize("path", [*PATHS, "/compare?{two}"])
def test_nothing_leaves_its_card_its_column_or_the_page(extreme: Extreme, open_page: Open, path: str) -> None:
    """Figures of twelve digits and names without a space, from a phone to a laptop; what is cut can be read."""
    two = f"ids={extreme.ids[LONG]}&ids={extreme.ids[ARABIC]}"
    page = open_page(extreme.dashboard, path.format(long=extreme.path(LONG), two=two))
    wrong = {}
    for width in WIDTHS:
        resize(page, width)
        found = [*page.evaluate(BEYOND), *page.evaluate(CUT_TABLES), *page.evaluate(CUT_WITHOUT_TITLE)]
        if beyond := pixels_beyond(page):
            found.append(f"{beyond} pixels beyond the window")
        if found:
            wrong[width] = found
    assert wrong == {}


def test_a_mark_beside_a_name_leaves_the_name_its_room(extreme: Extreme, open_page: Open) -> None:
    """Of a model with unpriced calls more than a letter is seen; so is the model's name in the last calls."""
    page = resize(open_page(extreme.dashboard, "/models"), 360)
    box = page.get_by_role("link", name=MODEL).bounding_box()
    assert box is not None and box["width"] > 100

    page = open_page(extreme.dashboard)
    model = page.locator(".ticker li", has_text=MODEL).first.locator(f"[title='{MODEL}']").bounding_box()
    assert model is not None and model["width"] > 100


def test_names_turn_nothing_around_them(extreme: Extreme, open_page: Open) -> None:
    """Whoever writes from right to left is cut at the end; a character that would turn its surroundings is shown."""
    page = open_page(extreme.dashboard, "/sessions")
    expect(page.get_by_role("link", name=ARABIC)).to_have_css("direction", "rtl")
    expect(page.get_by_role("link", name=LONG)).to_have_css("direction", "ltr")
    expect(page.get_by_role("link", name="invoice‹U+202E›fdp.exe")).to_be_visible()
    page.goto(extreme.dashboard.url + extreme.path(TURNED))
    expect(page.get_by_role("heading", level=1)).to_have_text("invoice‹U+202E›fdp.exe")
    page.goto(f"{extreme.dashboard.url}{extreme.path(ARABIC)}?tab=commits")
    message = page.get_by_role("button", name=ARABIC)
    expect(message).to_have_css("text-align", "left")
    expect(message).to_have_css("text-wrap-mode", "nowrap")
    for path in ("/", "/sessions", "/insights", "/budgets"):
        page.goto(extreme.dashboard.url + path)
        wait_for_figures(page)
        assert "\u202e" not in page.locator("body").inner_text(), path


def test_a_sentence_of_the_server_keeps_the_order_of_its_words(extreme: Extreme, open_page: Open) -> None:
    """A number beside a name from right to left stays beside it, on its own side."""
    page = open_page(extreme.dashboard, "/budgets", forgive="400")
    page.get_by_role("button", name="New budget").click()
    page.get_by_label("Limit in dollars").fill("ארבעה דולר 12, חמש 5")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_contain_text("'\u2068ארבעה דולר 12, חמש\u2069 5' is no amount")


def test_days_and_years_are_said_where_they_are_others(extreme: Extreme, open_page: Open) -> None:
    """Another year in lists and on the button, the day after midnight, and calls that are not today's."""
    old = time.gmtime(time.time() - 400 * 24 * 3600)
    page = open_page(extreme.dashboard, "/sessions?search=years")
    expect(page.locator("tbody td.hide-sm").get_by_text(f" {old.tm_year}, ")).to_be_visible()

    page.goto(f"{extreme.dashboard.url}/sessions?since={old.tm_year}-01-02")
    expect(page.get_by_role("button", name="Choose dates")).to_have_text(f"2 Jan {old.tm_year} – now")

    page.goto(extreme.dashboard.url + extreme.path("over midnight"))
    days = page.locator(".timeline > li").filter(has=page.locator(".new-day"))
    expect(days).to_have_count(2)
    expect(days.nth(1)).to_contain_text("00:00:00")

    page.goto(extreme.dashboard.url)
    yesterday = time.gmtime(time.time() - 24 * 3600)
    expect(page.locator(".ticker li").last).to_contain_text(f"{yesterday.tm_mday} {time.strftime('%b', yesterday)}")


def test_a_sum_that_leaves_calls_out_says_so(extreme: Extreme, open_page: Open) -> None:
    """With an unpriced call among them a budget and the month have spent at least what is known."""
    page = open_page(extreme.dashboard)
    month = page.get_by_role("region", name="To the month's end")
    expect(month).to_contain_text("≥ $")
    budget = page.get_by_role("region", name="Budgets").locator("li", has_text=LONG)
    expect(budget).to_contain_text("≥ $")
    running = extreme.ids[TURNED]
    expect(page.get_by_role("region", name="Budgets")).to_contain_text(f"careful · session {running}")
    page.goto(f"{extreme.dashboard.url}/budgets")
    expect(page.get_by_role("article", name=LONG)).to_contain_text("≥ $")
    expect(page.get_by_role("article", name="careful")).to_contain_text("of the running session that has used most")


def test_what_is_not_known_whole_is_not_compared(extreme: Extreme, open_page: Open) -> None:
    """An amount that may be any higher one is not the least, and no percentage stands beside it or without calls."""
    page = open_page(extreme.dashboard, f"/compare?ids={extreme.ids[LONG]}&ids={extreme.ids[ARABIC]}")
    for name in ("Cost", "Cost per call"):
        line = page.locator("tr").filter(has=page.get_by_role("rowheader", name=name, exact=True))
        expect(line.get_by_role("cell").nth(1)).to_have_text("$1.00 ")
        expect(line.get_by_role("cell").last).to_have_text("")
    extreme.dashboard.cs("start", "nothing yet", "--json")
    newest = extreme.dashboard.ask("/sessions?limit=1")["sessions"][0]["id"]
    page.goto(f"{extreme.dashboard.url}/compare?ids={newest}&ids={extreme.ids[ARABIC]}")
    wait_for_figures(page)
    expect(page.get_by_role("rowheader", name="Cost per call")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("NaN")


def test_the_lines_of_a_chart_are_named_exactly(extreme: Extreme, open_page: Open) -> None:
    """From line to line it is the same step: `$2.25M` between 1.5 and 3 million is not `$2.3M`."""
    page = open_page(extreme.dashboard, f"/?agent={AGENT}")
    ticks = page.locator(".chart text").filter(has_text="$")
    expect(ticks).to_have_text(["$0", "$750K", "$1.5M", "$2.25M", "$3M"])


def test_large_and_small_figures_keep_their_form(extreme: Extreme, open_page: Open) -> None:
    """Thousands are set apart, a rounded unit is the next one, and a little is not nothing."""
    page = open_page(extreme.dashboard, "/models?range=all")
    tokens = page.locator("tbody tr").filter(has=page.get_by_role("link", name="tokens", exact=True))
    expect(tokens.locator("td").nth(2)).to_have_text("1T")
    page.goto(f"{extreme.dashboard.url}/budgets")
    card = page.get_by_role("article", name=LONG)
    percent = card.locator(".num").filter(has_text="%").inner_text()
    assert len(percent) > 9 and percent.count(",") == 2

    page.goto(f"{extreme.dashboard.url}/sessions?page=999")
    expect(page.get_by_role("button", name="Last page")).to_be_disabled()
    expect(page).to_have_url(f"{extreme.dashboard.url}/sessions?page=2")
