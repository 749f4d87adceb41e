"""`GET /metrics` on a running dashboard: opt-in, with the token or the cookie, sums and never content."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.web_server import Dashboard
from web.conftest import add_session


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Dashboard]:
    """A dashboard whose user wants to be scraped, over a session with three calls."""
    with Dashboard(tmp_path / "home", environment={"CODESESSION_METRICS": "1"}) as running:
        add_session(running)
        yield running


def test_the_sums_are_those_of_cs_metrics(serving: Dashboard) -> None:
    """The same text from the same renderer, for a script with the token."""
    reply = serving.ask("GET", "/metrics")

    assert reply.status == 200
    assert reply.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert reply.body.decode() == serving.app.metrics.text()
    assert 'codesession_calls_total{provider="anthropic",model="claude-sonnet-4-5",agent="claude-code"} 2\n' in (
        reply.body.decode()
    )


def test_names_notes_and_files_are_in_no_sum(serving: Dashboard) -> None:
    """The ledger has a session "checkout" with a note, a file and a commit."""
    text = serving.ask("GET", "/metrics").body.decode()
    assert not any(word in text for word in ("checkout", "half way", "pay", "/code/shop"))


def test_a_browser_with_the_cookie_may_look(serving: Dashboard) -> None:
    """As everywhere."""
    assert serving.raw("GET", "/metrics", headers={"Cookie": serving.cookie}).status == 200


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer wrong"}, {"Cookie": "codesession=wrong"}],
)
def test_nobody_else_gets_a_number(serving: Dashboard, headers: dict[str, str]) -> None:
    """Neither a name of a model nor whether it is served at all."""
    reply = serving.raw("GET", "/metrics", headers=headers)
    assert (reply.status, reply.code) == (401, "unauthorized")


def test_neither_the_query_nor_another_host_opens_it(serving: Dashboard) -> None:
    """The token is read from the header only, and only under our own names."""
    assert serving.raw("GET", f"/metrics?token={serving.access.token}").status == 401
    own = {"Authorization": f"Bearer {serving.access.token}"}
    assert serving.raw("GET", "/metrics", headers={**own, "Host": "evil.example"}).status == 421
    assert serving.raw("GET", "/metrics", headers={**own, "Origin": "https://evil.example"}).status == 403


def test_without_the_setting_there_is_nothing(dashboard: Dashboard) -> None:
    """And the answer says how it is switched on."""
    reply = dashboard.ask("GET", "/metrics")
    assert (reply.status, reply.code) == (404, "not_found")
    assert "CODESESSION_METRICS=1" in reply.json["error"]["hint"]
