"""The client's request body: kept whole while it is small enough to be read, else passed on as it comes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

_SLICE = 256 * 1024
_AT_ONCE = 512 * 1024
"""The client library wants larger bodies in pieces, so that they do not hold up other calls."""


class ClientGoneError(Exception):
    """The client hung up while its request was being read."""


class RequestBody:
    """Reads a body from ASGI `receive`."""

    def __init__(self, receive: Receive, limit: int, on_end: Callable[[], None]) -> None:
        self._receive = receive
        self._limit = limit
        self._on_end = on_end
        self.data = b""
        """The body, or its beginning if it is larger than the limit."""
        self.whole = False
        """`data` is all of it."""
        self.read = False
        """The client has sent everything; from `on_end` on, `receive` tells of its hanging up."""
        self.abandoned = False
        """The client hung up before that."""

    async def buffer(self) -> None:
        """Read until the end or the limit. Raises `ClientGoneError`."""
        first = await self._next()
        if self.read:
            self.data, self.whole = first, True
            return
        pieces, size = [first], len(first)
        while not self.read and size <= self._limit:
            pieces.append(await self._next())
            size += len(pieces[-1])
        self.data = b"".join(pieces)
        self.whole = self.read

    def payload(self) -> bytes | AsyncIterator[bytes] | None:
        """What the client library is given to send; None for no body."""
        if self.whole and len(self.data) <= _AT_ONCE:
            return self.data or None
        return self._stream()

    async def _stream(self) -> AsyncIterator[bytes]:
        data, whole = self.data, self.whole
        for start in range(0, len(data), _SLICE):
            yield data[start : start + _SLICE]
        if whole:
            return
        self.data = data = b""  # nobody reads a body that is not whole
        while not self.read:
            yield await self._next()

    async def _next(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self.abandoned = True
            raise ClientGoneError
        body: bytes = message.get("body", b"")
        if not message.get("more_body", False):
            self.read = True
            self._on_end()
        return body
