"""One connection of a client, over real sockets: what is read as a request, and how answers go out."""

from __future__ import annotations

import asyncio
import re
import socket
import sys
from collections.abc import Awaitable, Callable

import pytest
import uvloop

from codesession.proxy.inbound import Inbound
from codesession.proxy.request import ClientGoneError, Request

GET = b"GET /a/b?x=1 HTTP/1.1\r\nHost: h\r\n\r\n"
POST = b"POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"

Serve = Callable[[Request], Awaitable[None]]


@pytest.fixture(autouse=True, params=[asyncio.new_event_loop, uvloop.new_event_loop])
def loops(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the standard library's event loop and on the one that the proxy has where it can."""
    monkeypatch.setattr(asyncio, "new_event_loop", request.param)


class Client:
    """The far end, and the connection that serves it."""

    def __init__(self, sock: socket.socket, connection: Inbound) -> None:
        self.sock = sock
        self.connection = connection

    async def send(self, data: bytes) -> None:
        """All of it."""
        await asyncio.get_running_loop().sock_sendall(self.sock, data)

    async def receive(self, size: int | None = None) -> bytes:
        """So many bytes, or all until the server hangs up."""
        found = b""
        while size is None or len(found) < size:
            piece = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(self.sock, 65536), 5)
            if not piece:
                break
            found += piece
        return found

    async def asks(self, data: bytes, size: int | None = None) -> bytes:
        """Send, and receive."""
        await self.send(data)
        return await self.receive(size)


def run(serve: Serve, work: Callable[[Client], Awaitable[None]], *, send_buffer: int = 0) -> None:
    """A client that is connected, and what it does."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        near, far = socket.socketpair()
        if send_buffer:
            near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
        for sock in (near, far):
            sock.setblocking(False)
        open_: set[Inbound] = set()
        tasks: set[asyncio.Task[None]] = set()
        _, connection = await loop.connect_accepted_socket(lambda: Inbound(serve, open_, tasks), near)
        with far:
            await asyncio.wait_for(work(Client(far, connection)), 15)
        for _ in range(50):  # the end of a connection is told in a later turn of the loop
            if not open_ and not tasks:
                break
            await asyncio.sleep(0.02)
        assert (open_, tasks) == (set(), set())

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(main())


async def echo(request: Request) -> None:
    """Method, path, query and body, with a length."""
    body = b""
    while not request.ended:
        body += await request.read()
    text = f"{request.method} {request.path} {request.query} ".encode() + body
    request.start(200, [(b"Content-Length", b"%d" % len(text))])
    request.finish(text)


def answer(text: bytes) -> bytes:
    """As `echo` sends it."""
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(text), text)


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_requests_cut_at_every_boundary_are_the_same(size: int) -> None:
    """One after another on one connection."""

    async def work(client: Client) -> None:
        for _ in range(2):
            for begin in range(0, len(POST), size):
                await client.send(POST[begin : begin + size])
                await asyncio.sleep(0)
            assert await client.receive(len(answer(b"POST /p  hello"))) == answer(b"POST /p  hello")

    run(echo, work)


def test_headers_keep_their_case_and_order_both_ways() -> None:
    """Duplicates too; they are found by lower-case names."""
    seen: list[Request] = []

    async def serve(request: Request) -> None:
        seen.append(request)
        request.start(299, [(b"X-One", b"1"), (b"x-ONE", b"2"), (b"Content-Length", b"0")], b"Well then")
        request.finish()

    async def work(client: Client) -> None:
        got = await client.asks(b"GET / HTTP/1.1\r\nHOST: h\r\nX-Api-KEY: k\xff\r\nx-a: 1\r\nX-A: 2\r\n\r\n", 20)
        assert got.startswith(b"HTTP/1.1 299 Well then\r\nX-One: 1\r\nx-ONE: 2\r\nContent-Length: 0\r\n\r\n")

    run(serve, work)
    assert seen[0].headers == [(b"HOST", b"h"), (b"X-Api-KEY", b"k\xff"), (b"x-a", b"1"), (b"X-A", b"2")]
    assert seen[0].first[b"x-api-key"] == b"k\xff"


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        (b"/a%2Fb?x=%20", "/a%2Fb", "?x=%20"),
        (b"/a?", "/a", "?"),
        (b"/a?b?c", "/a", "?b?c"),
        (b"http://127.0.0.1:80/v1/x?y", "/v1/x", "?y"),
        (b"http://127.0.0.1", "/", ""),
        (b"*", "*", ""),
    ],
)
def test_a_target_stays_encoded(target: bytes, path: str, query: str) -> None:
    """Every byte of it reaches the upstream; an origin before it is what a system's proxy is asked with."""

    async def work(client: Client) -> None:
        expected = answer(f"OPTIONS {path} {query} ".encode())
        assert await client.asks(b"OPTIONS %b HTTP/1.1\r\nHost: h\r\n\r\n" % target, len(expected)) == expected

    run(echo, work)


def test_requests_sent_at_once_are_answered_in_their_order() -> None:
    """Also when the first takes longer; a part of the third is already here."""

    async def serve(request: Request) -> None:
        if request.method == "GET":
            await asyncio.sleep(0.1)
        await echo(request)

    async def work(client: Client) -> None:
        expected = answer(b"GET /a/b ?x=1 ") + answer(b"POST /p  hello")
        assert await client.asks(GET + POST + POST[:30], len(expected)) == expected
        assert await client.asks(POST[30:], 20) == answer(b"POST /p  hello")

    run(serve, work)


def test_an_answer_without_a_length_is_chunked_and_its_head_travels_with_it() -> None:
    """One write for the head and the first piece, one for the last piece and the end."""

    async def serve(request: Request) -> None:
        request.start(200, [])
        request.write(b"one")
        request.write(b"")
        request.finish(b"two")

    async def work(client: Client) -> None:
        expected = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"
        assert await client.asks(GET, len(expected)) == expected

    run(serve, work)


def test_a_head_can_go_out_alone() -> None:
    """A model that thinks for a minute has said that it does."""
    go_on = asyncio.Event()

    async def serve(request: Request) -> None:
        request.start(200, [(b"content-length", b"2")])
        request.flush()
        await go_on.wait()
        request.finish(b"ok")

    async def work(client: Client) -> None:
        head = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"
        assert await client.asks(GET, len(head)) == head
        go_on.set()
        assert await client.receive(2) == b"ok"

    run(serve, work)


@pytest.mark.parametrize(
    ("request_", "status", "headers", "expected"),
    [
        (b"HEAD / HTTP/1.1\r\n\r\n", 200, [(b"content-length", b"9")], b"content-length: 9\r\n\r\n"),
        (b"HEAD / HTTP/1.1\r\n\r\n", 200, [], b"HTTP/1.1 200 OK\r\n\r\n"),
        (b"GET / HTTP/1.1\r\n\r\n", 304, [], b"HTTP/1.1 304 Not Modified\r\n\r\n"),
        (b"GET / HTTP/1.1\r\n\r\n", 204, [], b"HTTP/1.1 204 No Content\r\n\r\n"),
    ],
)
def test_answers_that_have_no_body_send_none(
    request_: bytes, status: int, headers: list[tuple[bytes, bytes]], expected: bytes
) -> None:
    """The next answer on the connection begins right behind the head."""

    async def serve(request: Request) -> None:
        request.start(status, headers)
        request.write(b"unseen")
        request.finish(b"unseen")

    async def work(client: Client) -> None:
        got = await client.asks(request_ + request_, len(expected))
        assert got.endswith(expected)
        assert b"unseen" not in got

    run(serve, work)


@pytest.mark.parametrize(
    ("request_", "closing"),
    [
        (b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", b"connection: close\r\n"),
        (b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", b"connection: close\r\n"),
        (b"GET / HTTP/1.0\r\n\r\n", b"connection: close\r\n"),
        (b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", b"connection: close\r\n"),
    ],
)
def test_a_connection_ends_where_it_must(request_: bytes, closing: bytes) -> None:
    """The answer says so; for HTTP/1.0 its end is the body's."""

    async def serve(request: Request) -> None:
        request.start(200, [])
        request.write(b"one")
        request.finish(b"two")

    async def work(client: Client) -> None:
        got = await client.asks(request_ + b"GARBAGE" * ("Upgrade" in str(request_)))
        assert closing in got
        assert b"onetwo" in got.replace(b"\r\n3\r\n", b"").replace(b"3\r\none", b"one")

    run(serve, work)


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nNo colon\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
    ],
)
def test_what_is_no_request_is_turned_away(garbage: bytes) -> None:
    """Two lengths are how one request is smuggled in another."""
    served: list[Request] = []

    async def serve(request: Request) -> None:
        served.append(request)

    async def work(client: Client) -> None:
        assert (await client.asks(garbage)).startswith(b"HTTP/1.1 400 Bad Request\r\n")

    run(serve, work)
    assert served == []


def test_garbage_behind_a_request_waits_for_its_answer() -> None:
    """Then the connection ends."""

    async def serve(request: Request) -> None:
        await asyncio.sleep(0.05)
        await echo(request)

    async def work(client: Client) -> None:
        assert await client.asks(GET + b"\x00garbage\r\n") == answer(b"GET /a/b ?x=1 ")

    run(serve, work)


def test_endless_headers_are_turned_away() -> None:
    """They are held in memory until they end."""

    async def work(client: Client) -> None:
        async def send() -> None:
            for number in range(40):
                await client.send(b"x-%d: %b\r\n" % (number, b"x" * 32_000))

        await client.send(b"GET / HTTP/1.1\r\n")
        sending = asyncio.ensure_future(send())
        head = b"HTTP/1.1 431 "
        assert (await client.receive(len(head))).startswith(head)
        sending.cancel()

    run(echo, work)


def test_a_client_that_waits_for_a_word_gets_it_when_its_body_is_wanted() -> None:
    """And not when the answer is no."""
    ask = b"POST /p HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
    word = b"HTTP/1.1 100 Continue\r\n\r\n"

    async def work(client: Client) -> None:
        assert await client.asks(ask, len(word)) == word
        assert await client.asks(b"hello", 20) == answer(b"POST /p  hello")

    async def refuse(request: Request) -> None:
        request.start(403, [(b"content-length", b"2")])
        request.finish(b"no")

    async def refused(client: Client) -> None:
        assert (await client.asks(ask, 20)).startswith(b"HTTP/1.1 403 ")
        assert (await client.asks(b"hello" + GET, 20)).startswith(b"HTTP/1.1 403 ")

    run(echo, work)
    run(refuse, refused)


def test_a_large_body_waits_for_its_reader() -> None:
    """The client is asked to wait: memory stays bounded."""
    begin = asyncio.Event()

    async def serve(request: Request) -> None:
        await begin.wait()
        size = 0
        while not request.ended:
            piece = await request.read()
            assert len(piece) < 1_000_000
            size += len(piece)
        request.start(200, [])
        request.finish(b"%d" % size)

    async def work(client: Client) -> None:
        size = 20_000_000
        head = b"POST /p HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % size
        sending = asyncio.ensure_future(client.send(head + b"x" * size))
        await asyncio.sleep(0.2)
        assert not sending.done()
        begin.set()
        await sending
        assert b"20000000" in await client.receive(60)

    run(serve, work)


def test_a_slow_client_is_told_of_and_so_is_its_catching_up() -> None:
    """Whoever writes can hold back in between."""
    ready = asyncio.Event()

    async def serve(request: Request) -> None:
        request.on_ready = ready.set
        request.start(200, [(b"content-length", b"4000000")])
        request.write(b"x" * 3_999_998)
        assert request.slow
        await ready.wait()
        assert not request.slow
        request.finish(b"ok")

    async def work(client: Client) -> None:
        await client.send(GET)
        await asyncio.sleep(0.1)
        assert not ready.is_set()
        assert (await client.receive(4_000_041)).endswith(b"xok")

    run(serve, work, send_buffer=65536)


def test_a_client_that_hangs_up_while_it_is_answered_is_noticed_at_once() -> None:
    """Once."""
    gone: list[str] = []
    noticed = asyncio.Event()

    async def serve(request: Request) -> None:
        request.on_gone = lambda: (gone.append("gone"), noticed.set())  # type: ignore[assignment]  # both are done
        await request.read()
        await noticed.wait()
        request.start(200, [])
        request.finish(b"nobody hears it")

    async def work(client: Client) -> None:
        await client.send(POST)
        await asyncio.sleep(0.05)
        client.sock.close()
        await noticed.wait()

    run(serve, work)
    assert gone == ["gone"]


def test_a_client_that_hangs_up_in_its_request_is_noticed_by_its_reader() -> None:
    """What came before is not taken for the whole."""
    found: list[str] = []

    async def serve(request: Request) -> None:
        try:
            while not request.ended:
                await request.read()
        except ClientGoneError:
            found.append("gone")

    async def work(client: Client) -> None:
        await client.send(POST[:-2])
        await asyncio.sleep(0.05)
        client.sock.close()
        await asyncio.sleep(0.05)

    run(serve, work)
    assert found == ["gone"]


def test_an_answer_that_is_not_finished_cuts_the_connection() -> None:
    """There is no other way to tell; where nothing was said yet, it is a 500."""

    async def cut(request: Request) -> None:
        request.start(200, [(b"content-length", b"10")])
        request.write(b"half")

    async def silent(request: Request) -> None:
        await request.read()

    async def work(client: Client) -> None:
        assert (await client.asks(GET)).endswith(b"\r\n\r\nhalf")

    async def told(client: Client) -> None:
        assert (await client.asks(GET, 20)).startswith(b"HTTP/1.1 500 ")

    run(cut, work)
    run(silent, told)


def test_an_early_answer_lets_the_rest_of_the_body_pass() -> None:
    """It is not taken for the next request."""

    async def serve(request: Request) -> None:
        request.start(413, [(b"content-length", b"0")])
        request.finish()

    async def work(client: Client) -> None:
        await client.send(b"POST /p HTTP/1.1\r\nContent-Length: 300000\r\n\r\n")
        assert (await client.receive(20)).startswith(b"HTTP/1.1 413 ")
        assert (await client.asks(b"GET / " * 50_000 + GET, 20)).startswith(b"HTTP/1.1 413 ")

    run(serve, work)


def test_a_connection_retires_after_the_answer_under_way() -> None:
    """At once where none is."""
    begun = asyncio.Event()

    async def serve(request: Request) -> None:
        begun.set()
        await asyncio.sleep(0.05)
        await echo(request)

    async def busy(client: Client) -> None:
        await client.send(GET)
        await begun.wait()
        client.connection.retire()
        assert await client.receive() == answer(b"GET /a/b ?x=1 ")

    async def idle(client: Client) -> None:
        assert client.connection.idle_since is not None
        client.connection.retire()
        assert await client.receive() == b""

    run(serve, busy)
    run(serve, idle)


@pytest.mark.parametrize("size", [7, 1000])
@pytest.mark.parametrize(
    "body", [b"Content-Length: 5\r\n\r\nhello", b"Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"]
)
def test_a_body_that_comes_with_a_wish_for_another_protocol_is_read(body: bytes, size: int) -> None:
    """Java's client asks every server for HTTP/2 this way; the parser would leave the body out."""
    ask = b"POST /p HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAM\r\n" + body

    async def work(client: Client) -> None:
        for begin in range(0, len(ask), size):
            await client.send(ask[begin : begin + size])
            await asyncio.sleep(0.001)
        assert (await client.receive()).endswith(b"\r\n\r\nPOST /p  hello")

    run(echo, work)


@pytest.mark.parametrize(
    "body",
    [
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nhello\r\n",
    ],
)
def test_a_body_that_cannot_be_read_ends_its_request(body: bytes) -> None:
    """Whoever reads it does not wait for ever."""
    left: list[str] = []

    async def serve(request: Request) -> None:
        try:
            while not request.ended:
                await request.read()
        except ClientGoneError:
            left.append("gone")

    async def begun(request: Request) -> None:
        request.start(200, [])
        request.write(b"so far")
        await serve(request)

    async def work(client: Client) -> None:
        got = await client.asks(b"POST /p HTTP/1.1\r\n" + body)
        assert got.startswith(b"HTTP/1.1 400 Bad Request\r\n")
        assert b"connection: close\r\n" in got

    async def cut(client: Client) -> None:
        head, end, rest = body.partition(b"\r\n\r\n")
        await client.send(b"POST /p HTTP/1.1\r\n" + head + end)
        await asyncio.sleep(0.05)
        assert (await client.asks(rest)).endswith(b"6\r\nso far\r\n")

    run(serve, work)
    run(begun, cut)
    assert left == ["gone", "gone"]


@pytest.mark.parametrize("behind", [GET, b"\x00garbage\r\n"])
def test_a_client_that_leaves_is_noticed_whatever_it_sent_behind_its_request(behind: bytes) -> None:
    """Else its provider would go on, and bill."""
    noticed = asyncio.Event()

    async def serve(request: Request) -> None:
        request.on_gone = noticed.set
        await noticed.wait()

    async def work(client: Client) -> None:
        await client.send(GET + behind)
        await asyncio.sleep(0.05)
        client.sock.close()
        await asyncio.wait_for(noticed.wait(), 5)

    run(serve, work)


def test_a_client_that_asks_and_never_reads_is_not_read_any_more() -> None:
    """Its answers would fill the memory."""
    served: list[Request] = []

    async def serve(request: Request) -> None:
        served.append(request)
        request.start(200, [])
        request.finish(b"x" * 10_000)

    async def work(client: Client) -> None:
        sending = asyncio.ensure_future(client.send(GET * 100_000))
        await asyncio.sleep(0.5)
        assert not sending.done()
        assert len(served) < 200
        sending.cancel()
        client.sock.close()

    run(serve, work)


def test_what_was_held_for_a_client_can_end_when_it_is_gone() -> None:
    """Whoever waits until it has caught up waits no more."""
    told: list[str] = []
    ready = asyncio.Event()

    async def serve(request: Request) -> None:
        request.on_ready = ready.set
        request.on_gone = lambda: told.append("gone")
        request.start(200, [])
        request.write(b"x" * 4_000_000)
        assert request.slow
        await ready.wait()
        assert request.gone

    async def work(client: Client) -> None:
        await client.send(GET + GET)
        await asyncio.sleep(0.1)
        client.sock.close()
        await asyncio.wait_for(ready.wait(), 5)

    run(serve, work, send_buffer=65536)
    assert told == ["gone"]


def test_thousands_of_requests_in_one_packet_are_answered_in_their_order() -> None:
    """One after the other: none is begun inside the one before."""
    depths: set[int] = set()

    async def serve(request: Request) -> None:
        depths.add(_depth())
        text = request.query.encode()
        request.start(200, [(b"content-length", b"%d" % len(text))])
        request.finish(text)

    async def work(client: Client) -> None:
        sending = asyncio.ensure_future(client.send(b"".join(b"GET /?%d HTTP/1.1\r\n\r\n" % n for n in range(3000))))
        found = b""
        while not found.endswith(b"?2999"):
            found += await client.receive(1)
        await sending
        assert re.findall(rb"\?(\d+)", found) == [b"%d" % n for n in range(3000)]
        assert max(depths) - min(depths) < 20

    run(serve, work)


def _depth() -> int:
    frame, depth = sys._getframe(), 0
    while frame.f_back is not None:
        frame, depth = frame.f_back, depth + 1
    return depth
