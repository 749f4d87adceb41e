"""A page elsewhere makes the browser send requests here, with whatever cookies it has."""

from __future__ import annotations

import pytest

from codesession.domain.session import Session
from support.web_server import Dashboard


def unchanged(shared: Dashboard) -> bool:
    """Whether the session is as it was, with its one note, and nothing was set."""
    store, (session,) = shared.app.store, shared.app.store.sessions(limit=None)
    home = shared.home / ".codesession"
    files = {"pricing.json", "config.toml"} & {path.name for path in home.iterdir()}
    return session.is_active and len(store.notes(session.id)) == 1 and not shared.app.budgets.all() and not files


CHANGES = [
    ("POST", "/api/v1/reset", b'{"confirm": "start fresh"}'),
    ("POST", "/api/v1/sessions/1/notes", b'{"message": "x"}'),
    ("POST", "/api/v1/sessions/1/end", b"{}"),
    ("PUT", "/api/v1/prices", b'{"model": "m", "input": "0", "output": "0"}'),
    ("DELETE", "/api/v1/prices?all=true", None),
    ("PUT", "/api/v1/budgets", b'{"limitUsd": "1"}'),
    ("PUT", "/api/v1/settings/currency", b'{"currency": null}'),
    ("POST", "/api/v1/alerts/rules", b'{"kind": "rate", "limitUsd": "1"}'),
    ("POST", "/api/v1/launch", b"{}"),
]


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://localhost.evil.example"]
)
def test_a_fetch_of_another_origin_changes_nothing(
    shared: Dashboard, method: str, path: str, body: bytes | None, origin: str
) -> None:
    """The cookie goes along (as it would from another port of this machine), and the type is right."""
    headers = {"Origin": origin, "Cookie": shared.cookie, "Content-Type": "application/json"}

    assert shared.raw(method, path, body, headers).status == 403
    assert unchanged(shared)


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "text/json"]
)
@pytest.mark.parametrize(("method", "path", "body"), [change for change in CHANGES if change[0] != "DELETE"])
def test_what_a_form_can_send_changes_nothing(
    shared: Dashboard, method: str, path: str, body: bytes, kind: str
) -> None:
    """A form needs no permission to be sent, but it cannot send JSON. Old browsers send no Origin with it."""
    headers = {"Cookie": shared.cookie} | ({"Content-Type": kind} if kind else {})

    assert shared.raw(method, path, body, headers).status == 403
    assert unchanged(shared)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("mode", ["no-cors", "cors", "navigate"])
@pytest.mark.parametrize("path", ["/api/v1/sessions", "/api/v1/events", "/api/v1/sessions/1/export", "/api/v1/health"])
def test_reading_for_another_site_is_refused(shared: Dashboard, site: str, mode: str, path: str) -> None:
    """An image, a script tag, a link to an export: fetch metadata tells, with or without a cookie."""
    headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": "document", "Cookie": shared.cookie}

    assert shared.raw("GET", path, headers=headers).status == 403


def test_a_link_elsewhere_may_open_the_page_and_nothing_else(shared: Dashboard) -> None:
    """The page holds no data; as an image, a script or in a frame it is refused."""
    opened = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}

    assert shared.raw("GET", "/", headers=opened).status == 200
    assert shared.raw("GET", "/", headers={**opened, "Sec-Fetch-Dest": "iframe"}).status == 403
    assert shared.raw("GET", "/", headers={**opened, "Sec-Fetch-Mode": "no-cors"}).status == 403


def test_our_own_page_may_change_things(dashboard: Dashboard, session: Session) -> None:
    """The same request from our own origin goes through."""
    headers = {
        "Origin": f"http://127.0.0.1:{dashboard.port}",
        "Sec-Fetch-Site": "same-origin",
        "Cookie": dashboard.cookie,
        "Content-Type": "application/json",
    }

    reply = dashboard.raw("POST", f"/api/v1/sessions/{session.id}/notes", b'{"message": "mine"}', headers)

    assert reply.status == 201
    assert dashboard.app.store.notes(session.id)[-1].message == "mine"


def test_no_answer_lets_another_origin_read_it(dashboard: Dashboard) -> None:
    """There are no CORS headers, not for a preflight either."""
    asked = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    preflight = dashboard.raw("OPTIONS", "/api/v1/reset", headers=asked)

    assert preflight.status == 403
    for reply in (preflight, dashboard.raw("GET", "/"), dashboard.ask("GET", "/api/v1/sessions")):
        assert not [name for name in reply.headers if name.startswith("access-control-")]
        assert reply.headers["cross-origin-resource-policy"] == "same-origin"
