"""Amounts as programs write them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from codesession.api.config import SessionOptions


@pytest.mark.parametrize(
    ("given", "picousd"),
    [(5, 5 * 10**12), (0.1, 10**11), ("0.30", 3 * 10**11), (Decimal("1e-12"), 1), (0, 0), (2.675, 2_675_000_000_000)],
)
def test_an_amount_is_the_decimal_it_is_written_as(given: int | float | str | Decimal, picousd: int) -> None:
    """A float too: 0.1 is ten cents, not the nearest binary fraction."""
    assert SessionOptions(budget=given).budget_picousd == picousd


def test_no_budget_is_none() -> None:
    """And not 0, which would stop everything."""
    assert SessionOptions().budget_picousd is None
