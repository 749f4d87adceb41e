"""The first page's questions are answered before it asks."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from codesession.errors import StorageError
from codesession.web import warming
from support.web_server import Dashboard


def page_asks() -> list[str]:
    """What a browser asks for when it opens the first page (see tests/dashboard for the page itself)."""
    today = datetime.now(UTC).date()
    span = f"since={today - timedelta(days=29)}&until={today}"
    return [
        "/api/v1/overview",
        f"/api/v1/usage/series?{span}&bucket=day&by=model&top=8",
        f"/api/v1/usage?{span}",
        f"/api/v1/usage/cache?{span}",
        "/api/v1/usage/names",
    ]


def test_nothing_the_first_page_asks_is_new(dashboard: Dashboard) -> None:
    """Its questions are word for word those that were asked at the start: none is told apart from them."""
    remembered = dashboard._server._state.memory._entries
    deadline = time.monotonic() + 10
    while len(remembered) < len(page_asks()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    known = set(remembered)

    for path in page_asks():
        dashboard.get(path)

    assert set(remembered) == known


def test_a_ledger_that_cannot_be_read_is_the_pages_to_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server starts all the same, and says on the page what is wrong."""

    def broken(*_: object) -> None:
        raise StorageError("the disk is gone")

    monkeypatch.setattr(warming.overview, "overview", broken)
    with Dashboard(tmp_path / "home") as dashboard:
        reply = dashboard.ask("GET", "/api/v1/overview")

    assert (reply.status, reply.code) == (503, "storage_error")
