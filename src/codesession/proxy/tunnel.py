"""The way through a proxy of the system: plain for http, by CONNECT for https (RFC 9110, 9.3.6)."""

from __future__ import annotations

import asyncio
import socket
import ssl

from codesession.proxy.connection import Connection, UpstreamError

_ANSWER_LIMIT = 64 * 1024


class _Connect(asyncio.Protocol):
    """Waits for the proxy's answer to one CONNECT."""

    def __init__(self) -> None:
        self.answered: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._received = b""

    def data_received(self, data: bytes) -> None:
        """More of the answer: nothing else may come before the tunnel is used."""
        self._received += data
        if self.answered.done():
            return
        if b"\r\n\r\n" in self._received or len(self._received) > _ANSWER_LIMIT:
            self.answered.set_result(self._received.partition(b"\r\n")[0])

    def connection_lost(self, exc: Exception | None) -> None:
        """Without an answer."""
        if not self.answered.done():
            self.answered.set_exception(exc or UpstreamError("the system's proxy closed the connection"))


async def open_tunnel(
    connection: Connection,
    sock: socket.socket,
    *,
    to: tuple[str, int] | None,
    authorization: bytes | None,
    proxy_name: str | None,
    context: ssl.SSLContext,
) -> None:
    """
    Put a connection behind a proxy that `sock` is connected to.

    `to`: host and port for CONNECT; None: requests go to the proxy itself. `proxy_name`: the proxy speaks TLS, too.
    Raises `OSError` or `UpstreamError`.
    """
    loop = asyncio.get_running_loop()
    tls = context if proxy_name is not None else None
    if to is None:
        await loop.create_connection(lambda: connection, sock=sock, ssl=tls, server_hostname=proxy_name)
        return
    transport, asking = await loop.create_connection(_Connect, sock=sock, ssl=tls, server_hostname=proxy_name)
    try:
        transport.write(_connect_request(*to, authorization))
        status = (await asking.answered).split(b" ")[1:2]
        if status not in ([b"200"], [b"201"], [b"204"]):
            said = b"".join(status).decode("ascii", "replace")
            raise UpstreamError(f"the system's proxy refused the way with {said or 'no status'}")
        inner = await loop.start_tls(transport, connection, context, server_hostname=to[0])
    except BaseException:  # cancelled or failed, nobody else knows this connection; raised on
        transport.abort()
        raise
    if inner is None:
        raise UpstreamError("the system's proxy closed the connection")
    connection.connection_made(inner)


def _connect_request(host: str, port: int, authorization: bytes | None) -> bytes:
    name = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    credentials = b"Proxy-Authorization: %b\r\n" % authorization if authorization else b""
    return b"CONNECT %b HTTP/1.1\r\nHost: %b\r\n%b\r\n" % (name.encode(), name.encode(), credentials)
