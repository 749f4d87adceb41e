"""
Usage of the plain shape, read directly.

Nearly every line has the same plain shape, and there are hundreds of thousands of them: `PlainUsage` is that shape,
read here directly. Whatever is not plain (iterations, tools, a missing or contradicting split) goes to the parser of
the wire format, which knows all of it; a test holds both to the same answer.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any

import msgspec

from codesession.domain.plain import PlainCounts
from codesession.domain.usage import BillingFacts, ModelResponse, UsagePart
from codesession.importers.claude_code.usage import PARSER
from codesession.importers.typed import UNREADABLE
from codesession.providers.base import RequestFacts

_Count = Annotated[int, msgspec.Meta(ge=0, lt=10**9)]
_Nothing = Annotated[int, msgspec.Meta(ge=0, le=0)]


class CacheSplit(msgspec.Struct, gc=False):
    """Cache writes by time-to-live."""

    ephemeral_5m_input_tokens: _Count = 0
    ephemeral_1h_input_tokens: _Count = 0


class Details(msgspec.Struct, gc=False):
    """Parts of the output."""

    thinking_tokens: _Count = 0


_NO_SPLIT, _NO_DETAILS = CacheSplit(), Details()


class PlainUsage(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """Counts that are all there, with nothing else beside them that is billed."""

    input_tokens: _Count
    output_tokens: _Count
    cache_read_input_tokens: _Count = 0
    cache_creation_input_tokens: _Count = 0
    cache_creation: CacheSplit | None = None
    output_tokens_details: Details | None = None
    server_tool_use: dict[str, _Nothing] | None = None
    service_tier: str | None = None
    speed: str | None = None
    inference_geo: str | None = None
    iterations: Annotated[list[Any], msgspec.Meta(max_length=0)] | None = None
    fallback_credit: None = None

    @property
    def counts(self) -> PlainCounts | None:
        """The counts; None where they contradict each other, or say nothing at all."""
        read, written = self.cache_read_input_tokens, self.cache_creation_input_tokens
        split, details = self.cache_creation or _NO_SPLIT, self.output_tokens_details or _NO_DETAILS
        kept_1h, thinking, output = split.ephemeral_1h_input_tokens, details.thinking_tokens, self.output_tokens
        prompt = self.input_tokens + read + written
        if split.ephemeral_5m_input_tokens + kept_1h != written or thinking > output or not (prompt or output):
            return None
        return PlainCounts(prompt, read, written, kept_1h, output, thinking)

    def response(
        self,
        counts: PlainCounts,
        *,
        message_id: str | None,
        model: str | None,
        provider_name: str,
        request_model: str | None,
    ) -> ModelResponse:
        """One answer of the API with usage of the plain shape and its `counts`."""
        return ModelResponse(
            provider_name=provider_name,
            api=PARSER.api,
            request_model=request_model,
            response_model=model or None,
            response_id=message_id or None,
            parts=(UsagePart(usage=counts.usage),),
            facts=_facts(self.service_tier, self.speed, self.inference_geo),
        )


_PLAIN = msgspec.json.Decoder(PlainUsage)


def plain_of(usage: msgspec.Raw) -> PlainUsage | None:
    """A usage object of the plain shape; None for any other."""
    try:
        return _PLAIN.decode(usage)
    except UNREADABLE:  # of another shape, or broken: for those who take it apart
        return None


@lru_cache(256)
def _facts(service_tier: object, speed: object, inference_geo: object) -> BillingFacts:
    usage = {"service_tier": service_tier, "speed": speed, "inference_geo": inference_geo, "input_tokens": 0}
    return PARSER.parse_usage(usage, response={}, request=RequestFacts(provider_name="anthropic")).facts
