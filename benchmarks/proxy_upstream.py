"""A provider that answers at once, on one event loop: what every relay is measured in front of."""

from __future__ import annotations

import asyncio
import json
import socket
from itertools import count

import uvloop

STREAM_EVENTS = 60
PACED_EVENTS = 40
PACE_S = 0.05
"""A paced stream: twenty words a second for two seconds."""

_ids = count(1)
_CHAT = {
    "object": "chat.completion",
    "created": 1,
    "model": "gpt-5.1",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "word " * 200}}],
    "usage": {"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500},
}
_MESSAGE = {"type": "message", "role": "assistant", "model": "claude-sonnet-4-5"}
_USAGE = {"input_tokens": 1000, "cache_read_input_tokens": 10000, "output_tokens": 500}
_STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def chunk(data: bytes) -> bytes:
    """One chunk of a chunked body."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def _plain(value: dict[str, object]) -> bytes:
    body = json.dumps(value).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def _event(value: dict[str, object]) -> bytes:
    return f"event: {value['type']}\ndata: {json.dumps(value)}\n\n".encode()


def _begin() -> bytes:
    usage = {"input_tokens": 12, "cache_read_input_tokens": 2000, "output_tokens": 1}
    return _event({"type": "message_start", "message": {**_MESSAGE, "id": f"msg_{next(_ids)}", "usage": usage}})


def _word(number: int) -> bytes:
    delta = {"type": "text_delta", "text": f"some words {number} "}
    return _event({"type": "content_block_delta", "index": 0, "delta": delta})


_END = _event({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 40}})
_END += _event({"type": "message_stop"})


class Upstream(asyncio.Protocol):
    """One connection. The word in the path's query tells which answer is wanted."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # a stream server's transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = self._received[:end].lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
            if len(self._received) < end + 4 + length:
                return
            self._received = self._received[end + 4 + length :]
            self._answer(head)

    def _answer(self, head: bytes) -> None:
        if b"chat/completions" in head:
            self._transport.write(_plain({**_CHAT, "id": f"chatcmpl-{next(_ids)}"}))
        elif b"kind=paced" in head:
            self._transport.write(_STREAM_HEAD + chunk(_begin()))
            asyncio.get_running_loop().call_later(PACE_S, self._go_on, 0)
        elif b"kind=stream" in head:
            self._transport.write(_STREAM_HEAD + chunk(_begin()))
            for number in range(0, STREAM_EVENTS, 2):
                self._transport.write(chunk(_word(number) + _word(number + 1)))
            self._transport.write(chunk(_END) + b"0\r\n\r\n")
        else:
            content = [{"type": "text", "text": "word " * 200}]
            self._transport.write(_plain({**_MESSAGE, "id": f"msg_{next(_ids)}", "content": content, "usage": _USAGE}))

    def _go_on(self, number: int) -> None:
        if self._transport.is_closing():
            return
        if number == PACED_EVENTS:
            self._transport.write(chunk(_END) + b"0\r\n\r\n")
            return
        self._transport.write(chunk(_word(number)))
        asyncio.get_running_loop().call_later(PACE_S, self._go_on, number + 1)


def serve(sock: socket.socket) -> None:
    """Until the process ends."""

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(Upstream, sock=sock, backlog=2048)
        await server.serve_forever()

    uvloop.run(run())
