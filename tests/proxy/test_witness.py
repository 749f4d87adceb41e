"""What becomes of a call: an observation, an unknown one, or none."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from codesession.domain.request import Observation
from codesession.domain.usage import TokenUsage
from codesession.providers.batches import BatchFiles
from codesession.proxy.calls import find_call
from codesession.proxy.diagnostics import Diagnostics
from codesession.proxy.route import Route
from codesession.proxy.sessions import NoSessions
from codesession.proxy.upstreams import default_upstreams
from codesession.proxy.witness import Witness
from support import wires

JSON = {b"content-type": b"application/json"}


class CountingSessions(NoSessions):
    """Counts how often it is asked."""

    asked = 0

    def default_session(self) -> int | None:
        self.asked += 1
        return 5


def witness(path: str = "/v1/messages", method: str = "POST", sessions: CountingSessions | None = None) -> Witness:
    """A witness of a call to Anthropic or OpenAI."""
    upstream = default_upstreams()["anthropic" if path == "/v1/messages" else "openai"]
    call = find_call(method, path, upstream.origin)
    assert call is not None

    def never(_callback: Callable[[], None]) -> None:
        raise AssertionError("short answers wait for no pause")

    return Witness(
        route=Route(upstream=upstream, path=path),
        call=call,
        base_url=upstream.origin + path,
        headers={},
        body=b'{"model":"m","max_tokens":7,"n":2,"service_tier":"flex"}',
        sessions=sessions or CountingSessions(),
        diagnostics=Diagnostics([].append),
        at_pause=never,
        files=BatchFiles(),
        record=[].append,
    )


def answered(status: int, body: bytes, path: str = "/v1/messages", method: str = "POST") -> Witness:
    """A witness that has seen this answer."""
    seen = witness(path, method)
    seen.answered(status, JSON)
    seen.take(body)
    return seen


def test_the_session_is_asked_once() -> None:
    """Early, and not again at the end."""
    sessions = CountingSessions()
    seen = witness(sessions=sessions)
    seen.ask_session()
    seen.answered(200, JSON)
    seen.take(json.dumps(wires.anthropic_body()).encode())
    observation = seen.observation(complete=True, billable=True)
    assert observation is not None
    assert (observation.context.session_id, sessions.asked) == (5, 1)


def test_a_pending_call_tells_a_budget_what_it_may_cost() -> None:
    """Model, limit, number of answers and size."""
    pending = witness().pending()
    demand = pending.demand
    assert (demand.model, demand.output_tokens, demand.answers) == ("m", 7, 2)
    assert demand.input_tokens is not None
    assert demand.input_tokens >= 56
    assert pending.context.session_id == 5


def test_the_facts_of_endpoint_and_request_reach_the_price() -> None:
    """The base URL without its path."""
    observation = answered(200, json.dumps(wires.anthropic_body()).encode()).observation(complete=True, billable=True)
    assert observation is not None
    assert observation.response.facts.base_url == "https://api.anthropic.com"
    assert observation.response.request_model == "m"


@pytest.mark.parametrize(
    ("status", "body", "complete", "billable"),
    [
        (400, b'{"type":"error","error":{}}', True, True),
        (200, b"<html>login</html>", True, True),
        (500, b"", False, True),
        (None, b"", False, False),
    ],
)
def test_what_cost_nothing_leaves_nothing(status: int | None, body: bytes, complete: bool, billable: bool) -> None:
    """Errors, pages that are no answer, and calls that were never made."""
    seen = witness() if status is None else answered(status, body)
    assert seen.observation(complete=complete, billable=billable) is None


@pytest.mark.parametrize("status", [None, 200])
def test_what_was_asked_and_never_read_is_unknown_not_nothing(status: int | None) -> None:
    """The client left before the answer said anything."""
    seen = witness() if status is None else answered(status, b"")
    observation = seen.observation(complete=False, billable=True)
    assert observation is not None
    assert (observation.response.usage, observation.response.complete) == (None, False)
    assert (observation.response.provider_name, observation.response.request_model) == ("anthropic", "m")


def test_an_error_that_carries_usage_is_recorded() -> None:
    """Some gateways bill a refused answer."""
    observation = answered(400, json.dumps(wires.anthropic_body()).encode()).observation(complete=True, billable=True)
    assert observation is not None
    assert observation.response.usage is not None
    assert observation.context.status_code == 400


def test_a_stored_response_counts_when_it_has_its_usage() -> None:
    """Background answers are fetched again and again; only the finished one says what it cost."""
    path = "/v1/responses/resp_1"
    waiting = {**wires.responses_body(), "status": "in_progress", "usage": None}
    pending = answered(200, json.dumps(waiting).encode(), path, "GET")
    assert pending.observation(complete=True, billable=True) is None
    done = answered(200, json.dumps(wires.responses_body()).encode(), path, "GET")
    assert done.observation(complete=True, billable=True) is not None


def test_a_readers_fault_is_reported_and_breaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug in a parser must not end as a broken connection."""

    def broken(*_: object) -> None:
        raise KeyError("secret")

    monkeypatch.setattr("codesession.providers.body.ResponseReader.finish", broken)
    seen = answered(200, b"{}")
    assert seen.observation(complete=True, billable=True) is None


def test_the_providers_name_of_the_request_is_kept() -> None:
    """A log that has it joins the call by it; what is no id is not kept."""
    for header, kept in ((b"req_1", "req_1"), (b"two words", None), (b"", None)):
        seen = witness()
        seen.answered(200, {**JSON, b"request-id": header})
        seen.take(json.dumps(wires.anthropic_body()).encode())
        observation = seen.observation(complete=True, billable=True)
        assert observation is not None
        assert observation.context.request_id == kept


def test_amazon_counts_beside_an_answer_that_counts_nothing() -> None:
    """Makers whose own shape has no usage; without a count the cost is unknown. A refused call is none."""
    path = "/model/mistral.mistral-large-2402-v1%3A0/invoke"

    def told(status: int, **counts: bytes) -> Observation | None:
        seen = witness(path)
        names = {f"x-amzn-bedrock-{name}-token-count".encode(): value for name, value in counts.items()}
        seen.answered(status, {**JSON, **names})
        seen.take(b'{"outputs":[{"text":"Hi","stop_reason":"stop"}]}')
        return seen.observation(complete=True, billable=True)

    found = told(200, input=b"7", output=b"2")
    assert found is not None
    response = found.response
    assert (response.api, response.request_model) == ("bedrock.invoke_model", "mistral.mistral-large-2402-v1:0")
    assert response.usage == TokenUsage(input_tokens=7, output_tokens=2)
    for uncounted in (told(200), told(200, input=b"many")):
        assert uncounted is not None
        assert uncounted.response.usage is None
    assert told(400, input=b"7") is None
