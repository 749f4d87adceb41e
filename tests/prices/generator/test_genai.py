"""Reading genai-prices: dates, bands, tiers and names."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

genai_prices = pytest.importorskip("genai_prices")

from codesession.prices.generator import genai  # noqa: E402  # only with the package it reads

READ = genai.read(genai.installed())


def model(provider: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = READ[provider][name]
    return found


def test_dated_prices_become_periods():
    """Each ends where the next begins."""
    rows = model("openai", "gpt-5.6-luna")["prices"]
    assert [(row.get("from"), row.get("until"), row["input"]) for row in rows] == [
        (None, "2026-07-30", "1"),
        ("2026-07-30", None, "0.2"),
    ]


def test_prices_by_prompt_size_become_bands():
    """A band holds every rate, also those that do not change."""
    (band,) = model("xai", "grok-4.7")["prices"][0]["bands"]
    assert band == {"above": 199999, "input": "4", "output": "12", "cache_read": "1"}


def test_a_tier_reaches_back_to_the_days_before_it_was_verified():
    """By its own table where the base price was the same, by its ratio where it was not."""
    luna = model("openai", "gpt-5.6-luna")["tiers"]["flex"]
    assert [(row.get("from"), row["input"]) for row in luna] == [(None, "0.5"), ("2026-07-30", "0.1")]
    assert [row["cache_read"] for row in model("openai", "gpt-5.4")["tiers"]["flex"]] == ["0.13"]


def test_a_tier_follows_the_future_steps_of_its_price():
    """Gemini's batch rates double on the day its standard rates do."""
    rows = model("google", "gemini-3.8-flash")["tiers"]["batch"]
    assert [(row.get("from"), row["input"]) for row in rows] == [(None, "0.375"), ("2027-01-01", "0.75")]


def test_rates_that_a_tier_does_not_publish_stay_as_they_are():
    """Batch of the 2.5 models leaves the cache price alone."""
    row = model("google", "gemini-2.5-flash")["tiers"]["batch"][0]
    assert (row["input"], row["cache_read"]) == ("0.15", "0.03")


def test_clouds_keep_only_their_own_models():
    """Claude and GPT on Bedrock are priced by their makers' tables and a surcharge."""
    names = READ["bedrock"]
    assert "amazon.nova-2-lite-v1:0" in names
    assert [name for name in names if "claude" in name or "gpt-5" in name] == []
    assert [name for name in READ["google"] if name.startswith("claude")] == []


def test_what_is_not_sold_by_token_is_left_out():
    """Minutes of audio and pages of documents are other units."""
    assert "whisper-1" not in READ["openai"]
    assert "mistral-ocr-2512" not in READ["mistral"]


def test_a_price_by_the_hour_is_reported_so_that_a_correction_is_written():
    """The source cannot say weekday and date together."""
    assert ("deepseek", "deepseek-v4-pro") in genai.hour_dependent(genai.installed())


def test_scaling_reaches_bands():
    """A factor on a row is a factor on all its rates."""
    row = {"from": "2026-01-01", "input": "2", "output": "4", "bands": [{"above": 10, "input": "4", "output": "8"}]}
    assert genai.scaled(row, Decimal("0.5")) == {
        "from": "2026-01-01",
        "input": "1",
        "output": "2",
        "bands": [{"above": 10, "input": "2", "output": "4"}],
    }


def test_every_provider_we_name_is_still_there():
    """A renamed provider must not vanish silently."""
    assert {provider for provider, models in READ.items() if not models} == set()
