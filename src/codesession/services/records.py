"""
JSON records from a file or pipe, one at a time: an object, an array, or one object per line.

Memory is bounded by the largest record, not by their number. What is no JSON stands in its place as an error, so
that the records after it are still read.
"""

from __future__ import annotations

import json
from codecs import getincrementaldecoder
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, BinaryIO

import msgspec

from codesession.errors import InvalidInputError

_CHUNK = 1 << 20
_LARGEST = 1 << 26
"""Characters of one element of an array, bytes of one object over several lines; no record is longer."""
_SAMPLE = 8192
"""Bytes at the beginning that tell text from what is none."""
_SPACE = " \t\r\n"
_BETWEEN = _SPACE + ",\ufeff"
_BLANK = b" \t\r\n,\xef\xbb\xbf"

_line = msgspec.json.Decoder(float_hook=Decimal)
_element = json.JSONDecoder(parse_float=Decimal)


def read_records(source: BinaryIO) -> Iterator[Any]:
    """Decoded values, or an `InvalidInputError` (yielded, not raised) where there is none. Fractions are `Decimal`."""
    head = source.read(_CHUNK)
    while head and not head.strip(_BLANK) and (more := source.read(_CHUNK)):
        head = more
    head = head.lstrip(_BLANK)
    if b"\0" in head[:_SAMPLE] and not head.startswith((b"{", b"[")):
        yield InvalidInputError("the input is no text, and so no JSON")
        return
    if head.startswith(b"["):
        yield from _array(source, head[1:])
    else:
        yield from _lines_or_one(source, head)


def _array(source: BinaryIO, head: bytes) -> Iterator[Any]:
    """Elements of an array; a large one is decoded as it comes."""
    utf8 = getincrementaldecoder("utf-8")("replace")
    text, at, ended = utf8.decode(head), 0, False
    while True:
        at = _skipped(text, at, _BETWEEN)
        if text.startswith("]", at):
            return
        try:
            value, end = _element.raw_decode(text, at)
            whole, why = ended or _is_followed(text, end), "unexpected end"
        except json.JSONDecodeError as error:
            whole, why = False, error.msg.lower()
        except RecursionError:
            ended, whole, why = True, False, "nested too deeply"
        if whole:
            yield value
            at = end
        elif ended or len(text) - at > _LARGEST:
            yield InvalidInputError(f"the array ends in something that is no JSON: {why}")
            return
        else:
            more = source.read(max(_CHUNK, len(text) - at))
            text, at, ended = text[at:] + utf8.decode(more), 0, not more


def _skipped(text: str, at: int, what: str) -> int:
    while at < len(text) and text[at] in what:
        at += 1
    return at


def _is_followed(text: str, end: int) -> bool:
    """Whether the value that ends here is whole: a number could go on behind what was read."""
    end = _skipped(text, end, _SPACE)
    return text.startswith((",", "]"), end)


def _lines_or_one(source: BinaryIO, head: bytes) -> Iterator[Any]:
    """One object per line, unless the first line is none and the whole input is one, written over several lines."""
    first, newline, rest = head.partition(b"\n")
    while not newline and (more := source.read(_CHUNK)):
        piece, newline, rest = more.partition(b"\n")
        first += piece
    if first.strip(_BLANK).startswith(b"{") and isinstance(_decoded(first, ""), InvalidInputError):
        rest += source.read(_LARGEST)
        whole = _decoded(first + newline + rest, "the input")
        if not isinstance(whole, InvalidInputError):
            yield whole
            return
    for number, line in enumerate(_lines(first, rest, source), 1):
        if line := line.strip(_BLANK):
            yield _decoded(line, f"line {number}")


def _lines(first: bytes, rest: bytes, source: BinaryIO) -> Iterator[bytes]:
    """The lines of what was read ahead and of what follows."""
    yield first
    *whole, last = rest.split(b"\n")
    yield from whole
    if last:
        yield last + source.readline()
    yield from source


def _decoded(raw: bytes, where: str) -> Any:
    try:
        return _line.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return InvalidInputError(f"{where} is no JSON: {error}")
