"""The page in a real browser, against a real server over a real ledger."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support import demo_ledger
from support.dashboards import CHROMIUM, CHROMIUM_OPTIONS, STATIC, WINDOW, Dashboard, Open, needed, opening, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext


@pytest.fixture(scope="session")
def built() -> Path:
    """The built page."""
    needed((STATIC / "index.html").exists(), "the page is not built: make dashboard")
    return STATIC


@pytest.fixture(scope="session")
def dashboard(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """Six weeks of work, looked at by tests that change nothing."""
    home = Path(os.environ["PICTURES"]) if "PICTURES" in os.environ else tmp_path_factory.mktemp("demo")
    home.mkdir(exist_ok=True)
    demo_ledger.build(home)
    with serving(home) as server:
        yield server


@pytest.fixture
def scratch(built: Path, tmp_path: Path) -> Iterator[Dashboard]:
    """A few days of work, for a test that changes something."""
    demo_ledger.build(tmp_path, days=4)
    with serving(tmp_path) as server:
        yield server


@pytest.fixture
def quiet(built: Path, tmp_path: Path) -> Iterator[Dashboard]:
    """A few days of work and nothing to watch: between calls nobody writes to this ledger."""
    demo_ledger.build(tmp_path, days=4, budgets=False)
    with serving(tmp_path) as server:
        yield server


@pytest.fixture
def empty(built: Path, tmp_path: Path) -> Iterator[Dashboard]:
    """A ledger with nothing in it."""
    with serving(tmp_path) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; closed after each module because its event loop would be in the way of other tests."""
    needed(CHROMIUM.exists(), f"there is no {CHROMIUM}: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def context(browser: Browser) -> BrowserContext:
    """What the pages of a module's tests share: the code they load."""
    return browser.new_context(viewport=WINDOW)


@pytest.fixture
def open_page(context: BrowserContext) -> Iterator[Open]:
    """Opens a page of a dashboard; at the end nothing may have gone wrong in it."""
    with opening(context) as open_:
        yield open_
