"""The published price of every model people use, day by day, tier by tier: the data against the price pages."""

from __future__ import annotations

from decimal import Decimal

import pytest

from codesession.domain.pricing import CostStatus

ANTHROPIC = [
    # model, day, input / cache read / 5m write / 1h write / output
    ("claude-fable-5-2", "2026-11-15", "8/0.20/10/16/40"),
    ("claude-mythos-5-2", "2026-11-15", "8/0.20/10/16/40"),
    ("claude-fable-5-1", "2026-10-01", "10/0.25/12.50/20/50"),
    ("claude-mythos-5-1", "2026-10-01", "10/0.25/12.50/20/50"),
    ("claude-fable-5", "2026-07-01", "10/1/12.50/20/50"),
    ("claude-mythos-5", "2026-07-01", "10/1/12.50/20/50"),
    ("claude-opus-5-5", "2026-11-01", "4/0.20/5/8/20"),
    ("claude-opus-5", "2026-08-10", "5/0.50/6.25/10/25"),
    ("claude-opus-4-8", "2026-08-10", "5/0.50/6.25/10/25"),
    ("claude-opus-4-7", "2026-05-10", "5/0.50/6.25/10/25"),
    ("claude-opus-4-6", "2026-02-10", "5/0.50/6.25/10/25"),
    ("claude-opus-4-6", "2026-11-10", "5/0.50/6.25/10/25"),
    ("claude-opus-4-5", "2025-12-10", "5/0.50/6.25/10/25"),
    ("claude-opus-4-1", "2025-09-10", "15/1.50/18.75/30/75"),
    ("claude-opus-4", "2025-06-10", "15/1.50/18.75/30/75"),
    ("claude-sonnet-5-5", "2026-10-06", "2/0.20/2.50/4/10"),
    ("claude-sonnet-5-5", "2026-10-07", "2/0.10/2.50/4/10"),
    ("claude-sonnet-5", "2026-09-15", "2/0.20/2.50/4/10"),
    ("claude-sonnet-4-6", "2026-06-10", "3/0.30/3.75/6/15"),
    ("claude-sonnet-4-5", "2026-06-10", "3/0.30/3.75/6/15"),
    ("claude-sonnet-4", "2025-06-10", "3/0.30/3.75/6/15"),
    ("claude-3-7-sonnet", "2025-06-10", "3/0.30/3.75/6/15"),
    ("claude-haiku-5-5", "2026-11-01", "0.10/0.01/0.125/0.20/0.50"),
    ("claude-haiku-4-5", "2026-11-01", "1/0.10/1.25/2/5"),
    ("claude-3-5-haiku", "2025-06-01", "0.80/0.08/1/1.60/4"),
]
ANTHROPIC_LONG = [
    # model, day, prompt, input / cache read / 5m write / 1h write / output
    ("claude-haiku-5-5", "2026-11-01", 100_000, "0.10/0.01/0.125/0.20/0.50"),
    ("claude-haiku-5-5", "2026-11-01", 100_001, "0.50/0.05/0.625/1/2.50"),
    ("claude-opus-4-6", "2026-02-20", 200_000, "5/0.50/6.25/10/25"),
    ("claude-opus-4-6", "2026-02-20", 200_001, "10/1/12.50/20/37.50"),
    ("claude-opus-4-6", "2026-03-13", 900_000, "5/0.50/6.25/10/25"),
    ("claude-sonnet-4-6", "2026-03-12", 200_001, "6/0.60/7.50/12/22.50"),
    ("claude-sonnet-4-6", "2026-03-13", 200_001, "3/0.30/3.75/6/15"),
    ("claude-sonnet-4-5", "2026-04-29", 200_001, "6/0.60/7.50/12/22.50"),
    ("claude-sonnet-4", "2025-09-01", 200_001, "6/0.60/7.50/12/22.50"),
]
ANTHROPIC_FAST = [
    # model, day, prompt, input / cache read / 5m write / 1h write / output
    ("claude-opus-5-5", "2026-11-01", 5000, "8/0.40/10/16/40"),
    ("claude-opus-5", "2026-11-01", 5000, "10/1/12.50/20/50"),
    ("claude-opus-4-8", "2026-11-01", 5000, "10/1/12.50/20/50"),
    ("claude-fable-5-2", "2026-11-15", 5000, "16/0.40/20/32/80"),
    ("claude-opus-4-6", "2026-02-20", 5000, "30/3/37.50/60/150"),
    ("claude-opus-4-6", "2026-02-20", 200_001, "60/6/75/120/225"),
]
OPENAI = [
    # model, day, tier, prompt, input / cached / 30m write / output
    ("gpt-6.2-astra", "2026-11-18", "default", 5000, "8/0.40/10/40"),
    ("gpt-6.2-astra", "2026-11-18", "default", 272_001, "16/0.80/20/60"),
    ("gpt-6.2-astra", "2026-11-18", "fast", 5000, "16/0.80/20/80"),
    ("gpt-6.2-astra", "2026-11-18", "ultrafast", 5000, "48/2.40/60/240"),
    ("gpt-6.2-sol", "2026-11-18", "default", 272_000, "2/0.10/2.50/10"),
    ("gpt-6.2-sol", "2026-11-18", "default", 272_001, "4/0.20/5/15"),
    ("gpt-6.2-sol", "2027-02-28", "ultrafast", 5000, "6/0.30/7.50/30"),
    ("gpt-6.2-sol", "2027-03-01", "ultrafast", 5000, "12/0.60/15/60"),
    ("gpt-6.2-sol", "2026-11-18", "batch", 5000, "1/0.05/1.25/5"),
    ("gpt-6.1-sol", "2026-10-20", "default", 5000, "2/0.10/2.50/10"),
    ("gpt-6.1-sol", "2026-10-20", "ultrafast", 272_001, "24/1.20/30/90"),
    ("gpt-6.1-sol", "2026-10-05", "flex", 5000, "1/0.05/1.25/5"),
    ("gpt-6.1-terra", "2026-10-30", "default", 5000, "1/0.05/1.25/5"),
    ("gpt-6-astra", "2026-09-20", "default", 5000, "10/1/12.50/50"),
    ("gpt-6-astra", "2026-09-20", "default", 300_000, "20/2/25/75"),
    ("gpt-6-astra", "2026-10-20", "ultrafast", 5000, "60/6/75/300"),
    ("gpt-6-sol", "2026-09-20", "fast", 5000, "4/0.40/5/20"),
    ("gpt-6-luna", "2026-09-20", "default", 5000, "0.10/0.01/0.125/0.50"),
    ("gpt-5.6-sol", "2026-08-20", "default", 5000, "5/0.50/6.25/30"),
    ("gpt-5.6-sol", "2026-08-20", "priority", 5000, "10/1/12.50/60"),
    ("gpt-5.6-sol", "2026-08-21", "default", 5000, "4/0.40/5/20"),
    ("gpt-5.6-sol", "2026-11-21T23:59Z", "flex", 272_001, "4/0.40/5/15"),
    ("gpt-5.6-terra", "2026-07-29", "default", 5000, "2.50/0.25/3.125/15"),
    ("gpt-5.6-terra", "2026-07-30", "default", 5000, "2/0.20/2.50/12"),
    ("gpt-5.6-luna", "2026-07-29", "flex", 5000, "0.50/0.05/0.625/3"),
    ("gpt-5.6-luna", "2026-07-30", "default", 5000, "0.20/0.02/0.25/1.20"),
    ("gpt-5.5", "2026-06-01", "default", 5000, "5/0.50/5/30"),
    ("gpt-5.5", "2026-06-01", "default", 272_001, "10/1/10/45"),
    ("gpt-5.5", "2026-06-01", "priority", 5000, "12.50/1.25/12.50/75"),
    ("gpt-5.4", "2026-06-01", "default", 5000, "2.50/0.25/2.50/15"),
    ("gpt-5.4", "2026-06-01", "flex", 5000, "1.25/0.13/1.25/7.50"),
    ("gpt-5.3-codex", "2026-03-01", "default", 5000, "1.75/0.175/1.75/14"),
    ("gpt-5.2-codex", "2026-03-01", "default", 5000, "1.75/0.175/1.75/14"),
    ("gpt-5.2", "2026-03-01", "priority", 5000, "3.50/0.35/3.50/28"),
    ("gpt-5.1-codex-max", "2025-12-01", "default", 5000, "1.25/0.125/1.25/10"),
    ("gpt-5.1", "2025-12-01", "batch", 5000, "0.625/0.0625/0.625/5"),
    ("gpt-5-codex", "2025-12-01", "default", 5000, "1.25/0.125/1.25/10"),
    ("gpt-5-mini", "2025-12-01", "default", 5000, "0.25/0.025/0.25/2"),
    ("gpt-5.1-codex-mini", "2025-12-01", "flex", 5000, "0.125/0.0125/0.125/1"),
    ("o3", "2025-06-09", "default", 5000, "10/2.50/10/40"),
    ("o3", "2025-06-10", "default", 5000, "2/0.50/2/8"),
    ("o3", "2025-08-10", "priority", 5000, "3.50/0.875/3.50/14"),
    ("o4-mini", "2025-08-10", "flex", 5000, "0.55/0.138/0.55/2.20"),
    ("o4-mini", "2025-08-10", "priority", 5000, "2/0.50/2/8"),
    ("gpt-4.1", "2025-08-10", "default", 5000, "2/0.50/2/8"),
    ("gpt-4.1", "2025-08-10", "priority", 5000, "3.50/0.875/3.50/14"),
    ("gpt-4o", "2025-08-10", "default", 5000, "2.50/1.25/2.50/10"),
]
GOOGLE = [
    # model, day, tier, prompt, input / cached / output
    ("gemini-2.5-pro", "2025-10-01", None, 200_000, "1.25/0.125/10"),
    ("gemini-2.5-pro", "2025-10-01", None, 200_001, "2.50/0.25/15"),
    ("gemini-2.5-pro", "2025-10-01", "batch", 5000, "0.625/0.125/5"),
    ("gemini-3-pro-preview", "2026-02-01", None, 5000, "2/0.20/12"),
    ("gemini-3.1-pro", "2026-06-01", None, 200_001, "4/0.40/18"),
    ("gemini-2.5-flash", "2025-10-01", None, 5000, "0.30/0.03/2.50"),
    ("gemini-3-flash", "2026-06-01", None, 5000, "0.50/0.05/3"),
    ("gemini-3.1-flash-lite", "2026-06-01", None, 5000, "0.25/0.025/1.50"),
    ("gemini-3.8-flash", "2026-12-31", None, 5000, "0.75/0.075/3.75"),
    ("gemini-3.8-flash", "2027-01-01", None, 5000, "1.50/0.15/7.50"),
    ("gemini-3.8-flash", "2026-11-01", "flex", 5000, "0.375/0.0375/1.875"),
    ("gemini-3.8-flash", "2026-11-01", "priority", 5000, "1.35/0.135/6.75"),
    ("gemini-3.8-flash", "2026-10-01", "batch", 5000, "0.375/0.0375/1.875"),
    ("gemini-3.8-flash", "2027-01-02", "batch", 5000, "0.75/0.075/3.75"),
    ("gemini-4-argon", "2026-11-30", None, 5000, "2/0.10/10"),
    ("gemini-4-argon", "2026-12-01", None, 5000, "4/0.20/20"),
]
DEEPSEEK = [
    # model, moment, cache miss / cache hit / output
    ("deepseek-chat", "2025-04-15T12:00Z", "0.27/0.07/1.10"),
    ("deepseek-chat", "2025-04-15T16:29Z", "0.27/0.07/1.10"),
    ("deepseek-chat", "2025-04-15T16:30Z", "0.135/0.035/0.55"),
    ("deepseek-chat", "2025-04-16T00:29Z", "0.135/0.035/0.55"),
    ("deepseek-chat", "2025-04-16T00:30Z", "0.27/0.07/1.10"),
    ("deepseek-reasoner", "2025-04-15T12:00Z", "0.55/0.14/2.19"),
    ("deepseek-reasoner", "2025-04-15T20:00Z", "0.135/0.035/0.55"),
    ("deepseek-chat", "2025-09-05T15:59Z", "0.27/0.07/1.10"),
    ("deepseek-chat", "2025-09-05T16:00Z", "0.56/0.07/1.68"),
    ("deepseek-reasoner", "2025-09-15T18:00Z", "0.56/0.07/1.68"),
    ("deepseek-chat", "2025-09-29T18:00Z", "0.28/0.028/0.42"),
    ("deepseek-reasoner", "2026-04-23", "0.28/0.028/0.42"),
    ("deepseek-chat", "2026-04-24", "0.14/0.0028/0.28"),
    ("deepseek-chat", "2026-07-24T15:59Z", "0.14/0.0028/0.28"),
    ("deepseek-v4-flash", "2026-06-01T02:00Z", "0.14/0.0028/0.28"),
    ("deepseek-v4-pro", "2026-08-16T15:59Z", "0.435/0.003625/0.87"),
    ("deepseek-v4-pro", "2026-08-16T16:00Z", "0.66/0.022/1.98"),
    ("deepseek-v4-pro", "2026-08-22T02:00Z", "1.32/0.044/3.96"),
    ("deepseek-v4-pro", "2026-08-23T02:00Z", "0.66/0.022/1.98"),
    ("deepseek-v4-pro", "2026-09-16T00:59Z", "0.66/0.022/1.98"),
    ("deepseek-v4-pro", "2026-09-16T01:00Z", "1.32/0.044/3.96"),
    ("deepseek-v4-pro", "2026-09-16T04:00Z", "0.66/0.022/1.98"),
    ("deepseek-v4-pro", "2026-09-16T09:59Z", "1.32/0.044/3.96"),
    ("deepseek-v4-pro", "2026-09-16T10:00Z", "0.66/0.022/1.98"),
    ("deepseek-v4-pro", "2026-10-07T02:00Z", "0.66/0.022/1.98"),
    ("deepseek-v4-pro", "2026-10-08T02:00Z", "1.32/0.044/3.96"),
    ("deepseek-v4-flash", "2026-09-09T02:00Z", "0.44/0.014/1.32"),
    ("deepseek-v4-flash", "2026-09-16T12:00Z", "0.15/0.003/0.60"),
    ("deepseek-flash", "2026-09-25T02:00Z", "0.15/0.003/0.60"),
    ("deepseek-flash", "2026-09-16T02:00Z", "0.30/0.006/1.20"),
]
OTHERS = [
    # provider, model, day, prompt, input / cached / output
    ("xai", "grok-4.7", "2026-11-01", 199_999, "2/0.50/6"),
    ("xai", "grok-4.7", "2026-11-01", 200_000, "4/1/12"),
    ("xai", "grok-code-fast-1", "2025-11-01", 5000, "0.20/0.02/1.50"),
    ("mistral", "devstral-2512", "2026-03-01", 5000, "0.40/0.04/2"),
    ("mistral", "mistral-large-latest", "2026-03-01", 5000, "2/0.20/6"),
    ("groq", "openai/gpt-oss-120b", "2026-06-01", 5000, "0.15/0.075/0.60"),
    ("groq", "llama-3.3-70b-versatile", "2026-06-01", 5000, "0.59/0.295/0.79"),
    ("moonshot", "kimi-k2.6", "2026-08-01", 5000, "0.95/0.16/4"),
    ("zai", "glm-4.6", "2026-01-15", 5000, "0.60/0.11/2.20"),
    ("alibaba", "qwen3-coder-plus", "2026-03-01", 32_000, "1/1/5"),
    ("alibaba", "qwen3-coder-plus", "2026-03-01", 32_001, "1.80/1.80/9"),
    ("alibaba", "qwen3-coder-plus", "2026-03-01", 128_001, "3/3/15"),
    ("alibaba", "qwen3-coder-plus", "2026-03-01", 256_001, "6/6/60"),
]


CLAUDE_ITEMS = ("uncached input", "cache read", "cache write", "cache write 1h", "output")


def written(expected: str) -> list[Decimal]:
    return [Decimal(each) for each in expected.split("/")]


def in_order(found: dict[str, Decimal], *items: str) -> list[Decimal]:
    return [found[item] for item in items]


@pytest.mark.parametrize(("model", "day", "expected"), ANTHROPIC)
def test_claude_costs_what_its_page_said_that_day(rates, model, day, expected):
    """Five rates per model: input, cache read, both cache writes, output."""
    found = rates("anthropic", model, day)
    assert in_order(found, "uncached input", "cache read", "cache write", "cache write 1h", "output") == written(
        expected
    )


@pytest.mark.parametrize(("model", "day", "prompt", "expected"), ANTHROPIC_LONG)
def test_a_long_prompt_prices_the_whole_request(rates, model, day, prompt, expected):
    """A cliff: one token above the threshold moves every token, cache and output included."""
    found = rates("anthropic", model, day, prompt=prompt)
    assert in_order(found, "uncached input", "cache read", "cache write", "cache write 1h", "output") == written(
        expected
    )


@pytest.mark.parametrize(("model", "day", "prompt", "expected"), ANTHROPIC_FAST)
def test_fast_mode_has_its_own_rates(rates, model, day, prompt, expected):
    """The usual cache multiples apply on top of the fast input rate."""
    found = rates("anthropic", model, day, prompt=prompt, speed="fast", service_tier="standard")
    assert in_order(found, "uncached input", "cache read", "cache write", "cache write 1h", "output") == written(
        expected
    )


@pytest.mark.parametrize(("model", "day", "tier", "prompt", "expected"), OPENAI)
def test_openai_costs_what_its_page_said_that_day(rates, model, day, tier, prompt, expected):
    """Models without a write price bill writes as plain input."""
    found = rates("openai", model, day, prompt=prompt, service_tier=tier)
    assert in_order(found, "uncached input", "cache read", "cache write", "output") == written(expected)


@pytest.mark.parametrize(("model", "day", "tier", "prompt", "expected"), GOOGLE)
def test_gemini_costs_what_its_page_said_that_day(rates, model, day, tier, prompt, expected):
    """Batch leaves the cache price alone where the page says so."""
    found = rates("google", model, day, prompt=prompt, service_tier=tier)
    assert in_order(found, "uncached input", "cache read", "output") == written(expected)


@pytest.mark.parametrize(("model", "moment", "expected"), DEEPSEEK)
def test_deepseek_costs_what_its_hour_says(rates, model, moment, expected):
    """Peak and off-peak, weekends, Chinese holidays, and what each name stood for when."""
    found = rates("deepseek", model, moment)
    assert in_order(found, "uncached input", "cache read", "output") == written(expected)


@pytest.mark.parametrize(("provider", "model", "day", "prompt", "expected"), OTHERS)
def test_the_other_providers_cost_what_their_pages_say(rates, provider, model, day, prompt, expected):
    """XAI's threshold is inclusive, Qwen has four bands."""
    found = rates(provider, model, day, prompt=prompt)
    assert in_order(found, "uncached input", "cache read", "output") == written(expected)


@pytest.mark.parametrize(
    ("model", "expected"), [("gpt-6.1-sol", "5"), ("gpt-6.1-terra", "2.5"), ("gpt-6.2-astra", "20")]
)
def test_twelve_hour_cache_writes_cost_two_and_a_half_times_the_input(rates, model, expected):
    """OpenAI offers them from GPT-6.1 on."""
    assert rates("openai", model, "2026-11-20")["cache write 12h"] == Decimal(expected)


@pytest.mark.parametrize(
    ("provider", "model", "moment"),
    [
        ("openai", "gpt-5.6-sol", "2026-11-22"),
        ("deepseek", "deepseek-chat", "2026-07-24T16:00Z"),
        ("deepseek", "deepseek-reasoner", "2026-11-01"),
    ],
)
def test_a_price_that_ended_without_a_known_successor_is_unknown(price, provider, model, moment):
    """A promotion announced up to a day, a name that was switched off: nothing says what holds after."""
    cost = price(provider, model, moment, input_tokens=1000, output_tokens=10)
    assert (cost.usd, cost.status) == (None, CostStatus.UNKNOWN)
    assert "the last one held until" in cost.warnings[-1]
