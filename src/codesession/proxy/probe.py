"""
What the way to a provider loses: one free request asked directly and again through the proxy, and compared.

`GET …/models` costs nothing, needs no prompt, and is sent without a key: the refusal is as good an answer as a list.
"""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from codesession.domain.finding import Finding, failed, passed, warned
from codesession.proxy.checkup import Answer, ask, serving
from codesession.proxy.client import system_proxy_for
from codesession.proxy.config import ProxyConfig
from codesession.proxy.decode import UndecodableError, decoder_for
from codesession.proxy.socket import LOOPBACK_NAMES
from codesession.proxy.upstreams import GOOGLE, Upstream

TIMEOUT_S = 15
_HEADERS = (("accept", "application/json"), ("accept-encoding", "gzip"), ("user-agent", "codesession-doctor"))
_VARYING = frozenset(
    ("date", "server", "connection", "keep-alive", "transfer-encoding", "content-length", "via", "age")
)
"""Header names whose absence says nothing: they belong to one connection or to a cache."""


def probe(upstream: Upstream) -> list[Finding]:
    """Can the provider be reached, and does its answer come through the proxy as it comes without it?"""
    name = f"upstream {upstream.name}"
    path = "/v1beta/models" if upstream.api == GOOGLE else "/v1/models"
    url = upstream.origin + upstream.target(path)
    begin = time.perf_counter()
    try:
        direct = _direct(url)
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        return [failed(name, f"{url} cannot be reached: {reason}", hint="check the base URL and the network", url=url)]
    milliseconds = round((time.perf_counter() - begin) * 1000)
    findings = [_compared(name, url, direct, _through(upstream, path), milliseconds)]
    return findings + _remarks(name, upstream, direct)


def _direct(url: str) -> Answer:
    """Through the system's own proxies, like the real thing, but with another HTTP library."""
    opener = urllib.request.build_opener(_NoRedirects())
    request = urllib.request.Request(url, headers=dict(_HEADERS))  # noqa: S310 - http(s) of the user's own settings
    try:
        with opener.open(request, timeout=TIMEOUT_S) as response:
            return _answer(response.status, response)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return _answer(refusal.code, refusal)


def _answer(status: int, response: http.client.HTTPResponse | urllib.error.HTTPError) -> Answer:
    headers = [(name.lower(), value) for name, value in response.headers.items()]
    return Answer(status, headers, response.read())


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer to compare, not a place to go."""

    def redirect_request(self, *_: object) -> None:
        """Do not follow."""


def _through(upstream: Upstream, path: str) -> Answer:
    config = ProxyConfig(upstreams={upstream.name: upstream}, system_proxies=True, log=lambda _line: None)
    with serving(config) as port:
        return ask(port, "GET", f"/p/{upstream.name}{path}", b"", _HEADERS)


def _compared(name: str, url: str, direct: Answer, through: Answer, milliseconds: int) -> Finding:
    facts: dict[str, Any] = {"url": url, "status": direct.status, "milliseconds": milliseconds}
    if direct.status != through.status:
        text = f"{url} answers {direct.status} directly and {through.status} through the proxy"
        return failed(name, text, hint="look at `cs proxy`'s own messages while a call fails", **facts)
    lost = sorted({n for n, _ in direct.headers} - {n for n, _ in through.headers} - _VARYING)
    text = f"{url} answers {direct.status} after {milliseconds} ms"
    if lost:
        return warned(name, f"{text}; headers only seen directly: {', '.join(lost)}", lost=lost, **facts)
    return passed(name, f"{text}, through the proxy with the same {len(direct.headers)} headers", lost=lost, **facts)


def _remarks(name: str, upstream: Upstream, direct: Answer) -> list[Finding]:
    """What else is known about the way there."""
    remarks = []
    if upstream.origin.startswith("http://") and urlsplit(upstream.origin).hostname not in LOOPBACK_NAMES:
        remarks.append(warned(name, "plain http: keys and prompts can be read on the way", hint="use https"))
    if proxy := system_proxy_for(upstream):
        remarks.append(passed(name, f"reached through the system's proxy {proxy.host}:{proxy.port}"))
    encoding = next((value for key, value in direct.headers if key == "content-encoding"), "")
    try:
        decoder_for(encoding.encode())
    except UndecodableError as error:
        hint = "calls pass, but their usage cannot be read: pip install brotli zstandard"
        remarks.append(warned(name, f"answers come as {encoding}: {error}", hint=hint))
    if direct.status >= 500:
        remarks.append(warned(name, f"the endpoint itself answers {direct.status}"))
    return remarks
