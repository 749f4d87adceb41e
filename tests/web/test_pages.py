"""The page and its files."""

from __future__ import annotations

import re
from pathlib import Path

from support.web_server import Dashboard


def built(folder: Path) -> Path:
    """A page as a build leaves it."""
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text('<html><script nonce="__CSP_NONCE__" src="/assets/app-1.js"></script></html>')
    (folder / "assets" / "app-1.js").write_text("1")
    (folder / "icon.svg").write_text("<svg/>")
    (folder / ".vite").mkdir()
    (folder / ".vite" / "manifest.json").write_text("{}")
    return folder


def test_without_a_build_the_page_says_how_to_make_one(dashboard: Dashboard, tmp_path: Path) -> None:
    """With the same headers; the rest works."""
    with Dashboard(tmp_path / "bare", static=tmp_path / "nothing") as bare:
        reply = bare.raw("GET", "/")

    assert reply.status == 200 and b"<html" in reply.body and b"make dashboard" in reply.body
    assert "content-security-policy" in reply.headers


def test_the_built_page_is_served_with_this_answers_nonce(tmp_path: Path) -> None:
    """The views of the page are the page; its files are remembered by browsers, the page is not."""
    with Dashboard(tmp_path / "home", static=built(tmp_path / "static")) as dashboard:
        page, view = dashboard.raw("GET", "/"), dashboard.raw("GET", "/sessions/")
        script, icon = dashboard.raw("GET", "/assets/app-1.js"), dashboard.raw("GET", "/icon.svg")
        hidden = dashboard.raw("GET", "/.vite/manifest.json")

    nonce = re.search(rb'nonce="([^"]+)"', page.body)
    assert nonce is not None and f"'nonce-{nonce[1].decode()}'" in page.headers["content-security-policy"]
    assert view.status == 200 and page.headers["cache-control"] == "no-store"
    assert (
        script.headers["content-type"].startswith("text/javascript") and "immutable" in script.headers["cache-control"]
    )
    assert icon.headers["content-type"] == "image/svg+xml" and icon.headers["cache-control"] == "no-cache"
    assert hidden.status == 404


def test_what_is_not_there_is_not_the_page(dashboard: Dashboard) -> None:
    """A missing script must not come as HTML, nor a missing part of the API."""
    assert dashboard.raw("GET", "/assets/gone.js").status == 404
    assert dashboard.ask("GET", "/api/v1/gone").code == "not_found"
    assert dashboard.ask("GET", "/apiary").status == 404
