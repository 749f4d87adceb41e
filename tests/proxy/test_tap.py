"""The copy of a response."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest

from codesession.providers.base import RequestFacts
from codesession.providers.body import ResponseReader
from codesession.proxy.tap import CEILING, LUMP, Tap
from support import wires

STREAM = b"".join(wires.anthropic_events())


class Pauses:
    """Keeps what is to be called at the next pause."""

    def __init__(self) -> None:
        self.awaited: list[Callable[[], None]] = []

    def __call__(self, callback: Callable[[], None]) -> None:
        self.awaited.append(callback)


def tap(content_encoding: bytes = b"", pauses: Pauses | None = None, asked: list[int] | None = None) -> Tap:
    """A tap on an Anthropic stream; `asked` counts how often the request's facts were read."""

    def facts() -> RequestFacts:
        if asked is not None:
            asked.append(1)
        return RequestFacts(provider_name="anthropic", api="anthropic.messages", request_model="m")

    return Tap(lambda: ResponseReader(facts(), "text/event-stream"), content_encoding, pauses or Pauses())


@pytest.mark.parametrize("size", [1, 10, 100_000])
def test_a_stream_is_read_however_it_is_cut(size: int) -> None:
    """Chunks are the network's, not the format's."""
    copy = tap()
    for at in range(0, len(STREAM), size):
        copy.take(STREAM[at : at + size])
    response = copy.finish(complete=True)
    assert response is not None
    assert response.usage is not None
    assert (response.usage.input_tokens, response.complete) == (wires.ANTHROPIC_INPUT, True)


def test_a_short_answer_is_read_only_when_it_is_over() -> None:
    """Until then nothing takes time from the client."""
    asked: list[int] = []
    copy = tap(asked=asked)
    copy.take(STREAM)
    assert asked == []
    copy.finish(complete=True)
    assert asked == [1]


def test_a_long_answer_is_read_at_a_pause() -> None:
    """Once per lump, and not in the middle of a burst."""
    pauses, asked = Pauses(), []
    copy = tap(pauses=pauses, asked=asked)
    for _ in range(3):
        copy.take(b": comment\n\n" + b" " * LUMP)
    assert (len(pauses.awaited), asked) == (1, [])
    pauses.awaited.pop()()
    assert asked == [1]


def test_a_burst_is_read_at_the_ceiling() -> None:
    """What is put aside stays bounded."""
    asked: list[int] = []
    copy = tap(asked=asked)
    copy.take(b" " * CEILING)
    assert asked == [1]


def test_a_packed_stream_is_unpacked_for_reading() -> None:
    """The original passes packed."""
    copy = tap(b"gzip")
    copy.take(gzip.compress(STREAM))
    response = copy.finish(complete=True)
    assert response is not None
    assert response.response_id == "msg_stream"


def test_damaged_data_end_the_reading_with_what_was_understood() -> None:
    """A lower bound, and the reason."""
    copy = tap(b"gzip")
    packed = gzip.compress(STREAM + STREAM)
    copy.take(packed[: len(packed) // 2] + b"damage" * 100)
    response = copy.finish(complete=True)
    assert copy.unreadable == "damaged deflate data"
    assert response is None or not response.complete


def test_an_unknown_coding_is_told_and_nothing_is_kept() -> None:
    """The bytes are not even collected."""
    copy = tap(b"dcb")
    copy.take(b"x" * 10)
    assert copy.unreadable == "unknown content coding"
    assert copy.finish(complete=True) is None
