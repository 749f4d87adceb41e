"""Samples shared by the parser tests: usage objects and event streams with the buckets they mean."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from codesession.domain.usage import ModelResponse, TokenUsage
from codesession.providers.base import RequestFacts

DATA = Path(__file__).parent / "data"
SHORT = {
    "input": "input_tokens",
    "read": "cache_read_input_tokens",
    "write": "cache_write_input_tokens",
    "write_1h": "cache_write_1h_input_tokens",
    "write_12h": "cache_write_12h_input_tokens",
    "audio": "audio_input_tokens",
    "read_audio": "cache_read_audio_input_tokens",
    "tool": "tool_input_tokens",
    "output": "output_tokens",
    "reasoning": "reasoning_output_tokens",
    "audio_output": "audio_output_tokens",
}


def load(name: str) -> list[dict[str, Any]]:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`usage_case` and `stream_case` run a test once per sample."""
    for fixture, name in (("usage_case", "usages.json"), ("stream_case", "streams.json")):
        if fixture in metafunc.fixturenames:
            cases = load(name)
            metafunc.parametrize(fixture, cases, ids=[case["name"] for case in cases])


@pytest.fixture
def request_of() -> Callable[[dict[str, Any]], RequestFacts]:
    return lambda case: RequestFacts.from_mapping(
        case.get("request", {}), provider_name=case["provider"], api=case["api"], request_model="the-model"
    )


@pytest.fixture
def check() -> Callable[[dict[str, Any], ModelResponse | None], None]:
    """Compares a response with what its sample says it means."""

    def compare(case: dict[str, Any], response: ModelResponse | None) -> None:
        assert response is not None
        expected = case["tokens"]
        if expected is None:
            assert response.parts == ()
        else:
            assert response.usage == TokenUsage(**{SHORT[name]: count for name, count in expected.items()})
        for name, value in case.get("facts", {}).items():
            actual = getattr(response.facts, name)
            assert (str(actual) if isinstance(value, str) else actual) == value, name
        assert response.complete is case.get("complete", True)
        assert response.mismatch is case.get("mismatch", False)
        assert len(response.warnings) == case.get("warnings", 0), response.warnings
        if "provider_name" in case:
            assert response.provider_name == case["provider_name"]
        if "id" in case:
            assert response.response_id == case["id"]
        usage = response.usage
        if usage is not None:
            assert all(getattr(usage, field.name) >= 0 for field in fields(usage))
            assert usage.uncached_input_tokens >= 0

    return compare


@pytest.fixture
def on_the_wire() -> Callable[[dict[str, Any]], tuple[str, bytes]]:
    """Content type and bytes of a sample stream."""

    def encode(case: dict[str, Any]) -> tuple[str, bytes]:
        events = case["events"]
        if case["framing"] == "sse":
            return "text/event-stream; charset=utf-8", b"".join(sse_event(event) for event in events)
        if case["framing"] == "array":
            return "application/json", b"[" + b"\n,\r\n".join(compact(event) for event in events) + b"]\n"
        if case["framing"] == "lines":
            return "application/x-ndjson", b"".join(compact(event) + b"\n" for event in events)
        chunked = case["framing"] == "aws-chunk"
        frames = [aws_chunk(event) if chunked else aws_event(event) for event in events]
        return "application/vnd.amazon.eventstream", b"".join(frames)

    return encode


def compact(event: object) -> bytes:
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()


def sse_event(event: object) -> bytes:
    if isinstance(event, str):
        return b"data: " + event.encode() + b"\n\n"
    name = event.get("type") if isinstance(event, dict) else None
    head = b"event: " + str(name).encode() + b"\n" if name else b": keep-alive\n"
    return head + b"data: " + compact(event) + b"\n\n"


def aws_event(event: dict[str, Any]) -> bytes:
    ((name, payload),) = event.items()
    return aws_frame({":message-type": "event", ":event-type": name}, compact(payload))


def aws_chunk(event: dict[str, Any]) -> bytes:
    payload = compact({"bytes": base64.b64encode(compact(event)).decode(), "p": "abc"})
    return aws_frame({":event-type": "chunk", ":content-type": "application/json"}, payload)


def aws_frame(headers: dict[str, str], payload: bytes) -> bytes:
    encoded = b"".join(
        bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()
        for name, value in headers.items()
    )
    prelude = struct.pack(">II", 16 + len(encoded) + len(payload), len(encoded))
    prelude += struct.pack(">I", zlib.crc32(prelude))
    message = prelude + encoded + payload
    return message + struct.pack(">I", zlib.crc32(message))


@pytest.fixture
def frame() -> Callable[[dict[str, str], bytes], bytes]:
    """One frame of an AWS event stream from its headers and payload."""
    return aws_frame
