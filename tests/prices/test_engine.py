"""The arithmetic of a bill: what multiplies, what does not, and what must always hold."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesession.domain.pricing import CostStatus
from codesession.domain.usage import BillingFacts, ModelResponse, TokenUsage, UsagePart
from codesession.prices.book import PriceBook
from codesession.prices.daytime import moment_ms

PROMPT = {"input_tokens": 10_000, "output_tokens": 1000}


@pytest.mark.parametrize(
    ("provider", "model", "facts", "factor"),
    [
        ("anthropic", "claude-opus-4-6", {"inference_geo": "us"}, "1.1"),
        ("anthropic", "claude-opus-4-6", {"inference_geo": "global"}, "1"),
        ("anthropic", "claude-opus-4-5", {"inference_geo": "us"}, "1"),
        ("anthropic", "claude-opus-5", {"service_tier": "batch"}, "0.5"),
        ("anthropic", "claude-opus-5", {"batch": True, "inference_geo": "us"}, "0.55"),
        ("anthropic", "claude-opus-4-6", {"endpoint_region": "us"}, "1"),
        ("bedrock", "us.anthropic.claude-opus-4-5-20251101-v1:0", {"endpoint_region": "us-east-1"}, "1.1"),
        ("bedrock", "anthropic.claude-haiku-4-5-20251001-v1:0", {}, "1.1"),
        ("bedrock", "global.anthropic.claude-opus-4-5-20251101-v1:0", {"endpoint_region": "us-east-1"}, "1"),
        ("bedrock", "us.anthropic.claude-opus-4-1-20250805-v1:0", {}, "1"),
        ("bedrock", "anthropic.claude-opus-5", {"endpoint_region": "global"}, "1"),
        ("bedrock", "claude-opus-5", {"endpoint_region": "us-east-1"}, "1.1"),
        ("vertex", "claude-opus-4-6@default", {"endpoint_region": "us-east5"}, "1.1"),
        ("vertex", "claude-opus-4-6", {"endpoint_region": "global"}, "1"),
        ("vertex", "claude-opus-4-1@20250805", {"endpoint_region": "us-east5"}, "1"),
        ("openai", "gpt-5.4", {"endpoint_region": "eu"}, "1.1"),
        ("openai", "gpt-5.2", {"endpoint_region": "eu"}, "1"),
        ("openai", "gpt-6.2-sol", {"completion_window": "2h"}, "0.7"),
        ("openai", "gpt-6.2-sol", {"completion_window": "8h", "endpoint_region": "us"}, "0.66"),
        ("xai", "grok-4.6", {"endpoint_region": "us"}, "1.1"),
        ("mistral", "mistral-large-2512", {"endpoint_region": "eu", "batch": True}, "0.55"),
        ("groq", "llama-3.1-8b-instant", {"service_tier": "flex"}, "1"),
    ],
)
def test_a_place_or_a_mode_multiplies_the_token_lines(price, provider, model, facts, factor):
    """Residency, regional endpoints, batch and completion windows stack as a product."""
    day = "2026-11-20"
    plain = {"bedrock": "anthropic", "vertex": "anthropic"}.get(provider, provider)
    base = price(plain, re.sub(r"^[a-z.]*anthropic\.|-v1:0$|@.*", "", model), day, **PROMPT)
    cost = price(provider, model, day, **PROMPT, **facts)
    assert cost.usd == base.usd * Decimal(factor)
    assert cost.status is CostStatus.EXACT


def test_fees_are_never_multiplied(price):
    """A batch call in the US pays its searches in full."""
    cost = price("anthropic", "claude-opus-5", batch=True, inference_geo="us", web_search_requests=2, **PROMPT)
    assert [(line.item, line.usd) for line in cost.lines][-1] == ("web search requests", Decimal("0.02"))


@pytest.mark.parametrize(
    ("provider", "model", "facts", "fee"),
    [
        ("openai", "gpt-5", {"web_search_requests": 3, "file_search_requests": 2}, "0.035"),
        ("xai", "grok-4.7", {"web_search_requests": 1, "tool_requests": 1}, "0.01"),
        ("deepseek", "deepseek-v4-pro", {"web_search_requests": 3, "web_fetch_requests": 1}, "0.003"),
        ("anthropic", "claude-opus-5", {"web_fetch_requests": 9}, "0"),
    ],
)
def test_requests_cost_their_fee(price, provider, model, facts, fee):
    """Per thousand, as each provider publishes it."""
    assert price(provider, model, **PROMPT, **facts).usd - price(provider, model, **PROMPT).usd == Decimal(fee)


def test_a_fee_begins_on_its_day(price):
    """DeepSeek charges for searches from 2026-10-31 16:00 UTC."""
    before, after = (
        price("deepseek", "deepseek-v4-pro", at, web_search_requests=1000, **PROMPT).usd
        for at in ("2026-10-31T15:59Z", "2026-10-31T16:00Z")
    )
    assert after - before == Decimal("0.75")


def test_audio_has_its_own_rate(price):
    """Audio in the prompt, cached or not, and everything else at the text rate."""
    cost = price(
        "google",
        "gemini-2.5-flash",
        input_tokens=5000,
        audio_input_tokens=1000,
        cache_read_input_tokens=2000,
        cache_read_audio_input_tokens=500,
        output_tokens=10,
    )
    assert {line.item: (line.quantity, line.price_usd) for line in cost.lines} == {
        "uncached input": (2000, Decimal("0.3")),
        "audio input": (1000, Decimal(1)),
        "cache read": (1500, Decimal("0.03")),
        "audio cache read": (500, Decimal("0.1")),
        "output": (10, Decimal("2.5")),
    }


def test_audio_without_a_price_is_flagged(price):
    """Except at Google, whose newer models have one rate for all input."""
    heard = {"input_tokens": 5000, "audio_input_tokens": 1000}
    assert price("openai", "gpt-5", **heard).status is CostStatus.LIST_PRICE
    assert price("google", "gemini-3.8-flash", **heard).status is CostStatus.EXACT


def test_impossible_counts_are_flagged_and_never_negative(price):
    """More cached than sent: somebody misreported, and no line may pay money back."""
    cost = price("openai", "gpt-5", input_tokens=10, cache_read_input_tokens=100, output_tokens=1)
    assert cost.status is CostStatus.LIST_PRICE
    assert all(line.usd > 0 for line in cost.lines)


def test_what_decided_the_price_is_told(price):
    """Enough to explain the figure, or to find a wrong rule."""
    cost = price("openai", "gpt-5.4", service_tier="flex", endpoint_region="eu", input_tokens=300_000)
    assert cost.rules == ("tier flex", "prompt > 272000", "endpoint_region eu x1.1")


def test_peak_hours_of_a_year_without_a_known_calendar_are_a_list_price(price):
    """Nobody has published the public holidays of 2027."""
    assert price("deepseek", "deepseek-flash", "2027-01-04T02:00Z", **PROMPT).status is CostStatus.LIST_PRICE
    assert price("deepseek", "deepseek-flash", "2027-01-04T12:00Z", **PROMPT).status is CostStatus.EXACT


counts = st.integers(0, 2_000_000)
models = st.sampled_from(
    [
        ("anthropic", "claude-opus-5-5"),
        ("anthropic", "claude-haiku-5-5"),
        ("openai", "gpt-6.1-sol"),
        ("openai", "gpt-5.4"),
        ("google", "gemini-2.5-pro"),
        ("deepseek", "deepseek-v4-pro"),
        ("xai", "grok-4.7"),
        ("alibaba", "qwen3-coder-plus"),
    ]
)
facts = st.builds(
    BillingFacts,
    service_tier=st.sampled_from([None, "default", "flex", "priority", "scale", "odd"]),
    batch=st.booleans(),
    inference_geo=st.sampled_from([None, "us", "global"]),
    endpoint_region=st.sampled_from([None, "eu", "us"]),
    web_search_requests=st.integers(0, 50),
)


@st.composite
def usages(draw: st.DrawFn) -> TokenUsage:
    plain, reads, writes, one = (draw(counts) for _ in range(4))
    return TokenUsage(
        input_tokens=plain + reads + writes + one,
        cache_read_input_tokens=reads,
        cache_write_input_tokens=writes + one,
        cache_write_1h_input_tokens=one,
        output_tokens=draw(counts),
    )


BOOK = PriceBook.load()


def cost_of(model: tuple[str, str], usage: TokenUsage, facts: BillingFacts, complete: bool = True):
    response = ModelResponse(
        provider_name=model[0],
        api="test",
        response_model=model[1],
        parts=(UsagePart(usage=usage),),
        facts=facts,
        complete=complete,
    )
    return BOOK.price(response, moment_ms("2026-11-20T12:00Z"))


@given(models, usages(), facts, st.integers(0, 10**6), st.integers(0, 10**6))
def test_more_tokens_never_cost_less(model, usage, given_facts, more_input, more_output):
    """Every band is dearer than the one below, in every bucket."""
    larger = usage + TokenUsage(input_tokens=more_input, output_tokens=more_output)
    assert cost_of(model, larger, given_facts).usd >= cost_of(model, usage, given_facts).usd


@given(models, usages(), facts)
def test_the_lines_are_the_total(model, usage, given_facts):
    """Nothing is charged outside a line, every token is in exactly one, and each line is its own product."""
    cost = cost_of(model, usage, given_facts)
    assert sum((line.usd for line in cost.lines), Decimal(0)) == cost.usd
    assert sum(line.quantity for line in cost.lines if line.per == 1_000_000) == usage.total_tokens
    for line in cost.lines:
        assert line.usd * line.per == line.quantity * line.price_usd * line.multiplier


@given(st.text(max_size=30), usages(), facts, st.booleans())
def test_unknown_never_becomes_a_number(name, usage, given_facts, complete):
    """Whatever the name and the counts: no figure exactly when the status says unknown."""
    cost = cost_of(("anthropic", name), usage, given_facts, complete)
    assert (cost.usd is None) == (cost.status is CostStatus.UNKNOWN)
