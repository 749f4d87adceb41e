"""Counts and money that others wrote."""

from __future__ import annotations

from decimal import Decimal

import pytest

from codesession.providers.counting import Findings, checked_usage, exact_decimal, exact_usd, tier, whole_number


@pytest.mark.parametrize("value", [-1, 1.5, True, "7", "", [], {}, 10**13, 10**100, float("nan"), float("inf"), None])
def test_what_is_no_believable_count_is_none(value: object) -> None:
    """Nothing of it crashes and nothing becomes a number."""
    assert whole_number(value) is None


def test_invalid_counts_are_doubted_and_missing_ones_are_not() -> None:
    """Null and absent mean nothing; a wrong value is a contradiction."""
    findings = Findings()
    assert findings.count({"a": None}, "a", "b") is None
    assert not findings.mismatch
    assert findings.count({"a": "7"}, "a") is None
    assert findings.mismatch
    assert findings.warnings == ["a is not a count"]
    assert findings.missing


def test_tokens_that_another_count_holds_are_not_missing() -> None:
    """They are billed, only not as what they were."""
    findings = Findings()
    assert findings.detail({"cached": "7"}, "cached") is None
    assert (findings.mismatch, findings.unreadable, findings.missing) == (True, True, False)


def test_the_first_name_that_is_not_null_counts() -> None:
    """Providers give one count several names."""
    assert Findings().count({"a": None, "b": 0, "c": 5}, "a", "b", "c") == 0


def test_wrong_containers_are_empty_and_doubted() -> None:
    """A list where an object belongs, and the other way round."""
    findings = Findings()
    assert findings.child({"details": [1]}, "details") == {}
    assert findings.objects({"items": {"a": 1}}, "items") == []
    assert len(findings.warnings) == 2
    assert findings.objects({"items": [1, {"a": 1}, None]}, "items") == [{"a": 1}]


@pytest.mark.parametrize(
    ("value", "digits"),
    [(0.1, "0.1"), (0.00385548, "0.00385548"), (1e-7, "1E-7"), (3, "3"), ("0.25", "0.25"), (Decimal("1.10"), "1.10")],
)
def test_money_keeps_the_digits_that_were_sent(value: object, digits: str) -> None:
    """A float goes through its shortest form, never through binary arithmetic."""
    assert exact_decimal(value) == Decimal(digits)


@pytest.mark.parametrize("value", [-1, True, None, "", "free", float("nan"), float("inf"), 10**30, 10**100, [], "1e99"])
def test_what_is_no_amount_is_none(value: object) -> None:
    """No crash and no nonsense in the ledger."""
    assert exact_decimal(value) is None
    assert exact_usd(value) is None


def test_an_amount_that_no_call_costs_is_none() -> None:
    """The ledger could not hold it."""
    assert exact_usd(10**8) is None
    assert exact_usd(12.5) == Decimal("12.5")


@pytest.mark.parametrize(
    ("value", "name"),
    [("Priority", "priority"), ("SERVICE_TIER_FLEX", "flex"), ({"type": "flex"}, "flex"), ("auto", None),
     ("", None), (5, None), ("TRAFFIC_TYPE_UNSPECIFIED", None)],
)  # fmt: skip
def test_tiers_have_one_spelling(value: object, name: str | None) -> None:
    """`auto` is a wish, not a tier that served."""
    assert tier(value) == name


def test_parts_that_exceed_their_whole_make_it_grow() -> None:
    """The uncached prompt is never negative, and the contradiction shows."""
    findings = Findings()
    usage = checked_usage(findings, input_tokens=5, output_tokens=1, cache_read=4, write_1h=3, reasoning=9)
    assert usage.input_tokens == 7
    assert usage.cache_write_input_tokens == 3
    assert usage.output_tokens == 9
    assert usage.uncached_input_tokens == 0
    assert len(findings.warnings) == 3
    assert findings.mismatch


def test_audio_that_was_cached_is_cached_audio() -> None:
    """What does not fit the uncached prompt was read from the cache."""
    usage = checked_usage(Findings(), input_tokens=100, output_tokens=0, cache_read=70, audio_input=50)
    assert usage.audio_input_tokens == 30
    assert usage.cache_read_audio_input_tokens == 20
