"""Clients: one that measures single calls exactly, and crowds on an event loop."""

from __future__ import annotations

import asyncio
import json
import socket
import statistics
import time
from dataclasses import dataclass, field

import uvloop

MESSAGES = json.dumps({"model": "claude-sonnet-4-5", "max_tokens": 100, "messages": []}).encode()
CHAT = json.dumps({"model": "gpt-5.1", "messages": [{"role": "user", "content": "hi"}]}).encode()


@dataclass(frozen=True, slots=True)
class Target:
    """Where and how one way is asked."""

    port: int
    path: str
    body: bytes = MESSAGES

    def request(self) -> bytes:
        """As an agent would send it."""
        return (
            f"POST {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nx-api-key: k\r\nauthorization: Bearer k\r\n"
            "anthropic-version: 2023-06-01\r\nuser-agent: claude-cli/2.1.330 (external, cli)\r\n"
            "x-claude-code-session-id: 11111111-2222-3333-4444-555555555555\r\naccept: application/json\r\n"
            f"content-type: application/json\r\ncontent-length: {len(self.body)}\r\n\r\n"
        ).encode() + self.body


class OneByOne:
    """One kept-alive connection, blocking: the least noise."""

    def __init__(self, target: Target) -> None:
        self._request = target.request()
        self._socket = socket.create_connection(("127.0.0.1", target.port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = self._socket.makefile("rb")

    def call(self) -> float:
        """Seconds from the first byte sent to the last byte received."""
        begin = time.perf_counter()
        self._socket.sendall(self._request)
        length, is_chunked = 0, False
        while (line := self._reader.readline().lower()) != b"\r\n":
            if line.startswith(b"content-length:"):
                length = int(line[15:])
            is_chunked = is_chunked or line.startswith(b"transfer-encoding: chunked")
        if is_chunked:
            while size := int(self._reader.readline(), 16):
                self._reader.read(size + 2)
            self._reader.readline()
        else:
            self._reader.read(length)
        return time.perf_counter() - begin


def interleaved(targets: dict[str, Target], rounds: int) -> dict[str, list[float]]:
    """Seconds per call of each way, in turn; the first tenth warms up."""
    clients = {name: OneByOne(target) for name, target in targets.items()}
    times: dict[str, list[float]] = {name: [] for name in targets}
    for number in range(rounds + rounds // 10):
        for name, client in clients.items():
            seconds = client.call()
            if number >= rounds // 10:
                times[name].append(seconds)
    return times


@dataclass
class _Tally:
    done: int = 0
    first_bytes: list[float] = field(default_factory=list)


class _Client(asyncio.Protocol):
    """Sends the same request again as soon as it has the answer."""

    def __init__(self, target: Target, tally: _Tally, *, streams: bool) -> None:
        self._request = target.request()
        self._tally = tally
        self._streams = streams
        self._received = b""
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask at once."""
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # a stream client's transport
        self.send()

    def send(self) -> None:
        """Ask, and take the time."""
        self._received, self._sent_at = b"", time.perf_counter()
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Look for the end of the answer."""
        if self._streams:
            self._take_stream(data)
            return
        self._received += data
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return
        length = int(self._received[:end].lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        if len(self._received) >= end + 4 + length:
            self._tally.done += 1
            self.send()

    def _take_stream(self, data: bytes) -> None:
        if not self._received:
            if b"message_start" not in data:
                return
            self._tally.first_bytes.append(time.perf_counter() - self._sent_at)
        self._received = data[-40:]
        if data.endswith(b"0\r\n\r\n"):
            self.send()


def crowd_calls(target: Target, connections: int, seconds: float) -> int:
    """Calls over kept-alive connections in so many seconds, each asking again at once."""
    return uvloop.run(_crowd(target, connections, seconds, streams=False)).done


def first_byte_s(target: Target, connections: int, seconds: float) -> float:
    """Median time to the first event of a stream while so many are open."""
    tally = uvloop.run(_crowd(target, connections, seconds, streams=True))
    return statistics.median(tally.first_bytes)


async def _crowd(target: Target, connections: int, seconds: float, *, streams: bool) -> _Tally:
    tally = _Tally()
    loop = asyncio.get_running_loop()
    transports = []
    for _ in range(connections):
        made = await loop.create_connection(lambda: _Client(target, tally, streams=streams), "127.0.0.1", target.port)
        transports.append(made[0])
        await asyncio.sleep(2.0 / connections if streams else 0)  # streams begin at different moments
    tally.done, tally.first_bytes = 0, []
    await asyncio.sleep(seconds)
    for transport in transports:
        transport.abort()
    return tally
