"""
What the real APIs answer, in their exact shapes, with usage that a test can add up.

Every stream has cache reads and a tool call, because those are what careless relays and parsers lose.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from support.fake_provider import Script, SeenRequest

ANTHROPIC_USAGE = {
    "input_tokens": 12,
    "cache_creation_input_tokens": 300,
    "cache_read_input_tokens": 2000,
    "cache_creation": {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200},
    "output_tokens": 45,
    "service_tier": "standard",
}
ANTHROPIC_INPUT = 2312
"""`input_tokens` of the usage above as we count it: cache included."""
CHAT_USAGE = {
    "prompt_tokens": 1000,
    "completion_tokens": 50,
    "total_tokens": 1050,
    "prompt_tokens_details": {"cached_tokens": 800, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 20, "audio_tokens": 0},
}
RESPONSES_USAGE = {
    "input_tokens": 900,
    "input_tokens_details": {"cached_tokens": 600},
    "output_tokens": 70,
    "output_tokens_details": {"reasoning_tokens": 30},
    "total_tokens": 970,
}
GEMINI_USAGE = {
    "promptTokenCount": 500,
    "cachedContentTokenCount": 400,
    "candidatesTokenCount": 30,
    "thoughtsTokenCount": 10,
    "totalTokenCount": 540,
}
INTERACTIONS_USAGE = {
    "total_input_tokens": 500,
    "total_cached_tokens": 400,
    "total_output_tokens": 30,
    "total_thought_tokens": 10,
    "total_tokens": 540,
}
IMAGES_USAGE = {
    "input_tokens": 50,
    "input_tokens_details": {"text_tokens": 50, "image_tokens": 0},
    "output_tokens": 4160,
    "total_tokens": 4210,
}
AUDIO_USAGE = {
    "type": "tokens",
    "input_tokens": 14,
    "input_token_details": {"text_tokens": 4, "audio_tokens": 10},
    "output_tokens": 45,
    "total_tokens": 59,
}


def http(status: int, headers: Iterable[tuple[str, str]], body: bytes, *, reason: str = "OK") -> bytes:
    """A response with content-length."""
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join([*lines, f"content-length: {len(body)}", "", ""]).encode("latin-1") + body


def head(status: int, headers: Iterable[tuple[str, str]]) -> bytes:
    """The head of a chunked response."""
    lines = [f"HTTP/1.1 {status} OK", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join([*lines, "transfer-encoding: chunked", "", ""]).encode("latin-1")


def chunk(data: bytes) -> bytes:
    """One chunk of a chunked body."""
    return b"%x\r\n%s\r\n" % (len(data), data)


LAST_CHUNK = b"0\r\n\r\n"


def stream(events: Iterable[bytes], content_type: str = "text/event-stream; charset=utf-8") -> list[bytes]:
    """A script that sends each event as one chunk."""
    headers = (("Content-Type", content_type), ("request-id", "req_011"), ("Cache-Control", "no-cache"))
    return [head(200, headers), *(chunk(event) for event in events), LAST_CHUNK]


def answer(request: SeenRequest) -> Script:
    """What the real API of the path would say."""
    path = request.target.partition("?")[0]
    body: dict[str, Any] = json.loads(request.body) if request.body[:1] == b"{" else {}
    if request.method != "POST":
        return [_json({"object": "list", "data": []}, head_only=request.method == "HEAD")]
    if path.endswith("/count_tokens"):
        return [_json({"input_tokens": 42})]
    if path.endswith("/messages"):
        return stream(anthropic_events()) if body.get("stream") else [_json(anthropic_body())]
    if path.endswith("/chat/completions"):
        return stream(chat_events(body)) if body.get("stream") else [_json(chat_body())]
    if path.endswith("/responses"):
        return stream(responses_events()) if body.get("stream") else [_json(responses_body())]
    if path.endswith("/embeddings"):
        return [_json(embeddings_body())]
    if path.endswith(":streamGenerateContent"):
        return _gemini_stream(request)
    if path.endswith("/interactions"):
        return stream(interaction_events()) if body.get("stream") else [_json(interaction_body())]
    if path.endswith("/completions"):
        return stream(completion_events(body))
    if path.endswith("/images/generations"):
        return [_json({"created": 1, "data": [{"b64_json": "aGk="}], "usage": IMAGES_USAGE})]
    if path.endswith("/audio/transcriptions"):
        return [_json({"text": "hi", "usage": AUDIO_USAGE})]
    if path.endswith("/audio/speech"):
        return [http(200, (("Content-Type", "audio/mpeg"),), b"\xff\xf3sound")]
    if path.endswith(":generateContent"):
        return [_json({"response": gemini_body()} if "/v1internal" in path else gemini_body())]
    return [_json({"ok": True})]


def _json(value: object, *, head_only: bool = False) -> bytes:
    body = json.dumps(value, ensure_ascii=False).encode()
    whole = http(200, (("Content-Type", "application/json"), ("request-id", "req_011")), body)
    return whole[: -len(body)] if head_only else whole


def sse(data: object, event: str | None = None) -> bytes:
    """One server-sent event."""
    name = f"event: {event}\n" if event else ""
    return f"{name}data: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()


def anthropic_body() -> dict[str, Any]:
    """`POST /v1/messages`."""
    return {
        "id": "msg_json",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-5-20250929",
        "content": [
            {"type": "text", "text": "héllo 🤖"},
            {"type": "tool_use", "id": "toolu_1", "name": "read", "input": {"path": "a.py"}},
        ],
        "stop_reason": "tool_use",
        "stop_sequence": None,
        "usage": ANTHROPIC_USAGE,
    }


def anthropic_events() -> list[bytes]:
    """`POST /v1/messages` with `stream`."""
    start = {**anthropic_body(), "id": "msg_stream", "content": [], "stop_reason": None}
    start["usage"] = {**ANTHROPIC_USAGE, "output_tokens": 2}
    text = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    tool = {"type": "tool_use", "id": "toolu_1", "name": "read", "input": {}}
    return [
        sse({"type": "message_start", "message": start}, "message_start"),
        sse(text, "content_block_start"),
        sse({"type": "ping"}, "ping"),
        *(
            sse(
                {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": word}},
                "content_block_delta",
            )
            for word in ("héllo", " 🤖", ' "usage":')
        ),
        sse({"type": "content_block_stop", "index": 0}, "content_block_stop"),
        sse({"type": "content_block_start", "index": 1, "content_block": tool}, "content_block_start"),
        sse(
            {
                "type": "content_block_delta",
                "index": 1,
                "delta": {"type": "input_json_delta", "partial_json": '{"path":"a.py"}'},
            },
            "content_block_delta",
        ),
        sse({"type": "content_block_stop", "index": 1}, "content_block_stop"),
        sse(
            {
                "type": "message_delta",
                "delta": {"stop_reason": "tool_use", "stop_sequence": None},
                "usage": {"output_tokens": ANTHROPIC_USAGE["output_tokens"]},
            },
            "message_delta",
        ),
        sse({"type": "message_stop"}, "message_stop"),
    ]


def chat_body() -> dict[str, Any]:
    """`POST /v1/chat/completions`."""
    call = {"id": "call_1", "type": "function", "function": {"name": "read", "arguments": "{}"}}
    message = {"role": "assistant", "content": "héllo", "refusal": None, "tool_calls": [call]}
    return {
        "id": "chatcmpl-json",
        "object": "chat.completion",
        "created": 1763769600,
        "model": "gpt-5.1-2025-11-13",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "tool_calls"}],
        "usage": CHAT_USAGE,
        "service_tier": "default",
    }


def chat_events(body: dict[str, Any]) -> list[bytes]:
    """The same with `stream`: usage only for who asked, and then `usage: null` in every other chunk."""
    asked = (body.get("stream_options") or {}).get("include_usage") is True
    base: dict[str, Any] = {
        "id": "chatcmpl-stream",
        "object": "chat.completion.chunk",
        "created": 1763769600,
        "model": "gpt-5.1-2025-11-13",
        "service_tier": "default",
    }
    deltas: list[tuple[dict[str, Any], str | None]] = [
        ({"role": "assistant", "content": ""}, None),
        ({"content": "héllo"}, None),
        ({"content": ' {"choices":[],"usage":{}}'}, None),
        ({"tool_calls": [{"index": 0, "id": "call_1", "function": {"name": "read", "arguments": "{}"}}]}, None),
        ({}, "stop"),
    ]
    null = {"usage": None} if asked else {}
    events = [
        sse({**base, "choices": [{"index": 0, "delta": delta, "finish_reason": reason}], **null})
        for delta, reason in deltas
    ]
    if asked:
        events.append(sse({**base, "choices": [], "usage": CHAT_USAGE}))
    return [*events, b"data: [DONE]\n\n"]


def completion_events(body: dict[str, Any]) -> list[bytes]:
    """`POST /v1/completions` with `stream`."""
    asked = (body.get("stream_options") or {}).get("include_usage") is True
    base = {"id": "cmpl-stream", "object": "text_completion", "created": 1763769600, "model": "gpt-3.5-turbo-instruct"}
    choices = [{"text": "hé", "index": 0, "finish_reason": None}, {"text": "llo", "index": 0, "finish_reason": "stop"}]
    null = {"usage": None} if asked else {}
    events = [sse({**base, "choices": [choice], **null}) for choice in choices]
    if asked:
        events.append(sse({**base, "choices": [], "usage": CHAT_USAGE}))
    return [*events, b"data: [DONE]\n\n"]


def responses_body() -> dict[str, Any]:
    """`POST /v1/responses`."""
    text = {"type": "output_text", "text": "héllo", "annotations": []}
    return {
        "id": "resp_json",
        "object": "response",
        "created_at": 1763769600,
        "status": "completed",
        "model": "gpt-5.1-2025-11-13",
        "output": [
            {"id": "msg_1", "type": "message", "status": "completed", "role": "assistant", "content": [text]},
            {"id": "fc_1", "type": "function_call", "call_id": "call_1", "name": "read", "arguments": "{}"},
        ],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "service_tier": "default",
        "usage": RESPONSES_USAGE,
    }


def responses_events() -> list[bytes]:
    """The same with `stream`: usage and tier only in the terminal event."""
    done = {**responses_body(), "id": "resp_stream"}
    created = {**done, "status": "in_progress", "output": [], "usage": None, "service_tier": "auto"}
    delta = {
        "type": "response.output_text.delta",
        "item_id": "msg_1",
        "output_index": 0,
        "content_index": 0,
        "delta": "héllo",
        "logprobs": [],
        "sequence_number": 1,
    }
    return [
        sse({"type": "response.created", "response": created, "sequence_number": 0}, "response.created"),
        sse(delta, "response.output_text.delta"),
        sse({"type": "response.completed", "response": done, "sequence_number": 2}, "response.completed"),
    ]


def embeddings_body() -> dict[str, Any]:
    """`POST /v1/embeddings`."""
    return {
        "object": "list",
        "data": [{"object": "embedding", "index": 0, "embedding": [0.5, -0.5]}],
        "model": "text-embedding-3-small",
        "usage": {"prompt_tokens": 8, "total_tokens": 8},
    }


def gemini_body(*, final: bool = True) -> dict[str, Any]:
    """`POST /v1beta/models/…:generateContent`, and one element of its stream."""
    candidate = {"content": {"role": "model", "parts": [{"text": "héllo"}]}, "index": 0}
    return {
        "candidates": [{**candidate, **({"finishReason": "STOP"} if final else {})}],
        "usageMetadata": GEMINI_USAGE if final else {**GEMINI_USAGE, "candidatesTokenCount": 5},
        "modelVersion": "gemini-2.5-flash",
        "responseId": "gemini-1",
    }


def interaction_body() -> dict[str, Any]:
    """`POST /v1beta/interactions`."""
    step = {"type": "model_output", "content": [{"type": "text", "text": "héllo"}]}
    return {
        "id": "v1_json",
        "object": "interaction",
        "model": "gemini-2.5-flash",
        "status": "completed",
        "steps": [step],
        "usage": INTERACTIONS_USAGE,
    }


def interaction_events() -> list[bytes]:
    """The same with `stream`: usage only in the last event."""
    begun = {"id": "v1_stream", "object": "interaction", "model": "gemini-2.5-flash", "status": "in_progress"}
    done = {**begun, "status": "completed", "usage": INTERACTIONS_USAGE}
    events: list[dict[str, Any]] = [
        {"event_type": "interaction.created", "interaction": begun},
        {"event_type": "step.start", "index": 0, "step": {"type": "model_output"}},
        {"event_type": "step.delta", "index": 0, "delta": {"type": "text", "text": "héllo"}},
        {"event_type": "step.stop", "index": 0},
        {"event_type": "interaction.completed", "interaction": done},
    ]
    return [*(sse(event, event["event_type"]) for event in events), b"event: done\ndata: [DONE]\n\n"]


def _gemini_stream(request: SeenRequest) -> Script:
    bodies = [gemini_body(final=False), gemini_body()]
    if "alt=sse" in request.target:
        return stream([sse(body) for body in bodies], "text/event-stream")
    array = ",\r\n".join(json.dumps(body) for body in bodies)
    return stream([b"[", array[:100].encode(), array[100:].encode(), b"]"], "application/json; charset=UTF-8")
