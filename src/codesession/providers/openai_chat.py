"""
OpenAI Chat Completions, legacy completions and embeddings, and everyone who answers in that shape or counts in it.

`prompt_tokens` includes cached and cache-write tokens, `completion_tokens` includes reasoning; providers that
leave reasoning out (xAI, Gemini's compatible endpoint) are told apart by `total_tokens`. Cached tokens have as
many names as there are providers. A stream tells its usage only when it was asked to.
Sources: developers.openai.com/api/reference, api-docs.deepseek.com, docs.x.ai, platform.kimi.ai,
docs.mistral.ai, console.groq.com/docs, openrouter.ai/docs, alibabacloud.com/help/model-studio.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from codesession.domain.usage import ModelResponse, TokenUsage, UsagePart
from codesession.providers.base import Json, RequestFacts, respond, unfinished
from codesession.providers.counting import Findings, checked_usage, text, tier
from codesession.providers.reported import reported_cost, server_tool_requests

_COUNTS = ("prompt_tokens", "completion_tokens", "prompt_cache_hit_tokens", "prompt_cache_miss_tokens")
_REASONING_OUTSIDE = frozenset({"xai", "google", "vertex"})
"""Providers whose completion count leaves reasoning out; the total decides where there is one."""
_OBJECTS = ("chat.completion", "text_completion", "list")
_CACHED_DETAILS = ("cached_tokens", "cache_read_tokens", "cache_read_input_tokens", "num_cached_tokens")
_CACHED_TOP = (
    "prompt_cache_hit_tokens",
    "cached_tokens",
    "num_cached_tokens",
    "cache_read_input_tokens",
)
_MARKS = (b'"usage"', b"copilot_usage", b"[DONE]", b'"finish_reason"', b'"error"')


class OpenAIChatParser:
    """Bodies and streams of `/chat/completions`, `/completions` and `/embeddings`."""

    def __init__(self, api: str = "openai.chat") -> None:
        self.api = api

    def recognises(self, body: Json) -> bool:
        """Usage, choices or the name of such an object, and no error envelope."""
        if isinstance(body.get("usage"), Mapping) or isinstance(body.get("choices"), list):
            return True
        kind = body.get("object")
        return isinstance(kind, str) and kind.startswith(_OBJECTS) and "error" not in body

    def parse_body(self, body: Json, *, request: RequestFacts) -> ModelResponse:
        """The completion itself, wherever its usage is."""
        if "model" not in body and (model := _model_of(body.get("outputs"))):
            body = {**body, "model": model}
        return self.parse_usage(_usage_of(body), response=body, request=request)

    def parse_usage(self, usage: Json | None, *, response: Json, request: RequestFacts) -> ModelResponse:
        """One part, in any dialect of the shape."""
        findings = Findings()
        usage = usage or _usage_of(response) or {}
        provider = request.billed_by("openai")
        tokens = _tokens(usage, provider, findings)
        facts = request.billing(
            service_tier=tier(response.get("service_tier")) or tier(usage.get("service_tier")),
            **server_tool_requests(usage, findings),
            **reported_cost(usage, response, provider, findings),
        )
        if facts.reported_cost_usd is None:
            _note_searches(usage, text(response, "model") or request.request_model, findings)
        parts = (UsagePart(usage=tokens),) if tokens else ()
        return respond(request, response, api=self.api, home="openai", parts=parts, facts=facts, findings=findings)

    def stream(self, request: RequestFacts) -> OpenAIChatStream:
        """A reader for the chunks of one completion."""
        return OpenAIChatStream(self, request)


class OpenAIChatStream:
    """
    Chunks of one completion. The last usage wins: some servers repeat growing counts in every chunk.

    The counts are final when the answer has an end: a finish reason, `[DONE]`, or the closing chunk without
    choices. Mistral's conversations have events instead: pieces that name the model, then one with the usage.
    """

    def __init__(self, parser: OpenAIChatParser, request: RequestFacts) -> None:
        self._parser = parser
        self._request = request
        self._body: dict[str, Any] | None = None
        self._usage: Json | None = None
        self._model: str | None = None
        """As pieces of a conversation name it."""
        self._ended = False

    def wants(self, payload: bytes) -> bool:
        """The first chunk, for identity and tier, then only those that can end the answer or count it."""
        if self._body is None:
            return True
        return any(mark in payload for mark in _MARKS) and not _is_plain_delta(payload)

    def feed(self, event: object) -> None:
        """A chunk, or the word `[DONE]`."""
        if event == "[DONE]":
            self._ended = self._ended or self._body is not None
        if not isinstance(event, Mapping) or not self._parser.recognises(event):
            self._feed_extras(event)
            return
        if self._body is None:
            self._body = {} if self._model is None else {"model": self._model}
        for name in ("id", "model", "service_tier"):
            if event.get(name) is not None:
                self._body[name] = event[name]
        self._feed_extras(event)
        usage = _usage_of(event)
        choices = event.get("choices")
        if usage:
            self._usage = usage
            self._ended |= choices == [] or event.get("type") == "conversation.response.done"
        self._ended |= _has_finish(choices)

    def result(self) -> ModelResponse | None:
        """No parts when usage was not asked for; a lower bound until an end has come."""
        if self._body is None:
            return None
        response = self._parser.parse_usage(self._usage, response=self._body, request=self._request)
        return response if self._ended else unfinished(response)

    def _feed_extras(self, event: object) -> None:
        if not isinstance(event, Mapping):
            return
        if isinstance(event.get("copilot_usage"), Mapping):
            self._body = {**(self._body or {}), "copilot_usage": event["copilot_usage"]}
        self._model = self._model or text(event, "model")


def _is_plain_delta(payload: bytes) -> bool:
    """A chunk in OpenAI's own spelling that has neither usage nor an end nor anything else to read."""
    return (
        (b'"usage":null' in payload or b'"usage"' not in payload)
        and b'"finish_reason":null' in payload
        and b"copilot_usage" not in payload
        and b'"usage":{' not in payload
        and b'"error"' not in payload
    )


def _has_finish(choices: object) -> bool:
    if not isinstance(choices, list):
        return False
    return any(isinstance(choice, Mapping) and choice.get("finish_reason") for choice in choices)


def _model_of(outputs: object) -> str | None:
    """Who answered in one of Mistral's conversations; its request may not say."""
    entries = outputs if isinstance(outputs, list) else []
    return next((model for each in entries if isinstance(each, Mapping) and (model := text(each, "model"))), None)


def _usage_of(body: Json) -> Json | None:
    """Usage at the top, under `x_groq` (Groq streams) or in the last choice (Moonshot streams)."""
    candidates: list[object] = [body.get("usage")]
    if isinstance(body.get("x_groq"), Mapping):
        candidates.append(body["x_groq"].get("usage"))
    choices = body.get("choices")
    if isinstance(choices, list):
        candidates.extend(choice.get("usage") for choice in choices if isinstance(choice, Mapping))
    return next((usage for usage in candidates if isinstance(usage, Mapping) and usage), None)


def _note_searches(usage: Json, model: str | None, findings: Findings) -> None:
    """What is billed per search, and neither counted by nor always told in a usage object of this shape."""
    if findings.count(usage, "num_sources_used"):
        findings.note("live search sources are billed apart and are not in this cost")
    if "-search-" in (model or ""):
        findings.note("a search model's searches are billed apart and are not in this cost")
    if usage.get("connectors"):
        findings.note("calls of connectors are billed apart and are not in this cost")


def _tokens(usage: Json, provider: str, findings: Findings) -> TokenUsage | None:
    if all(usage.get(name) is None for name in _COUNTS):
        if usage.get("total_tokens") is not None:
            findings.note("only a total was reported, no prompt and completion")
        return None
    details = findings.child(usage, "prompt_tokens_details") or findings.child(usage, "prompt_token_details")
    answer = findings.child(usage, "completion_tokens_details")
    written, kept_1h, kept_12h = _cache_writes(usage, details, findings)
    prompt, from_tools = _prompt(usage, findings)
    completion, reasoning = _completion(usage, answer, prompt, provider, findings)
    return checked_usage(
        findings,
        input_tokens=prompt,
        output_tokens=completion,
        cache_read=_cached(usage, details, findings),
        cache_write=written,
        write_1h=kept_1h,
        write_12h=kept_12h,
        audio_input=findings.count(details, "audio_tokens") or 0,
        tool_input=from_tools,
        reasoning=reasoning,
        audio_output=findings.count(answer, "audio_tokens") or 0,
    )


def _prompt(usage: Json, findings: Findings) -> tuple[int, int]:
    """The whole prompt, and what of it came from the provider's tools: Mistral counts that apart, but in the total."""
    prompt = _own_prompt(usage, findings)
    from_tools = findings.count(usage, "connector_tokens") or 0
    completion = findings.count(usage, "completion_tokens") or 0
    apart = findings.detail(usage, "total_tokens") != prompt + completion
    return prompt + from_tools if apart else prompt, from_tools


def _own_prompt(usage: Json, findings: Findings) -> int:
    prompt = findings.count(usage, "prompt_tokens")
    miss = findings.count(usage, "prompt_cache_miss_tokens")
    if miss is None:
        findings.expect(usage, "prompt_tokens")
        return prompt or 0
    both = miss + (findings.count(usage, "prompt_cache_hit_tokens") or 0)
    if prompt is not None and prompt != both:
        findings.doubt("cache hits and misses do not add up to the prompt")
    return both if prompt is None else prompt


def _cached(usage: Json, details: Json, findings: Findings) -> int:
    known = [findings.detail(details, name) for name in _CACHED_DETAILS if name in details]
    known += [findings.detail(usage, name) for name in _CACHED_TOP if name in usage]
    counts = {count for count in known if count}
    if len(counts) > 1:
        findings.doubt("the cached tokens are reported in two different numbers")
    return max(counts, default=0)


def _cache_writes(usage: Json, details: Json, findings: Findings) -> tuple[int, int, int]:
    """All cache writes, and those of them kept for one and for twelve hours."""
    names = ("cache_write_tokens", "cache_creation_input_tokens", "cache_creation_tokens")
    total = findings.count(details, *names)
    if total is None:
        total = findings.count(usage, *names)
    by_name = findings.child(details, "cache_creation") or findings.child(usage, "cache_creation")
    by_ttl = findings.child(details, "cache_write_tokens_details")
    kept_1h = findings.count(by_name, "ephemeral_1h_input_tokens") or findings.count(by_ttl, "ttl_1h_tokens") or 0
    kept_12h = findings.count(by_ttl, "ttl_12h_tokens") or 0
    if total is None:
        short = findings.count(by_name, "ephemeral_5m_input_tokens") or findings.count(by_ttl, "ttl_30m_tokens") or 0
        total = short + kept_1h + kept_12h
    return total, kept_1h, kept_12h


def _completion(usage: Json, answer: Json, prompt: int, provider: str, findings: Findings) -> tuple[int, int]:
    """The whole output and the reasoning in it, checked against the total."""
    completion = findings.count(usage, "completion_tokens") or 0
    reasoning = findings.count(answer, "reasoning_tokens") or findings.count(usage, "reasoning_tokens") or 0
    total = findings.detail(usage, "total_tokens")
    if total == prompt + completion:
        return completion, reasoning
    if total == prompt + completion + reasoning:
        return completion + reasoning, reasoning
    if total is not None and not reasoning and provider in ("google", "vertex") and total > prompt + completion:
        findings.note("thinking tokens are taken from the total")
        return total - prompt, total - prompt - completion
    if total is not None:
        findings.doubt("prompt and completion do not add up to the total")
    if reasoning and (provider in _REASONING_OUTSIDE or reasoning > completion):
        return completion + reasoning, reasoning
    return completion, reasoning
