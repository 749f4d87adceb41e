"""
Anthropic Messages, also as Bedrock, Vertex, DeepSeek, Moonshot, Z.AI and gateways speak it.

`input_tokens` excludes cache reads and writes; `output_tokens` includes thinking. `iterations` lists every
billed turn with its own model: compaction and advisor turns are not in the top-level totals, so where the
list is there it is billed instead of them. Sources: platform.claude.com/docs, build-with-claude/streaming,
/prompt-caching, /compaction, agents-and-tools/tool-use/advisor-tool.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter

from codesession.domain.usage import ModelResponse, TokenUsage, UsagePart
from codesession.providers.base import Json, RequestFacts, respond, unfinished
from codesession.providers.counting import NO_TTL, Findings, checked_usage, text, tier
from codesession.providers.reported import reported_cost, server_tool_requests

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar

_COUNTS = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
_ALWAYS_TOLD = ("input_tokens", "output_tokens")
_output_of = attrgetter("output_tokens")
_COUNTED: tuple[Callable[[TokenUsage], int], ...] = (
    attrgetter("uncached_input_tokens"),
    _output_of,
    attrgetter("cache_read_input_tokens"),
    attrgetter("cache_write_input_tokens"),
)
"""The same of a usage that was read."""
_BEDROCK_METRICS = {
    "input_tokens": "inputTokenCount",
    "output_tokens": "outputTokenCount",
    "cache_read_input_tokens": "cacheReadInputTokenCount",
    "cache_creation_input_tokens": "cacheWriteInputTokenCount",
}
_KINDS = frozenset({"message", "compaction", "advisor_message", "fallback_message"})
_OTHER_MODEL_KINDS = frozenset({"advisor_message", "fallback_message"})
_NO_SUM = "the list of iterations does not add up to the totals"
_MARKS = (b"message_", b'"usage"', b"copilot_usage", b'"error"', b"invocationMetrics")


class AnthropicParser:
    """Bodies and streams of `POST /v1/messages`."""

    api: ClassVar[str] = "anthropic.messages"

    def recognises(self, body: Json) -> bool:
        """A message, or anything with usage that is no error."""
        return body.get("type") == "message" or (body.get("type") != "error" and isinstance(body.get("usage"), Mapping))

    def parse_body(self, body: Json, *, request: RequestFacts) -> ModelResponse:
        """The message itself; its usage is under `usage`."""
        usage = body.get("usage")
        return self.parse_usage(usage if isinstance(usage, Mapping) else None, response=body, request=request)

    def parse_usage(self, usage: Json | None, *, response: Json, request: RequestFacts) -> ModelResponse:
        """Each iteration becomes a part; without a list there is one part."""
        findings = Findings()
        usage = usage or {}
        parts = _parts(usage, response, request, findings)
        facts = request.billing(
            service_tier=tier(usage.get("service_tier")) or tier(response.get("service_tier")),
            speed=text(usage, "speed"),
            inference_geo=text(usage, "inference_geo"),
            **server_tool_requests(usage, findings),
            **reported_cost(usage, response, request.billed_by("anthropic"), findings),
        )
        _note_credit(usage, findings)
        _note_code(usage, response, findings)
        return respond(request, response, api=self.api, home="anthropic", parts=parts, facts=facts, findings=findings)

    def stream(self, request: RequestFacts) -> AnthropicStream:
        """A reader for the events of one message."""
        return AnthropicStream(self, request)


class AnthropicStream:
    """
    `message_start` has everything but the output; each `message_delta` carries cumulative counts.

    A field that a delta names replaces the one known so far. What only the start knows stays: the split of
    cache writes, geography, speed.
    """

    def __init__(self, parser: AnthropicParser, request: RequestFacts) -> None:
        self._parser = parser
        self._request = request
        self._message: dict[str, Any] | None = None
        self._usage: dict[str, Any] = {}
        self._extras: dict[str, Any] = {}
        self._has_delta = False
        self._output_final = False

    def wants(self, payload: bytes) -> bool:
        """Content deltas, which are nearly all events, carry nothing of interest."""
        return any(mark in payload for mark in _MARKS)

    def feed(self, event: object) -> None:
        """Start, deltas and stop matter; content and pings do not."""
        if not isinstance(event, Mapping):
            return
        kind = event.get("type")
        if kind == "message_start" and isinstance(event.get("message"), Mapping):
            self._message = dict(event["message"])
            self._update(event["message"].get("usage"))
        elif kind == "message_delta":
            self._message = self._message or {}
            self._has_delta = True
            self._update(event.get("usage"))
            delta = event.get("delta")
            if isinstance(delta, Mapping):
                self._output_final |= delta.get("stop_reason") is not None
                if delta.get("container"):
                    self._extras["container"] = delta["container"]
        elif kind == "message_stop":
            self._stop(event.get("amazon-bedrock-invocationMetrics"))
        if isinstance(event.get("copilot_usage"), Mapping):
            self._extras["copilot_usage"] = event["copilot_usage"]

    def result(self) -> ModelResponse | None:
        """A lower bound until a stop reason or the stop has come."""
        if self._message is None:
            return None
        body = {**self._message, **self._extras}
        response = self._parser.parse_usage(self._usage or None, response=body, request=self._request)
        return response if self._output_final else unfinished(response)

    def _update(self, usage: object) -> None:
        if isinstance(usage, Mapping):
            self._usage.update({name: value for name, value in usage.items() if value is not None})

    def _stop(self, metrics: object) -> None:
        """The end makes a delta's counts final; a stream without any delta may still have Bedrock's own counts."""
        if self._message is None:
            return
        if not self._has_delta and isinstance(metrics, Mapping):
            self._update({name: metrics.get(source) for name, source in _BEDROCK_METRICS.items()})
            self._has_delta = True
        self._output_final |= self._has_delta


def _parts(usage: Json, response: Json, request: RequestFacts, findings: Findings) -> tuple[UsagePart, ...]:
    top = _tokens(usage, findings)
    iterations = findings.objects(usage, "iterations")
    if not iterations:
        return _alone(usage, top, findings)
    serving = text(response, "model")
    fallbacks = {text(entry, "model") for entry in iterations if entry.get("type") == "fallback_message"}
    declined = request.request_model if serving in fallbacks else None
    parts = tuple(_part(entry, declined, findings) for entry in iterations)
    if top and _is_stale(parts, top):
        findings.doubt(_NO_SUM)
        return _alone(usage, top, findings)
    if top and _contradicts(parts, usage, top):
        findings.doubt(_NO_SUM)
    return parts


def _alone(usage: Json, read: TokenUsage | None, findings: Findings) -> tuple[UsagePart, ...]:
    """The totals, where there are any, as the only part."""
    if read is None:
        return ()
    findings.expect(usage, *_ALWAYS_TOLD)
    return (UsagePart(usage=read),)


def _part(entry: Json, declined: str | None, findings: Findings) -> UsagePart:
    """One iteration. A `message` turn beside a fallback was declined by the model that was first asked."""
    kind = text(entry, "type") or "message"
    if kind not in _KINDS:
        findings.note(f"unknown kind of iteration: {kind}")
    model = text(entry, "model")
    if model is None and kind in _OTHER_MODEL_KINDS:
        findings.doubt(f"an iteration of kind {kind} names no model")
    if model is None and kind == "message":
        model = declined
    findings.expect(entry, *_ALWAYS_TOLD)
    return UsagePart(usage=_tokens(entry, findings) or TokenUsage(), kind=kind, model=model)


def _is_stale(parts: tuple[UsagePart, ...], top: TokenUsage) -> bool:
    """Whether the list was written before the totals: it has only own turns and less output than they say."""
    own = [part for part in parts if part.kind == "message" and part.model is None]
    return len(own) == len(parts) and sum(part.usage.output_tokens for part in own) < top.output_tokens


def _contradicts(parts: tuple[UsagePart, ...], usage: Json, top: TokenUsage) -> bool:
    """
    Whether the totals cannot be of the turns that are in them: the model's own, after a fallback perhaps its turns.

    Compactions and advisers are never in them, and of a kind that is not known nobody can tell.
    """
    if not _KINDS.issuperset(part.kind for part in parts):
        return False
    told = [read for name, read in zip(_COUNTS, _COUNTED, strict=True) if usage.get(name) is not None]
    own = [part.usage for part in parts if part.kind == "message"]
    fallbacks = [part.usage for part in parts if part.kind == "fallback_message"]
    readings = (own, fallbacks, own + fallbacks) if fallbacks else (own,)
    return not any(all(read(top) in _possible(read, turns) for read in told) for turns in readings)


def _possible(read: Callable[[TokenUsage], int], turns: list[TokenUsage]) -> set[int]:
    """What the total of some turns can be. A turn's prompt holds those before it, so one may stand for all of them."""
    counts = [read(turn) for turn in turns]
    return {sum(counts)} if read is _output_of else {sum(counts), *counts[:1], *counts[-1:]}


def _tokens(usage: Json, findings: Findings) -> TokenUsage | None:
    if all(usage.get(name) is None for name in _COUNTS):
        return None
    read = findings.count(usage, "cache_read_input_tokens") or 0
    written, kept_1h = _cache_writes(usage, findings)
    details = findings.child(usage, "output_tokens_details")
    return checked_usage(
        findings,
        input_tokens=(findings.count(usage, "input_tokens") or 0) + read + written,
        output_tokens=findings.count(usage, "output_tokens") or 0,
        cache_read=read,
        cache_write=written,
        write_1h=kept_1h,
        reasoning=findings.detail(details, "thinking_tokens", "reasoning_tokens") or 0,
    )


def _cache_writes(usage: Json, findings: Findings) -> tuple[int, int]:
    """All cache writes, and those of them kept for an hour."""
    total = findings.count(usage, "cache_creation_input_tokens")
    split = findings.child(usage, "cache_creation")
    kept_5m = findings.count(split, "ephemeral_5m_input_tokens")
    kept_1h = findings.count(split, "ephemeral_1h_input_tokens")
    if kept_5m is None and kept_1h is None:
        if total:
            findings.note(NO_TTL)
        return total or 0, 0
    parts = (kept_5m or 0) + (kept_1h or 0)
    if total is not None and total != parts:
        findings.doubt("cache writes by time-to-live do not add up to all cache writes")
    return max(parts, total or 0), kept_1h or 0


def _note_credit(usage: Json, findings: Findings) -> None:
    """A redeemed fallback credit lowers the bill by an amount that the response does not tell."""
    status = findings.child(findings.child(usage, "fallback_credit"), "status")
    if status.get("type") == "redeemed":
        findings.note("a fallback credit was redeemed: the bill may be lower")


def _note_code(usage: Json, response: Json, findings: Findings) -> None:
    """Running code is free beside web tools; else its hours cost something once the monthly allowance is used up."""
    tools = findings.child(usage, "server_tool_use")
    web = (findings.count(tools, "web_search_requests") or 0) + (findings.count(tools, "web_fetch_requests") or 0)
    if (findings.count(tools, "code_execution_requests") or response.get("container")) and not web:
        findings.note("code execution is billed by the hour after a free allowance and is not in this cost")
