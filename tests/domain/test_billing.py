"""Evidence of a price: enough to price the call again, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from codesession.domain.billing import decode, encode
from codesession.domain.pricing import Cost, CostStatus, PriceLine
from codesession.domain.usage import BillingFacts, ModelResponse, TokenUsage, UsagePart

counts = st.integers(0, 10**12)
labels = st.none() | st.text(max_size=20)
dollars = st.none() | st.decimals(min_value=0, max_value=1000, allow_nan=False, places=15)

usages = st.builds(
    TokenUsage,
    input_tokens=counts,
    cache_read_input_tokens=counts,
    cache_write_input_tokens=counts,
    cache_write_1h_input_tokens=counts,
    audio_input_tokens=counts,
    output_tokens=counts,
    reasoning_output_tokens=counts,
)
parts = st.builds(
    UsagePart, usage=usages, kind=st.sampled_from(["message", "compaction", "advisor_message"]), model=labels
)
facts = st.builds(
    BillingFacts,
    service_tier=labels,
    speed=labels,
    batch=st.booleans(),
    inference_geo=labels,
    endpoint_region=labels,
    web_search_requests=counts,
    tool_requests=counts,
    reported_cost_usd=dollars,
    reported_upstream_cost_usd=dollars,
)
responses = st.builds(
    ModelResponse,
    provider_name=st.just("anthropic"),
    api=st.text(max_size=20),
    request_model=labels,
    response_model=labels,
    parts=st.lists(parts, max_size=3).map(tuple),
    facts=facts,
    complete=st.booleans(),
    mismatch=st.booleans(),
    warnings=st.lists(st.text(max_size=20), max_size=2).map(tuple),
)


@given(responses)
def test_a_response_comes_back_from_its_evidence(response: ModelResponse) -> None:
    """Parts, facts, both marks and warnings survive, decimals to the last digit; identity is the row's own."""
    read = decode(
        encode(response, None),
        provider_name=response.provider_name,
        request_model=response.request_model,
        response_model=response.response_model,
    )
    assert read == response


@given(responses)
def test_evidence_is_compact_ascii_json_without_defaults(response: ModelResponse) -> None:
    """One row of millions must not carry words that say nothing."""
    text = encode(response, None)
    assert text.isascii()
    assert text == json.dumps(json.loads(text), separators=(",", ":"))
    assert len(encode(replace(response, facts=BillingFacts(), parts=(), warnings=()), None)) < 200


def test_a_bill_explains_itself() -> None:
    """Quantity, price and sum of each line stand there, multipliers where there are any, and what was doubted."""
    cost = Cost(
        usd=Decimal("0.0054"),
        status=CostStatus.LIST_PRICE,
        lines=(
            PriceLine(item="input", quantity=900, price_usd=Decimal(3), usd=Decimal("0.0027")),
            PriceLine(
                item="search", quantity=2, price_usd=Decimal(10), per=1000, multiplier=Decimal("1.1"), usd=Decimal(1)
            ),
        ),
        computed_usd=Decimal("0.005"),
        warnings=("no tier",),
    )
    evidence = json.loads(encode(ModelResponse(provider_name="x", api="y"), cost))
    assert evidence["lines"] == [
        {"item": "input", "quantity": 900, "price": "3", "usd": "0.0027"},
        {"item": "search", "quantity": 2, "price": "10", "usd": "1", "per": 1000, "multiplier": "1.1"},
    ]
    assert (evidence["computed_usd"], evidence["warnings"]) == ("0.005", ["no tier"])


def test_evidence_of_another_tool_holds_no_response() -> None:
    """Rows taken over from the npm tool say where they came from; they cannot be priced again."""
    assert decode('{"npm":{"id":1}}', provider_name="x", request_model=None, response_model=None) is None
