"""
Money: integer pico-dollars (1e-12 USD) at rest, `Decimal` dollars in between, never binary floats.

Micro-dollars are too coarse: one DeepSeek cache-hit token costs 2.8e-9 USD, and batch and residency
factors add digits.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

from codesession.errors import InvalidInputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codesession.domain.report import Currency

PICO = 10**12
"""Pico-dollars in one dollar."""

MAX_PICOUSD = 2**63 - 1
"""What a 64-bit column holds: about 9.2 million dollars for one figure."""

MAX_USD = Decimal(1_000_000)
"""More than anybody means by an amount they type: a budget, a cost."""

MAX_CALL_USD = Decimal(100_000)
"""No call costs more, whatever its counts claim; keeps sums within what a column holds."""

EXACT = Context(prec=80, rounding=ROUND_HALF_EVEN)
"""Wide enough that no product or sum of prices is ever rounded, whatever context the caller's program has set."""

_ONE = Decimal(1)
_PICO = Decimal(PICO)


def dollars(amount: object) -> Decimal:
    """An amount as the decimal it is written as; raises `InvalidInputError` for what is none."""
    try:
        found = Decimal(str(amount).strip().removeprefix("$"))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or not 0 <= found <= MAX_USD:
        raise InvalidInputError(f"{amount!r} is no amount in dollars from 0 to {MAX_USD:,}")
    return found


def to_picousd(usd: Decimal) -> int:
    """Dollars to pico-dollars, half to even below one pico-dollar."""
    return int(EXACT.quantize(EXACT.multiply(usd, _PICO), _ONE))


def from_picousd(picousd: int) -> Decimal:
    """Pico-dollars to dollars, exactly."""
    return Decimal(picousd).scaleb(-12, EXACT)


def json_usd(picousd: int) -> float:
    """Dollars as the JSON contract prints them: a number rounded to 1e-10."""
    return round(picousd / PICO, 10)


class CostSum:
    """What sums the costs of calls, some of which may be unknown or at least so much."""

    __slots__ = ()
    requests: int
    unpriced_requests: int
    lower_bound_requests: int
    cost_picousd: int

    @property
    def known_cost_picousd(self) -> int | None:
        """The cost, or None when no call of several has one."""
        return None if self.requests and self.requests <= self.unpriced_requests else self.cost_picousd

    @property
    def is_partial(self) -> bool:
        """Whether the true cost is higher than the known one."""
        return bool(self.unpriced_requests or self.lower_bound_requests)

    def cost_text(self, currency: Currency | None = None) -> str:
        """The cost for people, as `format_at_least` has it."""
        return format_at_least(self.known_cost_picousd, partial=self.is_partial, currency=currency)


def format_at_least(picousd: int | None, *, partial: bool, currency: Currency | None = None) -> str:
    """Money for people, with a mark when the true amount is higher: `≥ $1.25`; `unpriced` for None."""
    text = format_usd(picousd) if currency is None else currency.format(picousd)
    return f"≥ {text}" if partial and picousd is not None else text


def format_usd(picousd: int | None) -> str:
    """
    Dollars for people: cents from one dollar up, more digits below, so that no spending looks like none.

    >>> [format_usd(int(x * PICO)) for x in (0, 12.345, 0.0542, 0.00001234)]
    ['$0.00', '$12.35', '$0.0542', '$0.000012']
    """
    if picousd is None:
        return "unpriced"
    sign, value = ("-", -picousd) if picousd < 0 else ("", picousd)
    usd = from_picousd(value)
    if value == 0 or value >= PICO:
        return f"{sign}${EXACT.quantize(usd, Decimal('0.01')):,}"
    if value >= PICO // 100:
        return f"{sign}${EXACT.quantize(usd, Decimal('0.0001'))}"
    digits = 1 - usd.adjusted()
    return f"{sign}${EXACT.quantize(usd, Decimal(1).scaleb(-digits, EXACT)):f}"
