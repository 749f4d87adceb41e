"""What a call can cost at most: never less than what it then costs."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest

from codesession.domain.budget import CallDemand
from codesession.domain.money import MAX_CALL_USD, PICO, to_picousd
from codesession.domain.usage import BillingFacts, ModelResponse, TokenUsage, UsagePart
from codesession.errors import PriceFileError
from codesession.prices import PriceBook
from codesession.services.budgets.estimating import Estimate, Estimator, UnpricedTerms

NOW_MS = 1_795_312_800_000
BOOK = PriceBook.load()
DEMAND = CallDemand(
    provider_name="anthropic",
    api="anthropic.messages",
    model="claude-sonnet-4-5",
    input_tokens=1_000_000,
    output_tokens=100_000,
)
FROM_OPENAI = replace(DEMAND, provider_name="openai", api="openai.responses", model="gpt-5.1", input_tokens=4_000)


def most(demand: CallDemand, terms: UnpricedTerms | None = None) -> int:
    return Estimator(lambda: BOOK, terms or UnpricedTerms()).most(demand, NOW_MS).picousd


@pytest.mark.parametrize(
    ("changes", "dollars"),
    [
        ({}, "4.5"),
        ({"cache_write": "5m"}, "5.25"),
        ({"cache_write": "1h"}, "7.5"),
        ({"cache_write": "12h"}, "7.5"),
        ({"answers": 2}, "6"),
        ({"prompts": 2, "input_tokens": 2_500_000}, "9"),
        ({"input_tokens": 5_000_000}, "4.5"),
        ({"input_tokens": None}, "4.5"),
        ({"output_tokens": None}, "4.92"),
    ],
)
def test_the_dearest_rate_that_may_apply_counts(changes: dict[str, object], dollars: str) -> None:
    """$3 a million in ($3.75 and $6 written to a cache), $15 out; a prompt is no larger than the model takes."""
    assert most(replace(DEMAND, **changes)) == to_picousd(Decimal(dollars))  # type: ignore[arg-type]  # the test's own


def test_the_priority_tier_counts_unless_another_is_asked_for() -> None:
    """An account may be on it without the request saying so; `flex` insists on the cheap one."""
    standard = to_picousd(Decimal("0.005") + Decimal("1"))
    assert most(FROM_OPENAI) == 2 * standard
    assert most(replace(FROM_OPENAI, facts=BillingFacts(service_tier="flex"))) == standard // 2


def test_a_workspace_may_have_its_answers_made_in_the_us() -> None:
    """Without the request saying so, for a tenth more; another place is believed."""
    anywhere = replace(DEMAND, model="claude-sonnet-4-6")
    there, elsewhere = (most(replace(anywhere, facts=BillingFacts(inference_geo=geo))) for geo in ("us", "global"))
    assert most(anywhere) == there == elsewhere * 11 // 10


def test_prompts_kept_for_twelve_hours_are_dearer_to_write() -> None:
    """At OpenAI, where others are kept for half an hour anyway."""
    asked = replace(FROM_OPENAI, model="gpt-6.1-sol", output_tokens=0, facts=BillingFacts(service_tier="default"))
    assert most(replace(asked, cache_write="12h")) == 2 * most(asked) == to_picousd(Decimal("0.02"))


@pytest.mark.parametrize("size", [4_095, 4_097, 100_000, 131_073, 400_000])
def test_a_long_prompt_counts_as_a_little_longer(size: int) -> None:
    """At most a sixteenth, never shorter, and the next one of the conversation mostly as the one before."""
    exact = to_picousd(Decimal(size) * 3 / 1_000_000)
    there = BillingFacts(inference_geo="global")
    counted = most(replace(DEMAND, input_tokens=size, output_tokens=0, model="claude-sonnet-4-6", facts=there))
    assert exact <= counted <= exact * 17 // 16
    assert size > 4_096 or counted == exact


def test_a_price_that_changes_changes_the_estimate(tmp_path: Path) -> None:
    """A moment later: what is remembered is remembered for these prices only."""
    file = tmp_path / "pricing.json"
    book = PriceBook.load(overrides_path=file)
    estimator = Estimator(lambda: book, UnpricedTerms())
    before = estimator.most(DEMAND, NOW_MS)
    assert estimator.most(DEMAND, NOW_MS + 1) is before
    file.write_text('{"claude-sonnet-4-5": {"input": 30, "output": 150}}')
    assert estimator.most(DEMAND, NOW_MS + 50).picousd == 10 * before.picousd


def test_a_model_without_a_price_counts_at_the_ceiling() -> None:
    """And says so."""
    terms = UnpricedTerms(ceiling_picousd=3 * PICO)
    estimate = Estimator(lambda: BOOK, terms).most(replace(DEMAND, model="nobody-knows-7"), NOW_MS)
    assert (estimate.picousd, estimate.priced, estimate.bounded) == (3 * PICO, False, True)


def test_what_the_provider_runs_by_itself_has_no_upper_limit() -> None:
    """The figure is a large one, and searches are in it."""
    estimate = Estimator(lambda: BOOK, UnpricedTerms()).most(replace(DEMAND, open_ended=True), NOW_MS)
    assert not estimate.bounded
    assert estimate.picousd > 10 * most(DEMAND)


def test_absurd_requests_stay_in_range() -> None:
    """Nobody breaks a sum by asking for 10^30 tokens."""
    huge = replace(DEMAND, model="claude-opus-5-5", output_tokens=10**30, answers=10**9)
    assert 0 < most(huge) <= to_picousd(MAX_CALL_USD)


@pytest.mark.parametrize("demand", [DEMAND, replace(DEMAND, cache_write="1h"), FROM_OPENAI], ids=str)
def test_no_usage_within_the_demand_costs_more(demand: CallDemand) -> None:
    """However its tokens are read, written and answered, on the standard or the priority tier."""
    limit, dice = most(demand), random.Random(1)
    for _ in range(300):
        prompt, answer = dice.randint(0, demand.input_tokens or 0), dice.randint(0, demand.output_tokens or 0)
        written = dice.randint(0, prompt) if demand.cache_write else 0
        usage = TokenUsage(
            input_tokens=prompt,
            output_tokens=answer,
            cache_write_input_tokens=written,
            cache_write_1h_input_tokens=dice.randint(0, written),
            cache_read_input_tokens=dice.randint(0, prompt - written),
        )
        response = ModelResponse(
            provider_name=demand.provider_name,
            api=demand.api,
            response_model=demand.model,
            parts=(UsagePart(usage=usage),),
            facts=BillingFacts(service_tier=dice.choice((None, "priority"))),
        )
        cost = BOOK.price(response, NOW_MS).usd
        assert cost is not None
        assert to_picousd(cost) <= limit


def test_unreadable_prices_disarm_no_budget() -> None:
    """A typing error in the user's own prices: no model has a price then, and the ceiling is set aside."""

    class Broken:
        @property
        def edition(self) -> object:
            raise PriceFileError("pricing.json: not a price", path="pricing.json")

    estimate = Estimator(lambda: cast(Any, Broken()), UnpricedTerms(ceiling_picousd=7)).most(DEMAND, NOW_MS)
    assert estimate == Estimate(picousd=7, priced=False)
