"""Many calls at once: a provider and clients on one event loop, and a real `cs proxy` between them."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from support.shell import Shell

FIRST = (
    b'data: {"type":"message_start","message":{"id":"msg_%d","type":"message","role":"assistant",'
    b'"model":"claude-sonnet-4-5","content":[],"usage":{"input_tokens":10,"output_tokens":1}}}\n\n'
)
REST = (
    b'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"h\xc3\xa9llo"}}\n\n'
    b'data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":50}}\n\n'
    b'data: {"type":"message_stop"}\n\n'
)
BODY = b'{"model":"claude-sonnet-4-5","max_tokens":9,"stream":true,"messages":[]}'
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def chunk(data: bytes) -> bytes:
    """One chunk of a chunked body."""
    return b"%x\r\n%s\r\n" % (len(data), data)


@dataclass
class Crowd:
    """A provider whose streams say their first word at once and the rest when they are let go."""

    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    served: int = 0
    port: int = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Crowd]:
        """Listen on a free port."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=2048)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
            await reader.readexactly(length)
            self.served += 1
            writer.write(HEAD + chunk(FIRST % self.served))
            await self.let_go.wait()
            writer.write(chunk(REST) + b"0\r\n\r\n")
            await writer.drain()
        finally:
            writer.close()


async def open_stream(port: int) -> tuple[asyncio.StreamReader, Callable[[], None]]:
    """Ask, and read up to the first event; the second value hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST /p/anthropic/v1/messages HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\ncontent-length: {len(BODY)}"
    writer.write(head.encode() + b"\r\n\r\n" + BODY)
    await reader.readuntil(b"\r\n\r\n")
    first = await reader.readuntil(b"}}}\n\n\r\n")
    assert b"message_start" in first
    return reader, writer.close


@contextmanager
def proxy_process(
    shell: Shell, upstream: str, *, files: int | None = None
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A real `cs proxy` before an upstream: its process and its port. `files`: the shell's limit of open files."""

    def limited() -> None:
        if files is not None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (files, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))

    names = ("ANTHROPIC", "OPENAI", "GOOGLE")
    environment = {f"CODESESSION_UPSTREAM_{name}": upstream for name in names}
    process = shell.start("proxy", env=environment, preexec_fn=limited)
    assert process.stdout is not None
    try:
        first = process.stdout.readline().decode()
        yield process, int(first.split("127.0.0.1:")[1].split(";")[0])
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=30)
        finally:
            process.kill()


def resident_mb(pid: int) -> float:
    """Memory of a process now, in MiB (Linux)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def allow_files(count: int) -> None:
    """As many open files for this process as the test needs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))


def can_see_memory() -> bool:
    """Whether this system says how much memory a process has."""
    return os.path.exists("/proc/self/status")
