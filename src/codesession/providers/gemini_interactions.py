"""
Google's Interactions: one endpoint for models and agents, which keeps what was said.

The counts are those of `:generateContent` under other names: thoughts and results of tools stand beside answer and
prompt. A stream tells them in its last event, or growing in the metadata of every one; work in the background tells
them when it is fetched. Sources: ai.google.dev/api/interactions-api, types of the SDK `google-genai`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from codesession.domain.facts import replace
from codesession.domain.usage import ModelResponse
from codesession.providers.base import Json, RequestFacts, unfinished
from codesession.providers.counting import Findings, text
from codesession.providers.gemini import GeminiParser

_COUNTS = {
    "total_input_tokens": "promptTokenCount",
    "total_output_tokens": "candidatesTokenCount",
    "total_thought_tokens": "thoughtsTokenCount",
    "total_tool_use_tokens": "toolUsePromptTokenCount",
    "total_cached_tokens": "cachedContentTokenCount",
    "total_tokens": "totalTokenCount",
}
_DETAILS = {
    "input_tokens_by_modality": "promptTokensDetails",
    "output_tokens_by_modality": "candidatesTokensDetails",
    "tool_use_tokens_by_modality": "toolUsePromptTokensDetails",
    "cached_tokens_by_modality": "cacheTokensDetails",
}
_GROUNDS = {"google_search": "Google Search", "google_maps": "Google Maps", "retrieval": "retrieval"}
_GENERATED = GeminiParser()
_UNDER_WAY = ("in_progress", "queued")
_MARKS = (b'"interaction"', b"total_usage", b"totalUsage")


class InteractionsParser:
    """Bodies and streams of `/interactions`."""

    api: ClassVar[str] = "gemini.interactions"

    def recognises(self, body: Json) -> bool:
        """An interaction, whatever its state."""
        return body.get("object") == "interaction" or isinstance(body.get("usage"), Mapping) or "steps" in body

    def parse_body(self, body: Json, *, request: RequestFacts) -> ModelResponse:
        """The interaction; it has no usage yet while it is in the background."""
        usage = body.get("usage")
        response = self.parse_usage(usage if isinstance(usage, Mapping) else None, response=body, request=request)
        return unfinished(response) if body.get("status") in _UNDER_WAY else response

    def parse_usage(self, usage: Json | None, *, response: Json, request: RequestFacts) -> ModelResponse:
        """One part. An agent names itself where others name their model."""
        usage = usage or {}
        named = {"model": text(response, "model", "agent"), **_identity(response)}
        parsed = _GENERATED.parse_usage(_as_generated(usage), response=named, request=request)
        return replace(parsed, api=self.api, warnings=(*parsed.warnings, *_grounding(usage)))

    def stream(self, request: RequestFacts) -> InteractionStream:
        """A reader for the events of one interaction."""
        return InteractionStream(self, request)


class InteractionStream:
    """Events of one interaction; the counts are final with the one that ends it."""

    def __init__(self, parser: InteractionsParser, request: RequestFacts) -> None:
        self._parser = parser
        self._request = request
        self._body: dict[str, Any] = {}
        self._ended = False

    def wants(self, payload: bytes) -> bool:
        """Beginning, end and counts; deltas are nearly all events."""
        return any(mark in payload for mark in _MARKS)

    def feed(self, event: object) -> None:
        """What is told later replaces what was told before."""
        if not isinstance(event, Mapping):
            return
        told = event.get("interaction")
        if isinstance(told, Mapping):
            self._body.update({name: value for name, value in told.items() if value is not None})
            self._ended = isinstance(told.get("usage"), Mapping) and told.get("status") not in _UNDER_WAY
        metadata = event.get("metadata")
        if isinstance(metadata, Mapping):
            running = metadata.get("total_usage") or metadata.get("totalUsage")
            if isinstance(running, Mapping) and not self._ended:
                self._body["usage"] = running

    def result(self) -> ModelResponse | None:
        """A lower bound until the end has come."""
        if not self._body:
            return None
        response = self._parser.parse_body(self._body, request=self._request)
        return response if self._ended else unfinished(response)


def _identity(response: Json) -> dict[str, object]:
    tier = response.get("service_tier") or response.get("serviceTier")
    return {"id": response.get("id"), "serviceTier": tier}


def _as_generated(usage: Json) -> dict[str, Any]:
    """The counts by the names of `:generateContent`; Google Cloud spells them in camel case."""
    found = {theirs: _named(usage, name) for name, theirs in _COUNTS.items()}
    findings = Findings()
    for name, theirs in _DETAILS.items():
        modalities = findings.objects({name: _named(usage, name)}, name)
        found[theirs] = [{"modality": each.get("modality"), "tokenCount": each.get("tokens")} for each in modalities]
    return found


def _named(usage: Json, name: str) -> Any:
    first, *rest = name.split("_")
    return usage.get(name, usage.get(first + "".join(word.capitalize() for word in rest)))


def _grounding(usage: Json) -> list[str]:
    findings = Findings()
    used = findings.objects({"grounds": _named(usage, "grounding_tool_count")}, "grounds")
    grounds = {_GROUNDS.get(str(each.get("type")), str(each.get("type"))) for each in used if each.get("count")}
    return [f"grounding with {ground} is billed apart and is not in this cost" for ground in sorted(grounds)]
