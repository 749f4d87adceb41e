"""The client's request body: kept whole while it is small enough to be read, else passed on as it comes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


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

    def payload(self) -> bytes | AsyncIterator[bytes]:
        """What is sent on."""
        return self.data if self.whole else self._stream()

    async def _stream(self) -> AsyncIterator[bytes]:
        first, self.data = self.data, b""  # nobody reads a body that is not whole
        yield first
        del first
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
