"""
The guard in front of everything: local servers are attacked by the pages that people visit.

A foreign page can make a browser send requests here (CSRF), rebind its own name to this address, put this page in a
frame, or carry text in here that was written to become a script. So, before any route is asked:

* `Host` must be one of our names (no rebinding),
* `Origin` must be our own where there is one, and fetch metadata must not say that another site caused the request,
* the API wants the cookie or the token, for reading too; changes want JSON, which no form can send,
* bodies are small,

and every answer says what a browser may do with it: nothing from elsewhere, no frame, no guessing of types.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders

from codesession.errors import CodesessionError, InvalidInputError
from codesession.web.problems import ForbiddenError, UnauthorizedError, problem_response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from codesession.web.access import Access

MAX_BODY = 1_000_000
"""Bytes; the largest thing anybody sends is a note."""

PUBLIC = frozenset(
    {"/api/v1/health", "/api/v1/login", "/api/docs", "/api/docs.js", "/api/docs.css", "/api/openapi.json"}
)
"""Below `/api`, what needs no token: nothing of the user's is in it. The page itself is public too, its data is not."""

PRIVATE = frozenset({"/metrics"})
"""Outside `/api`, what needs the token all the same: the paths of other programs' conventions."""

_READING = frozenset({"GET", "HEAD"})
_METHODS = _READING | {"POST", "PUT", "DELETE"}

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def content_policy(nonce: str) -> str:
    """Everything from here and nothing inline, except what carries this answer's nonce."""
    return (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
        "img-src 'self' data:; font-src 'self'; media-src 'self'; connect-src 'self'; manifest-src 'self'; "
        "worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


class Guard:
    """ASGI middleware around the whole application."""

    def __init__(self, inner: ASGIApp, access: Access) -> None:
        self._inner = inner
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let through."""
        if scope["type"] == "lifespan":
            await self._inner(scope, receive, send)
            return
        if scope["type"] != "http":  # there are no websockets here
            await send({"type": "websocket.close", "code": 1008})
            return
        nonce = scope["codesession.nonce"] = secrets.token_urlsafe(16)
        guarded = _with_headers(send, nonce)
        try:
            self._check(scope)
        except CodesessionError as error:
            status = 421 if isinstance(error, _WrongHostError) else 413 if isinstance(error, _TooLargeError) else None
            await problem_response(error, status)(scope, receive, guarded)
            return
        await self._inner(scope, _bounded(receive), guarded)

    def _check(self, scope: Scope) -> None:
        headers, path, method = Headers(scope=scope), scope["path"], scope["method"]
        if not self._access.knows_host(headers.get("host", "")):
            raise _WrongHostError("this dashboard answers to its own names only")
        if method not in _METHODS:
            raise ForbiddenError(f"{method[:20]} is not used here")
        self._check_origin(headers, path, method)
        if int(_digits(headers.get("content-length"))) > MAX_BODY:
            raise _TooLargeError(f"a body may have {MAX_BODY:,} bytes")
        if not (path.startswith("/api") or path in PRIVATE) or path in PUBLIC:
            if method not in _READING and path != "/api/v1/login":
                raise ForbiddenError("nothing can be changed here")
        elif not self._access.admits(headers):
            raise UnauthorizedError
        if method in ("POST", "PUT") and not _is_json(headers.get("content-type", "")):
            raise ForbiddenError("changes are sent as application/json")

    def _check_origin(self, headers: Headers, path: str, method: str) -> None:
        """A request that another site caused is refused, except to open the page."""
        origin = headers.get("origin")
        if origin is not None and not self._is_own_origin(origin, headers.get("host", "")):
            raise ForbiddenError("another site may not use this dashboard")
        site = headers.get("sec-fetch-site")
        if site is None or site in ("same-origin", "none"):
            return
        opens_page = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
        if not (opens_page and method in _READING and not path.startswith("/api")):
            raise ForbiddenError("another site may not use this dashboard")

    def _is_own_origin(self, origin: str, host: str) -> bool:
        return origin.lower() in (f"http://{host.lower()}", f"https://{host.lower()}")


class _WrongHostError(ForbiddenError):
    """A name that is not ours: perhaps one that was rebound to this address."""


class _TooLargeError(InvalidInputError):
    """A body that nobody needs to send."""


def _digits(length: str | None) -> str:
    if length is None:
        return "0"
    return length if length.isascii() and length.isdigit() and len(length) < 19 else str(MAX_BODY + 1)


def _is_json(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == "application/json"


def _with_headers(send: Send, nonce: str) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
            headers["Content-Security-Policy"] = content_policy(nonce)
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return guarded


def _bounded(receive: Receive) -> Receive:
    """A body without a length is counted as it comes."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MAX_BODY:
            return {"type": "http.disconnect"}
        return message

    return counted
