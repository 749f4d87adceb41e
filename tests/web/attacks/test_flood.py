"""Requests by the hundred, connections that never ask, tokens that are tried."""

from __future__ import annotations

import http.client
import socket
import threading
import time

import pytest

from codesession.domain.session import Session
from codesession.web import access as access_module
from codesession.web.access import Access
from codesession.web.guard import MAX_BODY
from codesession.web.problems import TooManyTriesError, UnauthorizedError
from support.web_server import Dashboard


def test_a_flood_is_answered_or_told_to_come_back(dashboard: Dashboard, session: Session) -> None:
    """Nothing crashes, nothing hangs, and afterwards everything is as before."""
    seen: list[int] = []

    def ask() -> None:
        for number in range(10):
            seen.append(dashboard.ask("GET", f"/api/v1/sessions?search={number}-{threading.get_ident()}").status)

    threads = [threading.Thread(target=ask) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(seen) == 400 and set(seen) <= {200, 503}
    assert dashboard.get(f"/api/v1/sessions/{session.id}")["session"]["name"] == "checkout"


def test_connections_that_never_ask_hold_nobody_up(dashboard: Dashboard) -> None:
    """A hundred open ones, each with half a head."""
    idle = [socket.create_connection(("127.0.0.1", dashboard.port), timeout=5) for _ in range(100)]
    for link in idle:
        link.sendall(b"GET / HTTP/1.1\r\nHost: ")

    assert dashboard.ask("GET", "/api/v1/settings").status == 200
    for link in idle:
        link.close()


def test_tokens_cannot_be_tried_by_the_thousand(dashboard: Dashboard) -> None:
    """After twenty wrong ones none is looked at for a while; nobody is kept out by that."""
    tries = [dashboard.raw("GET", "/api/v1/settings", headers={"Authorization": f"Bearer {n}"}) for n in range(21)]

    assert [reply.status for reply in tries] == [401] * 20 + [429]
    assert dashboard.ask("GET", "/api/v1/settings").status == 200
    assert dashboard.raw("GET", "/api/v1/settings", headers={"Cookie": dashboard.cookie}).status == 200


def test_a_token_that_somebody_chose_cannot_be_guessed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be a weak one: for a minute even the right one is refused."""
    now = [100.0]
    monkeypatch.setattr(access_module.time, "monotonic", lambda: now[0])
    access = Access(port=1, token="correct horse")
    for number in range(20):
        with pytest.raises(UnauthorizedError):
            access.check_token(f"guess {number}")

    with pytest.raises(TooManyTriesError):
        access.check_token("correct horse")
    now[0] += 61
    access.check_token("correct horse")


def test_streams_are_counted(dashboard: Dashboard) -> None:
    """Each open page holds one; more than are allowed are told so, and a closed one makes room."""
    from codesession.web import watcher

    watcher.MAX_FOLLOWERS, before = 3, watcher.MAX_FOLLOWERS
    try:
        streams = [_stream(dashboard) for _ in range(3)]
        refused = dashboard.ask("GET", "/api/v1/events")
        assert (refused.status, refused.code) == (503, "busy")
        streams.pop().close()
        deadline = time.monotonic() + 5
        while True:
            try:
                streams.append(_stream(dashboard))
                break
            except AssertionError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
    finally:
        watcher.MAX_FOLLOWERS = before
        for stream in streams:
            stream.close()


def _stream(dashboard: Dashboard) -> http.client.HTTPConnection:
    """An open event stream, after its first event."""
    connection = http.client.HTTPConnection("127.0.0.1", dashboard.port, timeout=10)
    connection.request("GET", "/api/v1/events", headers={"Authorization": f"Bearer {dashboard.access.token}"})
    answer = connection.getresponse()
    assert answer.status == 200, connection.close()
    assert answer.readline() == b"event: live\n"
    connection.answer = answer  # type: ignore[attr-defined]  # kept, or the stream would be closed with it
    return connection


def test_the_limit_of_a_body_fits_every_note() -> None:
    """A note of the longest kind, written in four-byte characters, goes through."""
    from codesession.services.sessions import MAX_NOTE

    assert MAX_BODY > 4 * MAX_NOTE
