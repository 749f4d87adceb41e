"""Lines and arrays of JSON, cut anywhere."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesession.providers.jsonstream import ArrayDecoder, LinesDecoder

Decoder = LinesDecoder | ArrayDecoder


def decode(decoder: Decoder, *chunks: bytes) -> list[bytes]:
    return [event for chunk in chunks for event in decoder.feed(chunk)] + decoder.close()


ARRAY = b'\xef\xbb\xbf [ {"a": "]}\\"[{", "b": [1, [2]]}\r\n,\n{"c": "\\\\"} , {"d": {}} ]\n'
ELEMENTS = [b'{"a": "]}\\"[{", "b": [1, [2]]}', b'{"c": "\\\\"}', b'{"d": {}}']
LINES = b'{"a":1}\r\n\n  {"b":"\xc3\xbc"}\n{"c":3}'
VALUES = [b'{"a":1}', b'{"b":"\xc3\xbc"}', b'{"c":3}']


@pytest.mark.parametrize(("make", "stream", "events"), [(ArrayDecoder, ARRAY, ELEMENTS), (LinesDecoder, LINES, VALUES)])
def test_every_cut_gives_the_same_values(make: Callable[[], Decoder], stream: bytes, events: list[bytes]) -> None:
    """Within strings, escapes and line ends; also byte by byte."""
    for cut in range(len(stream) + 1):
        assert decode(make(), stream[:cut], stream[cut:]) == events, cut
    assert decode(make(), *(stream[i : i + 1] for i in range(len(stream)))) == events


@pytest.mark.parametrize("size", [1, 9, 1000])
def test_values_above_the_bound_are_skipped_and_counted(size: int) -> None:
    """The next one is read again."""
    large = b'{"x":"' + b"y" * 300 + b'"}'
    for decoder, stream in (
        (ArrayDecoder(100), b"[" + large + b',{"a":1}]'),
        (LinesDecoder(100), large + b'\n{"a":1}\n'),
    ):
        chunks = [stream[i : i + size] for i in range(0, len(stream), size)]
        assert decode(decoder, *chunks) == [b'{"a":1}']
        assert decoder.skipped == 1


def test_an_element_without_its_end_is_counted() -> None:
    """The connection was cut."""
    decoder = ArrayDecoder()
    assert decode(decoder, b'[{"a":1},{"b":') == [b'{"a":1}']
    assert decoder.skipped == 1


def test_brackets_without_sense_do_no_harm() -> None:
    """What was closed too often may be opened again."""
    assert decode(ArrayDecoder(), b"]]]}}[{}]") == [b"{}"]


@given(
    st.lists(st.dictionaries(st.text(max_size=5), st.text() | st.lists(st.text(), max_size=2), max_size=3), max_size=4),
    st.integers(1, 20),
    st.sampled_from([None, 2]),
)
def test_any_array_comes_apart_into_its_elements(values: list[object], size: int, indent: int | None) -> None:
    """Compact or pretty-printed, whatever the strings hold."""
    stream = json.dumps(values, indent=indent, ensure_ascii=False).encode("utf-8", "replace")
    chunks = [stream[i : i + size] for i in range(0, len(stream), size)]
    assert [json.loads(event) for event in decode(ArrayDecoder(), *chunks)] == json.loads(stream)
