"""The answer to a chat stream that was asked for its usage on the client's behalf."""

from __future__ import annotations

import gzip
import json

from support import wires
from support.fake_provider import FakeProvider, Script, SeenRequest
from support.proxies import RunningProxy

BODY = b'{"model":"m","stream":true,"messages":[]}'
EVENTS = wires.chat_events({"stream_options": {"include_usage": True}})
VISIBLE = b"".join(EVENTS[:-2] + EVENTS[-1:])
CHAT = "/v1/chat/completions"


def test_an_injected_stream_that_comes_compressed_is_passed_on_decoded(
    proxy: RunningProxy, provider: FakeProvider
) -> None:
    """Its bytes cannot be edited while they are packed; identity is always acceptable."""
    headers = (("content-type", "text/event-stream"), ("content-encoding", "gzip"))
    provider.script(wires.http(200, headers, gzip.compress(b"".join(EVENTS))))
    _, headers_seen, received = proxy.call("POST", CHAT, BODY)
    assert "content-encoding" not in headers_seen
    assert received == VISIBLE
    assert proxy.recorder.one().response.usage is not None


def test_a_stream_with_a_length_loses_it_when_a_chunk_is_taken_out(proxy: RunningProxy, provider: FakeProvider) -> None:
    """The client would wait for bytes that do not come."""
    provider.script(wires.http(200, (("content-type", "text/event-stream"),), b"".join(EVENTS)))
    _, headers, received = proxy.call("POST", CHAT, BODY)
    assert "content-length" not in headers
    assert received == VISIBLE


def test_a_stream_that_cannot_be_unpacked_passes_as_it_is(proxy: RunningProxy, provider: FakeProvider) -> None:
    """Better one chunk too many than a broken stream."""
    headers = (("content-type", "text/event-stream"), ("content-encoding", "dcb"))
    provider.script(wires.http(200, headers, b"packed"))
    _, seen, received = proxy.call("POST", CHAT, BODY)
    assert (seen["content-encoding"], received) == ("dcb", b"packed")


def test_an_error_instead_of_a_stream_passes_untouched(proxy: RunningProxy, provider: FakeProvider) -> None:
    """With its length."""
    provider.script(wires.http(401, (("content-type", "application/json"),), b'{"error":{}}'))
    status, headers, received = proxy.call("POST", CHAT, BODY)
    assert (status, headers["content-length"], received) == (401, "12", b'{"error":{}}')


def test_a_server_that_refuses_the_option_gets_the_clients_own_request(
    proxy: RunningProxy, provider: FakeProvider
) -> None:
    """The client must not suffer from a field that it did not send; the server is not asked a second time."""

    def strict(request: SeenRequest) -> Script:
        if b"stream_options" in request.body:
            return [wires.http(422, (), b"extra field")]
        return wires.stream(wires.chat_events({}))

    provider.respond = strict
    for _ in range(2):
        status, _, received = proxy.call("POST", CHAT, BODY)
        assert (status, received) == (200, b"".join(wires.chat_events({})))
    assert [request.body == BODY for request in provider.requests] == [False, True, True]
    assert len(proxy.recorder.wait(2)) == 2


def test_a_request_that_is_wrong_anyway_gets_its_own_error(proxy: RunningProxy, provider: FakeProvider) -> None:
    """The error of what the client sent, and the option is tried again the next time."""
    provider.respond = lambda request: [wires.http(400, (), json.dumps({"size": len(request.body)}).encode())]
    for _ in range(2):
        status, _, received = proxy.call("POST", CHAT, BODY)
        assert (status, json.loads(received)) == (400, {"size": len(BODY)})
    assert [b"stream_options" in request.body for request in provider.requests] == [True, False, True, False]
    assert proxy.recorder.none()
