"""Names of a megabyte, bodies without an end, heads without an end."""

from __future__ import annotations

import http.client
import socket

import pytest

from codesession.app import now_ms
from codesession.domain.session import Session
from support.ledger import make_request, make_session
from support.web_server import Dashboard

MEGABYTE = 1_000_000


def test_a_name_of_a_megabyte_is_shown_in_a_page_of_sessions(dashboard: Dashboard) -> None:
    """Another program may have written it into the ledger; lists still come, and no page of them is a megabyte."""
    store, now = dashboard.app.store, now_ms()
    session = store.create_session(
        make_session(name="n" * MEGABYTE, git_branch="b" * MEGABYTE, started_at_ms=now), exclusive=True
    )
    assert session is not None
    store.add_request(
        make_request(
            session_id=session.id,
            request_model="m" * MEGABYTE,
            agent_name="a" * MEGABYTE,
            provider_name="p" * MEGABYTE,
            conversation_id="c" * MEGABYTE,
            started_at_ms=now,
        )
    )
    store.add_commits(session.id, [("a" * 40, "s" * MEGABYTE, now)])
    store.add_files(session.id, [("f" * MEGABYTE, "created")], at_ms=now)
    own = f"/api/v1/sessions/{session.id}"

    assert dashboard.get("/api/v1/sessions")["found"] == 1
    assert dashboard.get("/api/v1/overview")["runningFound"] == 1
    for path in (
        "/api/v1/sessions", "/api/v1/overview", "/api/v1/live", own, f"{own}/calls", f"{own}/timeline",
        f"{own}/commits", f"{own}/files", "/api/v1/usage/by/model", "/api/v1/usage/by/agent", "/api/v1/usage/series",
        "/api/v1/usage/names", "/api/v1/insights/expensive", "/api/v1/insights/hotspots",
        "/api/v1/insights/cache-waste",
    ):  # fmt: skip
        assert len(dashboard.ask("GET", path).body) < MEGABYTE / 10, path
    assert len(dashboard.ask("GET", f"{own}/export").body) > MEGABYTE


def test_a_body_of_a_megabyte_is_refused(dashboard: Dashboard, session: Session) -> None:
    """Before it is read."""
    reply = dashboard.ask("POST", f"/api/v1/sessions/{session.id}/notes", {"message": "x" * MEGABYTE})

    assert (reply.status, reply.code) == (413, "invalid_input")
    assert len(dashboard.app.store.notes(session.id)) == 1


@pytest.mark.parametrize("length", ["-1", "1e9", "99999999999999999999"])
def test_a_length_that_is_none_is_refused(dashboard: Dashboard, length: str) -> None:
    """Neither a crash nor a wait for bytes that never come."""
    with socket.create_connection(("127.0.0.1", dashboard.port), timeout=5) as link:
        host = f"127.0.0.1:{dashboard.port}"
        kind = "Content-Type: application/json"
        head = ["POST /api/v1/login HTTP/1.1", f"Host: {host}", kind, f"Content-Length: {length}", "", ""]
        link.sendall("\r\n".join(head).encode())

        assert link.recv(100).split()[1] in (b"400", b"413")


def test_a_body_without_a_length_ends_at_the_limit(dashboard: Dashboard, session: Session) -> None:
    """Chunked bodies are counted as they come."""
    connection = http.client.HTTPConnection("127.0.0.1", dashboard.port, timeout=10)
    headers = {"Authorization": f"Bearer {dashboard.access.token}", "Content-Type": "application/json"}
    pieces = iter([b'{"message": "', *(b"x" * 100_000 for _ in range(30)), b'"}'])

    try:
        connection.request(
            "POST", f"/api/v1/sessions/{session.id}/notes", body=pieces, headers=headers, encode_chunked=True
        )
        status = connection.getresponse().status
    except (ConnectionError, http.client.HTTPException):  # it hung up while we were sending
        status = 400
    connection.close()

    assert status >= 400
    assert len(dashboard.app.store.notes(session.id)) == 1


def test_a_head_of_a_megabyte_is_refused(dashboard: Dashboard) -> None:
    """The server's memory is not the client's to fill."""
    with socket.create_connection(("127.0.0.1", dashboard.port), timeout=5) as link:
        link.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * 200_000)
        answer = link.recv(100)

    assert answer == b"" or answer.split()[1] in (b"400", b"431")


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=501",
        "limit=x",
        "offset=-1",
        "offset=99999999999999999999",
        "since=yesterday",
        "since=0001-01-01",
        "until=9999-12-31",
        "since=2026-02-02&until=2026-02-01",
        "zone=../../etc/passwd",
        "sort=price",
        "order=up",
        "minCost=nan",
        "minCost=-1",
        "nonsense=1",
        "search=" + "x" * 201,
        "&".join(["model=x"] * 51),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(shared: Dashboard, query: str) -> None:
    """With the envelope and its code, never a traceback."""
    reply = shared.ask("GET", f"/api/v1/sessions?{query}")

    assert (reply.status, reply.code) == (400, "invalid_input")
    assert "Traceback" not in reply.body.decode()
