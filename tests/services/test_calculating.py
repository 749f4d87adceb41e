"""Pricing a record that nobody recorded: what it may leave out, and what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesession.domain.pricing import Cost, CostStatus
from codesession.errors import InvalidInputError
from codesession.prices.book import PriceBook
from codesession.services.calculating import calculate

NOW_MS = 1_795_312_800_000
"""2026-11-22T02:00:00Z"""
RECORD = {
    "provider": "anthropic",
    "model": "claude-opus-5-5",
    "api": "anthropic.messages",
    "at": "2026-11-01T12:00:00Z",
    "usage": {"input_tokens": 1000, "output_tokens": 100},
}
BOOK = PriceBook.load()

Calc = Callable[..., Cost]


@pytest.fixture
def calc() -> Calc:
    """The cost of the record with changes; None takes a field away."""

    def ask(**changes: Any) -> Cost:
        record = {**RECORD, **changes}
        return calculate({k: v for k, v in record.items() if v is not ...}, BOOK, now_ms=NOW_MS)

    return ask


def test_a_complete_record_is_exact(calc: Calc) -> None:
    """1,000 in at $4 and 100 out at $20 per million."""
    cost = calc()
    assert (cost.usd, cost.status, cost.warnings) == (Decimal("0.006"), CostStatus.EXACT, ())


@pytest.mark.parametrize(
    ("at", "usd"),
    [
        ("2026-10-06T23:59:59Z", "0.2"),
        ("2026-10-07T00:00:00Z", "0.1"),
        ("2026-10-07T01:59:59+02:00", "0.2"),
        ("2026-10-07", "0.1"),
        ("2026-10-07T00:00:00", "0.1"),
        (1_791_331_200_000, "0.1"),
        (1_791_331_199_999, "0.2"),
        (1_791_331_200, "0.1"),
        (1_791_331_199, "0.2"),
        (1_791_331_199.9, "0.2"),
        ("2026-10-06T23:59:59.999999Z", "0.2"),
    ],
)
def test_the_moment_may_be_written_in_many_ways(calc: Calc, at: object, usd: str) -> None:
    """With a zone, without one (UTC), a day, seconds or milliseconds since 1970: never of the day after."""
    usage = {"input_tokens": 0, "cache_read_input_tokens": 1_000_000, "output_tokens": 0}
    assert calc(model="claude-sonnet-5-5", at=at, usage=usage).usd == Decimal(usd)


def test_without_a_moment_now_is_meant_and_said(calc: Calc) -> None:
    """A figure from the wrong day must not look exact without a word."""
    cost = calc(at=...)
    assert cost.usd == Decimal("0.006")
    assert cost.warnings == ("no time is given: priced as of now",)


def test_null_usage_is_unknown(calc: Calc) -> None:
    """The provider reported none, so there is no figure."""
    cost = calc(usage=None)
    assert (cost.usd, cost.status) == (None, CostStatus.UNKNOWN)


def test_the_shape_of_the_usage_tells_the_format(calc: Calc) -> None:
    """Without `api`, and with a wrong one."""
    chat = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
    for api in (..., "anthropic.messages", "openai.chat"):
        assert calc(provider="openai", model="gpt-5", api=api, usage=chat).usd == Decimal("0.00225")


def test_without_a_provider_the_model_says_who_bills(calc: Calc) -> None:
    """The format's home where it sells the model, else its maker at the list price."""
    assert calc(provider=...).status is CostStatus.EXACT
    usage = {"prompt_tokens": 1_000_000, "completion_tokens": 0, "total_tokens": 1_000_000}
    for provider in (..., None, ""):
        cost = calc(provider=provider, api="openai.chat", model="glm-4.6", usage=usage)
        assert (cost.usd, cost.status) == (Decimal("0.6"), CostStatus.LIST_PRICE)


@pytest.mark.parametrize(
    ("model", "billed", "status"),
    [
        ("groq/openai/gpt-oss-120b", "groq/openai/gpt-oss-120b", "exact"),
        ("azure/gpt-5", "openai/gpt-5", "list_price"),
        ("openrouter/openai/gpt-5", "openrouter/openai/gpt-5", "list_price"),
        ("github_copilot/gpt-5", "openai/gpt-5", "list_price"),
        ("openai/gpt-5", "openai/gpt-5", "exact"),
        ("ollama/gpt-oss-20b", None, "unknown"),
        ("lm_studio/gpt-oss-20b", None, "unknown"),
        ("vllm/openai/gpt-oss-120b", None, "unknown"),
    ],
)
def test_the_biller_in_the_models_name_is_believed(calc: Calc, model: str, billed: str | None, status: str) -> None:
    """Not the one the wire format is at home with; a server of one's own bills nobody."""
    chat = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
    for where in ({"model": model}, {"model": ..., "response": {"model": model}}):
        cost = calc(provider=..., api="openai.chat", usage=chat, **where)
        assert (cost.model, cost.status) == (billed, status)


def test_a_named_provider_that_does_not_sell_the_model_is_believed(calc: Calc) -> None:
    """Guessing another biller would be a made-up figure."""
    assert calc(provider="openai").usd is None
    assert calc(provider=..., request={"base_url": "https://api.openai.com/v1"}, model="glm-4.6").usd is None


def test_events_are_read_as_the_stream_they_were(calc: Calc) -> None:
    """And no event of a response is no usage."""
    events = [
        {"type": "message_start", "message": {"model": "claude-opus-5-5", "usage": {"input_tokens": 1000}}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 100}},
    ]
    assert calc(usage=..., events=events).usd == Decimal("0.006")
    cut = calc(usage=..., events=events[:1])
    assert (cut.usd, cut.status) == (Decimal("0.004"), CostStatus.LOWER_BOUND)
    none = calc(usage=..., events=["[DONE]", None, {"type": "ping"}])
    assert (none.usd, none.status) == (None, CostStatus.UNKNOWN)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"usage": ...}, "no usage"),
        ({"usage": [1]}, "usage must be an object"),
        ({"usage": "many"}, "usage must be an object"),
        ({"model": ...}, "names no model"),
        ({"model": 5}, "model is 5"),
        ({"provider": {}}, "provider is {}"),
        ({"at": "yesterday"}, "ISO-8601"),
        ({"at": True}, "ISO-8601"),
        ({"at": -5}, "ISO-8601"),
        ({"at": 20_261_101}, "ISO-8601"),
        ({"at": 10**30}, "ISO-8601"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "ISO-8601"),
        ({"at": "9999-12-31"}, "ISO-8601"),
        ({"response": []}, "response must be an object"),
        ({"request": "x"}, "request must be an object"),
        ({"request": {"batch": "true"}}, "batch is 'true'"),
        ({"request": {"batch": 1}}, "batch is 1"),
        ({"request": {"completion_window": 8}}, "completion_window is 8"),
        ({"usage": ..., "events": {}}, "events must be an array"),
        ({"usage": ..., "events": [], "api": "morse"}, "wire format"),
    ],
)
def test_a_record_that_says_too_little_is_refused_in_words(calc: Calc, changes: dict[str, Any], said: str) -> None:
    """Each with what is wrong."""
    with pytest.raises(InvalidInputError, match=said):
        calc(**changes)


@pytest.mark.parametrize("record", [None, 1, "text", [RECORD], True])
def test_only_objects_are_records(record: object) -> None:
    """Whatever else JSON can be is refused."""
    with pytest.raises(InvalidInputError, match="JSON object"):
        calculate(record, BOOK, now_ms=NOW_MS)


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(
    (
        *("input_tokens", "output_tokens", "cache_creation", "cache_creation_input_tokens", "iterations", "speed"),
        *("prompt_tokens", "completion_tokens", "total_tokens", "prompt_tokens_details", "completion_tokens_details"),
        *("promptTokenCount", "thoughtsTokenCount", "promptTokensDetails", "server_tool_use", "service_tier"),
        *("inputTokens", "cacheDetails", "cost", "cost_in_usd_ticks", "copilot_usage", "num_sources_used"),
    )
)
usages = st.dictionaries(names, junk | st.integers(0, 10**6), max_size=6)
apis = st.sampled_from(("anthropic.messages", "openai.chat", "openai.responses", "gemini.generateContent", "x", None))


@given(
    usage=usages,
    api=apis,
    provider=st.sampled_from(("anthropic", "openai", "openrouter", "xai", "", None)),
    response=st.dictionaries(st.sampled_from(("model", "service_tier", "output", "tool_usage", "usage")), junk),
    request=st.dictionaries(st.sampled_from(("base_url", "location", "completion_window")), st.none() | st.text()),
)
def test_whatever_a_provider_sends_gives_a_cost_or_none(
    usage: dict[str, Any], api: str | None, provider: str | None, response: dict[str, Any], request: dict[str, Any]
) -> None:
    """No crash, no negative figure, no figure without a status; the lines add up to it, unknown has none."""
    record = {
        **RECORD,
        "provider": provider,
        "api": api,
        "usage": usage,
        "response": response,
        "request": request,
    }
    cost = calculate(record, BOOK, now_ms=NOW_MS)
    assert (cost.usd is None) == (cost.status is CostStatus.UNKNOWN)
    if cost.usd is None:
        assert cost.lines == ()
    else:
        assert cost.usd >= 0
        assert sum((line.usd for line in cost.lines), Decimal(0)) == cost.usd


def test_a_record_survives_json(calc: Calc) -> None:
    """What is priced is what was written."""
    record = json.loads(json.dumps(RECORD))
    assert calculate(record, BOOK, now_ms=NOW_MS) == calc()
