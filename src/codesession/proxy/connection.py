"""
One HTTP/1.1 connection to an upstream: a request goes out as bytes, the answer comes back as bytes.

Nothing is interpreted but where a message ends. Header names keep their case and order, values that are no text pass,
and an answer's bytes are handed on in the pieces they come in. No I/O but the transport's: parsing is httptools'.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import httptools

from codesession.proxy.headers import BODILESS, first_values

_HELD = 256 * 1024
"""Bytes of an answer that wait for a slow client before the upstream is asked to wait."""
_HEAD_LIMIT = 1024 * 1024
_SLICE = 256 * 1024
"""Larger bodies are written in pieces, so that they do not hold up other calls."""

_LAST_STATUS = 599

Body = bytes | AsyncIterator[bytes]


class UpstreamError(Exception):
    """The upstream did not answer properly. Its text never holds what was sent or received."""


class Upload:
    """How far a request has got."""

    __slots__ = ("complete",)

    def __init__(self) -> None:
        self.complete = False
        """The operating system has taken all of it."""


class Response:
    """An answer that has begun."""

    __slots__ = (
        "_chunks",
        "_connection",
        "_error",
        "_held",
        "_size",
        "_taker",
        "_waiter",
        "ended",
        "first",
        "headers",
        "reason",
        "status",
    )

    def __init__(self, connection: Connection, status: int, reason: bytes, headers: list[tuple[bytes, bytes]]) -> None:
        self.status = status
        self.reason = reason
        """The words after the status."""
        self.headers = headers
        """Names and values as they came, in order."""
        self.first = first_values(headers)
        """By lower-case name; of several the first."""
        self.ended = False
        """The upstream has ended the answer; bytes may still wait here."""
        self._connection: Connection | None = connection
        self._chunks: list[bytes] = []
        self._size = 0
        self._held = False
        self._taker: Callable[[bytes], None] | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._error: BaseException | None = None

    def pass_to(self, take: Callable[[bytes], None]) -> None:
        """
        Hand over whatever has come, and then what comes, from within the event that brings it.

        The last call finds `ended` true and may bring no bytes. What `take` raises cuts the connection.
        """
        self._taker = take
        self.deliver()

    async def over(self) -> None:
        """Return when everything was handed over. Raises `UpstreamError`, `OSError`, or what the taker raised."""
        if self._taker is not None:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        if self._error is not None:
            raise self._error

    def hold(self) -> None:
        """Hand over nothing more until `go_on`: the client is slow. The upstream is asked to wait in the end."""
        self._held = True

    def go_on(self) -> None:
        """The client has caught up."""
        self._held = False
        self.deliver()

    def close(self) -> None:
        """Let go of it; the connection is cut unless the answer has ended."""
        if self._connection is not None and not self.ended:
            self._connection.abort()

    def feed(self, data: bytes) -> bool:
        """More bytes, which `deliver` hands over; False when enough wait."""
        self._chunks.append(data)
        self._size += len(data)
        return self._size <= _HELD

    def end(self, error: BaseException | None = None) -> None:
        """Nothing more comes, because that was all or because of an error."""
        self._connection = None
        if self._error is None:
            self.ended, self._error = error is None, error

    def deliver(self) -> None:
        """Hand over what has come, if somebody takes it."""
        taker = self._taker
        if taker is None or self._held:
            return
        chunks, self._chunks = self._chunks, []
        if chunks or self.ended:
            if self._size > _HELD and self._connection is not None:
                self._connection.go_on()
            self._size = 0
            try:
                taker(chunks[0] if len(chunks) == 1 else b"".join(chunks))
            except Exception as error:  # it is raised where the answer is waited for
                self.close()
                self.ended, self._error = False, error
        if self.ended or self._error is not None:
            self._taker = None
            waiter, self._waiter = self._waiter, None
            if waiter is not None and not waiter.done():
                waiter.set_result(None)


class Connection(asyncio.Protocol):
    """
    Carries one request after another.

    `on_free` is called when it can carry the next one, `on_gone` when it never will. `silence_s` is how long an
    upstream may say nothing while an answer is due.
    """

    def __init__(
        self, silence_s: float, on_free: Callable[[Connection], None], on_gone: Callable[[Connection], None]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._silence_s = silence_s
        self._on_free = on_free
        self._on_gone = on_gone
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._parser.set_dangerous_leniencies(  # an answer is passed on, not judged
            lenient_headers=True, lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True
        )
        self._began: asyncio.Future[Response] | None = None
        self._response: Response | None = None
        self._upload: Upload | None = None
        self._uploading: asyncio.Task[None] | None = None
        self._drained: asyncio.Future[None] | None = None
        self._reason = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._head_size = 0
        self._is_head = False
        self._unasked = False
        self._reusable = False
        self._delimited = False
        self._paused = False
        self._heard_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self.idle_since = 0.0
        """When the last answer ended, on the loop's clock."""

    # asked by the pool and by exchanges

    async def request(
        self, head: bytes, body: Body, upload: Upload, *, chunked: bool = False, bodiless: bool = False
    ) -> Response:
        """
        Send a request; returns when its answer has begun.

        `chunked` puts the body into chunks, as `head` must say; `bodiless`: the answer has no body (HEAD). Raises
        `UpstreamError`, `OSError`, or what the body's iterator raised.
        """
        transport = self._transport
        if transport is None or transport.is_closing():
            raise UpstreamError("it closed the connection")
        began: asyncio.Future[Response] = self._loop.create_future()
        self._began, self._upload = began, upload
        self._is_head, self._head_size = bodiless, 0
        self._heard_at = self._loop.time()
        if self._timer is None:
            self._timer = self._loop.call_later(self._silence_s, self._listen)
        if isinstance(body, bytes) and len(body) <= _SLICE:
            transport.write(head + (_framed(body) if chunked else body))
            self._written()
        else:
            transport.write(head)
            self._uploading = self._loop.create_task(self._send(body, chunked))
        try:
            return await began
        except BaseException:  # a cancelled call, too, must not go on at the upstream; raised on
            if began.done() and not began.cancelled() and began.exception() is None:
                began.result().close()  # if that has ended, this connection may be another call's by now
            else:
                self.abort()
            raise

    def go_on(self) -> None:
        """The client has caught up: read on."""
        if self._paused and self._transport is not None:
            self._paused = False
            self._heard_at = self._loop.time()
            self._transport.resume_reading()

    def abort(self) -> None:
        """Cut the connection at once, whatever is under way."""
        if self._uploading is not None:
            self._uploading.cancel()
        if self._transport is not None:
            self._transport.abort()

    @property
    def is_open(self) -> bool:
        """Whether a request can be sent."""
        return self._transport is not None and not self._transport.is_closing()

    # sending

    async def _send(self, body: Body, chunked: bool) -> None:
        try:
            if isinstance(body, bytes):
                await self._write(body, chunked)
            else:
                async for piece in body:
                    await self._write(piece, chunked)
            if chunked and self._transport is not None:
                self._transport.write(b"0\r\n\r\n")
            self._written()
        except Exception as error:  # the client broke off, or the connection did: whoever waits is told
            self._fail(error)
            self.abort()

    async def _write(self, piece: bytes, chunked: bool) -> None:
        for begin in range(0, len(piece), _SLICE):
            part = piece[begin : begin + _SLICE]
            if self._transport is None:
                raise UpstreamError("it closed the connection")
            self._transport.write(b"%x\r\n%b\r\n" % (len(part), part) if chunked else part)
            if self._drained is not None:
                await self._drained

    def _written(self) -> None:
        """The whole request was handed to the transport."""
        self._uploading = None
        if self._upload is not None and self._drained is None:
            self._upload.complete = True

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = transport  # type: ignore[assignment]  # the loop gives a stream's transport
        self._transport.set_write_buffer_limits(high=1, low=0)  # type: ignore[union-attr]  # every held byte is told

    def pause_writing(self) -> None:
        """Bytes wait in the transport."""
        if self._drained is None:
            self._drained = self._loop.create_future()

    def resume_writing(self) -> None:
        """The operating system has taken them."""
        self._heard_at = self._loop.time()
        if self._uploading is None and self._upload is not None:
            self._upload.complete = True
        self._let_write()

    def _let_write(self) -> None:
        drained, self._drained = self._drained, None
        if drained is not None and not drained.done():
            drained.set_result(None)

    def data_received(self, data: bytes) -> None:
        """Bytes of an answer."""
        self._heard_at = self._loop.time()
        response = self._response
        if response is None:
            self._head_size += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail(UpstreamError("unreadable answer"))
            self.abort()
            if response is not None:
                response.deliver()  # it may have ended before what cannot be read
            return
        if response is not None:
            response.deliver()
        if self._response is None and self._head_size > _HEAD_LIMIT:
            self._fail(UpstreamError("endless headers"))
            self.abort()
        elif self._unasked:
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """The end: of an answer that has no other, or of everything."""
        self._transport = None
        if self._timer is not None:
            self._timer.cancel()
        if (response := self._response) is not None and not self._delimited and exc is None:
            self._end()
            response.deliver()
        else:
            self._fail(exc if isinstance(exc, OSError) else UpstreamError("it closed the connection"))
        self._upload = None  # what the transport still held is lost
        self._let_write()
        self._on_gone(self)

    # httptools

    def on_message_begin(self) -> None:
        """An answer, or bytes that nobody asked for."""
        self._unasked = self._began is None
        self._reason = b""

    def on_status(self, reason: bytes) -> None:
        """The words after the status, or a part of them."""
        self._reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header as it stands there; trailers are not passed on."""
        if self._response is None:
            self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """The answer begins, unless it only says that the real one will come."""
        status = self._parser.get_status_code()
        headers, self._headers = self._headers, []
        if status < 200 or self._began is None:
            return
        if status > _LAST_STATUS:
            self._fail(UpstreamError("an answer with a status that does not exist"))
            return
        self._reusable = self._parser.should_keep_alive()
        self._response = Response(self, status, self._reason, headers)
        self._delimited = self._is_head or status in BODILESS or _says_its_end(self._response)
        if not self._began.done():
            self._began.set_result(self._response)
        if self._is_head:
            self._reusable = False  # the parser would wait for the body that the headers describe
            self._end()

    def on_body(self, data: bytes) -> None:
        """Bytes of the answer's body."""
        response = self._response
        if response is not None and not response.feed(data) and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        """The answer has ended (or an interim one has)."""
        if self._response is not None:
            self._end()

    # ending

    def _end(self) -> None:
        response, self._response, self._began = self._response, None, None
        free = self._reusable and self._upload is not None and self._upload.complete
        self._upload = None
        self.go_on()
        if response is not None:
            response.end()
        if free and self.is_open:
            self.idle_since = self._loop.time()
            self._on_free(self)
        else:
            self.abort()  # also with a request half-way: an upstream that reads no more would keep it for ever

    def _fail(self, error: BaseException) -> None:
        response, self._response = self._response, None
        began, self._began = self._began, None
        if response is not None:
            response.end(error)
            response.deliver()
        if began is not None and not began.done():
            began.set_exception(error)

    def _listen(self) -> None:
        """Every now and then: has the upstream been silent for too long?"""
        self._timer = None
        if (self._began is None and self._response is None) or self._transport is None:
            return
        now = self._loop.time()
        silent = 0.0 if self._paused else now - self._heard_at
        if silent >= self._silence_s:
            self._fail(UpstreamError("it fell silent"))
            self.abort()
            return
        self._timer = self._loop.call_later(self._silence_s - silent, self._listen)


def _framed(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"


def _says_its_end(response: Response) -> bool:
    """Whether the answer's end can be told without the connection's end (RFC 9112, 6.3)."""
    if b"content-length" in response.first:
        return True
    return b"transfer-encoding" in response.first and any(
        name.lower() == b"transfer-encoding" and value.lower().rstrip().endswith(b"chunked")
        for name, value in response.headers
    )
