"""One connection to an upstream, over real sockets: where answers end, and what happens when they do not."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager

import pytest
import uvloop

from codesession.proxy.connection import Connection, Response, Upload, UpstreamError

HEAD = b"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


@pytest.fixture(autouse=True, params=[asyncio.new_event_loop, uvloop.new_event_loop])
def loops(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the standard library's event loop and on the one that the proxy has where it can."""
    monkeypatch.setattr(asyncio, "new_event_loop", request.param)


class Upstream:
    """Accepts one connection, and is a plain socket to the test."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.sock: socket.socket | None = None

    def accept(self) -> socket.socket:
        self.sock, _ = self._listener.accept()
        self.sock.settimeout(10)
        return self.sock

    def close(self) -> None:
        for each in (self.sock, self._listener):
            if each is not None:
                each.close()


@contextmanager
def upstream() -> Iterator[Upstream]:
    made = Upstream()
    try:
        yield made
    finally:
        made.close()


class Kept:
    """Connections as the pool is told of them."""

    def __init__(self) -> None:
        self.free: list[Connection] = []
        self.gone: list[Connection] = []
        self.when_free: Callable[[], object] = lambda: None

    def take(self, connection: Connection) -> None:
        """One that can carry the next request."""
        self.free.append(connection)
        self.when_free()


def run(
    work: Callable[[Connection, socket.socket, Kept], Awaitable[None]], *, silence_s: float = 5, buffer: int = 0
) -> None:
    """A connected connection and the other end of it."""

    async def main() -> None:
        kept = Kept()
        with upstream() as other:
            loop = asyncio.get_running_loop()
            accepted = loop.run_in_executor(None, other.accept)
            sock = socket.create_connection(("127.0.0.1", other.port))
            if buffer:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer)
            sock.setblocking(False)
            _, connection = await loop.create_connection(
                lambda: Connection(silence_s, kept.take, kept.gone.append), sock=sock
            )
            far = await accepted
            try:
                await asyncio.wait_for(work(connection, far, kept), 15)
            finally:
                connection.abort()
                await asyncio.sleep(0)

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(main())


async def whole(response: Response) -> bytes:
    """All of an answer's body."""
    found: list[bytes] = []
    response.pass_to(found.append)
    await response.over()
    return b"".join(found)


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_an_answer_cut_at_every_boundary_is_the_same(size: int) -> None:
    """Status, headers with their case, body; and the connection can be used again."""

    async def work(connection: Connection, far: socket.socket, kept: Kept) -> None:
        upload = Upload()
        asked = asyncio.ensure_future(connection.request(HEAD, b"hi", upload))
        await asyncio.sleep(0.02)
        assert far.recv(1000) == HEAD + b"hi"
        assert upload.complete
        for begin in range(0, len(ANSWER), size):
            far.sendall(ANSWER[begin : begin + size])
            await asyncio.sleep(0.002)
        response = await asked
        assert (response.status, response.reason, response.headers) == (200, b"OK", [(b"Content-Length", b"5")])
        assert (await whole(response), response.ended) == (b"hello", True)
        assert kept.free == [connection]
        far.sendall(ANSWER)  # nobody asked: such a connection must not be used again
        await asyncio.sleep(0.05)
        assert not connection.is_open

    run(work)


def test_a_call_that_is_cancelled_after_its_answer_leaves_the_connection_to_the_next() -> None:
    """It was free again before the call had its turn."""

    async def work(connection: Connection, far: socket.socket, kept: Kept) -> None:
        asked = asyncio.ensure_future(connection.request(HEAD, b"hi", Upload()))
        await asyncio.sleep(0.02)
        kept.when_free = asked.cancel
        far.sendall(ANSWER)
        await asyncio.wait([asked])
        assert asked.cancelled()
        assert kept.free == [connection]
        assert connection.is_open

    run(work)


def test_an_answer_that_comes_with_another_one_closes_the_connection() -> None:
    """In the same packet: the first is whole, the second belongs to nobody."""

    async def work(connection: Connection, far: socket.socket, kept: Kept) -> None:
        far.sendall(ANSWER + ANSWER)
        response = await connection.request(HEAD, b"hi", Upload())
        assert await whole(response) == b"hello"
        await asyncio.sleep(0.02)
        assert not connection.is_open

    run(work)


def test_an_answer_that_says_too_small_a_length_ends_there() -> None:
    """A server that counted characters for bytes: what follows cannot be read, and holds nothing back."""

    async def work(connection: Connection, far: socket.socket, kept: Kept) -> None:
        asked = asyncio.ensure_future(connection.request(HEAD, b"hi", Upload()))
        await asyncio.sleep(0.02)
        far.sendall(ANSWER[:-2])
        response = await asked
        read = asyncio.ensure_future(whole(response))
        await asyncio.sleep(0.02)
        far.sendall(ANSWER[-2:] + b"o!")
        assert await asyncio.wait_for(read, 5) == b"hello"
        assert not connection.is_open

    run(work)


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\nuntil the end", b"until the end"),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", b"ok"),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", b"ok"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx-trailer: 1\r\n\r\n", b"ok"),
        (b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", b"ok"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nuntil the end", b"until the end"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked \r\n\r\n2;a=b\r\nok\r\n0\r\n\r\n", b"ok"),
    ],
)
def test_every_way_to_end_an_answer_is_known(answer: bytes, body: bytes) -> None:
    """By length, by chunks, by the connection's end, without a body, after an interim answer."""

    async def work(connection: Connection, far: socket.socket, kept: Kept) -> None:
        asked = asyncio.ensure_future(connection.request(HEAD, b"hi", Upload()))
        await asyncio.sleep(0)
        far.sendall(answer)
        await asyncio.sleep(0.05)
        far.shutdown(socket.SHUT_WR)
        response = await asked
        assert await whole(response) == body
        assert response.ended

    run(work)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, CHUNKED\r\n\r\n9\r\nhalf",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\nno",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * 2_000_000,
    ],
)
def test_an_answer_that_is_none_or_half_is_an_error(answer: bytes) -> None:
    """Never passed off as whole; the connection is not used again."""

    async def work(connection: Connection, far: socket.socket, kept: Kept) -> None:
        def answer_and_go() -> None:
            try:
                far.sendall(answer)
                far.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it was hung up on, as it should be

        threading.Thread(target=answer_and_go).start()
        with pytest.raises((UpstreamError, OSError)):
            await whole(await connection.request(HEAD, b"hi", Upload()))
        await asyncio.sleep(0.05)
        assert (connection.is_open, kept.free, kept.gone) == (False, [], [connection])

    run(work)


def test_an_upstream_is_asked_to_wait_for_a_slow_reader() -> None:
    """What is not read is not taken from the network without end."""
    size = 32 * 1024 * 1024

    async def work(connection: Connection, far: socket.socket, kept: Kept) -> None:
        sent = threading.Event()

        def answer() -> None:
            far.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
            far.sendall(bytes(size))
            sent.set()

        threading.Thread(target=answer, daemon=True).start()
        response = await connection.request(HEAD, b"hi", Upload())
        await asyncio.sleep(0.3)
        assert not sent.is_set()
        assert len(await whole(response)) == size
        assert sent.wait(5)

    run(work)


def test_silence_ends_a_call_and_words_do_not() -> None:
    """The clock starts again with every byte; a connection that waits for a request has none."""

    async def work(connection: Connection, far: socket.socket, kept: Kept) -> None:
        far.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n")
        response = await connection.request(HEAD, b"hi", Upload())
        found: list[bytes] = []
        response.pass_to(found.append)
        for _ in range(4):
            await asyncio.sleep(0.1)
            far.sendall(b"x")
        with pytest.raises(UpstreamError, match="silent"):
            await response.over()
        assert found == [b"x"] * 4

    run(work, silence_s=0.25)


def test_a_large_upload_is_complete_when_the_system_has_it() -> None:
    """Not before: a call that was cut in the middle of its request has cost nothing."""
    body = b"x" * 20_000_000

    async def work(connection: Connection, far: socket.socket, kept: Kept) -> None:
        upload = Upload()
        asked = asyncio.ensure_future(connection.request(HEAD, body, upload))
        await asyncio.sleep(0.2)
        assert not upload.complete
        loop = asyncio.get_running_loop()
        left = len(HEAD) + len(body)
        while left:
            left -= len(await loop.run_in_executor(None, far.recv, 1_000_000))
        far.sendall(ANSWER)
        assert await whole(await asked) == b"hello"
        assert upload.complete
        assert kept.free == [connection]

    run(work, buffer=65536)


def test_an_early_answer_ends_the_upload() -> None:
    """A refusal is passed on; the connection, with half a request on it, is not used again."""

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 1000
            await asyncio.sleep(0.01)

    async def work(connection: Connection, far: socket.socket, kept: Kept) -> None:
        upload = Upload()
        far.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
        response = await connection.request(HEAD, endless(), upload, chunked=True)
        assert (response.status, await whole(response)) == (413, b"no")
        await asyncio.sleep(0.05)
        assert (upload.complete, connection.is_open, kept.free) == (False, False, [])

    run(work)


def test_an_early_answer_frees_the_connection_of_an_upstream_that_reads_no_more() -> None:
    """What it will not take is not kept for it."""

    async def work(connection: Connection, far: socket.socket, kept: Kept) -> None:
        far.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
        response = await connection.request(HEAD, bytes(20_000_000), Upload())
        assert await whole(response) == b"no"
        await asyncio.sleep(0.05)
        assert kept.gone == [connection]

    run(work, buffer=65536)


def test_a_large_piece_of_a_body_is_written_in_slices() -> None:
    """Other calls have their turn in between, and the bytes are the same."""
    piece = bytes(range(256)) * 8192

    async def pieces() -> AsyncIterator[bytes]:
        yield piece
        yield b"end"

    async def work(connection: Connection, far: socket.socket, kept: Kept) -> None:
        asked = asyncio.ensure_future(connection.request(HEAD, pieces(), Upload(), chunked=True))
        loop = asyncio.get_running_loop()
        received = b""
        while not received.endswith(b"0\r\n\r\n"):
            received += await loop.run_in_executor(None, far.recv, 1_000_000)
        sizes, body, rest = [], b"", received.removeprefix(HEAD)
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            sizes.append(int(size, 16))
            body, rest = body + rest[: sizes[-1]], rest[sizes[-1] + 2 :]
        assert body == piece + b"end"
        assert max(sizes) <= 256 * 1024
        far.sendall(ANSWER)
        assert await whole(await asked) == b"hello"

    run(work)


def test_a_body_that_fails_fails_the_request_with_its_own_error() -> None:
    """The client hung up: that is what the exchange wants to know."""

    class GoneError(Exception):
        pass

    async def broken() -> AsyncIterator[bytes]:
        yield b"x"
        raise GoneError

    async def work(connection: Connection, far: socket.socket, kept: Kept) -> None:
        with pytest.raises(GoneError):
            await connection.request(HEAD, broken(), Upload(), chunked=True)
        await asyncio.sleep(0.02)
        assert kept.gone == [connection]

    run(work)


def test_a_cancelled_request_cuts_the_connection() -> None:
    """An answer that nobody waits for must not cost anything more."""

    async def work(connection: Connection, far: socket.socket, kept: Kept) -> None:
        asked = asyncio.ensure_future(connection.request(HEAD, b"hi", Upload()))
        await asyncio.sleep(0.02)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        await asyncio.sleep(0.02)
        assert kept.gone == [connection]

    run(work)


def test_head_has_headers_and_no_body() -> None:
    """Whatever length they tell."""

    async def work(connection: Connection, far: socket.socket, kept: Kept) -> None:
        far.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        response = await connection.request(b"HEAD /x HTTP/1.1\r\nHost: h\r\n\r\n", b"", Upload(), bodiless=True)
        assert (response.status, await whole(response)) == (200, b"")

    run(work)


@pytest.mark.parametrize(("body", "framed"), [(b"", b"0\r\n\r\n"), (b"abc", b"3\r\nabc\r\n0\r\n\r\n")])
def test_a_body_without_a_length_goes_in_chunks(body: bytes, framed: bytes) -> None:
    """As the client sent it."""

    async def work(connection: Connection, far: socket.socket, kept: Kept) -> None:
        far.sendall(ANSWER)
        await connection.request(HEAD, body, Upload(), chunked=True)
        assert far.recv(1000) == HEAD + framed

    run(work)
