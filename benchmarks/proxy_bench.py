"""
What recording costs: latency of a call through the proxy against a bare relay that records nothing.

    python benchmarks/proxy_bench.py [rounds]

Upstream, bare relay and proxy are three processes, the client a fourth with one kept-alive connection to each.
Rounds are interleaved, so that a busy machine slows all of them; the medians of whole calls are compared.
The recorder is a real hand-over to another thread (a queue), without a database behind it.
"""

from __future__ import annotations

import json
import multiprocessing
import queue
import socket
import statistics
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "src")]

from bare_relay import run as run_bare_relay  # noqa: E402 - the path above makes it importable

TARGET = 1.5


def events(count: int) -> bytes:
    """An Anthropic stream of `count` text deltas."""
    usage = {"input_tokens": 12, "cache_creation_input_tokens": 300, "cache_read_input_tokens": 2000}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5", "content": []}
    all_events = [
        {"type": "message_start", "message": {**message, "usage": {**usage, "output_tokens": 1}}},
        *(
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": f"some words {n} "}}
            for n in range(count)
        ),
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": count}},
        {"type": "message_stop"},
    ]
    return b"".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n".encode() for e in all_events)


def json_answer() -> bytes:
    """A short Anthropic message."""
    usage = {"input_tokens": 1000, "cache_read_input_tokens": 10000, "output_tokens": 500}
    text = [{"type": "text", "text": "word " * 200}]
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5"}
    return json.dumps({**message, "content": text, "stop_reason": "end_turn", "usage": usage}).encode()


def chunked(body: bytes, pieces: int) -> list[bytes]:
    """The body cut into chunks of a chunked response."""
    size = max(1, len(body) // pieces)
    cuts = [body[at : at + size] for at in range(0, len(body), size)]
    return [b"%x\r\n%s\r\n" % (len(cut), cut) for cut in cuts] + [b"0\r\n\r\n"]


def answers() -> dict[str, list[bytes]]:
    """Path → writes of the answer."""
    plain = json_answer()
    plain_head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(plain)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    return {
        "json": [plain_head + plain],
        "stream": [head, *chunked(events(60), 30)],
        "long": [head, *chunked(events(2000), 500)],
    }


def serve_upstream(listener: socket.socket) -> None:
    """Answer each request at once; the path's last word names the answer."""
    prepared = answers()

    def serve(connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        reader = connection.makefile("rb")
        while line := reader.readline():
            length = 0
            while (header := reader.readline()) != b"\r\n":
                if header.lower().startswith(b"content-length:"):
                    length = int(header[15:])
            reader.read(length)
            for piece in prepared[line.split(b" ")[1].rpartition(b"kind=")[2].decode()]:
                connection.sendall(piece)

    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection,), daemon=True).start()


def serve_proxy(sock: socket.socket, origin: str) -> None:
    """The real proxy, recording into another thread."""
    from codesession.proxy.config import ProxyConfig
    from codesession.proxy.server import ProxyServer
    from codesession.proxy.upstreams import configured_upstreams

    taken: queue.SimpleQueue[object] = queue.SimpleQueue()
    threading.Thread(target=lambda: [taken.get() for _ in iter(int, 1)], daemon=True).start()

    class Recorder:
        submit = staticmethod(taken.put)

    config = ProxyConfig(upstreams=configured_upstreams({"anthropic": origin}))
    ProxyServer(config, Recorder()).serve_forever(sock)


class Client:
    """One kept-alive connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = self._socket.makefile("rb")

    def call(self, kind: str, body: bytes) -> float:
        """Seconds from the first byte sent to the last byte received."""
        head = (
            f"POST /v1/messages?kind={kind} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nx-api-key: k\r\n"
            "anthropic-version: 2023-06-01\r\nuser-agent: claude-cli/2.1.330 (external, cli)\r\n"
            "x-claude-code-session-id: 11111111-2222-3333-4444-555555555555\r\naccept: application/json\r\n"
            f"content-type: application/json\r\naccept-encoding: gzip, br\r\ncontent-length: {len(body)}\r\n\r\n"
        ).encode()
        begin = time.perf_counter()
        self._socket.sendall(head + body)
        self._read_answer()
        return time.perf_counter() - begin

    def _read_answer(self) -> None:
        length, is_chunked = 0, False
        while (line := self._reader.readline()) != b"\r\n":
            lower = line.lower()
            if lower.startswith(b"content-length:"):
                length = int(line[15:])
            is_chunked = is_chunked or lower.startswith(b"transfer-encoding: chunked")
        if not is_chunked:
            self._reader.read(length)
            return
        while size := int(self._reader.readline(), 16):
            self._reader.read(size + 2)
        self._reader.readline()


def listen() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0), backlog=128)


def start(target: Callable[..., None], *args: object) -> multiprocessing.Process:
    process = multiprocessing.get_context("fork").Process(target=target, args=args, daemon=True)
    process.start()
    return process


def main(rounds: int) -> int:
    """Print the table; exit status 1 when recording costs more than the target."""
    upstream, bare, proxy = listen(), listen(), listen()
    origin = f"http://127.0.0.1:{upstream.getsockname()[1]}"
    processes = [
        start(serve_upstream, upstream),
        start(run_bare_relay, bare, origin),
        start(serve_proxy, proxy, origin),
    ]
    ways = {"direct": upstream, "bare relay": bare, "recording": proxy}
    clients = {name: Client(sock.getsockname()[1]) for name, sock in ways.items()}
    small = json.dumps({"model": "claude-sonnet-4-5", "max_tokens": 100, "messages": []}).encode()
    prompt = [{"role": "user", "content": "a line of a source file\n" * 15_000}]
    large = json.dumps({"model": "claude-sonnet-4-5", "max_tokens": 100, "messages": prompt}).encode()
    scenes = {
        "JSON answer": ("json", small, rounds),
        "stream, 60 events": ("stream", small, rounds),
        "stream, 350 kB prompt": ("stream", large, rounds // 4),
        "stream, 2000 events": ("long", small, rounds // 10),
    }
    print(f"{'median ms per call':<24}{'direct':>10}{'bare relay':>12}{'recording':>12}{'ratio':>8}{'added ms':>10}")
    worst = 0.0
    for title, (kind, body, count) in scenes.items():
        times: dict[str, list[float]] = {name: [] for name in clients}
        for number in range(count + count // 10):
            for name, client in clients.items():
                seconds = client.call(kind, body)
                if number >= count // 10:  # the first tenth warms up
                    times[name].append(seconds)
        direct, plain, recording = (statistics.median(times[name]) * 1000 for name in clients)
        worst = max(worst, recording / plain)
        print(
            f"{title:<24}{direct:>10.3f}{plain:>12.3f}{recording:>12.3f}{recording / plain:>7.2f}x"
            f"{recording - plain:>10.3f}"
        )
    for process in processes:
        process.terminate()
    print(f"worst ratio {worst:.2f}x, target {TARGET}x")
    return int(worst > TARGET)


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
