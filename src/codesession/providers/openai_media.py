"""
OpenAI's pictures and sounds: `/images/…`, `/audio/…`.

Models that count tokens say so in the answer, or in the last event of a stream; the others (by picture, minute or
letter) say nothing that has a price here. Source: types of the SDK `openai`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from codesession.domain.facts import replace
from codesession.domain.usage import ModelResponse
from codesession.providers.base import Json, RequestFacts, StreamParser
from codesession.providers.openai_responses import OpenAIResponsesParser

IMAGES = "openai.images"
_RESPONSES = OpenAIResponsesParser()
_AS_TEXT = "tokens of pictures have rates of their own: counted as text, which costs no more"


class OpenAIMediaParser:
    """Bodies and streams of pictures and sounds."""

    def __init__(self, api: str) -> None:
        self.api = api

    def recognises(self, body: Json) -> bool:
        """Anything that counts."""
        return isinstance(body.get("usage"), Mapping)

    def parse_body(self, body: Json, *, request: RequestFacts) -> ModelResponse:
        """The answer itself; its usage is under `usage`, where it has one."""
        usage = body.get("usage")
        return self.parse_usage(usage if isinstance(usage, Mapping) else None, response=body, request=request)

    def parse_usage(self, usage: Json | None, *, response: Json, request: RequestFacts) -> ModelResponse:
        """One part; what pictures cost at least."""
        usage = usage or {}
        details = usage.get("input_tokens_details") or usage.get("input_token_details")
        counted = {**usage, "input_tokens_details": details}
        parsed = replace(_RESPONSES.parse_usage(counted, response=response, request=request), api=self.api)
        if self.api != IMAGES or not parsed.parts:
            return parsed
        return replace(parsed, complete=False, warnings=(*parsed.warnings, _AS_TEXT))

    def stream(self, request: RequestFacts) -> StreamParser:
        """A reader for the events of one answer."""
        return _MediaStream(self, request)


class _MediaStream:
    """Pieces, and an event with the usage at the end."""

    def __init__(self, parser: OpenAIMediaParser, request: RequestFacts) -> None:
        self._parser = parser
        self._request = request
        self._final: Mapping[str, Any] | None = None

    def wants(self, payload: bytes) -> bool:
        return b'"usage"' in payload

    def feed(self, event: object) -> None:
        if isinstance(event, Mapping) and self._parser.recognises(event):
            self._final = event

    def result(self) -> ModelResponse | None:
        return self._parser.parse_body(self._final, request=self._request) if self._final is not None else None
