"""Reading the client's request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from codesession.proxy.inbound import Inbound
from codesession.proxy.request import ClientGoneError, Request
from codesession.proxy.request_body import RequestBody
from support.inbound import with_request

HEAD = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"


def chunk(piece: bytes) -> bytes:
    """One piece of a request's body."""
    return b"%x\r\n%b\r\n" % (len(piece), piece)


def read(pieces: list[bytes | None], work: Callable[[RequestBody], Awaitable[None]], *, limit: int = 100) -> None:
    """A body that arrives in pieces while it is read; None is the client hanging up."""

    async def main(request: Request, connection: Inbound) -> None:
        async def arrive() -> None:
            for piece in pieces:
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                if piece is None:
                    connection.connection_lost(None)
                else:
                    connection.data_received(piece)

        arriving = asyncio.ensure_future(arrive())
        await work(RequestBody(request, limit))
        await arriving

    with_request(HEAD, main)


async def collect(payload: bytes | AsyncIterator[bytes]) -> bytes:
    """All bytes of a payload."""
    return b"".join([piece async for piece in payload]) if isinstance(payload, AsyncIterator) else payload


def test_a_small_body_is_whole_before_it_is_forwarded() -> None:
    """Its facts can be read and it can be edited."""

    async def work(body: RequestBody) -> None:
        await body.buffer()
        assert (body.data, body.whole, body.read) == (b"abc", True, True)
        assert body.payload() == b"abc"

    read([chunk(b"ab"), chunk(b"c"), END], work)
    read([chunk(b"ab") + chunk(b"c") + END], work)


def test_no_body_is_an_empty_payload() -> None:
    """Nothing is sent after the headers of a GET."""

    async def work(body: RequestBody) -> None:
        await body.buffer()
        assert body.payload() == b""

    read([END], work)


def test_a_body_over_the_limit_is_streamed_and_not_kept() -> None:
    """The end is noticed when it comes."""

    async def work(body: RequestBody) -> None:
        await body.buffer()
        assert (body.whole, body.read) == (False, False)
        assert await collect(body.payload()) == b"x" * 60 + b"y" * 60 + b"z" * 60
        assert (body.data, body.read) == (b"", True)

    read([chunk(b"x" * 60), chunk(b"y" * 60), chunk(b"z" * 60), END], work)


@pytest.mark.parametrize("limit", [100, 1])
def test_a_client_that_leaves_early_is_noticed(limit: int) -> None:
    """While its body is collected, and while it is streamed."""

    async def work(body: RequestBody) -> None:
        with pytest.raises(ClientGoneError):
            await body.buffer()
            await collect(body.payload())
        assert body.abandoned

    read([chunk(b"ab"), None], work, limit=limit)
