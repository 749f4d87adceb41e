"""What the price book answers, and how sure it says it is."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from codesession.domain.pricing import CostStatus
from codesession.domain.usage import BillingFacts, ModelResponse, TokenUsage, UsagePart
from codesession.prices.book import PriceBook
from codesession.prices.daytime import moment_ms

TODAY = moment_ms("2026-11-22")
SOME = TokenUsage(input_tokens=1000, output_tokens=100)


def response(model: str | None = "claude-opus-4-6", provider: str = "anthropic", **fields) -> ModelResponse:
    fields.setdefault("parts", (UsagePart(usage=SOME),))
    return ModelResponse(provider_name=provider, api="test", response_model=model, **fields)


def test_complete_usage_of_a_known_model_is_exact(book: PriceBook):
    """The lines add up, and the answer names table entry, data version and source."""
    cost = book.price(response(), TODAY)
    assert (cost.usd, cost.status) == (Decimal("0.0075"), CostStatus.EXACT)
    assert (cost.model, cost.price_version, cost.source) == ("anthropic/claude-opus-4-6", book.version, "built-in")
    assert [(line.item, line.quantity, line.price_usd) for line in cost.lines] == [
        ("uncached input", 1000, 5),
        ("output", 100, 25),
    ]


def test_no_usage_has_no_price(book: PriceBook):
    """An aborted OpenAI stream says nothing: unknown, not free."""
    cost = book.price(response("gpt-5", "openai", parts=()), TODAY)
    assert (cost.usd, cost.status) == (None, CostStatus.UNKNOWN)


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        *(("anthropic", "claude-opus-9"), ("ollama", "gpt-oss-120b"), ("azure", "my-deployment"), ("openai", None)),
        ("openai", "openai/gpt-oss-120b"),  # open weights: others serve it, or one's own machine behind OpenAI's format
    ],
)
def test_an_unknown_model_has_no_price(book: PriceBook, provider, model):
    """Neither a near match nor a vendor's list price for a model on one's own machine."""
    cost = book.price(response(model, provider), TODAY)
    assert (cost.usd, cost.status, cost.lines) == (None, CostStatus.UNKNOWN, ())


def test_a_cut_stream_is_a_lower_bound(book: PriceBook):
    """The input is exact, the output so far is a minimum."""
    cost = book.price(response(complete=False), TODAY)
    assert (cost.usd, cost.status) == (Decimal("0.0075"), CostStatus.LOWER_BOUND)


@pytest.mark.parametrize(
    ("provider", "model", "facts"),
    [
        ("anthropic", "claude-opus-4-6", {"service_tier": "priority"}),
        ("openai", "gpt-5", {"service_tier": "scale"}),
        ("google", "gemini-2.5-pro", {"service_tier": "PROVISIONED_THROUGHPUT"}),
        ("openai", "gpt-5", {"service_tier": "brand-new"}),
        ("openai", "gpt-6.1-sol", {"completion_window": "24h"}),
        ("vertex", "claude-opus-5", {}),
        ("azure", "gpt-5", {}),
        ("my-gateway", "gpt-5", {}),
        ("azure", "gpt-5", {"endpoint_region": "eastus"}),
        ("google", "gemini-2.5-pro", {"web_search_requests": 3}),
    ],
)
def test_a_missing_fact_makes_a_list_price(book: PriceBook, provider, model, facts):
    """Committed capacity, unheard-of tiers, unknown regions and billers: the standard price, and a warning why."""
    known = book.price(response(model, {"gpt": "openai", "cla": "anthropic", "gem": "google"}[model[:3]]), TODAY)
    cost = book.price(response(model, provider, facts=BillingFacts(**facts)), TODAY)
    assert (cost.usd, cost.status) == (known.usd, CostStatus.LIST_PRICE)
    assert cost.warnings


def test_counts_that_do_not_add_up_are_flagged(book: PriceBook):
    """The provider's own total disagrees, so the figure cannot be called exact."""
    assert book.price(response(mismatch=True), TODAY).status is CostStatus.LIST_PRICE


def test_what_the_provider_reports_comes_first(book: PriceBook):
    """The computed figure stands beside it."""
    facts = BillingFacts(reported_cost_usd=Decimal("0.007"))
    cost = book.price(response("anthropic/claude-opus-4.6", "openrouter", facts=facts), TODAY)
    assert (cost.usd, cost.status, cost.source) == (Decimal("0.007"), CostStatus.REPORTED, "reported")
    assert cost.computed_usd == Decimal("0.0075")


def test_an_own_key_at_openrouter_costs_the_fee_and_the_upstream_bill(book: PriceBook):
    """Two bills for one call; the model need not be known."""
    facts = BillingFacts(reported_cost_usd=Decimal("0.001"), reported_upstream_cost_usd=Decimal("0.02"))
    cost = book.price(response("acme/unheard-of", "openrouter", facts=facts), TODAY)
    assert (cost.usd, cost.computed_usd) == (Decimal("0.021"), None)


def test_a_reported_zero_is_a_price(book: PriceBook):
    """The provider said the call was free; that is not the same as nobody knowing."""
    cost = book.price(response("x", "openrouter", facts=BillingFacts(reported_cost_usd=Decimal(0))), TODAY)
    assert (cost.usd, cost.status) == (Decimal(0), CostStatus.REPORTED)


def test_each_part_is_billed_by_its_own_model(book: PriceBook):
    """An advisor's turn costs what the advisor costs."""
    advisor = UsagePart(usage=SOME, kind="advisor_message", model="claude-haiku-4-5")
    cost = book.price(response(parts=(UsagePart(usage=SOME), advisor)), TODAY)
    assert cost.usd == Decimal("0.0075") + Decimal("0.0015")
    assert [line.item for line in cost.lines][2:] == ["advisor uncached input", "advisor output"]
    assert cost.model == "anthropic/claude-opus-4-6"


def test_fast_mode_is_the_models_own_and_not_its_advisors(book: PriceBook):
    """Speed is a fact of the main model's inference."""
    advisor = UsagePart(usage=SOME, kind="advisor_message", model="claude-opus-5-5")
    cost = book.price(
        response("claude-opus-5", parts=(UsagePart(usage=SOME), advisor), facts=BillingFacts(speed="fast")), TODAY
    )
    assert [line.price_usd for line in cost.lines] == [10, 50, 4, 20]


def test_one_unknown_part_makes_the_whole_unknown(book: PriceBook):
    """A sum with a hole in it is no figure."""
    other = UsagePart(usage=SOME, kind="fallback_message", model="claude-unheard-of")
    cost = book.price(response(parts=(UsagePart(usage=SOME), other)), TODAY)
    assert (cost.usd, cost.status, cost.lines) == (None, CostStatus.UNKNOWN, ())


def test_the_requested_model_helps_when_the_answering_one_is_not_known(book: PriceBook):
    """Some gateways answer with a name of their own."""
    found = book.price(response("internal-7", "openai", request_model="gpt-5"), TODAY)
    assert found.model == "openai/gpt-5"


def test_an_alias_names_an_azure_deployment():
    """The deployment's name says nothing; the user does."""
    book = PriceBook.load(aliases={"prod-chat": "gpt-5"})
    cost = book.price(response("prod-chat", "azure"), TODAY)
    assert (cost.model, cost.status) == ("openai/gpt-5", CostStatus.LIST_PRICE)


def test_a_custom_price_beats_the_built_in_one(tmp_path: Path):
    """Fees per request stay the provider's: the file holds token prices."""
    path = tmp_path / "pricing.json"
    path.write_text(json.dumps({"claude-opus-4-6": {"input": 1, "output": 2}}))
    book = PriceBook.load(overrides_path=path)
    cost = book.price(response(facts=BillingFacts(web_search_requests=1, service_tier="standard")), TODAY)
    assert cost.usd == Decimal("0.0012") + Decimal("0.01")
    assert (cost.source, cost.model, cost.status) == ("custom", "claude-opus-4-6", CostStatus.EXACT)


def test_a_custom_price_does_not_know_tiers(tmp_path: Path):
    """One number per token cannot answer for batch; it is used and flagged."""
    path = tmp_path / "pricing.json"
    path.write_text(json.dumps({"gpt-5": {"input": 1, "output": 2}}))
    cost = PriceBook.load(overrides_path=path).price(response("gpt-5", "openai", facts=BillingFacts(batch=True)), TODAY)
    assert (cost.usd, cost.status) == (Decimal("0.0012"), CostStatus.LIST_PRICE)


@pytest.mark.parametrize("tier", ["default", "standard", "on_demand"])
def test_the_standard_tier_is_no_doubt_about_a_custom_price(tmp_path: Path, tier: str):
    """Every answer of OpenAI names the tier that served it, and mostly it is the plain one."""
    path = tmp_path / "pricing.json"
    path.write_text(json.dumps({"gpt-5": {"input": 1, "output": 2}}))
    book = PriceBook.load(overrides_path=path)
    cost = book.price(response("gpt-5", "openai", facts=BillingFacts(service_tier=tier)), TODAY)
    assert (cost.source, cost.status, cost.warnings) == ("custom", CostStatus.EXACT, ())


@pytest.mark.parametrize(
    ("provider", "model", "input_price", "output_price"),
    [
        ("anthropic", "claude-sonnet-4", "3", "15"),
        ("anthropic", "claude-opus-4-6", "5", "25"),
        ("openai", "gpt-4o", "2.5", "10"),
        ("openai", "gpt-5", "1.25", "10"),
        ("google", "gemini-2.5-flash", "0.3", "2.5"),
        (None, "glm-4.6", "0.6", "2.2"),
        (None, "qwen3-coder-plus", "1", "5"),
    ],
)
def test_rates_are_the_list_prices_of_the_day(book: PriceBook, provider, model, input_price, output_price):
    """Per million tokens at the standard tier."""
    rates = book.rates(provider, model, TODAY)
    assert rates is not None
    assert (rates.input, rates.output, rates.source) == (Decimal(input_price), Decimal(output_price), "built-in")


def test_rates_of_an_unknown_model_are_none(book: PriceBook):
    """So a recorder can refuse it instead of recording it as free."""
    assert book.rates("anthropic", "no-such-model-xyz", TODAY) is None


def test_the_listing_shows_what_people_use_now(book: PriceBook):
    """Plain names, a few dozen of them."""
    found = book.listing(at_ms=TODAY)
    assert (found["claude-sonnet-4"].input, found["claude-sonnet-4"].output) == (3, 15)
    assert 50 < len(found) < 120
    assert "gpt-3.5-turbo" not in found


def test_the_whole_listing_keeps_every_provider_apart(book: PriceBook):
    """The same model at two providers is listed twice, the second under `provider/model`."""
    found = book.listing(all=True, at_ms=TODAY)
    assert len(found) > 1000
    assert {found["github_copilot/gpt-5-mini"].provider, found["gpt-5-mini"].provider} == {"openai", "github_copilot"}


def test_the_listing_can_be_narrowed(book: PriceBook):
    """By provider, and by a word that may spell versions either way."""
    assert {rates.provider for rates in book.listing(provider="gemini", at_ms=TODAY).values()} == {"google"}
    assert set(book.listing(search="opus-4.6", provider="anthropic", at_ms=TODAY)) == {"claude-opus-4-6"}


@pytest.mark.parametrize(
    ("spelled", "listed"),
    [
        ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
        ("claude-opus-5-5[1m]", "claude-opus-5-5"),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5"),
        ("models/gemini-2.5-pro", "gemini-2.5-pro"),
    ],
)
def test_the_listing_finds_a_model_by_any_name_that_calls_are_priced_by(book: PriceBook, spelled: str, listed: str):
    """As agents' logs and SDKs spell it."""
    assert listed in book.listing(search=spelled, at_ms=TODAY)


def test_the_listing_has_the_users_own_prices(tmp_path: Path):
    """Under the key the user wrote."""
    path = tmp_path / "pricing.json"
    path.write_text(json.dumps({"my-model": {"input": 5, "output": 15}, "acme/my-model": {"input": 6, "output": 16}}))
    found = PriceBook.load(overrides_path=path).listing(at_ms=TODAY)
    assert (found["my-model"].input, found["my-model"].source) == (5, "custom")
    assert (found["acme/my-model"].input, found["acme/my-model"].provider) == (6, "acme")
