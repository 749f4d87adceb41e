"""Byte for byte over raw sockets: what a careful client and provider would notice."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import brotli
import pytest
import zstandard

from support import wires
from support.fake_provider import End, FakeProvider
from support.proxies import RunningProxy

BODY = b'{"model":"claude-sonnet-4-5","stream":true,"messages":[]}'


@contextmanager
def connected(proxy: RunningProxy) -> Iterator[socket.socket]:
    """A raw connection to the proxy."""
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=20) as sock:
        yield sock


def request(proxy: RunningProxy, *lines: str, body: bytes = BODY, path: str = "/v1/messages") -> bytes:
    """A raw request with these extra header lines."""
    head = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{proxy.port}", *lines, f"Content-Length: {len(body)}"]
    return "\r\n".join([*head, "", ""]).encode() + body


def read_all(sock: socket.socket) -> bytes:
    """Everything until the other side closes."""
    received = b""
    while data := sock.recv(65536):
        received += data
    return received


def read_until(sock: socket.socket, end: bytes) -> bytes:
    """Everything up to and including `end`."""
    received = b""
    while end not in received:
        data = sock.recv(65536)
        assert data, received
        received += data
    return received


def test_headers_reach_the_provider_as_they_are_with_duplicates_and_nothing_added(
    proxy: RunningProxy, provider: FakeProvider
) -> None:
    """Only Host is another; no User-Agent, Accept or encoding of our own appears."""
    lines = ("X-B: 1", "x-api-key: k é", "X-A:  spaced", "X-B: 2", "Accept-Encoding: zstd, br;q=0.5", "Cookie: a=b")
    with connected(proxy) as sock:
        sock.sendall(request(proxy, *lines))
        read_until(sock, b"0\r\n\r\n")
    assert list(provider.requests[0].headers) == [
        ("Host", f"127.0.0.1:{provider.port}"),
        ("X-B", "1"),
        ("x-api-key", "k é".encode().decode("latin-1")),
        ("X-A", "spaced"),
        ("X-B", "2"),
        ("Accept-Encoding", "zstd, br;q=0.5"),
        ("Cookie", "a=b"),
        ("Content-Length", str(len(BODY))),
    ]


def test_an_answers_head_comes_back_byte_for_byte(proxy: RunningProxy, provider: FakeProvider) -> None:
    """Reason, order and case of headers, duplicates; no Date or Server of our own; cookies are passed, not kept."""
    headers = (("Set-Cookie", "a=1"), ("X-One", "1"), ("Set-Cookie", "b=2; Path=/"), ("Anthropic-Ratelimit", "9"))
    answer = wires.http(429, headers, b"{}", reason="Slow down, please")
    provider.script(answer)
    with connected(proxy) as sock:
        for _ in range(2):
            sock.sendall(request(proxy))
            received = read_until(sock, b"{}")
    assert received == answer
    assert provider.requests[1].header("cookie") is None


@pytest.mark.parametrize(
    "target",
    [
        "/v1/messages?beta=true&x=%20%2F&y=a+b&&z",
        "/s/7/anthropic/v1//messages/%E2%82%AC/../x",
        "/p/my-gateway/a;b=c/(d)/'e'/~f/%7e?q=[1]&r={}",
    ],
)
def test_path_and_query_are_not_normalised(proxy: RunningProxy, provider: FakeProvider, target: str) -> None:
    """Signed and odd URLs arrive as they were sent."""
    with connected(proxy) as sock:
        sock.sendall(request(proxy, path=target))
        read_until(sock, b"\r\n\r\n")
    for prefix in ("/s/7/anthropic", "/p/my-gateway"):
        target = target.removeprefix(prefix)
    assert provider.requests[0].target == target


def test_a_request_cut_at_every_boundary_arrives_whole(proxy: RunningProxy, provider: FakeProvider) -> None:
    """Network packets end anywhere."""
    raw = request(proxy, "content-type: application/json")
    with connected(proxy) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(len(raw)):
            sock.sendall(raw[at : at + 1])
        assert read_until(sock, b"0\r\n\r\n")
    assert provider.requests[0].body == BODY


def test_a_chunked_upload_stays_chunked(proxy: RunningProxy, provider: FakeProvider) -> None:
    """With the same bytes inside."""
    head = f"POST /v1/messages HTTP/1.1\r\nHost: localhost:{proxy.port}\r\nTransfer-Encoding: chunked\r\n\r\n"
    with connected(proxy) as sock:
        sock.sendall(head.encode())
        for at in range(0, len(BODY), 10):
            sock.sendall(wires.chunk(BODY[at : at + 10]))
        sock.sendall(wires.LAST_CHUNK)
        read_until(sock, b"0\r\n\r\n")
    seen = provider.requests[0]
    assert (seen.body, seen.header("transfer-encoding"), seen.header("content-length")) == (BODY, "chunked", None)
    assert proxy.recorder.one().response.request_model == "claude-sonnet-4-5"


def test_a_client_that_waits_for_100_continue_is_told_to_go_on(proxy: RunningProxy, provider: FakeProvider) -> None:
    """Curl does so for larger bodies."""
    raw = request(proxy, "Expect: 100-continue")
    with connected(proxy) as sock:
        sock.sendall(raw[: -len(BODY)])
        assert read_until(sock, b"\r\n\r\n").startswith(b"HTTP/1.1 100")
        sock.sendall(BODY)
        read_until(sock, b"0\r\n\r\n")
    assert provider.requests[0].header("expect") is None


def test_a_streams_chunks_come_through_at_once(proxy: RunningProxy, provider: FakeProvider) -> None:
    """Each event reaches the client before the provider writes the next."""
    go_on = threading.Event()
    events = wires.anthropic_events()
    script = wires.stream(events)
    provider.script(*script[:2], go_on, *script[2:])
    with connected(proxy) as sock:
        sock.sendall(request(proxy))
        assert b"message_start" in read_until(sock, b"}\n\n\r\n")
        go_on.set()
        read_until(sock, b"0\r\n\r\n")
    assert proxy.recorder.one().response.complete


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_a_stream_of_tiny_chunks_is_read_right(proxy: RunningProxy, provider: FakeProvider, size: int) -> None:
    """A chunk may hold half a character."""
    stream = b"".join(wires.anthropic_events())
    pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
    provider.script(*wires.stream(pieces))
    assert proxy.call("POST", "/v1/messages", BODY)[2] == stream
    usage = proxy.recorder.one().response.usage
    assert usage is not None
    assert (usage.input_tokens, usage.output_tokens) == (wires.ANTHROPIC_INPUT, 45)


@pytest.mark.parametrize(
    ("coding", "pack"),
    [("gzip", gzip.compress), ("br", brotli.compress), ("zstd", zstandard.ZstdCompressor().compress)],
)
def test_a_compressed_answer_passes_packed_and_its_copy_is_read(
    proxy: RunningProxy, provider: FakeProvider, coding: str, pack: object
) -> None:
    """The client asked for it, so the client gets exactly these bytes."""
    packed = pack(json.dumps(wires.anthropic_body()).encode())  # type: ignore[operator]  # a packer
    headers = (("content-type", "application/json"), ("content-encoding", coding))
    provider.script(wires.http(200, headers, packed))
    _, seen, received = proxy.call("POST", "/v1/messages", BODY)
    assert (seen["content-encoding"], received) == (coding, packed)
    usage = proxy.recorder.one().response.usage
    assert usage is not None
    assert usage.output_tokens == 45


def test_an_answer_packed_twice_is_read(proxy: RunningProxy, provider: FakeProvider) -> None:
    """Whether one header says so or two."""
    packed = gzip.compress(gzip.compress(json.dumps(wires.anthropic_body()).encode()))
    provider.script(wires.http(200, (("content-encoding", "gzip"), ("Content-Encoding", "gzip")), packed))
    assert proxy.call("POST", "/v1/messages", BODY)[2] == packed
    assert proxy.recorder.one().response.usage is not None


def test_an_answer_packed_for_its_way_says_so_to_the_client(proxy: RunningProxy, provider: FakeProvider) -> None:
    """Else nobody could read it."""
    packed = gzip.compress(json.dumps(wires.anthropic_body()).encode())
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n"
    provider.script(head + wires.chunk(packed) + wires.LAST_CHUNK)
    _, seen, received = proxy.call("POST", "/v1/messages", BODY, {"connection": "close"})
    assert seen["transfer-encoding"] == "gzip, chunked"
    assert packed in received  # the standard library reads no chunks below another coding
    assert proxy.recorder.one().response.usage is not None


def test_a_compressed_request_passes_packed_and_its_copy_is_read(proxy: RunningProxy, provider: FakeProvider) -> None:
    """Codex packs its requests with zstd."""
    packed = zstandard.ZstdCompressor().compress(b'{"model":"gpt-5.1","input":"x"}')
    proxy.call("POST", "/v1/responses", packed, {"content-encoding": "zstd"})
    assert provider.requests[0].body == packed
    assert proxy.recorder.one().response.request_model == "gpt-5.1"


def test_an_answer_in_an_unknown_coding_is_recorded_as_unknown(proxy: RunningProxy, provider: FakeProvider) -> None:
    """It was billed, so it counts, without a figure."""
    provider.script(wires.http(200, (("content-encoding", "dcb"),), b"???"))
    assert proxy.call("POST", "/v1/messages", BODY)[2] == b"???"
    response = proxy.recorder.one().response
    assert (response.request_model, response.usage, response.complete) == ("claude-sonnet-4-5", None, False)


def test_redirects_are_the_clients_business(proxy: RunningProxy, provider: FakeProvider) -> None:
    """Following one would send the key elsewhere."""
    provider.script(wires.http(307, (("Location", "http://127.0.0.1:1/elsewhere"),), b""))
    status, headers, _ = proxy.call("POST", "/v1/messages", BODY)
    assert (status, headers["location"], len(provider.requests)) == (307, "http://127.0.0.1:1/elsewhere", 1)


def test_answers_without_a_body_pass(proxy: RunningProxy, provider: FakeProvider) -> None:
    """204, 304 and HEAD with a length that is not sent."""
    provider.script(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\nETag: x\r\n\r\n")
    assert proxy.call("GET", "/v1/models")[0] == 304
    provider.script(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert proxy.call("DELETE", "/v1/files/1")[0] == 204
    provider.script(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
    status, headers, received = proxy.call("HEAD", "/v1/models")
    assert (status, headers["content-length"], received) == (200, "10", b"")


def test_an_answer_that_ends_with_its_connection_is_complete(proxy: RunningProxy, provider: FakeProvider) -> None:
    """HTTP/1.0 style, without a length."""
    answer = json.dumps(wires.anthropic_body()).encode()
    provider.script(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n" + answer, End.CLOSE)
    assert proxy.call("POST", "/v1/messages", BODY)[2] == answer
    assert proxy.recorder.one().response.complete


def test_early_hints_do_not_end_the_answer(proxy: RunningProxy, provider: FakeProvider) -> None:
    """An interim response precedes the real one."""
    provider.script(b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n" + wires.http(200, (), b"ok"))
    assert proxy.call("GET", "/v1/models")[2] == b"ok"


def test_large_headers_pass_both_ways(proxy: RunningProxy, provider: FakeProvider) -> None:
    """Turn metadata and policies grow."""
    provider.script(wires.http(200, (("x-large", "a" * 60_000),), b"ok"))
    _, headers, _ = proxy.call("GET", "/v1/models", headers={"x-large": "b" * 60_000})
    assert headers["x-large"] == "a" * 60_000
    assert provider.requests[0].header("x-large") == "b" * 60_000


def test_a_header_that_is_no_text_passes(proxy: RunningProxy, provider: FakeProvider) -> None:
    """Latin-1 bytes, as old clients send them."""
    raw = request(proxy).replace(b"Content-Length", b"X-Name: caf\xe9\r\nContent-Length")
    with connected(proxy) as sock:
        sock.sendall(raw)
        assert b" 200 " in read_until(sock, b"\r\n\r\n")
    assert b"caf\xe9\r\n" in provider.requests[0].raw_head


def test_pipelined_requests_are_answered_in_turn(proxy: RunningProxy, provider: FakeProvider) -> None:
    """Nobody does it, and it must not mix up answers."""
    with connected(proxy) as sock:
        sock.sendall(request(proxy) * 2)
        received = b""
        while received.count(b"0\r\n\r\n") < 2:
            received += sock.recv(65536)
    assert len(proxy.recorder.wait(2)) == 2


def test_a_kept_alive_connection_serves_many_calls(proxy: RunningProxy, provider: FakeProvider) -> None:
    """And so does the one to the provider."""
    with connected(proxy) as sock:
        for _ in range(20):
            sock.sendall(request(proxy))
            read_until(sock, b"0\r\n\r\n")
    assert len(proxy.recorder.wait(20)) == 20
    assert provider.connections == 1


def test_garbage_is_answered_with_400(proxy: RunningProxy) -> None:
    """And harms nobody."""
    with connected(proxy) as sock:
        sock.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        assert read_all(sock).startswith(b"HTTP/1.1 400")
    assert proxy.call("GET", "/health")[0] == 200


def test_two_lengths_are_refused(proxy: RunningProxy, provider: FakeProvider) -> None:
    """Request smuggling ends here."""
    with connected(proxy) as sock:
        raw = request(proxy).replace(b"Content-Length", b"Transfer-Encoding: chunked\r\nContent-Length")
        sock.sendall(raw)
        assert b" 400 " in read_until(sock, b"\r\n\r\n")
    time.sleep(0.02)
    assert provider.requests == []
