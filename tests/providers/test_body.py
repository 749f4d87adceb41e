"""From the bytes of an HTTP answer to a response."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesession.domain.usage import ModelResponse
from codesession.providers import body as body_module
from codesession.providers.base import RequestFacts
from codesession.providers.body import ResponseReader
from codesession.providers.registry import parser_for

ANTHROPIC = RequestFacts(provider_name="anthropic", api="anthropic.messages")
CHAT = RequestFacts(provider_name="openai", api="openai.chat")
MESSAGE = b'{"type":"message","id":"msg_1","model":"claude-opus-5","usage":{"input_tokens":10,"output_tokens":5}}'


def read(
    request: RequestFacts, content_type: str | None, *chunks: bytes, complete: bool = True
) -> ModelResponse | None:
    reader = ResponseReader(request, content_type)
    for chunk in chunks:
        reader.feed(chunk)
    return reader.finish(complete)


def test_every_stream_means_its_buckets_event_by_event(
    stream_case: dict[str, Any], request_of: Callable, check: Callable
) -> None:
    """Decoded events straight into the parser."""
    parser = parser_for(stream_case["provider"], stream_case["api"])
    assert parser is not None
    stream = parser.stream(request_of(stream_case))
    for event in stream_case["events"]:
        stream.feed(event)
    check(stream_case, stream.result())


def test_every_stream_means_the_same_cut_at_every_byte(
    stream_case: dict[str, Any], request_of: Callable, check: Callable, on_the_wire: Callable
) -> None:
    """From the wire: in two pieces for every cut, byte by byte, and without a content type."""
    content_type, stream = on_the_wire(stream_case)
    request = request_of(stream_case)
    whole = read(request, content_type, stream)
    check(stream_case, whole)
    for cut in range(1, len(stream)):
        assert read(request, content_type, stream[:cut], stream[cut:]) == whole, cut
    assert read(request, content_type, *(stream[i : i + 1] for i in range(len(stream)))) == whole
    if stream_case["framing"] in ("sse", "array"):
        assert read(request, "application/json", *(stream[i : i + 1] for i in range(len(stream)))) == whole


def test_every_stream_survives_the_loss_of_its_end(
    stream_case: dict[str, Any], request_of: Callable, on_the_wire: Callable
) -> None:
    """However early the connection breaks, nothing raises, and no count exceeds the whole one."""
    content_type, stream = on_the_wire(stream_case)
    request = request_of(stream_case)
    whole = read(request, content_type, stream)
    assert whole is not None
    most = whole.usage.total_tokens if whole.usage else 0
    for end in range(len(stream)):
        part = read(request, content_type, stream[:end], complete=False)
        if part is not None and part.usage is not None:
            assert part.usage.total_tokens <= most


def test_a_body_is_read_in_any_pieces() -> None:
    """With a byte order mark and white space around it."""
    stream = b"\xef\xbb\xbf\n " + MESSAGE + b"\n"
    for cut in range(len(stream)):
        response = read(ANTHROPIC, "application/json; charset=utf-8", stream[:cut], stream[cut:])
        assert response is not None
        assert response.usage is not None
        assert response.usage.total_tokens == 15
        assert response.complete


@pytest.mark.parametrize(
    "body",
    [b"", b"   ", b"<html>bad gateway</html>", b"null", b"5", b'"x"', b"[]", b"{}", b'{"type":"error","error":{}}',
     b'{"error":{"message":"no"}}', b"data: {\"error\":{}}\n\n", b"[" * 5000, b"\xff\xfe\x00", b"data: \xff\n\n"],
)  # fmt: skip
@pytest.mark.parametrize("content_type", ["application/json", "text/event-stream", "text/html", "", None])
@pytest.mark.parametrize("request_facts", [ANTHROPIC, CHAT], ids=["anthropic", "chat"])
def test_what_is_no_response_gives_none(body: bytes, content_type: str | None, request_facts: RequestFacts) -> None:
    """Error envelopes, pages of gateways, nothing."""
    assert read(request_facts, content_type, body) is None


def test_a_json_body_that_claims_to_stream_is_read() -> None:
    """The first byte knows better than the header."""
    response = read(ANTHROPIC, "text/event-stream", b"\n", MESSAGE)
    assert response is not None
    assert response.usage is not None


def test_a_cut_body_is_a_call_of_unknown_cost() -> None:
    """The provider bills it, so it is not dropped; nor is it free."""
    response = read(ANTHROPIC, "application/json", MESSAGE[:-5], complete=False)
    assert response is not None
    assert response.parts == ()
    assert not response.complete
    assert response.warnings


def test_a_body_above_the_bound_is_a_call_of_unknown_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its bytes are let go at once."""
    monkeypatch.setattr(body_module, "MAX_BODY_BYTES", 50)
    reader = ResponseReader(ANTHROPIC, "application/json")
    for start in range(0, len(MESSAGE), 20):
        reader.feed(MESSAGE[start : start + 20])
    assert reader._pieces == []
    response = reader.finish()
    assert response is not None
    assert response.parts == ()
    assert response.warnings


def test_unreadable_events_are_mentioned() -> None:
    """The rest of the stream still counts."""
    start = b'data: {"type":"message_start","message":{"usage":{"input_tokens":5,"output_tokens":1}}}\n\n'
    stream = start + b'data: {"type":"message_delta" oops\n\n'
    response = read(ANTHROPIC, "text/event-stream", stream)
    assert response is not None
    assert response.usage is not None
    assert response.usage.input_tokens == 5
    assert len(response.warnings) == 1


def test_an_unknown_format_reads_nothing() -> None:
    """And holds nothing."""
    reader = ResponseReader(RequestFacts(api="telepathy"), "application/json")
    reader.feed(MESSAGE)
    assert reader._pieces == []
    assert reader.finish() is None


def test_large_events_pass_in_small_pieces() -> None:
    """Terminal events repeat the whole answer."""
    event = {"type": "response.completed", "response": {"id": "r", "output": [{"text": "x" * 300_000}],
             "usage": {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}}}  # fmt: skip
    stream = b"data: " + json.dumps(event).encode() + b"\n\n"
    request = RequestFacts(api="openai.responses")
    response = read(request, "text/event-stream", *(stream[i : i + 1400] for i in range(0, len(stream), 1400)))
    assert response is not None
    assert response.usage is not None
    assert response.usage.total_tokens == 3


@given(
    st.lists(st.binary(max_size=60), max_size=6),
    st.sampled_from(["text/event-stream", "application/vnd.amazon.eventstream", "application/x-ndjson", None]),
    st.sampled_from(["anthropic", "openai", "google", "bedrock", "ollama"]),
)
def test_no_bytes_can_crash_a_reader(chunks: list[bytes], content_type: str | None, provider: str) -> None:
    """It reads beside the stream of a paying user."""
    read(RequestFacts(provider_name=provider), content_type, *chunks)
    read(RequestFacts(provider_name=provider), content_type, b"data: {", *chunks)
