"""Text that users, agents and git write, made to become a script in the page."""

from __future__ import annotations

import json

import pytest

from codesession.app import now_ms
from support.ledger import make_request, make_session
from support.web_server import Dashboard

SCRIPT = "</script><script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(1)>'


@pytest.mark.parametrize("text", [SCRIPT, IMAGE, "\u2028alert(1)", "=cmd|' /C calc'!A0", "\x1b[31mred\x07", "a\ud800b"])
def test_text_stays_text_in_every_answer(dashboard: Dashboard, text: str) -> None:
    """It comes back as JSON, said to be JSON, exactly as the ledger keeps it: the page shows it as text."""
    store, now = dashboard.app.store, now_ms()
    session = store.create_session(
        make_session(f"/w/{text}", name=text, git_branch=text, git_root=None, started_at_ms=now - 60_000),
        exclusive=True,
    )
    assert session is not None
    store.add_request(
        make_request(session_id=session.id, request_model=text, agent_name=text, response_id=text, started_at_ms=now)
    )
    store.add_note(session.id, text, at_ms=now)
    store.add_files(session.id, [(text, "created")], at_ms=now)
    store.add_commits(session.id, [("b" * 40, text, now)])
    kept = session.name
    own = f"/api/v1/sessions/{session.id}"
    paths = [
        "/api/v1/overview", "/api/v1/sessions", own, f"{own}/calls", f"{own}/timeline", f"{own}/commits",
        f"{own}/files", f"{own}/notes", f"{own}/export", "/api/v1/usage/by/model", "/api/v1/usage/names",
        "/api/v1/insights/expensive", "/api/v1/insights/hotspots", "/api/v1/live",
    ]  # fmt: skip
    for path in paths:
        reply = dashboard.ask("GET", path)

        assert reply.status == 200, (path, reply)
        assert reply.headers["content-type"] == "application/json"
        assert kept in _texts(json.loads(reply.body)), path


def _texts(value: object) -> set[str]:
    """Every text in a JSON value, and the last part of those that are paths."""
    if isinstance(value, dict):
        return set().union(*(_texts(part) for part in value.values()), set())
    if isinstance(value, list):
        return set().union(*(_texts(part) for part in value), set())
    return {value, value.removeprefix("/w/")} if isinstance(value, str) else set()


def test_an_export_runs_no_formula(dashboard: Dashboard) -> None:
    """A spreadsheet would take `=…` for a command; the file is a download, never a page."""
    store, now = dashboard.app.store, now_ms()
    session = store.create_session(make_session(started_at_ms=now), exclusive=True)
    assert session is not None
    store.add_request(make_request(session_id=session.id, agent_name="=HYPERLINK(1)", started_at_ms=now))

    reply = dashboard.ask("GET", f"/api/v1/sessions/{session.id}/export?format=csv")

    assert "'=HYPERLINK(1)" in reply.body.decode() and ",=HYPERLINK" not in reply.body.decode()
    assert reply.headers["content-disposition"].startswith("attachment;")


def test_an_error_repeats_what_was_asked_as_text(dashboard: Dashboard) -> None:
    """What is wrong is said in JSON too."""
    reply = dashboard.ask("GET", "/api/v1/overview?zone=%3Cscript%3E")

    assert reply.status == 400
    assert reply.headers["content-type"] == "application/json"
