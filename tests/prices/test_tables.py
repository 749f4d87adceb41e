"""Periods, bands and policies as the files write them."""

from __future__ import annotations

from decimal import Decimal

from codesession.prices.daytime import moment_ms
from codesession.prices.tables import ModelTable, Policy, at, read_policy

TABLE = ModelTable(
    "acme",
    "m",
    {
        "source": "https://acme.test",
        "prices": [
            {"input": "1", "output": "2", "until": "2026-01-01"},
            {
                "input": "3",
                "output": "4",
                "from": "2026-01-01",
                "until": "2026-06-01T12:00Z",
                "bands": [{"above": 10, "input": "5", "output": "6"}, {"above": 100, "input": "7", "output": "8"}],
                "source": "https://acme.test/2026",
            },
        ],
    },
    Policy(),
)


def test_a_period_begins_on_its_first_moment_and_ends_before_its_last():
    """No moment has two prices, and none is lost between them."""
    before, first, last, after = (
        at(TABLE.periods, moment_ms(text) + shift)
        for text, shift in (("2026-01-01", -1), ("2026-01-01", 0), ("2026-06-01T12:00Z", -1), ("2026-06-01T12:00Z", 0))
    )
    assert before is TABLE.periods[0]
    assert first is last is TABLE.periods[1]
    assert after is None


def test_the_highest_band_that_is_exceeded_prices_the_request():
    """The threshold itself still belongs below."""
    card = TABLE.periods[1].card
    assert [card.for_prompt(tokens)[0].input for tokens in (10, 11, 100, 101)] == [3, 5, 5, 7]
    assert [card.for_prompt(tokens)[1] for tokens in (10, 11, 101)] == [None, 10, 100]


def test_a_period_may_name_its_own_source():
    """Otherwise it is the model's."""
    assert [period.source for period in TABLE.periods] == ["https://acme.test", "https://acme.test/2026"]


def test_an_uplift_reaches_the_models_it_names():
    """Or all of them."""
    policy = read_policy(
        {
            "uplifts": [
                {"fact": "endpoint_region", "factor": "1.1", "models": ["new"]},
                {"fact": "inference_geo", "factor": "1.2", "values": ["us"]},
            ]
        }
    )
    old, new = (ModelTable("acme", name, {"source": "", "prices": []}, policy) for name in ("old", "new"))
    assert [uplift.factor for uplift in old.uplifts] == [Decimal("1.2")]
    assert [uplift.factor for uplift in new.uplifts] == [Decimal("1.1"), Decimal("1.2")]
