"""Results of batches as the providers write them."""

from __future__ import annotations

import json
from typing import Any

from support import wires


def line(value: dict[str, Any]) -> bytes:
    """One of them."""
    return json.dumps(value).encode() + b"\n"


def anthropic_line(number: int, kind: str = "succeeded") -> bytes:
    """A request of a Message Batch: 1,000 tokens in and 100 out."""
    result: dict[str, Any] = {"type": kind}
    if kind == "succeeded":
        usage = {"input_tokens": 1_000, "output_tokens": 100, "service_tier": "batch"}
        result["message"] = {
            "id": f"msg_{number}",
            "type": "message",
            "role": "assistant",
            "model": "claude-sonnet-5",
            "content": [{"type": "text", "text": "h\u00e9llo"}],
            "stop_reason": "end_turn",
            "usage": usage,
        }
    return line({"custom_id": f"c{number}", "result": result})


def openai_line(number: int, body: dict[str, Any] | None = None, status: int = 200) -> bytes:
    """A request of an OpenAI batch: 1,000 tokens in and 100 out."""
    usage = {"prompt_tokens": 1_000, "completion_tokens": 100, "total_tokens": 1_100}
    chat = {"id": f"chatcmpl-{number}", "object": "chat.completion", "model": "gpt-5.1", "usage": usage}
    response = {"status_code": status, "request_id": f"req_{number}", "body": chat if body is None else body}
    return line({"id": f"batch_req_{number}", "custom_id": f"c{number}", "response": response, "error": None})


def gemini_line(number: int, **response: Any) -> dict[str, Any]:
    """A request of a Gemini batch."""
    body = {**wires.gemini_body(), "responseId": f"r{number}"}
    return {"key": f"k{number}", "response": {**body, **response}}
