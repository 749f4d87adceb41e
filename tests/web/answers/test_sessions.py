"""Sessions over the API."""

from __future__ import annotations

import pytest

from codesession.app import now_ms
from codesession.domain.billing import encode
from codesession.domain.session import Session
from codesession.domain.usage import ModelResponse, TokenUsage, UsagePart
from support.ledger import make_request, make_session
from support.web_server import Dashboard


@pytest.fixture
def many(dashboard: Dashboard) -> Dashboard:
    """Twelve ended sessions of two projects, each dearer than the one before."""
    store, now = dashboard.app.store, now_ms()
    for number in range(12):
        session = store.create_session(
            make_session(
                f"/code/{'ab'[number % 2]}", name=f"Task {number}", started_at_ms=now - (20 - number) * 60_000
            ),
            exclusive=True,
        )
        assert session is not None
        cost = number * 1_000_000_000
        store.add_request(make_request(session_id=session.id, started_at_ms=now, cost_picousd=cost, agent_name="pi"))
        store.finish_session(session.id, ended_at_ms=now, notes=None)
    return dashboard


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("limit=2", ["Task 11", "Task 10"]),
        ("limit=2&offset=10", ["Task 1", "Task 0"]),
        ("search=TASK 3", ["Task 3"]),
        ("sort=cost&order=asc&limit=2", ["Task 0", "Task 1"]),
        ("minCost=0.009&maxCost=0.01", ["Task 10", "Task 9"]),
        ("project=b&sort=cost&limit=1", ["Task 11"]),
        ("agent=nobody", []),
        ("status=active", []),
        ("since=2100-01-01", []),
        ("model=claude-*&limit=1", ["Task 11"]),
    ],
)
def test_sessions_are_found_sorted_and_paged(many: Dashboard, query: str, names: list[str]) -> None:
    """All of it on the server: a page never holds more than it shows."""
    found = many.get("/api/v1/sessions?" + query.replace(" ", "%20"))

    assert [session["name"] for session in found["sessions"]] == names


def test_a_page_says_what_all_that_match_come_to(many: Dashboard) -> None:
    """Six sessions of project b: 1 + 3 + … + 11 thousandths."""
    found = many.get("/api/v1/sessions?project=b&limit=1")

    assert found["found"] == 6 and found["totals"]["costUsd"] == 0.036


def test_a_session_shows_who_used_what(dashboard: Dashboard, session: Session) -> None:
    """Models and agents with their figures, dearest first."""
    shown = dashboard.get(f"/api/v1/sessions/{session.id}")

    assert [(part["name"], part["usage"]["calls"]) for part in shown["models"]] == [
        ("claude-sonnet-4-5", 2),
        ("gpt-5", 1),
    ]
    assert [part["name"] for part in shown["agents"]] == ["claude-code", "codex"]
    assert shown["session"]["workingDirectory"] == "/code/shop" and shown["notesCount"] == 1
    assert shown["diffAvailable"] is False


@pytest.mark.parametrize("path", ["", "/calls", "/timeline", "/commits", "/files", "/notes", "/diff", "/export"])
def test_a_session_that_is_not_there_is_not_found(dashboard: Dashboard, path: str) -> None:
    """With the code that commands give."""
    reply = dashboard.ask("GET", f"/api/v1/sessions/77{path}")

    assert (reply.status, reply.code) == (404, "session_not_found")


def test_a_call_shows_the_lines_of_its_bill(dashboard: Dashboard, session: Session) -> None:
    """Exact decimals: quantity x per1M / 1,000,000 = usd."""
    usage = TokenUsage(input_tokens=1_000, output_tokens=100)
    response = ModelResponse(
        provider_name="anthropic", api="anthropic.messages", request_model="claude-sonnet-4-5",
        parts=(UsagePart(usage=usage),),
    )  # fmt: skip
    cost = dashboard.app.prices.price(response, now_ms())
    dashboard.app.store.add_request(
        make_request(session_id=session.id, started_at_ms=now_ms(), usage=usage, billing=encode(response, cost))
    )

    (call,) = dashboard.get(f"/api/v1/sessions/{session.id}/calls?limit=1")["calls"]

    assert [(line["quantity"], line["per1M"], line["usd"]) for line in call["lines"]] == [
        (1_000, "3", "0.003"),
        (100, "15", "0.0015"),
    ]


def test_calls_are_paged_and_filtered(dashboard: Dashboard, session: Session) -> None:
    """Newest first unless asked otherwise."""
    path = f"/api/v1/sessions/{session.id}/calls"
    newest, oldest = dashboard.get(f"{path}?limit=1"), dashboard.get(f"{path}?limit=1&order=asc")
    codex = dashboard.get(f"{path}?agent=codex")

    assert (newest["found"], newest["calls"][0]["agentName"], oldest["calls"][0]["agentName"]) == (
        3,
        "codex",
        "claude-code",
    )
    assert codex["found"] == 1 and codex["calls"][0]["uncachedInputTokens"] == 300


def test_a_timeline_runs_from_start_to_now_with_what_was_spent(dashboard: Dashboard, session: Session) -> None:
    """Two calls, then a note and the commit, then a file, then another call."""
    events = dashboard.get(f"/api/v1/sessions/{session.id}/timeline")["events"]

    assert [event["kind"] for event in events] == ["start", "call", "call", "note", "commit", "file", "call"]
    assert [event["runningCostUsd"] for event in events][-3:] == [0.009, 0.009, 0.0135]


def test_a_commit_costs_the_calls_since_the_one_before(dashboard: Dashboard, session: Session) -> None:
    """Two calls led to the commit; what came after has no commit yet."""
    commits = dashboard.get(f"/api/v1/sessions/{session.id}/commits")["commits"]

    assert [(commit["hash"], commit["usage"]["calls"]) for commit in commits] == [("a" * 40, 2), (None, 1)]
    assert [commit["share"] for commit in commits] == [0.666667, 0.333333]


def test_sessions_can_be_compared(many: Dashboard) -> None:
    """In the order asked for; one alone is no comparison."""
    ids = [session["id"] for session in many.get("/api/v1/sessions?limit=2")["sessions"]]

    compared = many.get(f"/api/v1/sessions/compare?ids={ids[1]}&ids={ids[0]}")["sessions"]

    assert [one["session"]["id"] for one in compared] == ids[::-1]
    assert many.ask("GET", f"/api/v1/sessions/compare?ids={ids[0]}").status == 400


def test_a_session_can_be_annotated_and_ended(dashboard: Dashboard, session: Session) -> None:
    """Ending it twice is refused in words; an empty note too."""
    path = f"/api/v1/sessions/{session.id}"
    assert dashboard.ask("POST", f"{path}/notes", {"message": " "}).status == 400
    assert dashboard.ask("POST", f"{path}/notes", {"message": "done"}).json["message"] == "done"

    ended = dashboard.ask("POST", f"{path}/end", {"notes": "all good"})

    assert ended.json["session"]["status"] == "completed" and ended.json["session"]["notes"] == "all good"
    assert dashboard.ask("POST", f"{path}/end", {}).status == 409


def test_a_session_can_be_taken_away(dashboard: Dashboard, session: Session) -> None:
    """JSON as `cs export` writes it; CSV with a line for every call."""
    whole = dashboard.get(f"/api/v1/sessions/{session.id}/export")
    lines = dashboard.ask("GET", f"/api/v1/sessions/{session.id}/export?format=csv").body.decode().split("\r\n")

    assert whole["aiUsageCount"] == len(whole["aiUsage"]) == 3 and whole["files"][0]["filePath"] == "src/pay.py"
    assert lines[0].startswith("timestamp,provider,model") and len(lines) == 5


def test_a_huge_session_keeps_its_page_quick(
    dashboard: Dashboard, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its calls are not read for a list: models and agents are null there, and told when it is opened."""
    from codesession.web.answers import figures

    small = dashboard.app.store.create_session(make_session("/code/small", started_at_ms=now_ms()), exclusive=True)
    assert small is not None
    monkeypatch.setattr(figures, "_LOOKED_AT", 2)

    found = {one["id"]: one["models"] for one in dashboard.get("/api/v1/sessions")["sessions"]}

    assert found == {small.id: [], session.id: None}
    assert dashboard.get(f"/api/v1/sessions/{session.id}")["session"]["models"] == ["claude-sonnet-4-5", "gpt-5"]
