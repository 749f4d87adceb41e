"""The client's request body: kept whole while it is small enough to be read, else passed on as it comes."""

from __future__ import annotations

from collections.abc import AsyncIterator

from codesession.proxy.request import ClientGoneError, Request


class RequestBody:
    """Reads the body of a request."""

    def __init__(self, request: Request, limit: int) -> None:
        self._request = request
        self._limit = limit
        self.data = b""
        """The body, or its beginning if it is larger than the limit."""
        self.whole = False
        """`data` is all of it."""
        self.abandoned = False
        """The client hung up before it had sent everything."""

    @property
    def read(self) -> bool:
        """The client has sent everything."""
        return self._request.ended

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
        try:
            return await self._request.read()
        except ClientGoneError:
            self.abandoned = True
            raise
