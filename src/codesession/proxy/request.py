"""
One request of a client, and the way back to it: the body is read as it comes, the answer goes out as it is written.

Names and values of headers are as the client wrote them. An answer's head travels with the first bytes of its body.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING

from codesession.proxy.headers import BODILESS, first_values

if TYPE_CHECKING:
    from codesession.proxy.inbound import Inbound

_HELD = 64 * 1024
"""Bytes of a request's body that wait to be read before the client is asked to wait."""
_REASONS = {status.value: status.phrase.encode() for status in HTTPStatus}
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

Headers = list[tuple[bytes, bytes]]


class ClientGoneError(Exception):
    """The client hung up while its request was being read."""


class Request:
    """A request of a client, and the way back to it. Header names and values are as the client wrote them."""

    __slots__ = (
        "_bodiless",
        "_chunked",
        "_connection",
        "_head",
        "_keep_alive",
        "_modern",
        "_pieces",
        "_received",
        "_size",
        "_waiter",
        "_waits_for_word",
        "answered",
        "ended",
        "first",
        "headers",
        "method",
        "on_gone",
        "on_ready",
        "path",
        "peer",
        "query",
        "started",
    )

    def __init__(
        self, connection: Inbound, method: bytes, target: bytes, headers: Headers, *, keep_alive: bool, modern: bool
    ) -> None:
        path, mark, query = _origin_form(target).partition(b"?")
        self.method = method.decode("ascii")
        self.path = path.decode("latin-1")
        """Still percent-encoded."""
        self.query = (mark + query).decode("latin-1")
        """With its question mark; empty where there is none."""
        self.headers = headers
        self.first = first_values(headers)
        """By lower-case name; of several the first."""
        self.peer = connection.peer
        self.ended = False
        """`read` has given the whole body."""
        self.on_gone: Callable[[], None] | None = None
        """Called when the client hangs up before it has its whole answer."""
        self.on_ready: Callable[[], None] | None = None
        """Called when a client that was `slow` has caught up."""
        self.started = False
        """A status was given; a failure can only be shown by cutting the connection."""
        self.answered = False
        """The answer is complete."""
        self._connection = connection
        self._keep_alive = keep_alive
        self._modern = modern
        self._waits_for_word = modern and self.first.get(b"expect", b"").lower() == b"100-continue"
        self._pieces: list[bytes] = []
        self._size = 0
        self._received = False
        self._waiter: asyncio.Future[None] | None = None
        self._head = b""
        self._bodiless = False
        self._chunked = False

    def repeats(self, *names: bytes) -> bool:
        """Whether one of these headers (lower-case names) is there more than once."""
        if len(self.first) == len(self.headers):
            return False
        given = [name.lower() for name, _ in self.headers]
        return any(given.count(name) > 1 for name in names)

    # what comes in

    async def read(self) -> bytes:
        """The next bytes of the body, empty when nothing is left. Raises `ClientGoneError`."""
        while True:
            if self._connection.gone:
                raise ClientGoneError
            if self._pieces or self._received:
                break
            if self._waits_for_word:
                self._waits_for_word = False
                self._connection.write(_CONTINUE)
            self._connection.listen()
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        data = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces, self._size = [], 0
        self.ended = self._received
        return data

    def take(self, data: bytes) -> bool:
        """More of the body has come; False when enough waits. Nobody reads it once the answer is complete."""
        if self.answered:
            return True
        self._pieces.append(data)
        self._size += len(data)
        self.wake()
        return self._size <= _HELD

    def take_end(self) -> None:
        """The body has come."""
        self._received = True
        self.wake()

    def wake(self) -> None:
        """Whoever reads looks again."""
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    # what goes out

    @property
    def gone(self) -> bool:
        """The client has hung up."""
        return self._connection.gone

    @property
    def slow(self) -> bool:
        """Bytes wait for the client; `on_ready` tells when they have gone."""
        return self._connection.choked

    def start(self, status: int, headers: Headers, reason: bytes | None = None) -> None:
        """Give the head of the answer. It goes out with the first bytes of the body, or by `flush`."""
        lines = [b"HTTP/1.1 %d %b\r\n" % (status, _REASONS.get(status, b"") if reason is None else reason)]
        has_length = says_close = says_chunked = False
        for name, value in headers:
            lines.append(b"%b: %b\r\n" % (name, value))
            known = name.lower()
            says_chunked = says_chunked or known == b"transfer-encoding"
            has_length = has_length or known == b"content-length"
            says_close = says_close or (known == b"connection" and b"close" in value.lower())
        self._bodiless = self.method == "HEAD" or status in BODILESS
        if not (has_length or self._bodiless):
            self._chunked = self._modern
            self._keep_alive = self._keep_alive and self._modern
            if self._chunked and not says_chunked:
                lines.append(b"transfer-encoding: chunked\r\n")
        self._keep_alive = self._keep_alive and not says_close
        if not (self._keep_alive or says_close):
            lines.append(b"connection: close\r\n")
        lines.append(b"\r\n")
        self._head, self.started, self._waits_for_word = b"".join(lines), True, False

    def part(self) -> None:
        """The connection ends with this answer."""
        self._keep_alive = False

    def flush(self) -> None:
        """Send the head if it still waits."""
        head, self._head = self._head, b""
        if head:
            self._connection.write(head)

    def write(self, data: bytes) -> None:
        """Bytes of the answer's body; they are lost if the client is gone."""
        head, self._head = self._head, b""
        if self._bodiless or not data:
            data = b""
        elif self._chunked:
            data = b"%x\r\n%b\r\n" % (len(data), data)
        if head or data:
            self._connection.write(head + data)

    def finish(self, data: bytes = b"") -> None:
        """The last bytes of the answer's body, and its end."""
        if self._chunked:
            head, self._head = self._head, b""
            last = b"%x\r\n%b\r\n0\r\n\r\n" % (len(data), data) if data else b"0\r\n\r\n"
            self._connection.write(head + last)
        else:
            self.write(data)
        self.answered = True
        self._connection.done(keep=self._keep_alive)


def _origin_form(target: bytes) -> bytes:
    """Path and query of a target; a client that takes us for its system's proxy puts an origin before them."""
    target = target.partition(b"#")[0]
    if target.startswith(b"/"):
        return target
    scheme, mark, rest = target.partition(b"://")
    if not mark or scheme.lower() not in (b"http", b"https"):
        return target
    _, slash, path = rest.partition(b"/")
    return slash + path if slash else b"/"
