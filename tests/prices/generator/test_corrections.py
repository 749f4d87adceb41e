"""Laying reviewed corrections over generated prices."""

from __future__ import annotations

from typing import Any

import pytest

from codesession.prices.generator import corrections

HERE = "https://acme.test/pricing"


def base() -> dict[str, Any]:
    return {
        "old": {"source": HERE, "aliases": ["alias"], "prices": [{"input": "1", "output": "2"}]},
        "other": {"source": HERE, "aliases": [], "prices": [{"input": "3", "output": "4"}]},
    }


def applied(**found: Any) -> dict[str, Any]:
    return corrections.apply(base(), found)


def test_a_price_replaces_the_whole_history_and_its_tiers():
    """Half of an old table under a new price would be worse than none."""
    before = base()
    before["old"]["tiers"] = {"flex": [{"input": "0.5", "output": "1"}]}
    rows = [{"input": "9", "output": "10"}]
    model = corrections.apply(before, {"models": {"old": {"source": HERE, "prices": rows}}})["old"]
    assert model == {"source": HERE, "aliases": ["alias"], "prices": rows}


def test_long_context_is_written_out_as_a_band():
    """Input and cache by one factor, output by the other."""
    row = {"input": "2", "cache_read": "0.1", "output": "10", "long": {"above": 100, "input": "2", "output": "1.5"}}
    model = applied(models={"new": {"source": HERE, "prices": [row]}})["new"]
    assert model["prices"][0]["bands"] == [{"above": 100, "input": "4", "cache_read": "0.2", "output": "15"}]


def test_a_tier_factor_is_written_out_over_every_period():
    """Cut at its own dates."""
    prices = [{"input": "2", "output": "4", "until": "2026-06-01"}, {"input": "1", "output": "2", "from": "2026-06-01"}]
    tiers = {"fast": [{"factor": "3", "until": "2026-09-01"}, {"factor": "6", "from": "2026-09-01"}]}
    model = applied(models={"new": {"source": HERE, "prices": prices, "tiers": tiers}})["new"]
    assert [(row.get("from"), row.get("until"), row["input"]) for row in model["tiers"]["fast"]] == [
        (None, "2026-06-01", "6"),
        ("2026-06-01", "2026-09-01", "3"),
        ("2026-09-01", None, "6"),
    ]


def test_a_renamed_model_is_still_found_by_its_old_name():
    """And a copied one leaves the original where it is."""
    found = applied(models={"new": {"source": HERE, "rename": "old"}, "twin": {"source": HERE, "copy": "other"}})
    assert "old" not in found
    assert found["new"]["aliases"] == ["alias", "old"]
    assert found["twin"]["prices"] == found["other"]["prices"]


def test_an_alias_belongs_to_the_model_that_claims_it():
    """Otherwise the first file in the alphabet would win."""
    found = applied(models={"other": {"source": HERE, "aliases": ["alias"]}})
    assert (found["old"]["aliases"], found["other"]["aliases"]) == ([], ["alias"])


def test_a_rate_is_derived_only_where_none_is_published():
    """In bands and tiers too."""
    before = base()
    before["old"]["prices"][0] |= {"cache_read": "0.7", "bands": [{"above": 9, "input": "2", "output": "4"}]}
    rule = {"rate": "cache_read", "of": "input", "factor": "0.1"}
    found = corrections.apply(before, {"rates": [rule]})
    assert found["old"]["prices"][0]["cache_read"] == "0.7"
    assert found["old"]["prices"][0]["bands"][0]["cache_read"] == "0.2"
    assert found["other"]["prices"][0]["cache_read"] == "0.3"


def test_a_past_price_that_cannot_be_is_left_out():
    """The one before it holds on until the next."""
    rows = [
        {"input": "1", "output": "2", "until": "2026-02-01"},
        {"input": "0.01", "output": "2", "from": "2026-02-01", "until": "2026-03-01"},
        {"input": "1", "output": "3", "from": "2026-03-01"},
    ]
    before = {"m": {"source": HERE, "aliases": [], "prices": rows}}
    found = corrections.apply(before, {"outliers": "why"})["m"]["prices"]
    assert [(row["input"], row.get("until")) for row in found] == [("1", "2026-03-01"), ("1", None)]


@pytest.mark.parametrize(
    "entry",
    [
        {"models": {"new": {"prices": [{"input": "1", "output": "2"}]}}},
        {"models": {"new": {"source": HERE}}},
        {"models": {"new": {"source": HERE, "rename": "gone"}}},
        {"popular": ["nothing"]},
    ],
    ids=["no source", "no price", "no original", "popular without price"],
)
def test_a_careless_correction_is_refused(entry):
    """The generator stops instead of writing half a table."""
    with pytest.raises(corrections.CorrectionError):
        corrections.apply(base(), entry)


def test_patterns_in_a_policy_are_written_out():
    """The engine compares names and nothing else."""
    found = {"policy": {"uplifts": [{"fact": "endpoint_region", "factor": "1.1", "models": ["o*"]}]}}
    assert corrections.policy(found, base())["uplifts"][0]["models"] == ["old", "other"]
