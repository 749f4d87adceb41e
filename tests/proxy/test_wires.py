"""Each wire format through the proxy: bytes unchanged, usage recorded."""

from __future__ import annotations

import json

from support import wires
from support.fake_provider import FakeProvider
from support.proxies import RunningProxy

JSON = {"content-type": "application/json"}


def body(**fields: object) -> bytes:
    """A request body with a prompt that must never be kept."""
    return json.dumps({"messages": [{"role": "user", "content": "sécret  prompt"}], **fields}).encode()


def streamed(script: list[bytes]) -> bytes:
    """The body that a chunked script carries."""
    return b"".join(part.partition(b"\r\n")[2][:-2] for part in script[1:-1])


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
