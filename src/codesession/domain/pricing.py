"""
A price and how it is known.

`Cost` is the answer of the price engine for one response. Money is `Decimal` US dollars here and integer
pico-dollars in the store. These are tuples because every call makes several, often in a process that lives for
that one call.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from codesession.domain.facts import NamedTuple
from codesession.domain.money import MAX_CALL_USD


class CostStatus(StrEnum):
    """How a cost is known."""

    EXACT = "exact"
    """Computed from complete usage, known facts and the price of the day."""
    REPORTED = "reported"
    """Billed amount as the provider itself reported it."""
    LIST_PRICE = "list_price"
    """Computed at list price because a fact that may change it is missing."""
    LOWER_BOUND = "lower_bound"
    """At least this much: the stream was cut or the log holds a placeholder."""
    MANUAL = "manual"
    """Given by the person or program that recorded the call."""
    UNKNOWN = "unknown"
    """No price or no usage: there is no figure."""


class PriceLine(NamedTuple):
    """One line of a bill: `usd` = quantity x price / per x multiplier."""

    item: str
    quantity: int
    price_usd: Decimal
    """List price for `per` units, before multipliers."""
    usd: Decimal
    per: int = 1_000_000
    multiplier: Decimal = Decimal(1)


class Cost(NamedTuple):
    """What one response cost. `usd` is None exactly when `status` is UNKNOWN."""

    usd: Decimal | None
    status: CostStatus
    lines: tuple[PriceLine, ...] = ()
    model: str | None = None
    """The price table entry that was used, as `provider/model`."""
    price_version: str | None = None
    """Version and date of the price data, for example `2026-11-20+genai-prices-0.2.3`."""
    source: str | None = None
    """`built-in`, `custom` (the user's pricing.json), `manual` or `reported`."""
    computed_usd: Decimal | None = None
    """The computed figure beside a provider-reported one."""
    warnings: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    """What beside the plain rates decided the price: `prompt > 272000`, `tier priority`, `batch x0.5`, …"""


def believed(cost: Cost) -> Cost:
    """
    The cost as the ledger takes it: none where a single call would cost more than can be true.

    Its counts are wrong then, whoever wrote them; the calls around it are not.
    """
    if cost.usd is None or cost.usd <= MAX_CALL_USD:
        return cost
    warning = f"a single call does not cost ${cost.usd:,.2f}: its counts are not believed"
    return Cost(
        usd=None,
        status=CostStatus.UNKNOWN,
        price_version=cost.price_version,
        warnings=(*cost.warnings, warning),
    )


class ModelRates(NamedTuple):
    """What one model charges on one day at the standard tier, US dollars per million tokens."""

    provider: str
    model: str
    input: Decimal
    output: Decimal
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None
    cache_write_1h: Decimal | None = None
    source: str = "built-in"
    """`built-in` or `custom` (the user's pricing.json)."""
    key: str | None = None
    """The name it is listed under: the plain model name, or the key of the override as the user wrote it."""
    price_version: str | None = None


def decimal_string(value: Decimal) -> str:
    """
    The one way a decimal is written: no exponent, no trailing zeros, never rounded.

    >>> decimal_string(Decimal("0.0100")), decimal_string(Decimal("2E+1")), decimal_string(Decimal("-0.0"))
    ('0.01', '20', '0')
    """
    text = str(value)
    if "E" in text:
        text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
