"""Every page: accessible, light and dark, from a phone to a wall; and the pictures for the documents."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.dashboards import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

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
_SETTLED_MS = 400


@pytest.fixture
def session(dashboard: Dashboard) -> int:
    """The newest session with commits in the real repository, rather one with sub-agents and notes."""
    found = (
        "SELECT id FROM sessions s WHERE git_root LIKE '%/shop' AND commits > 1 AND status = 'completed' ORDER BY"
        " EXISTS (SELECT 1 FROM model_requests WHERE session_id = s.id AND subagent_id IS NOT NULL)"
        " + EXISTS (SELECT 1 FROM session_notes WHERE session_id = s.id) DESC, id DESC"
    )
    return int(dashboard.one(found)[0])


def serious(page: Page) -> list[str]:
    """What axe finds that keeps people out."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"][:3]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_keeps_nobody_out(dashboard: Dashboard, open_page: Open, session: int, name: str, scheme: str) -> None:
    """No serious finding of axe; with PICTURES naming a new home folder, pictures are taken for the documents."""
    page = open_page(dashboard, PAGES[name].format(session=session), color_scheme=scheme)
    page.wait_for_timeout(_SETTLED_MS)
    if os.environ.get("PICTURES"):
        PICTURES.mkdir(exist_ok=True, parents=True)
        page.screenshot(path=PICTURES / f"{name}-{scheme}.png")
    if not AXE.exists():
        pytest.skip("axe is not installed: make dashboard")
    assert serious(page) == []


@pytest.mark.parametrize("width", [360, 768, 2560, 3840])
def test_no_page_is_wider_than_its_window(dashboard: Dashboard, open_page: Open, session: int, width: int) -> None:
    """From a phone to a wall: tables scroll inside, the page never sideways."""
    page = open_page(dashboard, viewport={"width": width, "height": 900})
    wide = {}
    for name, path in PAGES.items():
        page.goto(dashboard.url + path.format(session=session))
        page.locator("h1").first.wait_for()
        page.locator("[role=status][aria-label=Loading]").first.wait_for(state="detached")
        page.wait_for_timeout(150)
        beyond = page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
        if beyond > 0:
            wide[name] = beyond
    assert wide == {}


def test_on_a_phone_the_menu_opens_and_leads_on(dashboard: Dashboard, open_page: Open) -> None:
    """The navigation is behind a button, and out of the way after a choice."""
    page = open_page(dashboard, viewport={"width": 360, "height": 740})
    page.get_by_role("button", name="Menu", exact=True).click()
    page.get_by_role("link", name="Sessions", exact=False).first.click()
    page.get_by_role("heading", level=1, name="Sessions").wait_for()
    assert not page.locator(".side").is_visible()


def test_every_picture_of_the_documents_is_there() -> None:
    """The manual shows each page, light and dark."""
    missing = [
        f"{name}-{scheme}.png"
        for name in PAGES
        for scheme in ("light", "dark")
        if not (PICTURES / f"{name}-{scheme}.png").exists()
    ]
    assert missing == [], f"PICTURES=/home/ada pytest {Path(__file__).relative_to(ROOT)}"
