"""Answers that the proxy gives itself: health, refusals and failures, in the asked provider's error shape."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from codesession.proxy.request import Request
from codesession.proxy.route import INTERCEPTED
from codesession.proxy.sessions import ActiveSession

UPSTREAM_FAILED = "upstream connection failed"

_GOOGLE_STATUS = {
    400: "INVALID_ARGUMENT",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    421: "PERMISSION_DENIED",
    426: "FAILED_PRECONDITION",
    502: "UNAVAILABLE",
}
_ANTHROPIC_TYPE = {
    400: "invalid_request_error",
    403: "permission_error",
    404: "not_found_error",
    421: "permission_error",
    426: "invalid_request_error",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete small answer."""

    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()
    kind: bytes = b"application/json"

    def send(self, request: Request) -> None:
        """Answer a request with it."""
        headers = [(b"content-type", self.kind), (b"content-length", b"%d" % len(self.body)), *self.headers]
        request.start(self.status, headers)
        request.finish(self.body)


def health(active: ActiveSession | None) -> Reply:
    """What `GET /health` answers."""
    session = {"id": active.id, "name": active.name} if active else None
    value = {"status": "running", "intercepting": list(INTERCEPTED), "activeSession": session}
    return Reply(200, json.dumps(value, ensure_ascii=False).encode())


def metrics(text: str) -> Reply:
    """Sums for Prometheus, in version 0.0.4 of its text format."""
    return Reply(200, text.encode(), kind=b"text/plain; version=0.0.4; charset=utf-8")


def error(status: int, message: str, *, api: str = "openai", code: str = "codesession_proxy") -> Reply:
    """An error that the SDK of wire family `api` shows as such; `error.message` is in the same place in all."""
    return Reply(status, json.dumps(_shape(status, message, api, code), ensure_ascii=False).encode())


def refused(status: int, message: str, *, api: str, code: str) -> Reply:
    """A call that a budget stopped: the header tells SDKs that trying again is useless."""
    reply = error(status, message, api=api, code=code)
    return Reply(reply.status, reply.body, ((b"x-should-retry", b"false"),))


def upgrade_refused() -> Reply:
    """No WebSocket here. Codex falls back to HTTPS at once on 426; any other status costs it five retries."""
    reply = error(426, "WebSocket is not supported here, use HTTP", code="upgrade_not_supported")
    return Reply(426, reply.body, ((b"connection", b"close"),))


def _shape(status: int, message: str, api: str, code: str) -> dict[str, Any]:
    if api == "anthropic":
        kind = _ANTHROPIC_TYPE.get(status, "api_error")
        return {"type": "error", "error": {"type": kind, "message": message, "code": code}}
    if api == "google":
        return {"error": {"code": status, "message": message, "status": _GOOGLE_STATUS.get(status, "UNKNOWN")}}
    return {"error": {"message": message, "type": "proxy_error", "param": None, "code": code}}
