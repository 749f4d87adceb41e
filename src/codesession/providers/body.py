"""
One HTTP answer of a model provider, from its bytes to a `ModelResponse`.

The reader is fed a decompressed copy of what passes by. It keeps one event of a stream at a time, or a whole
JSON body up to a bound, and never raises on what it reads.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from codesession.domain.usage import ModelResponse
from codesession.providers.base import Json, RequestFacts, StreamParser, UsageParser, unfinished
from codesession.providers.registry import parser_for
from codesession.providers.sse import EventDecoder, SSEDecoder

MAX_BODY_BYTES = 64 * 1024 * 1024
"""A larger JSON body is not read: the call is then recorded without usage."""

_DONE = b"[DONE]"
_STREAM_TYPES = {
    "text/event-stream": "sse",
    "application/vnd.amazon.eventstream": "aws",
    "application/x-ndjson": "lines",
    "application/ndjson": "lines",
    "application/jsonl": "lines",
    "application/stream+json": "lines",
}
_NOT_TEXT = ("audio/", "image/", "video/")
_SSE_STARTS = (b"data:", b"event:", b"id:", b"retry:", b":")
_BLANK = b" \t\r\n\xef\xbb\xbf"
_SNIFFED_BYTES = 4096


class ResponseReader:
    """
    Feed the body of one successful API answer as it comes, then ask once for the result.

    `skipped` counts events that were too large or broken to be read. The content type decides the framing;
    where it says nothing about a stream, the first bytes do, because gateways mislabel streams.
    """

    def __init__(self, request: RequestFacts, content_type: str | None = None) -> None:
        self.skipped = 0
        self._request = request
        kind = (content_type or "").partition(";")[0].strip().lower()
        self._parser = None if kind.startswith(_NOT_TEXT) else parser_for(request.provider_name, request.api)
        self._framing = _STREAM_TYPES.get(kind)
        self._decoder: EventDecoder | None = None
        self._events: StreamParser | None = None
        self._pieces: list[bytes] = []
        self._size = 0
        self._too_large = False

    def feed(self, chunk: bytes) -> None:
        """The next bytes of the body, cut anywhere."""
        if self._parser is None or not chunk:
            return
        if self._decoder is None or self._events is None:
            self._begin(chunk)
        else:
            self._read(self._decoder.feed(chunk), self._events)

    def finish(self, complete: bool = True) -> ModelResponse | None:
        """
        What the answer consumed. `complete` is False when the connection was cut before its end.

        None: the body is no model response (an error envelope, a page of HTML, nothing at all).
        """
        if self._parser is None:
            return None
        if self._too_large:
            return self._unread(self._parser, f"the response is larger than {MAX_BODY_BYTES} bytes and was not read")
        if self._decoder is None or self._events is None:
            return self._finish_json(self._parser, complete)
        self._read(self._decoder.close(), self._events)
        self.skipped += self._decoder.skipped
        response = self._events.result()
        if response is None or not self.skipped:
            return response
        warning = f"{self.skipped} events of the stream could not be read"
        return replace(response, warnings=(*response.warnings, warning))

    def _begin(self, chunk: bytes) -> None:
        """Hold what comes until the framing is known, then decode it; a JSON body is held to its end."""
        if self._too_large or self._parser is None:
            return
        self._collect(chunk)
        if len(self._pieces) > 1 and self._size > _SNIFFED_BYTES:
            return
        framing = self._sniff()
        if framing is None:
            return
        self._decoder = _decoder(framing)
        self._events = self._parser.stream(self._request)
        held, self._pieces = self._pieces, []
        for piece in held:
            self._read(self._decoder.feed(piece), self._events)

    def _collect(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > MAX_BODY_BYTES:
            self._too_large = True
            self._pieces.clear()
        else:
            self._pieces.append(chunk)

    def _sniff(self) -> str | None:
        """The framing, from the content type and the first bytes; None for a JSON body or while neither tells."""
        if self._framing not in (None, "sse"):
            return self._framing
        head = b"".join(self._pieces)[:_SNIFFED_BYTES].lstrip(_BLANK)
        if head.startswith(_SSE_STARTS):
            return "sse"
        if head.startswith(b"["):
            return "array"
        return None if head.startswith(b"{") or not head else self._framing

    def _read(self, payloads: list[bytes], events: StreamParser) -> None:
        for payload in payloads:
            if payload.strip() == _DONE:
                events.feed("[DONE]")
            elif events.wants(payload):
                event = _decoded(payload)
                self.skipped += event is None
                events.feed(event)

    def _finish_json(self, parser: UsageParser, complete: bool) -> ModelResponse | None:
        raw = b"".join(self._pieces).strip(_BLANK)
        body = _decoded(raw)
        if isinstance(body, Mapping):
            return parser.parse_body(body, request=self._request) if parser.recognises(body) else None
        if raw.startswith(b"{") and not complete:
            return self._unread(parser, "the response was cut before its end and could not be read")
        return None

    def _unread(self, parser: UsageParser, warning: str) -> ModelResponse:
        nothing: Json = {}
        response = parser.parse_usage(None, response=nothing, request=self._request)
        return unfinished(replace(response, warnings=(*response.warnings, warning)))


def _decoder(framing: str) -> EventDecoder:
    if framing == "sse":
        return SSEDecoder()
    if framing == "aws":
        from codesession.providers.eventstream import EventStreamDecoder

        return EventStreamDecoder()
    from codesession.providers.jsonstream import ArrayDecoder, LinesDecoder

    return ArrayDecoder() if framing == "array" else LinesDecoder()


def _decoded(payload: bytes) -> object | None:
    """The JSON value, or None for what is none: half a body, a keep-alive word, nesting without end."""
    try:
        value: object = json.loads(payload)
    except (ValueError, RecursionError):
        # The caller counts it; bytes of others are no reason to fail.
        return None
    return value
