"""
A model provider on loopback that a test controls down to the byte.

It keeps every request as it came over the wire and answers with a script: bytes to write, seconds to sleep,
events to wait for, and ways to hang up. Without a script it answers like the real API of the path (`wires`).
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import IO

from support import wires


class End(Enum):
    """How a script may end a connection."""

    CLOSE = "close"
    RESET = "reset"


Step = bytes | float | threading.Event | End
Script = Sequence[Step]


@dataclass(slots=True)
class SeenRequest:
    """One request as the provider got it."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes
    raw_head: bytes

    def header(self, name: str) -> str | None:
        """The first header of that name, in any case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass
class FakeProvider:
    """Use as a context manager; `url` is its origin."""

    respond: Callable[[SeenRequest], Script] = wires.answer
    requests: list[SeenRequest] = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)
    """Set when the other side closed while an answer was being written."""
    connections: int = 0

    def __enter__(self) -> FakeProvider:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def script(self, *steps: Step) -> None:
        """Answer every request with these steps from now on."""
        self.respond = lambda _request: steps

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as reader:
                while (request := read_request(reader)) is not None:
                    self.requests.append(request)
                    if not self._play(connection, self.respond(request)):
                        return
        except OSError:
            self.hung_up.set()
        finally:
            self._open.discard(connection)

    def _play(self, connection: socket.socket, script: Script) -> bool:
        for step in script:
            if isinstance(step, bytes):
                connection.sendall(step)
            elif isinstance(step, threading.Event):
                self._wait(connection, step)
            elif isinstance(step, End):
                if step is End.RESET:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return False
            else:
                time.sleep(step)
        return True

    def _wait(self, connection: socket.socket, event: threading.Event) -> None:
        """Wait for the test's event, noticing when the other side hangs up before."""
        connection.setblocking(False)
        try:
            while not event.wait(0.005):
                try:
                    if connection.recv(1, socket.MSG_PEEK) == b"":
                        raise ConnectionResetError("hung up")
                except BlockingIOError:
                    continue
        finally:
            connection.setblocking(True)


def read_request(reader: IO[bytes]) -> SeenRequest | None:
    """One HTTP/1.1 request with its body; None at the end of the connection."""
    line = reader.readline()
    if not line:
        return None
    method, target, _ = line.decode("latin-1").split(" ", 2)
    raw_head, headers = line, []
    while (line := reader.readline()) not in (b"\r\n", b""):
        raw_head += line
        name, _, value = line.decode("latin-1").rstrip("\r\n").partition(":")
        headers.append((name, value.lstrip()))
    request = SeenRequest(method, target, headers, b"", raw_head)
    if (request.header("transfer-encoding") or "").lower() == "chunked":
        request.body = _read_chunked(reader)
    elif length := request.header("content-length"):
        request.body = reader.read(int(length))
    return request


def _read_chunked(reader: IO[bytes]) -> bytes:
    body = b""
    while size := int(reader.readline().partition(b";")[0], 16):
        body += reader.read(size)
        reader.readline()
    reader.readline()
    return body
