"""
Server-sent events from bytes that may be cut anywhere.

Follows the event stream format of the HTML standard: UTF-8 with an optional byte order mark, lines ended by
CRLF, LF or CR, several `data` lines per event. Only `data` is kept; the formats here name their events inside.
"""

from __future__ import annotations

from typing import Protocol

MAX_EVENT_BYTES = 32 * 1024 * 1024
"""A larger event is skipped and counted: a terminal event repeats the whole answer, images included."""

_BOM = b"\xef\xbb\xbf"


class EventDecoder(Protocol):
    """Cuts a stream of bytes into the payloads of its events."""

    skipped: int
    """Events that were dropped because they were too large or broken."""

    def feed(self, chunk: bytes) -> list[bytes]:
        """The payloads that this chunk completes."""

    def close(self) -> list[bytes]:
        """The payload that the end of the stream completes, if any."""


class SSEDecoder:
    """The `data` of each event. Holds at most one event, and at most `limit` bytes of it."""

    def __init__(self, limit: int = MAX_EVENT_BYTES) -> None:
        self.skipped = 0
        self._limit = limit
        self._line: list[bytes] = []
        """Pieces of the line that has no end yet."""
        self._data: list[bytes] = []
        self._size = 0
        """Bytes held in `_line` and `_data`."""
        self._too_large = False
        self._line_dropped = False
        """The open line began with bytes that were thrown away, so it is not empty."""
        self._after_cr = False
        self._at_start = True

    def feed(self, chunk: bytes) -> list[bytes]:
        """The events that this chunk completes."""
        events: list[bytes] = []
        chunk = self._with_plain_newlines(chunk)
        if self._at_start and not self._line and chunk.startswith((b"data", b"event")):
            self._at_start = False  # no byte order mark
        if self._is_between_events():
            chunk = self._take_whole_events(chunk, events)
        self._feed_lines(chunk, events)
        return events

    def _is_between_events(self) -> bool:
        return not (self._line or self._data or self._too_large or self._line_dropped or self._at_start)

    def _take_whole_events(self, chunk: bytes, events: list[bytes]) -> bytes:
        """
        The usual form, an event line and one data line, without looking at each line; gives back what is left.

        Whatever has another form goes through the lines, after which we are between events again.
        """
        whole, separator, rest = chunk.rpartition(b"\n\n")
        if not separator:
            return chunk
        for block in whole.split(b"\n\n"):
            data = block
            if block.startswith(b"event: "):
                data = block.partition(b"\n")[2]
            if data.startswith(b"data: ") and b"\n" not in data and len(block) <= self._limit:
                events.append(data[6:])
            else:
                self._feed_lines(block + b"\n\n", events)
        return rest

    def _feed_lines(self, chunk: bytes, events: list[bytes]) -> None:
        head, newline, rest = chunk.partition(b"\n")
        if head:
            self._hold(head)
        if not newline:
            return
        first = b"".join(self._line)
        self._size -= len(first)
        self._line.clear()
        lines = rest.split(b"\n")
        tail = lines.pop()
        self._take(first, events)
        for line in lines:
            self._take(line, events)
        if tail:
            self._hold(tail)

    def close(self) -> list[bytes]:
        """An event that the stream did not end with an empty line still counts: some servers forget it."""
        return self.feed(b"\n\n")

    def _with_plain_newlines(self, chunk: bytes) -> bytes:
        if self._after_cr and chunk:
            self._after_cr = False
            chunk = chunk.removeprefix(b"\n")
        if b"\r" in chunk:
            self._after_cr = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return chunk

    def _hold(self, piece: bytes) -> None:
        if not self._too_large and self._size + len(piece) > self._limit:
            self._too_large = True
            self._data.clear()
            self._line.clear()
            self._size = 0
        if self._too_large:
            self._line_dropped = True
        else:
            self._line.append(piece)
            self._size += len(piece)

    def _take(self, line: bytes, events: list[bytes]) -> None:
        if self._line_dropped:
            self._line_dropped = False
            return
        if self._at_start:
            self._at_start = False
            line = line.removeprefix(_BOM)
        if not line:
            self._dispatch(events)
        elif line.startswith(b"data:") and not self._too_large:
            value = line[6:] if line.startswith(b"data: ") else line[5:]
            self._data.append(value)
            self._size += len(value)
            if self._size > self._limit:
                self._too_large = True
                self._data.clear()
                self._size = 0

    def _dispatch(self, events: list[bytes]) -> None:
        if self._too_large:
            self.skipped += 1
        elif self._data:
            events.append(self._data[0] if len(self._data) == 1 else b"\n".join(self._data))
        self._too_large = False
        self._data.clear()
        self._size = 0
