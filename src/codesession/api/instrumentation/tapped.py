"""
Bodies of httpx responses that tell a call what passes. Decoded bytes go through `iter_bytes`, whoever asks.

httpx closes a response by itself when its last bytes are pulled; a close at any other time is the program's, which
wants no more.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from codesession.api.instrumentation.call import Watched


def tap_sync(response: Any, call: Watched) -> None:
    """Watch the body of a response of a client that waits."""
    if response.is_closed:  # the client has read it all
        call.take(response.content)
        call.finish(complete=True)
        return
    iter_bytes, close = response.iter_bytes, response.close
    pulling = False

    def tapped(chunk_size: int | None = None) -> Iterator[bytes]:
        nonlocal pulling
        chunks = iter_bytes(chunk_size)
        try:
            while True:
                pulling = True
                chunk = next(chunks, None)
                pulling = False
                if chunk is None:
                    break
                if seen := call.take(chunk):
                    yield seen
            if rest := call.rest():
                yield rest
        except BaseException:  # also the end of a reader that wants no more: recorded as cut, and raised on
            call.finish(complete=False)
            raise
        call.finish(complete=True)

    def closed() -> None:
        close()
        if not pulling:
            call.finish(complete=False)

    response.iter_bytes, response.close = tapped, closed


async def tap_async(response: Any, call: Watched) -> None:
    """Watch the body of a response of an event loop."""
    if response.is_closed:
        call.take(response.content)
        await call.finish_async(complete=True)
        return
    aiter_bytes, aclose = response.aiter_bytes, response.aclose
    pulling = False

    async def tapped(chunk_size: int | None = None) -> AsyncIterator[bytes]:
        nonlocal pulling
        chunks = aiter_bytes(chunk_size)
        try:
            while True:
                pulling = True
                chunk = await anext(chunks, None)
                pulling = False
                if chunk is None:
                    break
                if seen := call.take(chunk):
                    yield seen
            if rest := call.rest():
                yield rest
        except BaseException:  # also the end of a reader that wants no more: recorded as cut, and raised on
            await call.finish_async(complete=False)
            raise
        await call.finish_async(complete=True)

    async def closed() -> None:
        await aclose()
        if not pulling:
            await call.finish_async(complete=False)

    response.aiter_bytes, response.aclose = tapped, closed
