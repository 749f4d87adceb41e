"""How a price is written down."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesession.domain.money import MAX_CALL_USD, MAX_PICOUSD, to_picousd
from codesession.domain.pricing import Cost, CostStatus, believed, decimal_string


@pytest.mark.parametrize(
    ("value", "text"),
    [("0.0100", "0.01"), ("2E+1", "20"), ("-0.00", "0"), ("2.8E-9", "0.0000000028"), ("100", "100"), ("0", "0")],
)
def test_a_decimal_is_written_without_exponent_and_trailing_zeros(value: str, text: str):
    """One spelling per value, so that figures can be compared as text."""
    assert decimal_string(Decimal(value)) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, places=20, min_value=-(10**12), max_value=10**12))
def test_a_decimal_survives_being_written(value: Decimal):
    """Nothing is rounded, whatever the number of digits."""
    assert Decimal(decimal_string(value)) == value


def test_a_cost_without_price_is_nothing_and_not_zero():
    """The default of an unknown cost has no figure and no lines."""
    cost = Cost(usd=None, status=CostStatus.UNKNOWN)
    assert (cost.usd, cost.lines, cost.warnings) == (None, (), ())


def test_a_cost_no_call_can_have_is_no_cost() -> None:
    """Whatever is believed fits into the ledger, and many of them into its sums; the rest is unknown and says why."""
    assert 90 * to_picousd(MAX_CALL_USD) <= MAX_PICOUSD
    dearest = Cost(usd=MAX_CALL_USD, status=CostStatus.EXACT, price_version="v")
    assert believed(dearest) is dearest
    beyond = believed(dearest._replace(usd=MAX_CALL_USD + Decimal("0.01"), warnings=("a doubt",)))
    assert (beyond.usd, beyond.status, beyond.price_version) == (None, CostStatus.UNKNOWN, "v")
    assert beyond.warnings == ("a doubt", "a single call does not cost $100,000.01: its counts are not believed")
