"""A sheet says of plain calls what the engine says of them, to the last digit; of any other call it says nothing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from codesession.domain.billing import encode, frame
from codesession.domain.money import to_picousd
from codesession.domain.plain import PlainCounts, plain_counts, plain_part
from codesession.domain.usage import BillingFacts, ModelResponse, TokenUsage, UsagePart
from codesession.prices.book import PriceBook
from codesession.prices.daytime import DAY_MS, moment_ms
from codesession.prices.sheet import Sheet
from codesession.prices.tables import Rates
from codesession.prices.tariff import ONE, Terms

BOOK = PriceBook.load()
AT_MS = moment_ms("2026-06-01")

counts = st.one_of(st.sampled_from([0, 1, 10, 200_000, 272_001, 10**6]), st.integers(0, 10**7))
models = st.sampled_from(
    [
        *(("anthropic", "claude-opus-4-6"), ("anthropic", "claude-sonnet-4-5"), ("anthropic", "nobody-knows")),
        *(("openai", "gpt-5.4"), ("deepseek", "deepseek-chat"), ("google", "gemini-2.5-pro")),
        *(("bedrock", "us.anthropic.claude-opus-4-6-v1"), ("vertex", "claude-opus-4-6@default"), ("openrouter", "x/y")),
    ]
)
usages = st.builds(
    TokenUsage,
    input_tokens=counts,
    cache_read_input_tokens=counts,
    cache_write_input_tokens=counts,
    cache_write_1h_input_tokens=counts,
    cache_write_12h_input_tokens=st.sampled_from([0, 0, 5]),
    audio_input_tokens=st.sampled_from([0, 0, 5]),
    tool_input_tokens=st.sampled_from([0, 5]),
    output_tokens=counts,
    reasoning_output_tokens=counts,
)
facts = st.builds(
    BillingFacts,
    service_tier=st.sampled_from([None, "standard", "priority", "flex"]),
    speed=st.sampled_from([None, "fast"]),
    batch=st.booleans(),
    inference_geo=st.sampled_from([None, "us"]),
    web_search_requests=st.sampled_from([0, 0, 1]),
    reported_cost_usd=st.sampled_from([None, None, Decimal("0.5")]),
)
moments = st.integers(moment_ms("2025-01-01"), moment_ms("2027-01-01") + DAY_MS)


def response(model: tuple[str, str] = ("anthropic", "claude-opus-4-6"), **known: Any) -> ModelResponse:
    """One answer with what is known of it."""
    usage = known.pop("usage", TokenUsage(input_tokens=10, output_tokens=5))
    return ModelResponse(
        provider_name=model[0], api="a", response_model=model[1], parts=(UsagePart(usage=usage),), **known
    )


@settings(max_examples=400, deadline=None)
@given(models, usages, facts, moments, st.booleans(), st.sampled_from([(), ("a doubt",)]))
def test_a_sheet_bills_what_the_engine_bills(
    model: tuple[str, str],
    usage: TokenUsage,
    facts: BillingFacts,
    at_ms: int,
    complete: bool,
    warnings: tuple[str, ...],
) -> None:
    """Amount, status, names and evidence are the same, wherever a sheet says anything."""
    call = response(model, usage=usage, facts=facts, complete=complete, warnings=warnings)
    offer = BOOK.offer(call)
    sheet = None if offer is None else offer.sheet(usage.input_tokens, at_ms)
    counts = plain_counts(usage)
    billed = None if sheet is None or counts is None else sheet.bill(counts)
    if sheet is None or counts is None or billed is None:
        return
    cost = BOOK.price(call, at_ms)
    before, between, after = frame(call, sheet.blank)
    assert cost.usd is not None
    assert billed[0] == to_picousd(cost.usd)
    assert f"{before}{plain_part(counts)}{between}{billed[1]}{after}" == encode(call, cost)
    assert repr(sheet.blank) == repr(cost._replace(lines=(), usd=Decimal(0)))


def test_plain_calls_have_a_sheet() -> None:
    """What logs are full of is not left to the engine."""
    usage = TokenUsage(input_tokens=900, cache_read_input_tokens=500, cache_write_input_tokens=300, output_tokens=70)
    offer = BOOK.offer(response(usage=usage))
    sheet = offer.sheet(900, AT_MS) if offer else None
    assert sheet is not None
    assert sheet.bill(PlainCounts(900, 500, 300, 0, 70, 0)) is not None


def test_what_is_not_plain_is_left_to_the_engine() -> None:
    """Fees, figures of others, several parts, unknown models and moments without a price."""
    assert BOOK.offer(response(facts=BillingFacts(web_search_requests=1))) is None
    assert BOOK.offer(response(facts=BillingFacts(reported_cost_usd=Decimal(1)))) is None
    assert BOOK.offer(response(facts=BillingFacts(agent_cost_usd=Decimal(1)))) is None
    assert BOOK.offer(response(("anthropic", "nobody-knows"))) is None
    assert BOOK.offer(response(mismatch=True)) is None
    one = response()
    assert BOOK.offer(replace(one, parts=one.parts * 2)) is None
    offer = BOOK.offer(one)
    assert offer is not None
    sheet = offer.sheet(10, AT_MS)
    assert sheet is not None
    assert offer.sheet(10, AT_MS) is sheet
    assert sheet.bill(PlainCounts(1, 2, 0, 0, 0, 0)) is None
    assert sheet.bill(PlainCounts(1, 0, 0, 1, 0, 0)) is None


def test_amounts_are_rounded_half_to_even_below_a_pico_dollar() -> None:
    """As every other amount of money."""
    sheet = Sheet(Terms(Rates(Decimal("0.0000005"), Decimal("0.0000015")), ONE, (), ()), BOOK.price(response(), AT_MS))
    billed = [
        sheet.bill(PlainCounts(prompt, 0, 0, 0, output, 0)) for prompt, output in ((1, 0), (0, 1), (3, 0), (5, 0))
    ]
    assert [found and found[0] for found in billed] == [0, 2, 2, 2]


def test_prices_of_more_digits_than_money_has_are_left_to_the_engine() -> None:
    """A price of the user's may have any number of them."""
    sheet = Sheet(Terms(Rates(Decimal("1E-13"), Decimal("2E+1")), ONE, (), ()), BOOK.price(response(), AT_MS))
    assert sheet.bill(PlainCounts(1, 0, 0, 0, 0, 0)) is None
    assert sheet.bill(PlainCounts(0, 0, 0, 0, 1, 0)) is None


def test_an_amount_nobody_believes_is_left_to_the_engine() -> None:
    """That it is none is not for a sheet to say."""
    sheet = Sheet(Terms(Rates(Decimal(10), Decimal(10)), ONE, (), ()), BOOK.price(response(), AT_MS))
    assert sheet.bill(PlainCounts(0, 0, 0, 0, 10**10, 0)) is not None
    assert sheet.bill(PlainCounts(1, 0, 0, 0, 10**10, 0)) is None
