"""
One HTTP/1.1 connection of a client: requests come in as bytes, answers go out as bytes.

Own code where a server library was before, because this is the way of every byte: header names keep their case, an
answer's head travels with the first bytes of its body, and nobody waits for a task to pass a piece on. No I/O but the
transport's: parsing is httptools'.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Awaitable, Callable

import httptools

from codesession.proxy.request import Headers, Request

_HEAD_LIMIT = 1024 * 1024
_PIPELINED = 8
"""Requests that may wait for their turn; with more, nothing is read. Until then a client that leaves is noticed."""
_LOOK_S = 1.0
"""How often a client that is not read from is looked after."""


class Inbound(asyncio.Protocol):
    """
    Takes one request after another, and has each answered by `serve`.

    `serve` is run as a task, which is in `tasks` until it ends; the connection is in `open_` until it has ended.
    `serve` raises nothing.
    """

    def __init__(
        self, serve: Callable[[Request], Awaitable[None]], open_: set[Inbound], tasks: set[asyncio.Task[None]]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._serve = serve
        self._open = open_
        self._tasks = tasks
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._target = b""
        self._headers: Headers = []
        self._head_size = 0
        self._incoming: Request | None = None
        """Whose body is being received."""
        self._current: Request | None = None
        """Who is being answered."""
        self._waiting: deque[Request] = deque()
        """Sent before the answer to the one before."""
        self._last = False
        """The connection ends with the current answer."""
        self._deaf = False
        """What comes is none of a request."""
        self._framing = b""
        """How long the body of a request is whose body the parser takes for another protocol."""
        self._paused = False
        self._looking: asyncio.TimerHandle | None = None
        self.peer: str | None = None
        """The client's address."""
        self.gone = False
        """The client has hung up."""
        self.choked = False
        """More bytes wait for the client than it takes at once."""
        self.idle_since: float | None = self._loop.time()
        """When the last answer ended, on the loop's clock; None while one is due."""

    # asked by requests

    def write(self, data: bytes) -> None:
        """Bytes for the client."""
        if not self.gone and self._transport is not None:
            self._transport.write(data)

    def listen(self) -> None:
        """Read on."""
        if self._paused and len(self._waiting) <= _PIPELINED and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()

    def done(self, *, keep: bool) -> None:
        """The current answer is complete."""
        self._current = None
        if self._last or not keep:
            self.close()
            return
        self.idle_since = self._loop.time()
        self._go_on()

    # asked by the server

    def close(self) -> None:
        """Send what waits, then hang up."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Hang up at once."""
        if self._transport is not None:
            self._transport.abort()

    def retire(self) -> None:
        """Hang up as soon as nothing is due."""
        self._last = True
        if self._current is None:
            self.close()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = transport  # type: ignore[assignment]  # the loop gives a stream's transport
        peer = transport.get_extra_info("peername")
        self.peer = peer[0] if peer else None
        self._open.add(self)

    def data_received(self, data: bytes) -> None:
        """Bytes of requests."""
        if self._incoming is None:
            self._head_size += len(data)
        if self._deaf:
            return
        try:
            self._feed(data)
        except httptools.HttpParserError:
            self._turn_away(400, b"not an HTTP/1.1 request\n")
        if self._incoming is None and self._head_size > _HEAD_LIMIT:
            self._turn_away(431, b"the headers are too large\n")

    def pause_writing(self) -> None:
        """The client takes less than it is given."""
        self.choked = True

    def resume_writing(self) -> None:
        """It has caught up."""
        self.choked = False
        if self._current is not None and self._current.on_ready is not None:
            self._current.on_ready()
        self._go_on()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone, or was sent away."""
        self.gone = self._last = True
        self._transport = None
        for request in filter(None, (self._incoming, self._current, *self._waiting)):
            request.wake()
        current, self._current = self._current, None
        self._waiting.clear()
        if current is not None:
            for told in (current.on_gone, current.on_ready):  # what was held for it can end, too
                if told is not None:
                    told()
        self._open.discard(self)

    # httptools

    def on_message_begin(self) -> None:
        """A request begins."""
        self._target, self._headers = b"", []

    def on_url(self, url: bytes) -> None:
        """Its target, or a part of it."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header; trailers are not passed on."""
        if self._incoming is None:
            self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Its body follows, if it has one."""
        if self._incoming is not None:
            return  # the parser was told once more how long the body is
        parser, self._head_size = self._parser, 0
        modern = parser.get_http_version() != "1.0"
        keep_alive = modern and parser.should_keep_alive() and not parser.should_upgrade()
        request = Request(self, parser.get_method(), self._target, self._headers, keep_alive=keep_alive, modern=modern)
        self._incoming = request
        if parser.should_upgrade():
            self._framing = _framing(request)
        self._waiting.append(request)
        self._go_on()
        if len(self._waiting) > _PIPELINED:
            self._pause()

    def on_body(self, data: bytes) -> None:
        """A piece of its body."""
        if self._incoming is not None and not self._incoming.take(data):
            self._pause()

    def on_message_complete(self) -> None:
        """That was all of it."""
        if self._framing:
            return
        request, self._incoming = self._incoming, None
        if request is not None:
            request.take_end()

    # inside

    def _feed(self, data: bytes) -> None:
        """
        Have it parsed.

        Whoever asks to change the protocol is answered in this one, for the last time. The parser leaves out the body
        of such a request, as if it were of the other protocol already: another one reads it.
        """
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._last = True
            framing, self._framing = self._framing, b""
            self._deaf = not framing
            if framing:
                self._parser = httptools.HttpRequestParser(self)
                self._parser.feed_data(framing + data[upgrade.args[0] :])

    def _go_on(self) -> None:
        """Begin with the next request, unless an answer is under way or waits for its client."""
        if self._current is not None or self.choked or self.gone:
            return
        if self._waiting:
            self._begin(self._waiting.popleft())
        self.listen()

    def _begin(self, request: Request) -> None:
        self._current, self.idle_since = request, None
        task = self._loop.create_task(self._answer(request))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, request: Request) -> None:
        """Have it answered. An answer that stays incomplete ends the connection: there is no other way to tell."""
        try:
            await self._serve(request)
            if not request.started:
                _say(request, 500, b"no answer\n")
        finally:
            if not request.answered:
                self.close()

    def _pause(self) -> None:
        if not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()
            if self._looking is None:
                self._looking = self._loop.call_later(_LOOK_S, self._look)

    def _look(self) -> None:
        """While nothing is read, no event tells that the client has cut the connection."""
        self._looking = None
        if not self._paused or self._transport is None:
            return
        if self._transport.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._transport.abort()
        else:
            self._looking = self._loop.call_later(_LOOK_S, self._look)

    def _turn_away(self, status: int, why: bytes) -> None:
        """What cannot be read is not answered in its turn: the connection ends after the answer under way."""
        self._last = self._deaf = True
        if self._current is None and not self.gone:
            self._current = Request(self, b"GET", b"/", [], keep_alive=False, modern=True)
        elif self._current is None or self._current is not self._incoming:
            return
        if self._current.started:  # it is answered while its body comes: there is no other way to tell
            self.close()
            return
        self._current.part()
        _say(self._current, status, why)


def _framing(request: Request) -> bytes:
    """The head of another request whose body is as long; empty where there is none."""
    for name in (b"transfer-encoding", b"content-length"):
        value = request.first.get(name, b"0")
        if value != b"0":
            return b"POST / HTTP/1.1\r\n%b: %b\r\n\r\n" % (name, value)
    return b""


def _say(request: Request, status: int, text: bytes) -> None:
    request.start(status, [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(text))])
    request.finish(text)
