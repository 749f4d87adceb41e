"""What the guard lets through beside what the attacks try."""

from __future__ import annotations

import http.client
import json

import pytest

from codesession.web.answers import sessions
from support.web_server import Dashboard


@pytest.mark.parametrize("method", ["TRACE", "PATCH", "CONNECT", "PROPFIND", "OPTIONS"])
def test_methods_nobody_needs_are_refused(shared: Dashboard, method: str) -> None:
    """With or without the token."""
    assert shared.ask(method, "/api/v1/sessions").status in (400, 403)


def test_a_websocket_is_closed(shared: Dashboard) -> None:
    """There are none here, and they know no same-origin rule."""
    connection = http.client.HTTPConnection("127.0.0.1", shared.port, timeout=5)
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "eA==",
        "Sec-WebSocket-Version": "13",
    }
    connection.request("GET", "/api/v1/events", headers=upgrade)

    assert connection.getresponse().status in (400, 401, 403)
    connection.close()


@pytest.mark.parametrize(
    "path", ["/api/v1/sessions", "/api/v1/sessions/", "/api/v1//sessions", "/api/V1/sessions", "/api"]
)
def test_no_spelling_of_a_path_goes_around_the_token(shared: Dashboard, path: str) -> None:
    """What begins with /api needs it, whether it is there or not."""
    assert shared.raw("GET", path).status == 401


def test_answers_are_not_kept_by_browsers(shared: Dashboard) -> None:
    """Nor by anything between."""
    assert shared.ask("GET", "/api/v1/sessions").headers["cache-control"] == "no-store"


def test_a_defect_is_told_on_stderr_and_not_to_whoever_asks(
    dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The envelope says that something failed, no more."""

    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(sessions, "notes", broken)
    reply = dashboard.ask("GET", "/api/v1/sessions/1/notes")

    assert reply.status == 500 and json.loads(reply.body)["error"]["code"] == "error"
    assert b"secret" not in reply.body and "secret detail" in capfd.readouterr().err
