"""A request without a network: the connection only remembers what was written."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from codesession.proxy.inbound import Inbound
from codesession.proxy.request import Request


class Written(asyncio.Transport):
    """Keeps the bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.data = b""

    def write(self, data: Any) -> None:
        """Keep them."""
        self.data += bytes(data)

    def resume_reading(self) -> None:
        """Nothing was being read."""

    def pause_reading(self) -> None:
        """Nothing was being read."""

    def close(self) -> None:
        """It stays readable."""


def with_request(head: bytes, work: Callable[[Request, Inbound], Awaitable[None]]) -> bytes:
    """Do something with a request that begins with these bytes; returns what its client got."""
    transport = Written()

    async def main() -> None:
        done = asyncio.Event()

        async def serve(request: Request) -> None:
            try:
                await work(request, connection)
            finally:
                done.set()

        tasks: set[asyncio.Task[None]] = set()
        connection = Inbound(serve, set(), tasks)
        connection.connection_made(transport)
        connection.data_received(head)
        await asyncio.gather(*tasks)
        assert done.is_set()

    asyncio.run(main())
    return transport.data
