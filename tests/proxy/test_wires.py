"""Each wire format through the proxy: bytes unchanged, usage recorded."""

from __future__ import annotations

import json
import time

import pytest

from support import wires
from support.fake_provider import FakeProvider
from support.proxies import RunningProxy, StartProxy

JSON = {"content-type": "application/json"}


def body(**fields: object) -> bytes:
    """A request body with a prompt that must never be kept."""
    return json.dumps({"messages": [{"role": "user", "content": "sécret  prompt"}], **fields}).encode()


def test_an_anthropic_message_passes_and_is_recorded(proxy: RunningProxy, provider: FakeProvider) -> None:
    """The plain case: JSON in, JSON out, cache parts summed into the input."""
    sent = body(model="claude-sonnet-4-5", max_tokens=10)
    status, _, received = proxy.call(
        "POST", "/v1/messages?beta=true", sent, {**JSON, "anthropic-version": "2023-06-01"}
    )

    assert (status, json.loads(received)) == (200, wires.anthropic_body())
    assert provider.requests[0].target == "/v1/messages?beta=true"
    assert provider.requests[0].body == sent
    response = proxy.recorder.one().response
    assert (response.provider_name, response.api, response.response_id) == (
        "anthropic",
        "anthropic.messages",
        "msg_json",
    )
    assert response.usage is not None
    assert response.usage.input_tokens == wires.ANTHROPIC_INPUT
    assert response.usage.cache_write_1h_input_tokens == 200
    assert response.usage.output_tokens == 45


def test_an_anthropic_stream_passes_and_is_recorded(proxy: RunningProxy) -> None:
    """The stream's bytes are the provider's; the last usage counts."""
    status, _, received = proxy.call("POST", "/v1/messages", body(model="claude-sonnet-4-5", stream=True), JSON)

    assert status == 200
    assert received == b"".join(wires.anthropic_events())
    response = proxy.recorder.one().response
    assert (response.response_id, response.complete) == ("msg_stream", True)
    assert response.usage is not None
    assert (response.usage.input_tokens, response.usage.output_tokens) == (wires.ANTHROPIC_INPUT, 45)


@pytest.mark.parametrize(
    ("path", "fields", "response_id", "tokens"),
    [
        ("/v1/chat/completions", {"model": "gpt-5.1"}, "chatcmpl-json", (1000, 800, 50, 20)),
        ("/v1/responses", {"model": "gpt-5.1"}, "resp_json", (900, 600, 70, 30)),
        ("/v1/responses", {"model": "gpt-5.1", "stream": True}, "resp_stream", (900, 600, 70, 30)),
        ("/v1beta/models/gemini-2.5-flash:generateContent", {}, "gemini-1", (500, 400, 40, 10)),
        ("/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse", {}, "gemini-1", (500, 400, 40, 10)),
        ("/v1beta/models/gemini-2.5-flash:streamGenerateContent", {}, "gemini-1", (500, 400, 40, 10)),
        ("/v1internal:generateContent", {"model": "gemini-2.5-flash"}, "gemini-1", (500, 400, 40, 10)),
    ],
)
def test_a_call_of_any_wire_passes_unchanged_and_is_recorded(
    proxy: RunningProxy,
    provider: FakeProvider,
    path: str,
    fields: dict[str, object],
    response_id: str,
    tokens: tuple[int, ...],
) -> None:
    """OpenAI chat and responses, Gemini in its three forms: same bytes both ways, cache and reasoning counted."""
    sent = body(**fields)
    status, _, received = proxy.call("POST", path, sent, JSON)

    assert (status, provider.requests[0].target, provider.requests[0].body) == (200, path, sent)
    assert received == answered(provider)
    response = proxy.recorder.one().response
    usage = response.usage
    assert (response.response_id, response.complete) == (response_id, True)
    assert usage is not None
    assert tokens == (
        usage.input_tokens,
        usage.cache_read_input_tokens,
        usage.output_tokens,
        usage.reasoning_output_tokens,
    )
    assert response.request_model == str(fields.get("model", "gemini-2.5-flash"))


def answered(provider: FakeProvider) -> bytes:
    """The body that the fake provider sent for its first request, without framing."""
    script = wires.answer(provider.requests[0])
    if len(script) == 1:
        return script[0].partition(b"\r\n\r\n")[2]  # type: ignore[union-attr]  # one write of bytes
    return b"".join(part.partition(b"\r\n")[2][:-2] for part in script[1:-1])  # type: ignore[union-attr]  # chunks


@pytest.mark.parametrize(
    "path",
    ["/model/amazon.titan-image/invoke", "/v1/projects/p/locations/eu/publishers/mistralai/models/ocr:rawPredict"],
)
def test_an_answer_of_a_makers_own_shape_is_a_call(proxy: RunningProxy, provider: FakeProvider, path: str) -> None:
    """Pictures and scanned pages count no tokens, and are billed; a refusal is not."""
    provider.script(wires.http(200, (("content-type", "application/json"),), b'{"images":["aGk="]}'))
    proxy.call("POST", "/p/my-gateway" + path, b"{}", JSON)
    assert proxy.recorder.one().response.usage is None
    provider.script(wires.http(400, (("content-type", "application/json"),), b'{"message":"no"}'))
    proxy.call("POST", "/p/my-gateway" + path, b"{}", JSON)
    time.sleep(0.05)
    assert len(proxy.recorder.seen) == 1


def test_embeddings_are_recorded(proxy: RunningProxy) -> None:
    """They are billed by their input alone."""
    proxy.call("POST", "/v1/embeddings", b'{"model":"text-embedding-3-small","input":"x"}', JSON)
    usage = proxy.recorder.one().response.usage
    assert usage is not None
    assert (usage.input_tokens, usage.output_tokens) == (8, 0)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/messages/count_tokens"),
        ("GET", "/v1/models"),
        ("HEAD", "/api/hello"),
        ("HEAD", "/s/7/anthropic"),
        ("GET", "/p/my-gateway/anything/at/all?x=1"),
        ("DELETE", "/v1/files/file-1"),
        ("OPTIONS", "/v1/responses"),
    ],
)
def test_what_is_not_billed_passes_untracked(proxy: RunningProxy, method: str, path: str) -> None:
    """Probes, lists and unknown paths of a known provider."""
    status, headers, _ = proxy.call(method, path, b"{}" if method == "POST" else None)
    assert (status, headers["request-id"]) == (200, "req_011")
    assert proxy.recorder.none()


def test_a_chat_stream_is_asked_for_usage_and_the_client_does_not_see_it(
    proxy: RunningProxy, provider: FakeProvider
) -> None:
    """The one exception to "byte for byte": the option goes in, its extra chunk is taken out again."""
    sent = body(model="gpt-5.1", stream=True)
    status, _, received = proxy.call("POST", "/v1/chat/completions", sent, JSON)

    seen = provider.requests[0]
    assert seen.body == b'{"stream_options":{"include_usage":true},' + sent[1:]
    assert seen.header("content-length") == str(len(seen.body))
    events = wires.chat_events({"stream_options": {"include_usage": True}})
    assert (status, received) == (200, b"".join(events[:-2] + events[-1:]))
    usage = proxy.recorder.one().response.usage
    assert usage is not None
    assert (usage.input_tokens, usage.output_tokens) == (1000, 50)


def test_a_call_that_another_proxy_counts_is_passed_on_as_it_is(proxy: RunningProxy, provider: FakeProvider) -> None:
    """Nor is it asked for its usage: that one has done so."""
    sent = body(model="gpt-5.1", stream=True)
    proxy.call("POST", "/seen/s/7/openai/v1/chat/completions", sent, JSON)
    assert (provider.requests[0].target, provider.requests[0].body) == ("/v1/chat/completions", sent)
    assert proxy.recorder.none()


@pytest.mark.parametrize("path", ["/p/anthropic/v1/chat/completions", "/p/google/v1beta/openai/chat/completions"])
def test_a_chat_stream_is_asked_for_usage_where_chat_is_a_second_format(
    proxy: RunningProxy, provider: FakeProvider, path: str
) -> None:
    """Anthropic and Google serve OpenAI's SDK, too, and tell a stream's usage to whom asks."""
    proxy.call("POST", path, body(model="m", stream=True), JSON)
    assert b'"include_usage":true' in provider.requests[0].body
    assert proxy.recorder.one().response.usage is not None


def test_a_client_that_asks_itself_gets_the_usage_chunk(proxy: RunningProxy, provider: FakeProvider) -> None:
    """Then nothing is changed at all."""
    sent = body(model="gpt-5.1", stream=True, stream_options={"include_usage": True})
    _, _, received = proxy.call("POST", "/v1/chat/completions", sent, JSON)
    assert provider.requests[0].body == sent
    assert received == b"".join(wires.chat_events({"stream_options": {"include_usage": True}}))
    assert proxy.recorder.one().response.usage is not None


def test_injection_can_be_switched_off(start_proxy: StartProxy, provider: FakeProvider) -> None:
    """The call is then recorded with unknown usage, not with none."""
    proxy = start_proxy(inject_usage=False)
    sent = body(model="gpt-5.1", stream=True)
    _, _, received = proxy.call("POST", "/v1/chat/completions", sent, JSON)
    assert provider.requests[0].body == sent
    assert received == b"".join(wires.chat_events({}))
    response = proxy.recorder.one().response
    assert (response.response_id, response.usage) == ("chatcmpl-stream", None)


def test_a_provider_that_reports_usage_anyway_is_not_asked(proxy: RunningProxy, provider: FakeProvider) -> None:
    """Mistral refuses fields that it does not know."""
    sent = body(model="mistral-large", stream=True)
    proxy.call("POST", "/p/mistral/v1/chat/completions", sent, JSON)
    assert provider.requests[0].body == sent
    assert provider.requests[0].target == "/v1/chat/completions"


def test_a_provider_behind_a_path_is_reached_below_it(start_proxy: StartProxy, provider: FakeProvider) -> None:
    """The base URL of a gateway replaces the client's /v1."""
    proxy = start_proxy(bases={"openai": f"{provider.url}/gateway/v1"})
    proxy.call("POST", "/s/7/openai/v1/responses?x=%2F", body(model="gpt-5.1"), JSON)
    assert provider.requests[0].target == "/gateway/v1/responses?x=%2F"
    assert proxy.recorder.one().response.provider_name == "openai"


def test_the_host_decides_who_bills(proxy: RunningProxy) -> None:
    """DeepSeek answers in Anthropic's format and sends its own bill."""
    proxy.call("POST", "/p/deepseek/anthropic/v1/messages", body(model="deepseek-chat"), JSON)
    response = proxy.recorder.one().response
    assert (response.provider_name, response.api) == ("deepseek", "anthropic.messages")
