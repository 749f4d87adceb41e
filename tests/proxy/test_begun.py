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
    calls.made(seen("resp_1", window="8h"))
    for _ in range(2):
        assert calls.fetched(seen("resp_1", tokens=5, at_ms=9)) == seen("resp_1", tokens=5, window="8h")


def test_of_any_other_answer_the_window_is_a_doubt() -> None:
    """It may cost less than the list price. One that was whole when it was made is known by its own record."""
    calls = BegunCalls()
    for begun_so in (seen("resp_1", window="8h"), seen(None, window="8h"), seen("resp_3", tokens=5, window="8h")):
        calls.made(begun_so)
    for other in (seen("resp_2", tokens=5), seen(None, tokens=5), seen("resp_3", tokens=5, at_ms=9)):
        assert calls.fetched(other) == doubted(other)


def test_where_there_are_no_windows_there_is_no_doubt() -> None:
    """Google's interactions say what they cost, whoever began them."""
    other = seen("v1_a", tokens=5)
    other = replace(other, response=replace(other.response, api="gemini.interactions"))
    assert BegunCalls().fetched(other) == other


def doubted(other: Observation) -> Observation:
    return replace(other, response=replace(other.response, warnings=(begun._NOT_SEEN,)))


def test_calls_that_nobody_fetches_are_forgotten() -> None:
    """The oldest first."""
    calls = BegunCalls()
    for number in range(begun._KEPT + 1):
        calls.made(seen(f"resp_{number}", window="8h"))
    assert calls.fetched(seen("resp_0", tokens=5)) == doubted(seen("resp_0", tokens=5))
    assert calls.fetched(seen("resp_1", tokens=5)) == seen("resp_1", tokens=5, window="8h")


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
