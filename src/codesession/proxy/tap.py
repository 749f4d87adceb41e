"""
The copy of a response: decoded, fed to the provider's reader, and never in the way of the original.

A chunk goes to the client first and is put aside here. Reading waits for a pause of the stream, or for the end
of the answer when the client has all of it: models pause between words far longer than reading takes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from codesession.domain.usage import ModelResponse
from codesession.proxy.decode import Decoder, UndecodableError, decoder_for

LUMP = 64 * 1024
"""So much is worth reading at the next pause."""

CEILING = 1024 * 1024
"""So much is read at once: what is put aside stays bounded."""

DECODED_LIMIT = 1024 * 1024 * 1024
"""Decoded bytes that are read of one answer; more than any model writes, less than a bomb."""

UNLIMITED = 1 << 62
"""For what is read bit by bit, none of it kept."""

AtPause = Callable[[Callable[[], None]], None]
"""Calls back a little later, when the stream has had time to go on."""


class Reader(Protocol):
    """What makes something of the copy."""

    def feed(self, chunk: bytes, /) -> None:
        """The next decoded bytes."""

    def finish(self, complete: bool) -> ModelResponse | None:
        """What the response was; None if it was none of a model."""


class Tap:
    """Reads along one response. `reader` is made when there is something to read."""

    def __init__(
        self,
        reader: Callable[[], Reader],
        content_encoding: bytes,
        at_pause: AtPause,
        *,
        ceiling: int = CEILING,
        decoded_limit: int = DECODED_LIMIT,
    ) -> None:
        self._new_reader = reader
        self._at_pause = at_pause
        self._ceiling = ceiling
        self._decoded_limit = decoded_limit
        self._pause_awaited = False
        self._waiting: list[bytes] = []
        self._size = 0
        self._decoded = 0
        self._reader: Reader | None = None
        self._decoder: Decoder | None = None
        self.unreadable: str | None = None
        """Why the copy cannot be read (any further)."""
        if content_encoding:
            try:
                self._decoder = decoder_for(content_encoding)
            except UndecodableError as error:
                self.unreadable = str(error)

    def take(self, chunk: bytes) -> None:
        """The next bytes as the upstream sent them."""
        if self.unreadable is not None:
            return
        self._waiting.append(chunk)
        self._size += len(chunk)
        if self._size >= self._ceiling:
            self._read()
        elif self._size >= LUMP and not self._pause_awaited:
            self._pause_awaited = True
            self._at_pause(self._paused)

    def finish(self, complete: bool) -> ModelResponse | None:
        """What the response was; None if it was none of a model. `complete`: the upstream ended it itself."""
        self._read()
        if self._reader is None:
            return None
        return self._reader.finish(complete and self.unreadable is None)

    def _paused(self) -> None:
        self._pause_awaited = False
        self._read()

    def _read(self) -> None:
        if self.unreadable is not None and self._reader is None:
            return  # not even the first byte can be read
        if self._reader is None:
            self._reader = self._new_reader()
        data = self._waiting[0] if len(self._waiting) == 1 else b"".join(self._waiting)
        self._waiting.clear()
        self._size = 0
        if self._decoder is None:
            self._reader.feed(data)
        else:
            self._read_decoded(self._decoder, self._reader, data)

    def _read_decoded(self, decoder: Decoder, reader: Reader, data: bytes) -> None:
        try:
            for block in decoder.feed(data):
                self._decoded += len(block)
                if self._decoded > self._decoded_limit:
                    raise UndecodableError("decoded answer is too large")
                reader.feed(block)
        except UndecodableError as error:
            self.unreadable = str(error)
