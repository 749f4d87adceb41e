"""
The HTTP client for upstreams: connections that are kept and used again, directly or through the system's proxy.

Own code where a library was before, because this is the way of every byte: it keeps what aiohttp would not send
unchanged and never asks twice.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from base64 import b64encode
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohappyeyeballs

from codesession.proxy.config import ProxyConfig
from codesession.proxy.connection import Body, Connection, Response, Upload, UpstreamError
from codesession.proxy.socket import LOOPBACK_NAMES
from codesession.proxy.tunnel import open_tunnel
from codesession.proxy.upstreams import Upstream

_KEEP_ALIVE_S = 55
"""Below what providers keep idle connections for, above the pause between two turns of an agent."""
_ADDRESSES_S = 60
"""How long a name's addresses are believed."""
_HAPPY_EYEBALLS_S = 0.25

_Addresses = list[aiohappyeyeballs.AddrInfoType]


@dataclass(frozen=True, slots=True)
class SystemProxy:
    """The proxy that one upstream is reached through."""

    host: str
    port: int
    tls: bool
    authorization: bytes | None = None
    """Credentials, for `Proxy-Authorization`."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an upstream listens, as its origin says."""

    host: str
    port: int
    tls: bool
    name: bytes
    """For the Host header: with the port where it is not the scheme's own."""

    @classmethod
    def of(cls, origin: str) -> Endpoint:
        """From scheme, host and port."""
        url = urlsplit(origin)
        tls = url.scheme == "https"
        return cls(host=url.hostname or "", port=url.port or _port(tls), tls=tls, name=url.netloc.encode())


class UpstreamClient:
    """Sends what it is given and returns what it gets. Made and used on one event loop."""

    def __init__(self, config: ProxyConfig) -> None:
        self._config = config
        self._endpoints: dict[str, Endpoint] = {}
        self._proxies: dict[str, SystemProxy | None] = {}
        self._idle: dict[str, list[Connection]] = defaultdict(list)
        self._open: set[Connection] = set()
        self._addresses: dict[tuple[str, int], tuple[float, asyncio.Task[_Addresses]]] = {}
        self._sweeping: asyncio.TimerHandle | None = None
        if config.ca_file is not None:
            self._tls  # noqa: B018  # a file that cannot be read is told at the start, not at the first call

    async def request(
        self,
        upstream: Upstream,
        method: str,
        target: str,
        headers: list[tuple[bytes, bytes]],
        body: Body,
        upload: Upload,
        *,
        chunked: bool = False,
    ) -> Response:
        """
        Ask an upstream; returns when its answer has begun.

        `headers` go out as they are, with Host before them; `chunked` says that the client's body had no length. Raises
        `UpstreamError`, `OSError`, or what the body's iterator raised. Never asks twice: a second attempt would be a
        call that nobody sees.
        """
        origin = upstream.origin
        endpoint = self._endpoints.get(origin)
        if endpoint is None:
            endpoint = self._endpoints[origin] = Endpoint.of(origin)
        proxy = self._proxy(upstream)
        first = [b"%b %b HTTP/1.1\r\nHost: %b\r\n" % (method.encode(), target.encode("latin-1"), endpoint.name)]
        if proxy is not None and not endpoint.tls:
            first = [
                b"%b %b%b HTTP/1.1\r\nHost: %b\r\n"
                % (method.encode(), origin.encode(), target.encode("latin-1"), endpoint.name)
            ]
            if proxy.authorization:
                first.append(b"Proxy-Authorization: %b\r\n" % proxy.authorization)
        first.extend(b"%b: %b\r\n" % pair for pair in headers)
        first.append(b"Transfer-Encoding: chunked\r\n\r\n" if chunked else b"\r\n")
        connection = self._kept(origin) or await self._connect(origin, endpoint, proxy)
        return await connection.request(b"".join(first), body, upload, chunked=chunked, bodiless=method == "HEAD")

    def close(self) -> None:
        """Cut every connection."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        for connection in list(self._open):
            connection.abort()

    # connections that wait

    def _kept(self, origin: str) -> Connection | None:
        waiting = self._idle[origin]
        oldest = asyncio.get_running_loop().time() - _KEEP_ALIVE_S
        while waiting:
            connection = waiting.pop()
            if connection.is_open and connection.idle_since > oldest:
                return connection
            connection.abort()
        return None

    def _keep(self, origin: str, connection: Connection) -> None:
        self._idle[origin].append(connection)
        if self._sweeping is None:
            self._sweeping = asyncio.get_running_loop().call_later(_KEEP_ALIVE_S, self._sweep)

    def _sweep(self) -> None:
        """Close what nobody needed for a while."""
        self._sweeping = None
        loop = asyncio.get_running_loop()
        for waiting in self._idle.values():
            old = [each for each in waiting if each.idle_since <= loop.time() - _KEEP_ALIVE_S or not each.is_open]
            for connection in old:
                waiting.remove(connection)
                connection.abort()
        if any(self._idle.values()):
            self._sweeping = loop.call_later(_KEEP_ALIVE_S, self._sweep)

    # new ones

    async def _connect(self, origin: str, endpoint: Endpoint, proxy: SystemProxy | None) -> Connection:
        loop = asyncio.get_running_loop()
        connection = Connection(self._config.idle_timeout_s, lambda free: self._keep(origin, free), self._open.discard)
        async with asyncio.timeout(self._config.connect_timeout_s):
            context = self._tls if endpoint.tls else None
            through = endpoint if proxy is None else proxy
            sock = await self._socket(through.host, through.port)
            if proxy is None:
                name = endpoint.host if endpoint.tls else None
                await loop.create_connection(lambda: connection, sock=sock, ssl=context, server_hostname=name)
            else:
                await open_tunnel(
                    connection,
                    sock,
                    to=(endpoint.host, endpoint.port) if endpoint.tls else None,
                    authorization=proxy.authorization,
                    proxy_name=proxy.host if proxy.tls else None,
                    context=self._tls,
                )
        if connection.is_open:  # else it was lost already, and `on_gone` has been called
            self._open.add(connection)
        return connection

    async def _socket(self, host: str, port: int) -> socket.socket:
        addresses = await self._resolved(host, port)
        try:
            return await aiohappyeyeballs.start_connection(addresses, happy_eyeballs_delay=_HAPPY_EYEBALLS_S)
        except (OSError, asyncio.CancelledError):  # refused, or out of time: the network may be another one now
            self._addresses.pop((host, port), None)
            raise

    async def _resolved(self, host: str, port: int) -> _Addresses:
        """Asked once for many connections at the same time, and at most once a minute."""
        loop = asyncio.get_running_loop()
        asked_at, found = self._addresses.get((host, port), (0.0, None))
        failed = found is not None and found.done() and (found.cancelled() or found.exception() is not None)
        if found is None or failed or loop.time() - asked_at > _ADDRESSES_S:
            found = loop.create_task(self._ask_for_addresses(host, port))
            self._addresses[host, port] = (loop.time(), found)
        return await asyncio.shield(found)

    async def _ask_for_addresses(self, host: str, port: int) -> _Addresses:
        return [*await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)]

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self._config.ca_file)
        context.set_alpn_protocols(["http/1.1"])
        return context

    def _proxy(self, upstream: Upstream) -> SystemProxy | None:
        if not self._config.system_proxies:
            return None
        if upstream.name not in self._proxies:
            self._proxies[upstream.name] = system_proxy_for(upstream)
        return self._proxies[upstream.name]


def system_proxy_for(upstream: Upstream) -> SystemProxy | None:
    """The environment's proxy for an upstream, with its credentials apart. Raises `UpstreamError` for another kind."""
    url = urlsplit(upstream.origin)
    address = getproxies().get(url.scheme)
    if not address or proxy_bypass(url.hostname or ""):
        return None
    if url.scheme == "http" and url.hostname in LOOPBACK_NAMES:  # a proxy elsewhere has no model of this machine
        return None
    proxy = urlsplit(address if "://" in address else f"http://{address}")
    tls = proxy.scheme == "https"
    try:
        port = proxy.port or _port(tls)
    except ValueError as error:
        raise UpstreamError("the system's proxy has no valid port") from error
    if proxy.scheme not in ("http", "https") or not proxy.hostname:
        raise UpstreamError("the system's proxy is no HTTP proxy")
    return SystemProxy(proxy.hostname, port, tls, _authorization(proxy))


def _authorization(proxy: SplitResult) -> bytes | None:
    if proxy.username is None:
        return None
    user = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return b"Basic " + b64encode(user.encode())


def _port(tls: bool) -> int:
    return 443 if tls else 80
