"""How a price is written down."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesession.domain.pricing import Cost, CostStatus, decimal_string


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
