"""The HTTP client for upstreams: aiohttp with every convenience switched off."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from urllib.request import getproxies, proxy_bypass

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from codesession.proxy.config import ProxyConfig
from codesession.proxy.upstreams import Upstream

_HEADER_BYTES = 256 * 1024
_HEADER_COUNT = 1000
_KEEP_ALIVE_S = 55
"""Below what providers keep idle connections for, above the pause between two turns of an agent."""

_AUTOMATIC = ("user-agent", "accept", "accept-encoding", "content-type")


@dataclass(frozen=True, slots=True)
class SystemProxy:
    """The proxy that one upstream is reached through."""

    url: URL
    headers: CIMultiDict[str]


def open_client(config: ProxyConfig) -> aiohttp.ClientSession:
    """A client that sends what it is given and returns what it gets. Must be called on the loop that uses it."""
    context = ssl.create_default_context(cafile=config.ca_file) if config.ca_file else True
    client = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ssl=context, keepalive_timeout=_KEEP_ALIVE_S, ttl_dns_cache=60),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=_AUTOMATIC,
        timeout=aiohttp.ClientTimeout(
            total=None, sock_connect=config.connect_timeout_s, sock_read=config.idle_timeout_s
        ),
        max_line_size=_HEADER_BYTES,
        max_field_size=_HEADER_BYTES,
        max_headers=_HEADER_COUNT,
    )
    client._retry_connection = False  # no public switch; a retry would be a second, unseen call
    return client


def system_proxy_for(upstream: Upstream) -> SystemProxy | None:
    """
    The environment's proxy for an upstream, with its credentials apart.

    aiohttp's own `trust_env` is not used: it would also add passwords from ~/.netrc to requests.
    """
    url = URL(upstream.origin)
    address = getproxies().get(url.scheme)
    if not address or proxy_bypass(url.host or ""):
        return None
    proxy = URL(address)
    headers: CIMultiDict[str] = CIMultiDict()
    if proxy.user is not None:
        headers["Proxy-Authorization"] = aiohttp.encode_basic_auth(proxy.user, proxy.password or "")
    return SystemProxy(proxy.with_user(None), headers)
