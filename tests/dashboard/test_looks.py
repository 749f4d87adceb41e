"""Every page: accessible, light and dark, from a phone to a wall; and the pictures for the documents."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import pytest
from playwright.sync_api import expect

from support.dashboards import ROOT, WINDOW, needed, opening, pixels_beyond, resize

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

    from support.dashboards import Dashboard, Open

AXE = ROOT / "dashboard" / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = ROOT / "docs" / "images"

SESSION = "/sessions/{session}"
PAGES = {
    "overview": "/",
    "sessions": "/sessions",
    "session": SESSION,
    "calls": f"{SESSION}?tab=calls",
    "commits": f"{SESSION}?tab=commits",
    "files": f"{SESSION}?tab=files",
    "notes": f"{SESSION}?tab=notes",
    "compare": "/compare?ids={session}&ids=3",
    "models": "/models?what=anthropic+%2F+claude-opus-5-5&if=openai+%2F+gpt-6.2-sol",
    "agents": "/agents",
    "projects": "/projects",
    "insights": "/insights",
    "budgets": "/budgets",
    "prices": "/prices",
    "help": "/help",
    "settings": "/settings",
}
Scheme = Literal["light", "dark"]
RULES: dict[Scheme, tuple[str, ...]] = {"light": (), "dark": ("color-contrast", "link-in-text-block")}
"""Of axe: all, and those that look at colours. Of the others a page in the dark says what it says in the light."""
_SETTLED_MS = 400


class Shown(NamedTuple):
    """A page in a window."""

    name: str
    page: Page


@pytest.fixture(scope="module")
def session(dashboard: Dashboard) -> int:
    """The newest session with commits in the real repository, rather one with sub-agents and notes."""
    found = (
        "SELECT id FROM sessions s WHERE git_root LIKE '%/shop' AND commits > 1 AND status = 'completed' ORDER BY"
        " EXISTS (SELECT 1 FROM model_requests WHERE session_id = s.id AND subagent_id IS NOT NULL)"
        " + EXISTS (SELECT 1 FROM session_notes WHERE session_id = s.id) DESC, id DESC"
    )
    return int(dashboard.one(found)[0])


@pytest.fixture(scope="module", params=PAGES)
def opened(
    request: pytest.FixtureRequest, dashboard: Dashboard, context: BrowserContext, session: int
) -> Iterator[Shown]:
    """Each page, opened once for everything that is looked at."""
    with opening(context) as open_page:
        yield Shown(request.param, open_page(dashboard, PAGES[request.param].format(session=session)))


@pytest.fixture
def shown(opened: Shown) -> Iterator[Shown]:
    """Each page in its usual window, which a test may change."""
    yield opened
    opened.page.emulate_media(color_scheme="light")
    opened.page.set_viewport_size(WINDOW)


def serious(page: Page, *rules: str) -> list[str]:
    """What axe finds that keeps people out, by all its rules or some of them."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    options = {"resultTypes": ["violations"], **({"runOnly": rules} if rules else {})}
    found = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"][:3]
    ]


def paint(page: Page, scheme: Scheme) -> None:
    """A page in the light or in the dark, once it stands still."""
    page.emulate_media(color_scheme=scheme)
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", scheme)
    page.wait_for_timeout(_SETTLED_MS)


def serious_in_any_light(page: Page) -> list[str]:
    """What axe finds in the light, and what in the dark."""
    found = []
    for scheme, rules in RULES.items():
        paint(page, scheme)
        found += serious(page, *rules)
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_keeps_nobody_out(shown: Shown, scheme: Scheme) -> None:
    """No serious finding of axe; with PICTURES naming a new home folder, pictures are taken for the documents."""
    paint(shown.page, scheme)
    if os.environ.get("PICTURES"):
        PICTURES.mkdir(exist_ok=True, parents=True)
        shown.page.screenshot(path=PICTURES / f"{shown.name}-{scheme}.png")
    needed(AXE.exists(), "axe is not installed: make dashboard")
    assert serious(shown.page, *RULES[scheme]) == []


def test_no_page_is_wider_than_its_window(shown: Shown) -> None:
    """From a phone to a wall: tables scroll inside, the page never sideways."""
    wide = {}
    for width in (360, 768, 2560, 3840):
        if beyond := pixels_beyond(resize(shown.page, width)):
            wide[width] = beyond
    assert wide == {}


def test_five_key_figures_leave_no_gap(dashboard: Dashboard, open_page: Open, session: int) -> None:
    """Each row of cards ends where the page does, on every width."""
    for path in ("/", SESSION.format(session=session)):
        page = open_page(dashboard, path)
        for width in (360, 600, 768, 1024, 1199, 1200, 1440):
            resize(page, width)
            boxes = page.locator(".kpi").evaluate_all("cards => cards.map(card => card.getBoundingClientRect())")
            edge = max(box["right"] for box in boxes)
            rows = {round(box["top"]): box["right"] for box in boxes}
            assert all(abs(right - edge) < 1 for right in rows.values()), (path, width)


def test_on_a_phone_the_menu_opens_and_leads_on(dashboard: Dashboard, open_page: Open) -> None:
    """The navigation is behind a button, and out of the way after a choice."""
    page = open_page(dashboard, viewport={"width": 360, "height": 740})
    page.get_by_role("button", name="Menu", exact=True).click()
    page.get_by_role("link", name="Sessions", exact=False).first.click()
    page.get_by_role("heading", level=1, name="Sessions").wait_for()
    assert not page.locator(".side").is_visible()


def test_on_a_phone_escape_closes_the_menu(dashboard: Dashboard, open_page: Open) -> None:
    """And the focus is where the menu was opened."""
    page = open_page(dashboard, viewport={"width": 360, "height": 740})
    opener = page.get_by_role("button", name="Menu", exact=True)
    opener.click()
    expect(page.locator(".side")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".side")).to_be_hidden()
    expect(opener).to_be_focused()


def test_what_comes_up_by_a_click_keeps_nobody_out(scratch: Dashboard, open_page: Open) -> None:
    """A button that leads on, an open dialog and a message: neither is there when a page is opened."""
    needed(AXE.exists(), "axe is not installed: make dashboard")
    scratch.cs("budget", "set", "0.02", "--period", "month", "--name", "long since", "--action", "warn")
    scratch.cs("alerts", "check")
    first, second = (row["id"] for row in scratch.ask("/sessions?limit=2")["sessions"])
    page = open_page(scratch, f"/sessions?compare={first}&compare={second}")
    assert serious_in_any_light(page) == []
    page.goto(f"{scratch.url}/budgets")
    page.get_by_role("button", name="New budget").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert serious_in_any_light(page) == []

    page.goto(f"{scratch.url}/budgets")
    page.get_by_role("table").first.wait_for()
    scratch.cs("budget", "set", "0.01", "--period", "month", "--name", "pennies", "--action", "warn")
    scratch.cs("alerts", "check")
    expect(page.get_by_role("alert").first).to_be_visible()
    assert serious_in_any_light(page) == []


def test_high_contrast_keeps_what_colours_say(dashboard: Dashboard, open_page: Open) -> None:
    """Bars and swatches are told from their ground, and the present page from the others."""
    page = open_page(dashboard, forced_colors="active")
    grounds = "part => [part, part.parentElement].map(one => getComputedStyle(one).backgroundColor)"
    for part in (".meter > i", ".bar > i", ".swatch"):
        own, below = page.locator(part).first.evaluate(grounds)
        assert own != below, part
    lines = page.locator(".nav a").evaluate_all("links => links.map(link => getComputedStyle(link).outlineStyle)")
    assert lines.count("solid") == 1


def test_every_picture_of_the_documents_is_there() -> None:
    """The manual shows each page, light and dark."""
    missing = [
        f"{name}-{scheme}.png"
        for name in PAGES
        for scheme in ("light", "dark")
        if not (PICTURES / f"{name}-{scheme}.png").exists()
    ]
    assert missing == [], f"PICTURES=/home/ada pytest {Path(__file__).relative_to(ROOT)}"
