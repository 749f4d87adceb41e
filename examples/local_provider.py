"""
A small provider on loopback that answers in the exact wire formats of Anthropic and OpenAI.

It stands in where no API key is set, so that the example runs anywhere. It counts tokens by words, remembers the
prefixes it has seen, and reports cache reads and writes as the real ones do.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

ANSWER = "Round once, at the end: sum the exact amounts first, then round the total to cents."


class Provider(ThreadingHTTPServer):
    """One local endpoint for both providers."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.numbers = count(1)
        self.cached: set[str] = set()

    @property
    def url(self) -> str:
        """Base URL, as both SDKs' default hosts would be."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def start(self) -> Provider:
        """Answer in the background until the process ends."""
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    server: Provider

    def do_POST(self) -> None:
        """Answer a model call."""
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        answer = {
            "/v1/messages": self._messages,
            "/v1/chat/completions": self._chat,
            "/v1/responses": self._responses,
        }.get(self.path.partition("?")[0])
        if answer is None:
            self._send(404, "application/json", json.dumps({"error": {"message": "unknown path"}}))
            return
        whole, events = answer(request)
        if request.get("stream"):
            self._send(200, "text/event-stream", "".join(events))
        else:
            self._send(200, "application/json", json.dumps(whole))

    def _send(self, status: int, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("request-id", f"req_{next(self.server.numbers):08d}")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _messages(self, request: dict[str, Any]) -> tuple[dict[str, Any], Iterator[str]]:
        system = json.dumps(request.get("system", ""))
        prefix = 40 * len(system.split()) if "cache_control" in system else 0
        seen = system in self.server.cached
        self.server.cached.add(system)
        usage = {
            "input_tokens": 12 * len(json.dumps(request["messages"]).split()),
            "cache_creation_input_tokens": 0 if seen else prefix,
            "cache_read_input_tokens": prefix if seen else 0,
            "cache_creation": {"ephemeral_5m_input_tokens": 0 if seen else prefix, "ephemeral_1h_input_tokens": 0},
            "output_tokens": 180,
            "service_tier": "standard",
        }
        message = {
            "id": f"msg_demo_{next(self.server.numbers):04d}",
            "type": "message",
            "role": "assistant",
            "model": request["model"],
            "content": [{"type": "text", "text": ANSWER}],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": usage,
        }
        return message, self._message_events(message)

    def _message_events(self, message: dict[str, Any]) -> Iterator[str]:
        opening = {**message, "content": [], "stop_reason": None, "usage": {**message["usage"], "output_tokens": 1}}
        events: list[dict[str, Any]] = [
            {"type": "message_start", "message": opening},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            *(
                {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": word + " "}}
                for word in ANSWER.split()
            ),
            {"type": "content_block_stop", "index": 0},
            {
                "type": "message_delta",
                "delta": {"stop_reason": "end_turn", "stop_sequence": None},
                "usage": {"output_tokens": message["usage"]["output_tokens"]},
            },
            {"type": "message_stop"},
        ]
        for event in events:
            yield f"event: {event['type']}\ndata: {json.dumps(event)}\n\n"

    def _chat(self, request: dict[str, Any]) -> tuple[dict[str, Any], Iterator[str]]:
        prompt = 12 * len(json.dumps(request["messages"]).split())
        usage = {
            "prompt_tokens": prompt,
            "completion_tokens": 160,
            "total_tokens": prompt + 160,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 64, "audio_tokens": 0},
        }
        base = {
            "id": f"chatcmpl-demo-{next(self.server.numbers):04d}",
            "created": 1_795_000_000,
            "model": request["model"],
            "service_tier": "default",
        }
        whole = {
            **base,
            "object": "chat.completion",
            "choices": [
                {"index": 0, "message": {"role": "assistant", "content": ANSWER}, "finish_reason": "stop"},
            ],
            "usage": usage,
        }
        return whole, self._chat_events(base, usage, bool((request.get("stream_options") or {}).get("include_usage")))

    def _chat_events(self, base: dict[str, Any], usage: dict[str, Any], with_usage: bool) -> Iterator[str]:
        chunk = {**base, "object": "chat.completion.chunk"}
        for word in ANSWER.split():
            delta = {"index": 0, "delta": {"content": word + " "}, "finish_reason": None}
            yield f"data: {json.dumps({**chunk, 'choices': [delta]})}\n\n"
        last = {"index": 0, "delta": {}, "finish_reason": "stop"}
        yield f"data: {json.dumps({**chunk, 'choices': [last]})}\n\n"
        if with_usage:
            yield f"data: {json.dumps({**chunk, 'choices': [], 'usage': usage})}\n\n"
        yield "data: [DONE]\n\n"

    def _responses(self, request: dict[str, Any]) -> tuple[dict[str, Any], Iterator[str]]:
        prompt = 12 * len(json.dumps(request["input"]).split())
        number = next(self.server.numbers)
        text = {"type": "output_text", "text": ANSWER, "annotations": []}
        item = {"type": "message", "id": f"msg_{number}", "role": "assistant", "status": "completed", "content": [text]}
        response = {
            "id": f"resp_demo_{number:04d}",
            "object": "response",
            "created_at": 1_795_000_000,
            "model": request["model"],
            "status": "completed",
            "service_tier": "default",
            "output": [item],
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "usage": {
                "input_tokens": prompt,
                "input_tokens_details": {"cached_tokens": prompt // 2, "cache_write_tokens": 0},
                "output_tokens": 220,
                "output_tokens_details": {"reasoning_tokens": 120},
                "total_tokens": prompt + 220,
            },
        }
        return response, self._response_events(response)

    def _response_events(self, response: dict[str, Any]) -> Iterator[str]:
        begun = {**response, "status": "in_progress", "usage": None, "output": [], "service_tier": "auto"}
        item = response["output"][0]
        text = item["content"][0]
        place = {"item_id": item["id"], "output_index": 0, "content_index": 0}
        events: list[dict[str, Any]] = [
            {"type": "response.created", "response": begun},
            {
                "type": "response.output_item.added",
                "output_index": 0,
                "item": {**item, "status": "in_progress", "content": []},
            },
            {"type": "response.content_part.added", **place, "part": {**text, "text": ""}},
            *(
                {"type": "response.output_text.delta", **place, "delta": word + " ", "logprobs": []}
                for word in ANSWER.split()
            ),
            {"type": "response.output_text.done", **place, "text": ANSWER, "logprobs": []},
            {"type": "response.content_part.done", **place, "part": text},
            {"type": "response.output_item.done", "output_index": 0, "item": item},
            {"type": "response.completed", "response": response},
        ]
        for number, event in enumerate(events):
            yield f"event: {event['type']}\ndata: {json.dumps({**event, 'sequence_number': number})}\n\n"

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the terminal: it belongs to the agent."""
