"""Reading the client's request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from codesession.proxy.request_body import ClientGoneError, RequestBody


def body_of(*pieces: bytes | None, limit: int = 100) -> tuple[RequestBody, list[str]]:
    """A body that arrives in pieces; None is the client hanging up. The list tells when its end was noticed."""
    ended: list[str] = []
    left = list(pieces)

    async def receive() -> dict[str, Any]:
        piece = left.pop(0)
        if piece is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": piece, "more_body": bool(left)}

    return RequestBody(receive, limit, lambda: ended.append("end")), ended


async def collect(payload: bytes | AsyncIterator[bytes] | None) -> tuple[bytes, int]:
    """All bytes of a payload, and in how many pieces."""
    if isinstance(payload, AsyncIterator):
        pieces = [piece async for piece in payload]
        return b"".join(pieces), len(pieces)
    return payload or b"", 1


def test_a_small_body_is_whole_before_it_is_forwarded() -> None:
    """Its facts can be read and it can be edited."""
    body, ended = body_of(b"ab", b"c")
    asyncio.run(body.buffer())
    assert (body.data, body.whole, body.read, ended) == (b"abc", True, True, ["end"])
    assert body.payload() == b"abc"


def test_no_body_is_an_empty_payload() -> None:
    """Nothing is sent after the headers of a GET."""
    body, _ = body_of(b"")
    asyncio.run(body.buffer())
    assert body.payload() == b""


def test_a_body_over_the_limit_is_streamed_and_not_kept() -> None:
    """The end is noticed when it comes."""
    body, ended = body_of(b"x" * 60, b"y" * 60, b"z" * 60)

    async def run() -> bytes:
        await body.buffer()
        assert (body.whole, body.read, ended) == (False, False, [])
        sent, _ = await collect(body.payload())
        return sent

    assert asyncio.run(run()) == b"x" * 60 + b"y" * 60 + b"z" * 60
    assert (body.data, ended) == (b"", ["end"])


@pytest.mark.parametrize("limit", [100, 1])
def test_a_client_that_leaves_early_is_noticed(limit: int) -> None:
    """While its body is collected, and while it is streamed."""
    body, ended = body_of(b"ab", None, limit=limit)

    async def run() -> None:
        await body.buffer()
        await collect(body.payload())

    with pytest.raises(ClientGoneError):
        asyncio.run(run())
    assert (body.abandoned, ended) == (True, [])
