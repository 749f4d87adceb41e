"""
OpenAI Responses, `/responses/compact` among them, and those who answer in that shape (xAI, OpenRouter, Azure).

`input_tokens` includes cached and cache-write tokens, `output_tokens` includes reasoning. A stream tells usage
and the tier that served the call only in its terminal event; `response.created` says `auto` and null. Codex
logs keep the same counts flat: `cached_input_tokens`, `reasoning_output_tokens`.
Sources: developers.openai.com/api/reference/responses, /api/docs/guides/prompt-caching.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from codesession.domain.usage import ModelResponse, TokenUsage, UsagePart
from codesession.providers.base import Json, RequestFacts, respond, unfinished
from codesession.providers.counting import Findings, checked_usage, text, tier
from codesession.providers.reported import reported_cost, server_tool_requests

_TERMINAL = frozenset({"response.completed", "response.incomplete", "response.failed", "response.done"})
_OPENING = frozenset({"response.created", "response.queued", "response.in_progress"})
_MARKS = (
    b"response.completed",
    b"response.incomplete",
    b"response.failed",
    b"response.done",
    b"response.created",
    b"response.queued",
    b"_search_call",
    b"copilot_usage",
)
_SEARCHES = {"web_search_call": "web_search_requests", "file_search_call": "file_search_requests"}


class OpenAIResponsesParser:
    """Bodies and streams of `/responses`, and bodies of `/responses/compact`."""

    api: ClassVar[str] = "openai.responses"

    def recognises(self, body: Json) -> bool:
        """A response, a compaction, or anything with usage."""
        return body.get("object") in ("response", "response.compaction") or isinstance(body.get("usage"), Mapping)

    def parse_body(self, body: Json, *, request: RequestFacts) -> ModelResponse:
        """The response itself; its usage is under `usage`, null while it is in the background."""
        usage = body.get("usage")
        return self.parse_usage(usage if isinstance(usage, Mapping) else None, response=body, request=request)

    def parse_usage(self, usage: Json | None, *, response: Json, request: RequestFacts) -> ModelResponse:
        """One part; searches are counted from `response`."""
        findings = Findings()
        usage = usage or {}
        tokens = _tokens(usage, findings)
        facts = request.billing(
            service_tier=tier(response.get("service_tier")) or tier(usage.get("service_tier")),
            **_tool_requests(usage, response, findings),
            **reported_cost(usage, response, request.billed_by("openai"), findings),
        )
        parts = (UsagePart(usage=tokens),) if tokens else ()
        return respond(request, response, api=self.api, home="openai", parts=parts, facts=facts, findings=findings)

    def stream(self, request: RequestFacts) -> OpenAIResponsesStream:
        """A reader for the events of one response."""
        return OpenAIResponsesStream(self, request)


class OpenAIResponsesStream:
    """
    Events of one response. On a WebSocket with several responses use one of these per response.

    Search calls are remembered as they finish, for servers whose terminal event leaves `output` empty.
    """

    def __init__(self, parser: OpenAIResponsesParser, request: RequestFacts) -> None:
        self._parser = parser
        self._request = request
        self._opened: dict[str, Any] | None = None
        self._final: dict[str, Any] | None = None
        self._extras: dict[str, Any] = {}
        self._searches: dict[str, Json] = {}

    def wants(self, payload: bytes) -> bool:
        """Beginnings, ends and finished searches; text deltas are nearly all events."""
        return any(mark in payload for mark in _MARKS)

    def feed(self, event: object) -> None:
        """The terminal event decides; the opening one only names the response."""
        if not isinstance(event, Mapping):
            return
        kind = text(event, "type")
        if kind in _TERMINAL and isinstance(event.get("response"), Mapping):
            self._final = dict(event["response"])
        elif kind in _OPENING and isinstance(event.get("response"), Mapping):
            self._opened = dict(event["response"])
        elif kind == "response.output_item.done" and isinstance(event.get("item"), Mapping):
            self._remember(event["item"])
        if isinstance(event.get("copilot_usage"), Mapping):
            self._extras["copilot_usage"] = event["copilot_usage"]

    def result(self) -> ModelResponse | None:
        """Without a terminal event the usage is unknown."""
        if self._final is not None:
            body = {**self._final, **self._extras}
            if not body.get("output"):
                body["output"] = list(self._searches.values())
            return self._parser.parse_body(body, request=self._request)
        if self._opened is None:
            return None
        body = {name: self._opened.get(name) for name in ("id", "model")}
        return unfinished(self._parser.parse_body(body, request=self._request))

    def _remember(self, item: Json) -> None:
        if text(item, "type") in _SEARCHES:
            self._searches[str(item.get("id") or len(self._searches))] = item


def _tokens(usage: Json, findings: Findings) -> TokenUsage | None:
    if usage.get("input_tokens") is None and usage.get("output_tokens") is None:
        if usage.get("total_tokens") is not None:
            findings.note("only a total was reported, no input and output")
        return None
    details = findings.child(usage, "input_tokens_details") or findings.child(usage, "prompt_tokens_details")
    answer = findings.child(usage, "output_tokens_details") or findings.child(usage, "completion_tokens_details")
    findings.expect(usage, "input_tokens", "output_tokens")
    prompt = findings.count(usage, "input_tokens") or 0
    output, reasoning = _output(usage, answer, prompt, findings)
    written, kept_12h = _cache_writes(usage, details, findings)
    return checked_usage(
        findings,
        input_tokens=prompt,
        output_tokens=output,
        cache_read=findings.detail(details, "cached_tokens") or findings.detail(usage, "cached_input_tokens") or 0,
        cache_write=written,
        write_12h=kept_12h,
        audio_input=findings.count(details, "audio_tokens") or 0,
        reasoning=reasoning,
        audio_output=findings.count(answer, "audio_tokens") or 0,
    )


def _output(usage: Json, answer: Json, prompt: int, findings: Findings) -> tuple[int, int]:
    """The whole output and the reasoning in it; the total tells who counts reasoning apart."""
    output = findings.count(usage, "output_tokens") or 0
    reasoning = findings.detail(answer, "reasoning_tokens") or findings.detail(usage, "reasoning_output_tokens") or 0
    total = findings.detail(usage, "total_tokens")
    if total is None or total == prompt + output:
        return output, reasoning
    if total == prompt + output + reasoning:
        return output + reasoning, reasoning
    findings.doubt("input and output do not add up to the total")
    return output, reasoning


def _cache_writes(usage: Json, details: Json, findings: Findings) -> tuple[int, int]:
    """All cache writes, and those of them kept for twelve hours; the others are kept for 30 minutes."""
    total = findings.count(details, "cache_write_tokens", "cache_creation_input_tokens")
    if total is None:
        total = findings.count(usage, "cache_write_input_tokens")
    by_ttl = findings.child(details, "cache_write_tokens_details")
    kept_30m = findings.count(by_ttl, "ttl_30m_tokens") or 0
    kept_12h = findings.count(by_ttl, "ttl_12h_tokens") or 0
    if total is None:
        return kept_30m + kept_12h, kept_12h
    if by_ttl and total != kept_30m + kept_12h:
        findings.doubt("cache writes by time-to-live do not add up to all cache writes")
    return total, kept_12h


def _tool_requests(usage: Json, response: Json, findings: Findings) -> dict[str, int]:
    """
    Billable searches: as the response counts them, else its search items.

    Image generation and code containers are billed apart from the response; they are only mentioned.
    """
    requests = _count_searches(response.get("output"))
    reported = server_tool_requests(usage, findings)
    requests.update({name: count for name, count in reported.items() if count or name not in requests})
    tools = findings.child(response, "tool_usage")
    searches = findings.count(findings.child(tools, "web_search"), "num_requests")
    if searches is not None:
        requests["web_search_requests"] = searches
    used = _item_types(response.get("output"))
    if "image_generation_call" in used or findings.count(findings.child(tools, "image_gen"), "total_tokens"):
        findings.note("generated images are billed apart and are not in this cost")
    if "code_interpreter_call" in used:
        findings.note("code containers are billed apart and are not in this cost")
    return requests


def _items(output: object) -> list[Json]:
    return [item for item in output if isinstance(item, Mapping)] if isinstance(output, list) else []


def _item_types(output: object) -> set[str | None]:
    return {text(item, "type") for item in _items(output)}


def _count_searches(output: object) -> dict[str, int]:
    counts = dict.fromkeys(_SEARCHES.values(), 0)
    for item in _items(output):
        name = _SEARCHES.get(text(item, "type") or "")
        if name and item.get("status") != "failed" and _is_search(item.get("action")):
            counts[name] += 1
    return counts


def _is_search(action: object) -> bool:
    """Opening a page and finding text in it are free; older items name no action and are searches."""
    return not isinstance(action, Mapping) or action.get("type", "search") == "search"
