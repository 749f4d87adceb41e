"""Money keeps every digit at rest and never looks like nothing to a person."""

from __future__ import annotations

from decimal import Context, Decimal, Inexact, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesession.domain.money import MAX_PICOUSD, PICO, dollars, format_usd, from_picousd, json_usd, to_picousd
from codesession.errors import InvalidInputError

amounts = st.integers(-MAX_PICOUSD, MAX_PICOUSD)


@given(amounts)
def test_pico_dollars_come_back_from_dollars_unchanged(picousd: int) -> None:
    """The whole range of a 64-bit column survives the way to `Decimal` and back."""
    assert to_picousd(from_picousd(picousd)) == picousd


@pytest.mark.parametrize(
    ("usd", "picousd"),
    [
        ("0.0000000000005", 0),
        ("0.0000000000015", 2),
        ("0.00000000000051", 1),
        ("-0.0000000000015", -2),
        ("0.1", 10**11),
    ],
)
def test_below_a_pico_dollar_halves_go_to_the_even_neighbour(usd: str, picousd: int) -> None:
    """Rounding always up would make a million cheap calls dearer than they were."""
    assert to_picousd(Decimal(usd)) == picousd


@pytest.mark.parametrize(
    ("picousd", "usd"), [(54 * 10**9, 0.054), (3 * 10**11, 0.3), (0, 0.0), (49, 0.0), (51, 1e-10), (-(10**12), -1.0)]
)
def test_json_money_is_a_number_rounded_to_a_tenth_of_a_nano_dollar(picousd: int, usd: float) -> None:
    """The contract's numbers are the shortest ones: 0.054, not 0.05400000000000001."""
    assert json_usd(picousd) == usd


@given(st.integers(0, MAX_PICOUSD))
def test_json_money_is_never_further_off_than_its_rounding(picousd: int) -> None:
    """Half of 1e-10 dollars, and what a 64-bit float can hold of millions."""
    off = abs(Decimal(json_usd(picousd)) - from_picousd(picousd))
    assert off <= Decimal("0.5e-10") + from_picousd(picousd) * Decimal(2) ** -52


@pytest.mark.parametrize(
    ("picousd", "words"),
    [
        (None, "unpriced"),
        (0, "$0.00"),
        (1, "$0.0000000000010"),
        (12_340_000, "$0.000012"),
        (54_200_000_000, "$0.0542"),
        (12_345_000_000_000, "$12.34"),
        (12_355_000_000_000, "$12.36"),
        (1_234_567 * PICO, "$1,234,567.00"),
        (-250_000_000_000, "$-0.2500".replace("$-", "-$")),
    ],
)
def test_people_read_cents_from_a_dollar_up_and_more_digits_below(picousd: int | None, words: str) -> None:
    """Unknown is a word, nothing is two zeros, anything else has digits that differ from zero."""
    assert format_usd(picousd) == words


@given(st.integers(1, MAX_PICOUSD))
def test_no_spending_looks_like_none_or_like_much_else(picousd: int) -> None:
    """What is printed is within half a per cent below a dollar, within half a cent above; never zero."""
    shown = Decimal(format_usd(picousd).removeprefix("$").replace(",", ""))
    exact = from_picousd(picousd)
    assert shown > 0
    assert abs(shown - exact) <= max(exact * Decimal("0.05"), Decimal("0.005") if picousd >= PICO else 0)


@pytest.mark.parametrize("context", [Context(prec=5), Context(traps=[Inexact])])
def test_the_decimal_context_of_the_program_around_does_not_matter(context: Context) -> None:
    """The Python API runs inside other people's programs, which set precision and traps as they need them."""
    with localcontext(context):
        assert to_picousd(Decimal("12345.678901234567")) == 12_345_678_901_234_567
        assert from_picousd(12_345_678_901_234_567) == Decimal("12345.678901234567")
        assert [format_usd(each) for each in (12_345_678_901_234_567, 54_219_999_999, 12_345_678)] == [
            *("$12,345.68", "$0.0542", "$0.000012")
        ]


@pytest.mark.parametrize("given", ["", "five", "NaN", float("inf"), -0.01, 1_000_001, True and "1,5"])
def test_what_is_no_amount_is_refused(given: int | float | str) -> None:
    """`$` may stand before it, nothing else."""
    with pytest.raises(InvalidInputError, match="no amount in dollars"):
        dollars(given)
    assert dollars("$0.30") == Decimal("0.30")
