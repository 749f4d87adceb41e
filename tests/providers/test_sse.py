"""Server-sent events, cut anywhere and ended anyhow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesession.providers.sse import SSEDecoder


def decode(*chunks: bytes, limit: int = 10_000) -> list[bytes]:
    decoder = SSEDecoder(limit)
    events = [event for chunk in chunks for event in decoder.feed(chunk)]
    return events + decoder.close()


STREAM = (
    "\ufeff: hello\nevent: a\ndata: Grüße 你好\n\nid: 1\ndata:two\ndata: lines\nretry: 5\n\ndata\n\ndata: {}\n\n"
).encode()
EVENTS = ["Grüße 你好".encode(), b"two\nlines", b"{}"]


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
def test_every_cut_gives_the_same_events(ending: bytes) -> None:
    """Within UTF-8, within CRLF, within the byte order mark; also byte by byte."""
    stream = STREAM.replace(b"\n", ending)
    for cut in range(len(stream) + 1):
        assert decode(stream[:cut], stream[cut:]) == EVENTS, cut
    assert decode(*(stream[i : i + 1] for i in range(len(stream)))) == EVENTS


def test_line_ends_may_be_mixed() -> None:
    """A CR at the end of one chunk and the LF at the start of the next are one line end."""
    assert decode(b"data: a\r", b"\ndata: b\n\r\ndata: c\r\r") == [b"a\nb", b"c"]
    assert decode(b"data: a\r", b"", b"\n\r\n") == [b"a"]


def test_an_event_without_its_empty_line_still_counts() -> None:
    """Some servers close right after the last line, or in it."""
    assert decode(b"data: a\n\ndata: b\n") == [b"a", b"b"]
    assert decode(b"data: a\n\ndata: b") == [b"a", b"b"]


def test_comments_and_other_fields_are_no_events() -> None:
    """Keep-alives among them."""
    assert decode(b": ping\n\n: ping\n\nevent: x\nid: 3\n\ndatabase: x\n\n") == []


def test_only_one_space_belongs_to_the_format() -> None:
    """The others are data."""
    assert decode(b"data:  two\n\n") == [b" two"]


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_an_event_above_the_bound_is_skipped_and_counted(size: int) -> None:
    """The next one is read again, and memory stays bounded."""
    stream = b"data: " + b"x" * 500 + b"\n\ndata: small\n\n" + b"data: 123456789\n" * 20 + b"\ndata: last\n\n"
    decoder = SSEDecoder(limit=100)
    events = []
    for start in range(0, len(stream), size):
        events += decoder.feed(stream[start : start + size])
        assert sum(map(len, decoder._line)) + sum(map(len, decoder._data)) <= 100 + size
    assert events == [b"small", b"last"]
    assert decoder.skipped == 2


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=20), min_size=1, max_size=3),
        max_size=5,
    ),
    st.lists(st.integers(1, 30), min_size=1, max_size=20),
    st.sampled_from([b"\n", b"\r\n", b"\r"]),
)
def test_any_text_comes_through_any_cutting(events: list[list[str]], cuts: list[int], ending: bytes) -> None:
    """Whatever the data lines hold, however the network cuts them."""
    stream = b"".join(b"".join(b"data: " + line.encode() + ending for line in event) + ending for event in events)
    chunks, at = [], 0
    while at < len(stream):
        size = cuts[len(chunks) % len(cuts)]
        chunks.append(stream[at : at + size])
        at += size
    assert decode(*chunks) == ["\n".join(event).encode() for event in events]


@given(
    st.lists(
        st.sampled_from([b"event: a\n", b"data: x\n", b"data: y\n", b"data\n", b": z\n", b"\n", b"\n\n", b"id: 1\n"])
    )
)
def test_whole_events_at_once_and_byte_by_byte_are_the_same(pieces: list[bytes]) -> None:
    """Events of the usual form are read without looking at their lines; any mixture must come out alike."""
    stream = b"".join(pieces)
    assert decode(stream) == decode(*(stream[n : n + 1] for n in range(len(stream))))
