"""A real dashboard over a real ledger, what the ledger holds, and a browser that notices everything that goes wrong."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import pytest

from codesession.domain.money import format_usd

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, ViewportSize

Open = Callable[..., "Page"]
"""`open_page(dashboard, path, **options of the browser)`"""

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "src" / "codesession" / "web" / "static"
CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
WINDOW: ViewportSize = {"width": 1440, "height": 900}
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup",  # an address bar that nobody sees: a second a window
]


def needed(present: bool, what: str) -> None:
    """Skip where something is not installed, but never in CI."""
    if present:
        return
    if os.environ.get("CI"):
        pytest.fail(f"{what}, and CI must not skip this")
    pytest.skip(what)


def environment(home: Path) -> dict[str, str]:
    """What a command needs to work with the ledger of a home folder."""
    return {**os.environ, "HOME": str(home), "TZ": "UTC", "PYTHONPATH": str(ROOT / "src")}


@dataclass(frozen=True)
class Dashboard:
    """One running server."""

    home: Path
    url: str
    token: str

    @property
    def entrance(self) -> str:
        """The address that lets a browser in, as `cs dashboard` opens it."""
        return f"{self.url}/?token={self.token}"

    def ask(self, path: str) -> Any:
        """What the API answers to a script."""
        request = Request(f"{self.url}/api/v1{path}", headers={"Authorization": f"Bearer {self.token}"})
        with urlopen(request, timeout=20) as answer:
            return json.load(answer)

    @contextmanager
    def ledger(self) -> Iterator[sqlite3.Connection]:
        """The ledger itself, read beside the server."""
        connection = sqlite3.connect(self.home / ".codesession" / "sessions.db", timeout=20)
        connection.row_factory = sqlite3.Row
        try:
            yield connection
        finally:
            connection.close()

    def one(self, sql: str, *values: object) -> sqlite3.Row:
        """The one row that a question to the ledger finds."""
        with self.ledger() as ledger:
            row: sqlite3.Row = ledger.execute(sql, values).fetchone()
        return row

    def cs(self, *arguments: str) -> str:
        """A command over the same ledger, and what it printed."""
        command = [sys.executable, "-m", "codesession", *arguments]
        done = subprocess.run(
            command, env=environment(self.home), cwd=self.home, capture_output=True, text=True, check=True
        )
        return done.stdout

    def cost(self, where: str = "1", *values: object) -> str:
        """What calls cost, added up from the ledger's rows, as it should stand on the page."""
        found = self.one(
            "SELECT COUNT(*) AS calls, SUM(cost_picousd) AS cost, SUM(cost_picousd IS NULL) AS unpriced,"
            " SUM(usage_status = 'lower_bound' OR cost_status = 'lower_bound') AS bound"
            f" FROM model_requests WHERE {where}",
            *values,
        )
        if found["cost"] is None:
            return "unpriced"
        return ("≥ " if found["unpriced"] or found["bound"] else "") + format_usd(found["cost"])


@contextmanager
def serving(home: Path) -> Iterator[Dashboard]:
    """`cs dashboard` over the ledger of a home folder."""
    command = [sys.executable, "-m", "codesession", "dashboard", "--no-open", "--json"]
    with (home / "server.log").open("w") as log:
        process = subprocess.Popen(
            command, env=environment(home), cwd=home, stdout=subprocess.PIPE, stderr=log, text=True
        )
        assert process.stdout is not None
        try:
            started = json.loads(process.stdout.readline())
            yield Dashboard(home=home, url=started["url"], token=started["token"])
        finally:
            process.terminate()
            process.wait(timeout=20)
            process.stdout.close()


@dataclass
class Complaints:
    """What a browser found wrong with a page: nothing may be."""

    own: str
    forgiven: str | None = None
    """What a test provokes: complaints with this text in them are not counted."""
    found: list[str] = field(default_factory=list)

    def _note(self, complaint: str) -> None:
        if self.forgiven is None or self.forgiven not in complaint:
            self.found.append(complaint)

    def watch(self, page: Any) -> None:
        """Listen to everything that a page says."""
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self._note(f"error: {error}"))
        page.on("request", self._on_request)
        page.on("response", self._on_response)

    def _on_console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self._note(f"console {message.type}: {message.text}")

    def _on_request(self, request: Any) -> None:
        if not request.url.startswith((self.own, "data:", "blob:")):
            self._note(f"asked a third party: {request.url}")

    def _on_response(self, response: Any) -> None:
        if response.status >= 400:
            self._note(f"{response.status} {response.url}")


@contextmanager
def opening(context: BrowserContext) -> Iterator[Open]:
    """
    Pages of a dashboard; at the end nothing may have gone wrong in one, and the browser knows nothing of them.

    They share a browser's context with those of other tests: the page's code is fetched and compiled once.
    """
    found: list[Complaints] = []

    def open_(
        server: Dashboard, path: str = "/", *, forgive: str | None = None, viewport: ViewportSize = WINDOW, **media: Any
    ) -> Page:
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.set_viewport_size(viewport)
        page.emulate_media(**{"color_scheme": "light", **media})
        complaints = Complaints(server.url, forgive)
        complaints.watch(page)
        found.append(complaints)
        if path == "/":
            page.goto(server.entrance)
        else:
            context.request.get(server.entrance)  # for the cookie
            page.goto(server.url + path)
        wait_for_figures(page)
        return page

    yield open_
    complained = [complaint for complaints in found for complaint in complaints.found]
    for page in context.pages:
        page.evaluate("localStorage.clear()")
        page.close()
    context.clear_cookies()
    assert complained == []


def wait_for_figures(page: Page) -> None:
    """Until a page shows what it is about."""
    page.locator("h1").first.wait_for()
    page.locator("[role=status][aria-label=Loading]").first.wait_for(state="detached")


_SETTLED = """() => new Promise(settled => {
  let before, same = 0;
  const look = () => {
    const now = [...document.querySelectorAll("html, main *")].map(part => part.scrollWidth).join();
    same = now === before ? same + 1 : 0;
    before = now;
    if (same < 10) requestAnimationFrame(look); else settled();
  };
  look();
})"""
"""Counted in frames drawn, not in time: a chart takes its new width a frame or more after its window, however slow."""


def resize(page: Page, width: int, height: int = WINDOW["height"]) -> Page:
    """A page in a window of another size, once everything on it has kept its width for ten frames."""
    page.set_viewport_size({"width": width, "height": height})
    return settled(page)


def settled(page: Page) -> Page:
    """A page that has drawn ten frames without moving anything: it is no longer busy with what it was told to show."""
    page.evaluate(_SETTLED)
    return page


def pixels_beyond(page: Page) -> int:
    """How much wider than its window a page is."""
    return max(0, page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth"))
