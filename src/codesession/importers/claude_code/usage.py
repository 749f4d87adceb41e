"""
The usage of a transcript line as tokens and billing facts.

Nearly every line has the same plain shape, and there are hundreds of thousands of them: that shape is read here
directly. Whatever is not plain (iterations, tools, a missing or contradicting split) goes to the parser of the wire
format, which knows all of it; a test holds both to the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from codesession.domain.usage import BillingFacts, ModelResponse, TokenUsage, UsagePart
from codesession.providers.anthropic import AnthropicParser
from codesession.providers.base import RequestFacts

_PARSER = AnthropicParser()
_MAX = 10**9


def response_of(
    usage: Mapping[str, Any] | None,
    *,
    message_id: str | None,
    model: str | None,
    provider_name: str,
    request_model: str | None,
) -> ModelResponse:
    """One answer of the API, from what its line says."""
    plain = None if usage is None else _plain(usage)
    if usage is None or plain is None:
        request = RequestFacts(provider_name=provider_name, request_model=request_model)
        return _PARSER.parse_usage(usage, response={"id": message_id, "model": model}, request=request)
    facts = _facts(usage.get("service_tier"), usage.get("speed"), usage.get("inference_geo"))
    return ModelResponse(
        provider_name=provider_name,
        api=_PARSER.api,
        request_model=request_model,
        response_model=model or None,
        response_id=message_id or None,
        parts=(UsagePart(usage=plain),),
        facts=facts,
    )


def _plain(usage: Mapping[str, Any]) -> TokenUsage | None:
    """The counts, when they are all there, fit each other, and nothing else is billed; None for any other shape."""
    tools, details = usage.get("server_tool_use"), usage.get("output_tokens_details")
    if usage.get("iterations") or usage.get("fallback_credit") or (tools and any(tools.values())):
        return None
    uncached: Any = usage.get("input_tokens")
    output: Any = usage.get("output_tokens")
    read, written = usage.get("cache_read_input_tokens", 0), usage.get("cache_creation_input_tokens", 0)
    split = usage.get("cache_creation") or _NOTHING
    kept_5m, kept_1h = split.get("ephemeral_5m_input_tokens", 0), split.get("ephemeral_1h_input_tokens", 0)
    thinking = details.get("thinking_tokens", 0) if details else 0
    for count in (uncached, output, read, written, kept_5m, kept_1h, thinking):
        if type(count) is not int or not 0 <= count < _MAX:
            return None
    if kept_5m + kept_1h != written or thinking > output or usage.keys() - _KNOWN:
        return None
    return TokenUsage(
        input_tokens=uncached + read + written,
        cache_read_input_tokens=read,
        cache_write_input_tokens=written,
        cache_write_1h_input_tokens=kept_1h,
        output_tokens=output,
        reasoning_output_tokens=thinking,
    )


_NOTHING: Mapping[str, Any] = {}
_KNOWN = frozenset(
    (
        *("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"),
        *("cache_creation", "server_tool_use", "output_tokens_details", "service_tier", "speed", "inference_geo"),
        *("iterations", "fallback_credit"),
    )
)


@lru_cache(256)
def _facts(service_tier: object, speed: object, inference_geo: object) -> BillingFacts:
    usage = {"service_tier": service_tier, "speed": speed, "inference_geo": inference_geo, "input_tokens": 0}
    return _PARSER.parse_usage(usage, response={}, request=RequestFacts(provider_name="anthropic")).facts
