"""
Ollama's native API: counts at the top of the body, in a stream at the top of its last line.

A prompt that the server still holds may be left out of the counts. Source: github.com/ollama/ollama, docs/api.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from codesession.domain.usage import ModelResponse, UsagePart
from codesession.providers.base import Json, RequestFacts, respond, unfinished
from codesession.providers.counting import Findings, checked_usage

_COUNTS = ("prompt_eval_count", "eval_count")


class OllamaParser:
    """Bodies and line streams of `/api/chat`, `/api/generate` and `/api/embed`."""

    api: ClassVar[str] = "ollama.chat"

    def recognises(self, body: Json) -> bool:
        """Counts, a `done` mark or embeddings, and no error."""
        return any(name in body for name in (*_COUNTS, "done", "embeddings")) and "error" not in body

    def parse_body(self, body: Json, *, request: RequestFacts) -> ModelResponse:
        """The body is its own usage object."""
        return self.parse_usage(body, response=body, request=request)

    def parse_usage(self, usage: Json | None, *, response: Json, request: RequestFacts) -> ModelResponse:
        """One part, where anything was counted."""
        findings = Findings()
        usage = usage or {}
        parts: tuple[UsagePart, ...] = ()
        if any(usage.get(name) is not None for name in _COUNTS):
            if usage.get("prompt_eval_count") is None:
                findings.note("the prompt was not counted: the server still held it")
            tokens = checked_usage(
                findings,
                input_tokens=findings.count(usage, "prompt_eval_count") or 0,
                output_tokens=findings.count(usage, "eval_count") or 0,
            )
            parts = (UsagePart(usage=tokens),)
        return respond(
            request, response, api=self.api, home="ollama", parts=parts, facts=request.billing(), findings=findings
        )

    def stream(self, request: RequestFacts) -> OllamaStream:
        """A reader for the lines of one answer."""
        return OllamaStream(self, request)


class OllamaStream:
    """The line with `done` has the counts."""

    def __init__(self, parser: OllamaParser, request: RequestFacts) -> None:
        self._parser = parser
        self._request = request
        self._last: Json | None = None

    def wants(self, payload: bytes) -> bool:
        """The first line, for the model, and the last one."""
        return self._last is None or b'"done":false' not in payload

    def feed(self, event: object) -> None:
        """The latest line is kept."""
        if isinstance(event, Mapping) and self._parser.recognises(event):
            self._last = event

    def result(self) -> ModelResponse | None:
        """Without a line that is `done` the usage is unknown."""
        if self._last is None:
            return None
        response = self._parser.parse_body(self._last, request=self._request)
        return response if self._last.get("done") is True else unfinished(response)
