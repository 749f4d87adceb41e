"""
Who may talk to the proxy: programs on this machine, and no web page that somebody else wrote.

A page from the internet can make a browser send requests to loopback, or rebind its own name to it. The
first carries an `Origin` (or `Sec-Fetch-Site`), the second a foreign `Host`; agents send neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

_NAMES = ("127.0.0.1", "localhost", "[::1]")


class Guard:
    """The checks for one bound port."""

    def __init__(self, port: int) -> None:
        hosts = [f"{name}:{port}".encode() for name in _NAMES]
        if port == 80:
            hosts += [name.encode() for name in _NAMES]
        self._hosts = frozenset(hosts)

    def refusal(self, peer: str | None, headers: Mapping[bytes, bytes]) -> tuple[int, str] | None:
        """Status and reason if the request must not be served, else None. `headers` has lower-case names."""
        if peer != "127.0.0.1" and not _is_loopback(peer):
            return 403, "only programs on this machine may use this proxy"
        if headers.get(b"host", b"").lower() not in self._hosts:
            return 421, "this proxy answers to 127.0.0.1 and localhost only"
        origin = headers.get(b"origin")
        if origin is not None:
            return None if _is_loopback_origin(origin) else (403, "web pages may not use this proxy")
        if headers.get(b"sec-fetch-site", b"none").lower() in (b"cross-site", b"same-site"):
            return 403, "web pages may not use this proxy"
        return None


def _is_loopback(peer: str | None) -> bool:
    if peer is None:
        return False
    try:
        return ip_address(peer).is_loopback
    except ValueError:  # no IP address at all: not loopback
        return False


def _is_loopback_origin(origin: bytes) -> bool:
    try:
        parts = urlsplit(origin.decode("ascii"))
        host = parts.hostname
    except ValueError:  # covers undecodable bytes: not an origin that we know
        return False
    return parts.scheme in ("http", "https") and (host == "localhost" or _is_loopback(host))
