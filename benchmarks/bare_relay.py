"""
The least a streaming relay can do on parts off the shelf (uvicorn, aiohttp): what recording is measured against.

It forwards method, path, headers and body, streams the answer back, and knows, checks and records nothing.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import uvicorn
from yarl import URL

HOP_BY_HOP = frozenset((b"host", b"connection", b"keep-alive", b"transfer-encoding"))


class BareRelay:
    """An ASGI application that relays everything to one origin."""

    def __init__(self, origin: str, client: aiohttp.ClientSession) -> None:
        self._origin = origin
        self._client = client

    async def __call__(
        self, scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
    ) -> None:
        """Relay one request."""
        pieces = []
        while True:
            message = await receive()
            pieces.append(message.get("body", b""))
            if not message.get("more_body"):
                break
        headers = [(n.decode(), v.decode()) for n, v in scope["headers"] if n not in HOP_BY_HOP]
        target = scope["raw_path"].decode() + "?" + scope["query_string"].decode()
        url = URL(self._origin + target, encoded=True)
        body = b"".join(pieces) or None
        async with self._client.request(
            scope["method"], url, headers=headers, data=body, allow_redirects=False
        ) as answer:
            kept = [pair for pair in answer.raw_headers if pair[0].lower() not in HOP_BY_HOP]
            await send({"type": "http.response.start", "status": answer.status, "headers": kept})
            async for chunk in answer.content.iter_any():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def serve(sock: socket.socket, origin: str) -> None:
    """Serve until the process ends."""
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_read=3600),
    ) as client:
        config = uvicorn.Config(
            BareRelay(origin, client),  # type: ignore[arg-type]  # uvicorn's event types are not needed here
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
        )
        await uvicorn.Server(config).serve([sock])


def run(sock: socket.socket, origin: str) -> None:
    """Blocking, on uvicorn's own choice of event loop."""
    factory = uvicorn.Config("", log_config=None).get_loop_factory()
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(serve(sock, origin))
