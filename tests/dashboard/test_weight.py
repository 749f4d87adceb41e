"""How heavy the page is and how soon it shows figures."""

from __future__ import annotations

import gzip
import json
import os
import re
from typing import TYPE_CHECKING

from support.dashboards import CHROMIUM, CHROMIUM_OPTIONS, ROOT, needed

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Playwright

    from support.dashboards import Dashboard

LIMIT_BYTES = 250_000
LIMIT_MS = 1_000
LIMIT_CPU_S = 2.0
"""Against gross growth only: a busy machine computes the same page in twice the time."""
WATCH = """
    new MutationObserver((_, observer) => {
        if (!document.querySelector(".kpi-value")) return;
        window.figuresAfter = performance.now();
        observer.disconnect();
    }).observe(document, { childList: true, subtree: true });
"""


def test_the_first_pages_scripts_are_small(built: Path) -> None:
    """Everything that index.html loads, gzipped; charts come later."""
    index = (built / "index.html").read_text("utf-8")
    scripts = set(re.findall(r'(?:src|href)="/([^"]+\.js)"', index))
    assert scripts
    assert sum(len(gzip.compress((built / script).read_bytes())) for script in scripts) < LIMIT_BYTES


def test_everything_the_page_needs_is_its_own(built: Path) -> None:
    """The page names no other server, and every script carries the nonce of its answer."""
    index = (built / "index.html").read_text("utf-8")
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', index)
    assert all("__CSP_NONCE__" in tag for tag in re.findall(r"<script[^>]*>", index))


def test_figures_within_a_second_of_a_cold_start(dashboard: Dashboard) -> None:
    """
    A browser just started, nothing cached: one of five times both limits are kept.

    On a machine that does other work, as in CI, the clock says little; then only the page's own computing time counts.
    """
    needed(CHROMIUM.exists(), f"there is no {CHROMIUM}")
    from playwright.sync_api import sync_playwright

    busy = bool(os.environ.get("CI")) or os.getloadavg()[0] > (os.cpu_count() or 1)
    found: list[tuple[float, float]] = []
    with sync_playwright() as playwright:
        for _ in range(5):
            found.append(cold_start(playwright, dashboard))
            if kept(*found[-1], busy=busy):
                break
    assert kept(*found[-1], busy=busy), found


def kept(shown_ms: float, computed_s: float, *, busy: bool) -> bool:
    """Whether a start kept to the limits."""
    return computed_s < LIMIT_CPU_S and (busy or shown_ms < LIMIT_MS)


def cold_start(playwright: Playwright, dashboard: Dashboard) -> tuple[float, float]:
    """Milliseconds until a new browser shows figures, and seconds that its page computed."""
    chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
    page = chromium.new_page()
    inspector = page.context.new_cdp_session(page)
    inspector.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.add_init_script(WATCH)
    page.goto(dashboard.entrance)
    page.locator(".kpi-value").first.wait_for()
    shown = page.evaluate("() => window.figuresAfter")
    metrics = {metric["name"]: metric["value"] for metric in inspector.send("Performance.getMetrics")["metrics"]}
    chromium.close()
    return shown, metrics["TaskDuration"]


def test_the_lock_file_names_no_addresses() -> None:
    """Whoever installs uses their own registry, and gets what the checksums say."""
    lock = json.loads((ROOT / "dashboard" / "package-lock.json").read_text("utf-8"))
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []
