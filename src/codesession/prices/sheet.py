"""
Prices made ready for calls that are alike in all but their counts and their time.

Logs hold such calls by the hundred thousand. What the engine would say of each of them is the same but for
quantities and amounts, so that a `Sheet` is whole numbers to multiply with and the text around the products. Any call
that is not plain is left to the engine; a test holds both to the same answer.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from codesession.domain.billing import line_frame
from codesession.domain.money import EXACT, MAX_CALL_USD, PICO
from codesession.domain.pricing import Cost
from codesession.prices.tables import Rates
from codesession.prices.tariff import Tariff, Terms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codesession.domain.plain import PlainCounts

_MILLION = 1_000_000
_ZEROS = 6
"""As many zeros a division by a million can leave at the end of an amount."""
_PICO_PLACES = len(str(PICO)) - 1
_MOST_PLACES = 18
"""Amounts with more decimals are left to the engine."""
_Line = tuple[str, str, str, int, int, int]
"""The frame of a line, its price as a whole number, the decimals of the amount, and what brings it to the scale."""


class Offer:
    """One tariff for such calls."""

    def __init__(self, tariff: Tariff, blank: Callable[[Terms], Cost]) -> None:
        self._tariff = tariff
        self._blank = blank
        self._sheets: dict[int, Sheet] = {}
        """By identity of the terms, which live as long as the tariff."""

    def sheet(self, prompt: int, at_ms: int) -> Sheet | None:
        """The prices for a prompt of that size at a moment; None when there are none."""
        terms = self._tariff.terms(prompt, at_ms)
        if terms is None:
            return None
        found = self._sheets.get(id(terms))
        if found is None:
            found = self._sheets[id(terms)] = Sheet(terms, self._blank(terms))
        return found


class Sheet:
    """The prices of one period and one size of prompt."""

    def __init__(self, terms: Terms, blank: Cost) -> None:
        self.blank = blank
        """The cost without its lines and its amount."""
        prices = [(item, price, _places(price, terms.factor)) for item, price in _items(terms.rates)]
        self._scale = max((_PICO_PLACES, *(places for _, _, places in prices if places is not None)))
        self._most = int(MAX_CALL_USD) * 10**self._scale
        self._lines = [_line(*price, terms.factor, self._scale) for price in prices]

    def bill(self, counts: PlainCounts) -> tuple[int, str] | None:
        """Pico-dollars and the evidence's lines for counts; None where they contradict each other, or experience."""
        prompt, read, written, kept_1h, output, _ = counts
        fresh, short = prompt - read - written, written - kept_1h
        if fresh < 0 or short < 0:
            return None
        total = 0
        lines: list[str] = []
        for quantity, line in zip((fresh, read, short, kept_1h, output), self._lines, strict=True):
            if quantity:
                if line is None:
                    return None
                before, between, after, price, places, weight = line
                units = quantity * price
                total += units * weight
                lines.append(f"{before}{quantity}{between}{_written(units, places)}{after}")
        if total > self._most:
            return None
        return _rounded(total, self._scale - _PICO_PLACES), ",".join(lines)


def _items(rates: Rates) -> tuple[tuple[str, Decimal | None], ...]:
    """What is billed of a plain call, in the order of the engine's lines; None where it has a doubt about the price."""
    return (
        ("uncached input", rates.input),
        ("cache read", rates.cache_read),
        ("cache write", rates.input if rates.cache_write is None else rates.cache_write),
        ("cache write 1h", rates.cache_write_1h),
        ("output", rates.output),
    )


def _places(price: Decimal | None, factor: Decimal) -> int | None:
    """Decimals of an amount at this price, before zeros are left out; None for a price not to be handled here."""
    if price is None:
        return None
    exponent = EXACT.multiply(price, factor).as_tuple().exponent
    if not isinstance(exponent, int) or not _ZEROS - _MOST_PLACES <= exponent <= 0:
        return None
    return _ZEROS - exponent


def _line(item: str, price: Decimal | None, places: int | None, factor: Decimal, scale: int) -> _Line | None:
    if price is None or places is None:
        return None
    whole = int(EXACT.multiply(price, factor).scaleb(places - _ZEROS, EXACT))
    return (*line_frame(item, price, _MILLION, factor), whole, places, 10 ** (scale - places))


def _written(units: int, places: int) -> str:
    """`units` of so many decimals, as `Decimal` writes what was divided by a million."""
    digits = str(units)
    if digits[-1] == "0":
        zeros = min(_ZEROS, len(digits) - len(digits.rstrip("0"))) if units else _ZEROS
        places -= zeros
        digits = digits[:-zeros] or "0"
        if not places:
            return digits
    if places - len(digits) >= _ZEROS:
        return str(Decimal(digits).scaleb(-places, EXACT))
    digits = digits.zfill(places + 1)
    return f"{digits[:-places]}.{digits[-places:]}"


def _rounded(total: int, places: int) -> int:
    """Half to even, as money is."""
    if not places:
        return total
    one: int = 10**places
    whole, rest = divmod(total, one)
    return whole + 1 if 2 * rest > one or (2 * rest == one and whole % 2) else whole
