"""Calls in the background: made once, fetched later."""

from __future__ import annotations

import json

from codesession.domain.facts import replace
from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.usage import BillingFacts, ModelResponse, TokenUsage, UsagePart
from codesession.proxy import begun
from codesession.proxy.begun import BegunCalls
from support.fake_provider import FakeProvider, Script, SeenRequest
from support.proxies import RunningProxy


def seen(response_id: str | None, *, tokens: int = 0, window: str | None = None, at_ms: int = 1) -> Observation:
    usage = TokenUsage(input_tokens=tokens)
    response = ModelResponse(
        provider_name="openai",
        api="openai.responses",
        response_id=response_id,
        parts=(UsagePart(usage=usage),) if tokens else (),
        facts=BillingFacts(completion_window=window),
    )
    return Observation(response=response, context=CallContext(source=Source.PROXY, started_at_ms=at_ms))


def test_what_was_said_at_the_beginning_holds_for_the_answer() -> None:
    """However often it is fetched."""
    calls = BegunCalls()
    assert calls.completed(seen("resp_1", window="8h")) == seen("resp_1", window="8h")
    for _ in range(2):
        assert calls.completed(seen("resp_1", tokens=5, at_ms=9)) == seen("resp_1", tokens=5, window="8h")


def test_other_calls_stay_as_they_are() -> None:
    """Without an id, or whole when they were first seen."""
    calls = BegunCalls()
    calls.completed(seen("resp_1", window="8h"))
    calls.completed(seen(None, window="8h"))
    for other in (seen("resp_2", tokens=5, at_ms=9), seen(None, tokens=5, at_ms=9)):
        assert calls.completed(other) is other


def test_of_a_fetched_answer_whose_request_nobody_saw_the_window_is_a_doubt() -> None:
    """It may cost less than the list price."""
    other = seen("resp_2", tokens=5)
    told = BegunCalls().completed(other, fetched=True)
    assert len(told.response.warnings) == 1
    assert replace(told, response=replace(told.response, warnings=())) == other


def test_calls_that_nobody_fetches_are_forgotten() -> None:
    """The oldest first."""
    calls = BegunCalls()
    for number in range(begun._KEPT + 1):
        calls.completed(seen(f"resp_{number}", window="8h"))
    assert calls.completed(seen("resp_0", tokens=5)) == seen("resp_0", tokens=5)
    assert calls.completed(seen("resp_1", tokens=5)) == seen("resp_1", tokens=5, window="8h")


def test_a_discount_for_waiting_reaches_the_record(proxy: RunningProxy, provider: FakeProvider) -> None:
    """OpenAI's answer does not tell its completion window."""

    def respond(request: SeenRequest) -> Script:
        usage = None if request.method == "POST" else {"input_tokens": 9, "output_tokens": 4, "total_tokens": 13}
        value = {"id": "resp_1", "object": "response", "model": "gpt-6.1-sol", "usage": usage}
        body = json.dumps(value).encode()
        return [b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body), body]

    provider.respond = respond
    request = {"model": "gpt-6.1-sol", "background": True, "background_options": {"completion_window": "8h"}}
    proxy.call("POST", "/v1/responses", json.dumps(request).encode())
    proxy.recorder.wait(1)
    proxy.call("GET", "/v1/responses/resp_1")
    made, fetched = proxy.recorder.wait(2)
    assert made.response.usage is None
    assert fetched.response.usage == TokenUsage(input_tokens=9, output_tokens=4)
    assert made.response.facts.completion_window == fetched.response.facts.completion_window == "8h"
    assert fetched.context.started_at_ms == made.context.started_at_ms
