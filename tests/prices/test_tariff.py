"""A tariff is found once for calls that are alike; nothing about a price may depend on what was priced before."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from codesession.domain.usage import BillingFacts, ModelResponse, TokenUsage, UsagePart
from codesession.prices.book import PriceBook
from codesession.prices.daytime import DAY_MS, moment_ms

USED = PriceBook.load()
"""Has priced whatever came before."""

counts = st.sampled_from([0, 1, 999, 200_000, 200_001, 272_001, 10**6])
models = st.sampled_from(
    [
        *(("anthropic", "claude-opus-4-6"), ("anthropic", "claude-sonnet-4-5"), ("anthropic", "nobody-knows")),
        *(("openai", "gpt-5.4"), ("deepseek", "deepseek-chat"), ("google", "gemini-2.5-pro"), ("bedrock", "claude-x")),
        *(("vertex", "claude-opus-4-6@default"), ("xai", "grok-4.6"), ("azure", "gpt-5.4")),
    ]
)
facts = st.builds(
    BillingFacts,
    service_tier=st.sampled_from([None, "standard", "priority", "flex", "batch", "unheard"]),
    speed=st.sampled_from([None, "fast"]),
    batch=st.booleans(),
    inference_geo=st.sampled_from([None, "us", "global"]),
    endpoint_region=st.sampled_from([None, "eu", "us-east5"]),
    completion_window=st.sampled_from([None, "2h"]),
    web_search_requests=st.integers(0, 1),
)
moments = st.integers(moment_ms("2025-01-01"), moment_ms("2027-01-01") + DAY_MS)


@st.composite
def responses(draw: st.DrawFn) -> ModelResponse:
    """One response of one of the models."""
    provider, model = draw(models)
    read, written = draw(counts), draw(counts)
    usage = TokenUsage(
        input_tokens=draw(counts) + read + written,
        cache_read_input_tokens=read,
        cache_write_input_tokens=written,
        output_tokens=draw(counts),
    )
    return ModelResponse(
        provider_name=provider,
        api="a",
        request_model=draw(st.sampled_from([None, "gpt-5.2"])),
        response_model=model,
        parts=(UsagePart(usage=usage, kind=draw(st.sampled_from(["message", "advisor_message"]))),),
        facts=draw(facts),
    )


@settings(max_examples=150, deadline=None)
@given(responses(), moments)
def test_a_price_does_not_depend_on_what_was_priced_before(response: ModelResponse, at_ms: int) -> None:
    """A book that never priced anything makes the same bill: lines, digits, rules and doubts."""
    fresh = PriceBook.load().price(response, at_ms)
    kept = USED.price(response, at_ms)
    assert repr(kept) == repr(fresh)
    assert repr(USED.for_many().price(response, at_ms)) == repr(fresh)
