"""Taking the usage chunk out of a chat stream."""

from __future__ import annotations

import pytest

from codesession.proxy.usage_chunk import EVENT_LIMIT, UsageChunkFilter
from support import wires

EVENTS = wires.chat_events({"stream_options": {"include_usage": True}})
VISIBLE = b"".join(EVENTS[:-2] + EVENTS[-1:])


def filtered(stream: bytes, size: int) -> bytes:
    """The stream after the filter, fed in pieces."""
    chunks = UsageChunkFilter()
    pieces = [chunks.feed(stream[at : at + size]) for at in range(0, len(stream), size)]
    return b"".join([*pieces, chunks.finish()])


@pytest.mark.parametrize("size", [1, 2, 3, 5, 64, 10_000])
@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
def test_only_the_usage_chunk_disappears_however_the_stream_is_cut(size: int, newline: bytes) -> None:
    """All other bytes are the provider's, with any line ends."""
    stream = b"".join(EVENTS).replace(b"\n", newline)
    assert filtered(stream, size) == VISIBLE.replace(b"\n", newline)


def test_every_cut_in_two_gives_the_same() -> None:
    """At each boundary."""
    stream = b"".join(EVENTS)
    for at in range(len(stream)):
        chunks = UsageChunkFilter()
        assert chunks.feed(stream[:at]) + chunks.feed(stream[at:]) + chunks.finish() == VISIBLE


@pytest.mark.parametrize(
    "event",
    [
        b'data: {"choices":[],"usage":null,"prompt_filter_results":[]}\n\n',
        b'data: {"choices":[{"delta":{}}],"usage":{"prompt_tokens":1}}\n\n',
        b'data: {"choices":[{"delta":{"content":"\\"choices\\":[]"}}],"usage":{}}\n\n',
        b': "choices":[] is a comment\n\n',
        b'data: "choices":[] no json\n\n',
        b"data: [DONE]\n\n",
        b'data: {"id":"no end"}',
    ],
)
def test_any_other_event_passes(event: bytes) -> None:
    """Azure's filter results, usage inside a real chunk, text that looks like it."""
    assert filtered(event, 7) == event


def test_a_long_event_passes_before_its_end() -> None:
    """What is held stays bounded."""
    chunks = UsageChunkFilter()
    head = b'data: {"choices":[{"delta":{"content":"' + b"x" * (2 * EVENT_LIMIT)
    passed = chunks.feed(head)
    assert len(passed) > len(head) - 4
    tail = b'"}}]}\n\n' + EVENTS[-2] + EVENTS[-1]
    assert passed + chunks.feed(tail) + chunks.finish() == head + b'"}}]}\n\n' + EVENTS[-1]


def test_a_usage_chunk_at_the_very_end_without_a_blank_line_is_removed() -> None:
    """Some servers forget the last newline."""
    assert filtered(b"data: x\n\n" + EVENTS[-2].rstrip(), 9) == b"data: x\n\n"
