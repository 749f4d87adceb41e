"""
Amazon Bedrock: Converse in its own shape, InvokeModel in the shape of the model's maker.

Converse's `inputTokens` excludes cache reads and writes. The model is only in the request path, the id only in
a header. Sources: docs.aws.amazon.com/bedrock/latest/APIReference (TokenUsage, CacheDetail,
ConverseStreamMetadataEvent, ServiceTier).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from codesession.domain.usage import ModelResponse, TokenUsage, UsagePart
from codesession.providers.anthropic import AnthropicParser
from codesession.providers.base import Json, RequestFacts, StreamParser, UsageParser, respond, unfinished
from codesession.providers.counting import NO_TTL, Findings, checked_usage, tier
from codesession.providers.openai_chat import OpenAIChatParser

_COUNTS = ("inputTokens", "outputTokens", "cacheReadInputTokens", "cacheWriteInputTokens")
_LLAMA = ("prompt_token_count", "generation_token_count")
_METRICS = "amazon-bedrock-invocationMetrics"
_IN_METRICS = ("inputTokenCount", "outputTokenCount", "cacheReadInputTokenCount", "cacheWriteInputTokenCount")
"""What Amazon counted, in the last event of a stream; in the order of `_COUNTS`."""
IN_HEADERS = tuple(
    f"x-amzn-bedrock-{what}-token-count" for what in ("input", "output", "cache-read-input", "cache-write-input")
)
"""The same beside a whole answer."""


class ConverseParser:
    """Bodies of `/model/{id}/converse` and events of `/converse-stream`."""

    api: ClassVar[str] = "bedrock.converse"

    def recognises(self, body: Json) -> bool:
        """Anything with usage, or an output that stopped."""
        return isinstance(body.get("usage"), Mapping) or (body.get("output") is not None and "stopReason" in body)

    def parse_body(self, body: Json, *, request: RequestFacts) -> ModelResponse:
        """The answer of `/converse`, or a stream's `metadata`."""
        usage = body.get("usage")
        return self.parse_usage(usage if isinstance(usage, Mapping) else None, response=body, request=request)

    def parse_usage(self, usage: Json | None, *, response: Json, request: RequestFacts) -> ModelResponse:
        """One part; input is summed, because Converse reports it apart from the cache."""
        findings = Findings()
        tokens = _tokens(usage or {}, findings)
        facts = request.billing(service_tier=tier(response.get("serviceTier")) or tier(response.get("service_tier")))
        parts = (UsagePart(usage=tokens),) if tokens else ()
        return respond(request, response, api=self.api, home="bedrock", parts=parts, facts=facts, findings=findings)

    def stream(self, request: RequestFacts) -> ConverseStream:
        """A reader for the events of one answer."""
        return ConverseStream(self, request)


class ConverseStream:
    """Usage is in the `metadata` event, the last one."""

    def __init__(self, parser: ConverseParser, request: RequestFacts) -> None:
        self._parser = parser
        self._request = request
        self._begun = False
        self._metadata: Json | None = None

    def wants(self, payload: bytes) -> bool:
        """Everything but content deltas; the decoder spells the key first."""
        return not payload.startswith(b'{"contentBlockDelta"')

    def feed(self, event: object) -> None:
        """Only the beginning and `metadata` matter."""
        if not isinstance(event, Mapping):
            return
        self._begun |= "messageStart" in event or "metadata" in event
        if isinstance(event.get("metadata"), Mapping):
            self._metadata = event["metadata"]

    def result(self) -> ModelResponse | None:
        """Without `metadata` the usage is unknown."""
        if not self._begun:
            return None
        response = self._parser.parse_body(self._metadata or {}, request=self._request)
        return response if self._metadata is not None else unfinished(response)


def counted_by_amazon(
    count: Callable[[str], object], names: tuple[str, ...], request: RequestFacts
) -> ModelResponse | None:
    """The response of a model whose own answer counts nothing; None where nobody counted."""
    told = {name: value for name, source in zip(_COUNTS, names, strict=True) if (value := count(source)) is not None}
    if not told:
        return None
    nothing: Json = {}
    response = ConverseParser().parse_usage(told, response=nothing, request=_at_home(request))
    return replace(response, api=InvokeModelParser.api)


class InvokeModelParser:
    """Bodies of `/model/{id}/invoke` and events of `/invoke-with-response-stream`: the maker's own shape."""

    api: ClassVar[str] = "bedrock.invoke_model"

    def recognises(self, body: Json) -> bool:
        """What the maker's own parser recognises."""
        return _shape_of(body).recognises(_with_usage(body))

    def parse_body(self, body: Json, *, request: RequestFacts) -> ModelResponse:
        """What the maker's own parser reads, billed by Amazon."""
        return _shape_of(body).parse_body(_with_usage(body), request=_at_home(request))

    def parse_usage(self, usage: Json | None, *, response: Json, request: RequestFacts) -> ModelResponse:
        """The usage in whichever maker's shape it has."""
        shape = _shape_of({"usage": usage or {}})
        return shape.parse_usage(usage, response=response, request=_at_home(request))

    def stream(self, request: RequestFacts) -> StreamParser:
        """A reader that learns the shape from the first event."""
        return InvokeModelStream(request)


class InvokeModelStream:
    """Asks the first event whose shape the stream has, and lets that parser read the rest."""

    def __init__(self, request: RequestFacts) -> None:
        self._request = _at_home(request)
        self._inner: StreamParser | None = None
        self._totals: dict[str, Any] = {}
        self._metrics: Json = {}

    def wants(self, payload: bytes) -> bool:
        """The first event always, then what the chosen parser wants, and Amazon's own counts."""
        return self._inner is None or self._inner.wants(payload) or _METRICS.encode() in payload

    def feed(self, event: object) -> None:
        """Llama counts at the top of its events; the others are left to their parser."""
        if not isinstance(event, Mapping):
            return
        if isinstance(event.get(_METRICS), Mapping):
            self._metrics = event[_METRICS]
        if any(event.get(name) is not None for name in _LLAMA):
            self._totals.update({name: event[name] for name in _LLAMA if event.get(name) is not None})
        if self._inner is None:
            self._inner = _stream_shape(event).stream(self._request)
        self._inner.feed(event)

    def result(self) -> ModelResponse | None:
        """Llama's last counts, else what the chosen parser knows, else what Amazon counted."""
        if self._totals:
            return InvokeModelParser().parse_body(self._totals, request=self._request)
        response = self._inner.result() if self._inner else None
        if response is not None and response.parts:
            return response
        return counted_by_amazon(self._metrics.get, _IN_METRICS, self._request) or response


def _at_home(request: RequestFacts) -> RequestFacts:
    """The maker's parser would bill the maker; here Amazon bills."""
    return replace(request, provider_name=request.provider_name or "bedrock")


def _shape_of(body: Json) -> UsageParser:
    usage = body.get("usage")
    if isinstance(usage, Mapping) and any(name in usage for name in _COUNTS):
        return ConverseParser()
    if any(name in body for name in _LLAMA) or (isinstance(usage, Mapping) and "prompt_tokens" in usage):
        return OpenAIChatParser()
    return OpenAIChatParser() if "choices" in body else AnthropicParser()


def _stream_shape(event: Json) -> UsageParser:
    if "messageStart" in event or "metadata" in event:
        return ConverseParser()
    if "choices" in event or any(name in event for name in _LLAMA):
        return OpenAIChatParser()
    return AnthropicParser()


def _with_usage(body: Json) -> Json:
    """Llama counts at the top of its body; give it the usage object that others have."""
    if not any(body.get(name) is not None for name in _LLAMA):
        return body
    prompt, generated = (body.get(name) for name in _LLAMA)
    return {"usage": {"prompt_tokens": prompt, "completion_tokens": generated}}


def _tokens(usage: Json, findings: Findings) -> TokenUsage | None:
    if all(usage.get(name) is None for name in _COUNTS):
        return None
    uncached = findings.count(usage, "inputTokens") or 0
    output = findings.count(usage, "outputTokens") or 0
    read = findings.count(usage, "cacheReadInputTokens", "cacheReadInputTokenCount") or 0
    written, kept_1h = _cache_writes(usage, findings)
    total = findings.detail(usage, "totalTokens")
    if total is not None and total not in (uncached + output, uncached + read + written + output):
        findings.doubt("input and output do not add up to the total")
    return checked_usage(
        findings,
        input_tokens=uncached + read + written,
        output_tokens=output,
        cache_read=read,
        cache_write=written,
        write_1h=kept_1h,
    )


def _cache_writes(usage: Json, findings: Findings) -> tuple[int, int]:
    """All cache writes, and those of them kept for an hour."""
    total = findings.count(usage, "cacheWriteInputTokens", "cacheWriteInputTokenCount")
    split = findings.objects(usage, "cacheDetails")
    kept = {"5m": 0, "1h": 0}
    for entry in split:
        ttl = str(entry.get("ttl"))
        if ttl not in kept:
            findings.note(f"unknown cache time-to-live: {ttl}")
        kept[ttl] = kept.get(ttl, 0) + (findings.count(entry, "inputTokens") or 0)
    parts = sum(kept.values())
    if split and total is not None and total != parts:
        findings.doubt("cache writes by time-to-live do not add up to all cache writes")
    if not split and total:
        findings.note(NO_TTL)
    return max(parts, total or 0), kept["1h"]
