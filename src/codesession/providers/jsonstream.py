"""
JSON that streams without events: one value per line, or one array whose elements come bit by bit.

Ollama streams lines; `streamGenerateContent` without `alt=sse` streams an array of chunks.
"""

from __future__ import annotations

import re

from codesession.providers.sse import MAX_EVENT_BYTES

_STRUCTURE = re.compile(rb'["{}\[\]]')
_STRING_END = re.compile(rb'["\\]')


class LinesDecoder:
    """Each non-empty line; a line above `limit` bytes is skipped and counted."""

    def __init__(self, limit: int = MAX_EVENT_BYTES) -> None:
        self.skipped = 0
        self._limit = limit
        self._pieces: list[bytes] = []
        self._size = 0
        self._too_large = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that this chunk completes."""
        head, newline, rest = chunk.partition(b"\n")
        self._hold(head)
        if not newline:
            return []
        lines = [self._finished(), *rest.split(b"\n")]
        self._hold(lines.pop())
        complete = [line.strip() for line in lines]
        self.skipped += sum(len(line) > self._limit for line in complete)
        return [line for line in complete if line and len(line) <= self._limit]

    def close(self) -> list[bytes]:
        """The last line may lack its end."""
        return self.feed(b"\n")

    def _hold(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._limit:
            self._too_large = True
            self._pieces.clear()
        else:
            self._pieces.append(piece)

    def _finished(self) -> bytes:
        line = b"".join(self._pieces)
        self.skipped += self._too_large
        self._too_large = False
        self._pieces.clear()
        self._size = 0
        return line


class ArrayDecoder:
    """
    The objects of one top-level array, each as soon as its brackets close.

    Only brackets and strings are looked at; whether an element is valid JSON shows when it is decoded.
    """

    def __init__(self, limit: int = MAX_EVENT_BYTES) -> None:
        self.skipped = 0
        self._limit = limit
        self._depth = 0
        self._in_string = False
        self._escaped = False
        self._pieces: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """The elements that this chunk completes."""
        events: list[bytes] = []
        start = at = 0
        while at < len(chunk):
            if self._in_string:
                at = self._skip_string(chunk, at)
                continue
            found = _STRUCTURE.search(chunk, at)
            if not found:
                break
            at = found.end()
            mark = found[0]
            if mark == b'"':
                self._in_string = True
            elif mark in b"{[":
                self._depth += 1
                if self._depth == 2:
                    start = at - 1
            else:
                self._depth = max(0, self._depth - 1)
                if self._depth == 1:
                    self._hold(chunk[start:at])
                    self._complete(events)
        if self._depth >= 2:
            self._hold(chunk[start:])
        return events

    def close(self) -> list[bytes]:
        """An element that never closed is dropped."""
        self.skipped += self._depth >= 2
        self._pieces.clear()
        return []

    def _skip_string(self, chunk: bytes, at: int) -> int:
        if self._escaped:
            self._escaped = False
            return at + 1
        found = _STRING_END.search(chunk, at)
        if not found:
            return len(chunk)
        if found[0] == b'"':
            self._in_string = False
        else:
            self._escaped = True
        return found.end()

    def _hold(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size <= self._limit:
            self._pieces.append(piece)
        else:
            self._pieces.clear()

    def _complete(self, events: list[bytes]) -> None:
        if self._size <= self._limit:
            events.append(b"".join(self._pieces))
        else:
            self.skipped += 1
        self._pieces.clear()
        self._size = 0
