"""
The copy of a response: decoded, fed to the provider's reader, and never in the way of the original.

Bytes are collected and read in lumps, so that a chunk is on its way to the client before anybody looks into it
and a short answer is read only after the client has all of it.
"""

from __future__ import annotations

from collections.abc import Callable

from codesession.domain.usage import ModelResponse
from codesession.providers.base import RequestFacts
from codesession.providers.body import ResponseReader
from codesession.proxy.decode import Decoder, UndecodableError, decoder_for

LUMP = 64 * 1024

DECODED_LIMIT = 1024 * 1024 * 1024
"""Decoded bytes that are read of one answer; more than any model writes, less than a bomb."""


class Tap:
    """Reads along one response."""

    def __init__(self, facts: Callable[[], RequestFacts], content_type: str, content_encoding: bytes) -> None:
        self._facts = facts
        self._content_type = content_type
        self._waiting: list[bytes] = []
        self._size = 0
        self._decoded = 0
        self._reader: ResponseReader | None = None
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
        if self._size >= LUMP:
            self._read()

    def finish(self, complete: bool) -> ModelResponse | None:
        """What the response was; None if it was none of a model. `complete`: the upstream ended it itself."""
        self._read()
        if self._reader is None:
            return None
        return self._reader.finish(complete and self.unreadable is None)

    def _read(self) -> None:
        if self._reader is None:
            self._reader = ResponseReader(self._facts(), self._content_type)
        data = self._waiting[0] if len(self._waiting) == 1 else b"".join(self._waiting)
        self._waiting.clear()
        self._size = 0
        if self._decoder is None:
            self._reader.feed(data)
            return
        try:
            for block in self._decoder.feed(data):
                self._decoded += len(block)
                if self._decoded > DECODED_LIMIT:
                    raise UndecodableError("decoded answer is too large")
                self._reader.feed(block)
        except UndecodableError as error:
            self.unreadable = str(error)
