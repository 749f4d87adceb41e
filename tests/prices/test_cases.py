"""
Whole calls, from the usage object a provider sends to the dollars on its invoice.

A case is a record as `cs pricing calc` takes it, with the dollars it must come to (`usd`, null where they cannot be
known) and the page that says so. `sum` is the arithmetic behind the dollars: tokens x dollars per million x factors,
`$` before what is not multiplied.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from codesession.domain.pricing import decimal_string
from codesession.prices.book import PriceBook
from codesession.services.calculating import calculate

CASES = [
    pytest.param(case, id=f"{path.stem}-{case['id']}")
    for path in sorted(Path(__file__).parent.glob("cases*.json"))
    for case in json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
]


def worked_out(arithmetic: str) -> str:
    """`1000*3*0.5 + $0.01` in dollars."""
    total = Decimal(0)
    for term in arithmetic.split("+"):
        if term.strip().startswith("$"):
            total += Decimal(term.strip()[1:])
            continue
        product = Decimal(1)
        for factor in term.split("*"):
            product *= Decimal(factor.strip())
        total += product / 1_000_000
    return decimal_string(total)


@pytest.mark.parametrize("case", CASES)
def test_a_call_costs_what_the_provider_charges(book: PriceBook, case: dict[str, Any]):
    """To the last digit, or not at all where it cannot be known."""
    cost = calculate(case, book, now_ms=0)
    assert (None if cost.usd is None else decimal_string(cost.usd)) == case["usd"]
    assert cost.status == case.get("status", cost.status)
    assert sum((line.usd for line in cost.lines), Decimal(0)) == (cost.usd or 0)


@pytest.mark.parametrize("case", CASES)
def test_a_case_says_where_it_comes_from(case: dict[str, Any]):
    """A page to look at, and arithmetic that anybody can repeat."""
    assert case["source"].startswith("https://")
    assert "sum" not in case or worked_out(case["sum"]) == case["usd"]
