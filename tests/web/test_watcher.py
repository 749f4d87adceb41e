"""Open pages are told what changed, by one look at the ledger for all."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from codesession.app import now_ms
from codesession.domain.session import Session
from support.ledger import make_request
from support.web_server import Dashboard


@contextmanager
def stream(dashboard: Dashboard, path: str = "/api/v1/events") -> Iterator[http.client.HTTPResponse]:
    """An open event stream."""
    connection = http.client.HTTPConnection("127.0.0.1", dashboard.port, timeout=15)
    connection.request("GET", path, headers={"Authorization": f"Bearer {dashboard.access.token}"})
    try:
        yield connection.getresponse()
    finally:
        connection.close()


def event(answer: http.client.HTTPResponse) -> Any:
    """The data of the next event."""
    assert answer.readline() == b"event: live\n"
    data = answer.readline()
    assert answer.readline() == b"\n"
    return json.loads(data.removeprefix(b"data: "))


def test_a_page_hears_of_a_call_of_another_process(dashboard: Dashboard, session: Session) -> None:
    """At once what there is, and soon after the call what it changed."""
    with stream(dashboard) as answer:
        first = event(answer)
        dashboard.app.store.add_request(make_request(session_id=session.id, started_at_ms=now_ms()))
        asked = time.monotonic()
        second = event(answer)

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert first["running"][0]["usage"]["calls"] == 3 and second["running"][0]["usage"]["calls"] == 4
    assert second["mark"] != first["mark"] and second["calls"][0]["model"] == "claude-sonnet-4-5"
    assert time.monotonic() - asked < 3


def test_a_page_hears_of_a_changed_price(dashboard: Dashboard) -> None:
    """Prices are not in the ledger, but pages show them."""
    with stream(dashboard) as answer:
        first = event(answer)
        dashboard.ask("PUT", "/api/v1/prices", {"model": "m", "input": "1", "output": "2"})

        assert event(answer)["mark"] != first["mark"]


def test_every_page_is_told(dashboard: Dashboard, session: Session) -> None:
    """In its own zone."""
    with stream(dashboard) as one, stream(dashboard, "/api/v1/events?zone=Asia/Tokyo") as other:
        event(one), event(other)
        dashboard.app.store.add_note(session.id, "news", at_ms=now_ms())

        assert event(one)["mark"] == event(other)["mark"]


def test_an_unknown_zone_is_refused_before_a_stream_begins(dashboard: Dashboard) -> None:
    """In words."""
    assert dashboard.ask("GET", "/api/v1/events?zone=Nowhere").status == 400


def test_no_page_is_left_with_old_figures_when_the_ledger_was_away(dashboard: Dashboard, session: Session) -> None:
    """The stream ends, so that the page says so and asks again; once the ledger is back it hears everything."""
    ledger = dashboard.app.settings.ledger_path
    kept = dashboard.home / "kept"
    kept.mkdir()
    with stream(dashboard) as answer:
        event(answer)
        for file in ledger.parent.glob("sessions.db*"):
            file.rename(kept / file.name)
        ledger.write_bytes(b"no database" * 1_000)
        while line := answer.readline():
            assert not line.startswith(b":")
    for file in kept.iterdir():
        file.replace(ledger.parent / file.name)
    dashboard.app.store.add_request(make_request(session_id=session.id, started_at_ms=now_ms()))
    with stream(dashboard) as answer:
        assert event(answer)["running"][0]["usage"]["calls"] == 4


def test_open_streams_do_not_hold_up_the_end(dashboard: Dashboard) -> None:
    """A page that is left open must not keep the server alive."""
    with stream(dashboard) as answer:
        event(answer)
        started = time.monotonic()
        dashboard.__exit__(None, None, None)

        assert answer.read() == b""
    assert time.monotonic() - started < 3
