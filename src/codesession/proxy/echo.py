"""A provider on loopback that says exactly what it got and when it sent: the far end of a check-up."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

INPUT_TOKENS = 12
OUTPUT_TOKENS = 40
"""The usage that its streams report."""
EVENTS = 20
PAUSE_S = 0.01
"""Its streams: so many words, so far apart."""

ANSWER_HEADERS = (("x-echo", "one"), ("x-echo", "two"), ("request-id", "req_echo"), ("anthropic-ratelimit", "9"))


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it arrived."""

    target: str
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def sha256(self) -> str:
        """Of the body."""
        return hashlib.sha256(self.body).hexdigest()


class Echo:
    """Use as a context manager; `url` is its origin."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.sent_at: list[float] = []
        """When each event of the last stream was written (`time.perf_counter`)."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Its origin."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Echo:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler_of(echo: Echo) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        server_version = "echo"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            echo.seen.append(Seen(self.path, list(self.headers.items()), body))
            if self.path.startswith("/v1/messages"):
                self._stream(_messages_events())
            elif self.path.startswith("/v1/chat/completions"):
                self._stream(_chat_events(asked=b'"include_usage":true' in body))
            else:
                self._answer(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            for name, value in (*ANSWER_HEADERS, ("content-length", str(len(body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def _stream(self, events: list[bytes]) -> None:
            self.send_response(200)
            for name, value in (("content-type", "text/event-stream"), ("transfer-encoding", "chunked")):
                self.send_header(name, value)
            self.end_headers()
            echo.sent_at.clear()
            for event in events:
                time.sleep(PAUSE_S)
                echo.sent_at.append(time.perf_counter())
                self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
            self.wfile.write(b"0\r\n\r\n")

    return Handler


def _messages_events() -> list[bytes]:
    message = {"id": "msg_echo", "type": "message", "role": "assistant", "model": "echo", "content": []}
    usage = {"input_tokens": INPUT_TOKENS, "output_tokens": 1}
    events: list[dict[str, Any]] = [{"type": "message_start", "message": {**message, "usage": usage}}]
    for number in range(EVENTS):
        delta = {"type": "text_delta", "text": f"word {number} é🤖 "}
        events.append({"type": "content_block_delta", "index": 0, "delta": delta})
    final = {"output_tokens": OUTPUT_TOKENS}
    events.append({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": final})
    events.append({"type": "message_stop"})
    return [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in events]


def _chat_events(*, asked: bool) -> list[bytes]:
    shared = {"id": "chatcmpl-echo", "object": "chat.completion.chunk", "model": "echo"}
    chunks: list[dict[str, Any]] = [
        {**shared, "choices": [{"index": 0, "delta": {"content": f"word {number} "}}]} for number in range(3)
    ]
    if asked:
        usage = {"prompt_tokens": INPUT_TOKENS, "completion_tokens": OUTPUT_TOKENS}
        chunks.append({**shared, "choices": [], "usage": usage})
    return [f"data: {json.dumps(chunk)}\n\n".encode() for chunk in chunks] + [b"data: [DONE]\n\n"]
