"""
Gemini `generateContent` and `streamGenerateContent`, on the Gemini API, Vertex AI and Code Assist.

`promptTokenCount` includes cached tokens; thoughts stand beside the candidates and tool results beside the
prompt. Counts that are 0 are left out. Chunks of a stream repeat growing counts: the last ones are the sum.
Code Assist (`/v1internal:`) wraps every answer in `response`. Sources: ai.google.dev/api/generate-content,
cloud.google.com/vertex-ai/generative-ai/docs/reference/rest/v1/GenerateContentResponse.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from codesession.domain.usage import ModelResponse, TokenUsage, UsagePart
from codesession.providers.base import Json, RequestFacts, respond, unfinished
from codesession.providers.counting import Findings, checked_usage, tier

_COUNTS = (
    "promptTokenCount",
    "candidatesTokenCount",
    "responseTokenCount",
    "thoughtsTokenCount",
    "toolUsePromptTokenCount",
    "cachedContentTokenCount",
)
_TRAFFIC = {
    "on_demand": "default",
    "on_demand_flex": "flex",
    "on_demand_priority": "priority",
    "on_demand_offpeak": "offpeak",
    "provisioned_throughput": "provisioned_throughput",
}
"""Vertex's `trafficType` in the words that other tiers use."""


class GeminiParser:
    """Bodies and streams of `:generateContent`, `:streamGenerateContent` and `:embedContent`."""

    api: ClassVar[str] = "gemini.generate_content"

    def recognises(self, body: Json) -> bool:
        """Candidates, a blocked prompt, embeddings or usage; wrapped or not."""
        body = _unwrapped(body)
        names = ("usageMetadata", "candidates", "promptFeedback", "embedding", "embeddings")
        return any(body.get(name) is not None for name in names)

    def parse_body(self, body: Json, *, request: RequestFacts) -> ModelResponse:
        """The answer, taken out of its wrapper; its usage is under `usageMetadata`."""
        inner = _unwrapped(body)
        usage = inner.get("usageMetadata")
        return self.parse_usage(usage if isinstance(usage, Mapping) else None, response=inner, request=request)

    def parse_usage(self, usage: Json | None, *, response: Json, request: RequestFacts) -> ModelResponse:
        """One part; tool results join the input and thoughts the output."""
        findings = Findings()
        usage = usage or {}
        tokens = _tokens(usage, findings)
        _note_grounding(response, findings)
        _note_images(usage, findings)
        facts = request.billing(service_tier=_served_tier(usage, response))
        parts = (UsagePart(usage=tokens),) if tokens else ()
        return respond(request, response, api=self.api, home="google", parts=parts, facts=facts, findings=findings)

    def stream(self, request: RequestFacts) -> GeminiStream:
        """A reader for the chunks of one answer."""
        return GeminiStream(self, request)


class GeminiStream:
    """Chunks of one answer; the last one that counts anything wins."""

    def __init__(self, parser: GeminiParser, request: RequestFacts) -> None:
        self._parser = parser
        self._request = request
        self._body: dict[str, Any] | None = None
        self._usage: Json | None = None
        self._tiers: dict[str, Any] = {}
        self._finished = False

    def wants(self, payload: bytes) -> bool:
        """Any chunk may be the last that counts."""
        return True

    def feed(self, event: object) -> None:
        """A chunk replaces the counts, except when it has none."""
        if not isinstance(event, Mapping) or not self._parser.recognises(event):
            return
        chunk = _unwrapped(event)
        self._body = self._body or {}
        for name in ("responseId", "modelVersion", "serviceTier"):
            if chunk.get(name) is not None:
                self._body[name] = chunk[name]
        usage = chunk.get("usageMetadata")
        if isinstance(usage, Mapping):
            self._tiers.update({k: usage[k] for k in ("serviceTier", "trafficType") if usage.get(k) is not None})
            if any(usage.get(name) is not None for name in _COUNTS):
                self._usage = usage
        if _grounds(chunk):
            self._body["candidates"] = chunk["candidates"]
        self._finished |= _is_finished(chunk)

    def result(self) -> ModelResponse | None:
        """A lower bound until a candidate has a finish reason."""
        if self._body is None:
            return None
        usage = {**self._usage, **self._tiers} if self._usage else None
        response = self._parser.parse_usage(usage, response=self._body, request=self._request)
        return response if self._finished else unfinished(response)


def _unwrapped(body: Json) -> Json:
    inner = body.get("response")
    if not isinstance(inner, Mapping):
        return body
    trace = {"responseId": body["traceId"]} if isinstance(body.get("traceId"), str) else {}
    return {**trace, **inner}


def _candidates(chunk: Json) -> list[Json]:
    candidates = chunk.get("candidates")
    return [c for c in candidates if isinstance(c, Mapping)] if isinstance(candidates, list) else []


def _is_finished(chunk: Json) -> bool:
    feedback = chunk.get("promptFeedback")
    blocked = isinstance(feedback, Mapping) and feedback.get("blockReason") is not None
    return blocked or any(candidate.get("finishReason") is not None for candidate in _candidates(chunk))


def _grounds(chunk: Json) -> set[str]:
    """What the answer was grounded with."""
    found: set[str] = set()
    for candidate in _candidates(chunk):
        metadata = candidate.get("groundingMetadata")
        if not isinstance(metadata, Mapping):
            continue
        if metadata.get("webSearchQueries"):
            found.add("Google Search")
        pieces = metadata.get("groundingChunks")
        if isinstance(pieces, list) and any(isinstance(piece, Mapping) and piece.get("maps") for piece in pieces):
            found.add("Google Maps")
    return found


def _note_grounding(response: Json, findings: Findings) -> None:
    for ground in sorted(_grounds(response)):
        findings.note(f"grounding with {ground} is billed apart and is not in this cost")


def _served_tier(usage: Json, response: Json) -> str | None:
    named = tier(usage.get("serviceTier")) or tier(response.get("serviceTier")) or tier(response.get("service_tier"))
    traffic = tier(usage.get("trafficType"))
    return named or (_TRAFFIC.get(traffic, traffic) if traffic else None)


def _tokens(usage: Json, findings: Findings) -> TokenUsage | None:
    if all(usage.get(name) is None for name in _COUNTS):
        if usage.get("totalTokenCount") is not None:
            findings.note("only a total was reported, no prompt and candidates")
        return None
    tool_input = findings.count(usage, "toolUsePromptTokenCount") or 0
    prompt = (findings.count(usage, "promptTokenCount") or 0) + tool_input
    output, thoughts = _output(usage, prompt, findings)
    cached_audio = _audio(usage, "cacheTokensDetails", findings)
    audio = _audio(usage, "promptTokensDetails", findings) - cached_audio
    return checked_usage(
        findings,
        input_tokens=prompt,
        output_tokens=output,
        cache_read=findings.detail(usage, "cachedContentTokenCount") or 0,
        audio_input=max(0, audio) + _audio(usage, "toolUsePromptTokensDetails", findings),
        cache_read_audio=cached_audio,
        tool_input=tool_input,
        reasoning=thoughts,
        audio_output=_audio(usage, "candidatesTokensDetails", findings)
        or _audio(usage, "responseTokensDetails", findings),
    )


def _output(usage: Json, prompt: int, findings: Findings) -> tuple[int, int]:
    """
    The whole output and the thoughts in it.

    Thoughts stand beside the candidates, except where someone translated another provider's counts into this
    shape: the total tells.
    """
    answer = findings.count(usage, "candidatesTokenCount", "responseTokenCount") or 0
    thoughts = findings.count(usage, "thoughtsTokenCount") or 0
    total = findings.detail(usage, "totalTokenCount")
    if total is None or total == prompt + answer + thoughts:
        return answer + thoughts, thoughts
    if total == prompt + answer and thoughts <= answer:
        return answer, thoughts
    findings.doubt("prompt, candidates and thoughts do not add up to the total")
    return answer + thoughts, thoughts


def _note_images(usage: Json, findings: Findings) -> None:
    if _modality(usage, "candidatesTokensDetails", "IMAGE", findings):
        findings.note("generated images have a rate of their own: counted as text output")


def _audio(usage: Json, name: str, findings: Findings) -> int:
    return _modality(usage, name, "AUDIO", findings)


def _modality(usage: Json, name: str, modality: str, findings: Findings) -> int:
    if not usage.get(name):
        return 0
    return sum(
        findings.count(item, "tokenCount") or 0
        for item in findings.objects(usage, name)
        if str(item.get("modality")).upper() == modality
    )
