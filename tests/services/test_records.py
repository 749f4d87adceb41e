"""Reading records from a pipe: arrays, lines, one object; cut anywhere; broken anywhere."""

from __future__ import annotations

import io
import json
import sys
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from codesession.errors import InvalidInputError
from codesession.services import records
from codesession.services.records import read_records

VALUES = [
    {"id": "é😀", "n": 1, "x": Decimal("0.00385548"), "deep": [{"a": []}, "]", "}", ","]},
    {"id": None, "text": 'quote " backslash \\ newline \n'},
    {"id": 3},
]
TEXT = json.dumps(VALUES, default=float, ensure_ascii=False)
LINES = "\n".join(json.dumps(value, default=float, ensure_ascii=False) for value in VALUES)


class Trickle(io.RawIOBase):
    """A pipe that gives at most so many bytes at once."""

    def __init__(self, content: bytes, size: int) -> None:
        self._content = io.BytesIO(content)
        self._size = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._content.read(min(self._size, len(buffer)))
        buffer[: len(piece)] = piece
        return len(piece)


def pipe(content: bytes, size: int) -> io.BufferedReader:
    return io.BufferedReader(Trickle(content, size), buffer_size=size)


def read(content: str | bytes) -> list[Any]:
    raw = content.encode() if isinstance(content, str) else content
    return list(read_records(io.BytesIO(raw)))


@pytest.mark.parametrize(
    "content",
    [
        TEXT,
        f"\n\t {TEXT} \n",
        "\ufeff" + TEXT,
        json.dumps(VALUES, default=float, indent=2),
        LINES,
        LINES + "\n",
        LINES.replace("\n", "\r\n"),
        LINES.replace("\n", "\n\n  \n"),
        LINES.replace("\n", ",\n"),
        "\ufeff" + LINES,
        "\n\n" + LINES,
    ],
)
def test_an_array_and_lines_say_the_same(content: str) -> None:
    """With blanks, marks and commas as files in the wild have them; fractions keep their digits."""
    assert read(content) == VALUES


@pytest.mark.parametrize("indent", [None, 2])
def test_one_object_is_one_record(indent: int | None) -> None:
    """On one line or over several."""
    assert read(json.dumps(VALUES[0], default=float, indent=indent)) == VALUES[:1]


@pytest.mark.parametrize("content", ['{"id": 1,\n "n": 2}', '{\n"id": 1, "n":\n2}\n', '\n{"id":\r\n1, "n": 2 }'])
def test_one_object_may_be_broken_anywhere(content: str) -> None:
    """As people write examples."""
    assert read(content) == [{"id": 1, "n": 2}]


def test_a_first_line_that_is_no_json_hides_no_other() -> None:
    """It is looked at together with the rest, and then apart from it."""
    found = read('{"id": \n{"id": 2}\n{"id": 3}')
    assert isinstance(found[0], InvalidInputError)
    assert found[1:] == [{"id": 2}, {"id": 3}]


@pytest.mark.parametrize("content", ["", " \n", "[]", " [ ] ", "\ufeff", "[\n]\n"])
def test_nothing_is_no_record(content: str) -> None:
    """An empty file, an empty array."""
    assert read(content) == []


@pytest.mark.parametrize("content", [TEXT, LINES, json.dumps(VALUES[0], default=float, indent=1)])
def test_chunks_may_end_at_every_byte(content: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the middle of a character, a number, an escape: whatever is read at once, the values are the same."""
    raw = content.encode()
    whole = read(content)
    for size in [*range(1, 40), len(raw) - 1, len(raw)]:
        monkeypatch.setattr(records, "_CHUNK", size)
        assert list(read_records(pipe(raw, size))) == whole, size
        assert list(read_records(io.BytesIO(raw))) == whole, size


def test_a_number_at_the_end_of_a_chunk_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """12 could be the beginning of 123."""
    for size in range(1, 12):
        monkeypatch.setattr(records, "_CHUNK", size)
        assert read("[1, 23, 456, 7.89, -1e5]") == [1, 23, 456, Decimal("7.89"), Decimal("-1e5")]


def test_a_line_that_is_no_json_stands_in_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """The records after it are still read, and the line is named."""
    found = read('{"id": 1}\n{"id": \nnonsense\n{"id": 4}\n')
    assert [found[0], found[3]] == [{"id": 1}, {"id": 4}]
    assert all(isinstance(each, InvalidInputError) for each in found[1:3])
    assert "line 2" in found[1].message
    assert "line 3" in found[2].message


@pytest.mark.parametrize("content", ['[{"id": 1}, {"id"', '[{"id": 1}, nonsense]', '[{"id": 1}', '[{"id": 1} {]'])
def test_an_array_that_breaks_off_keeps_what_came_before(content: str) -> None:
    """What was whole is given, then why it ended."""
    found = read(content)
    assert found[0] == {"id": 1}
    assert isinstance(found[-1], InvalidInputError)
    assert len(found) == 2


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\x00" * 50, b"PK\x03\x04", b"<html>", b'{"a": "\xff"}'])
def test_garbage_is_an_error_and_no_crash(content: bytes) -> None:
    """Pictures, archives and pages are fed to programs every day."""
    assert all(isinstance(each, InvalidInputError) for each in read(content))
    assert read(content)


def test_nesting_without_end_is_an_error() -> None:
    """It must not end the process."""
    for content in ('{"a": ' * 100_000, "[" + "[" * 100_000, '[{"id": 1}, ' + "[" * 100_000):
        found = read(content)
        assert isinstance(found[-1], InvalidInputError)


class Endless(io.RawIOBase):
    """A file of so many bytes that is never in memory."""

    def __init__(self, head: bytes, line: bytes, size: int, tail: bytes) -> None:
        self._pieces = self._all(head, line * (65_536 // len(line)), size, tail)
        self._rest = b""

    @staticmethod
    def _all(head: bytes, block: bytes, size: int, tail: bytes) -> Iterator[bytes]:
        yield head
        for _ in range(size // len(block)):
            yield block
        yield tail

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._rest = self._rest or next(self._pieces, b"")
        count = min(len(self._rest), len(buffer))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count


@pytest.mark.parametrize(("head", "end", "tail"), [(b"", b"\n", b""), (b"[", b",\n", b"{}]")])
def test_memory_does_not_grow_with_the_file(head: bytes, end: bytes, tail: bytes) -> None:
    """Fifty megabytes pass through a few, as lines and as one array."""
    line = json.dumps({"id": "x" * 2_000, "usage": {"input_tokens": 1000, "output_tokens": 100}}).encode() + end
    source = io.BufferedReader(Endless(head, line, 50_000_000, tail))
    tracemalloc.start()
    try:
        count = sum(1 for _ in read_records(source))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count > 20_000
    assert peak < 16_000_000, f"{peak:,} bytes on {sys.platform}"


def test_what_is_no_text_is_one_error() -> None:
    """And not one for every line that it seems to have; a damaged line among records is only that."""
    (error,) = read_records(io.BytesIO(b"\x7fELF\x00\n" * 100))
    assert isinstance(error, InvalidInputError)
    assert len(list(read_records(io.BytesIO(b'{"a": 1}\n\x00\x00\n{"b": 2}\n')))) == 3
