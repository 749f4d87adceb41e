"""What a model cost before: every dated price, for people who look."""

from __future__ import annotations

from decimal import Decimal

from codesession.domain.facts import NamedTuple
from codesession.prices.tables import ModelTable, Period


class PastPrice(NamedTuple):
    """One dated price of a model."""

    tier: str
    """`standard`, or the name of a service tier."""
    start: str | None
    """ISO date or moment in UTC; None: since the model exists."""
    end: str | None
    """None: until further notice."""
    input: Decimal
    output: Decimal
    cache_read: Decimal | None
    cache_write: Decimal | None
    source: str


def past_prices(table: ModelTable) -> list[PastPrice]:
    """Every dated price of a model, tier by tier, the standard one first."""
    tables = {"standard": table.periods, **table.tiers}
    return [_past(tier, period) for tier, periods in tables.items() for period in periods]


def _past(tier: str, period: Period) -> PastPrice:
    rates = period.card.rates
    return PastPrice(
        tier=tier,
        start=period.start,
        end=period.end,
        input=rates.input,
        output=rates.output,
        cache_read=rates.cache_read,
        cache_write=rates.cache_write,
        source=period.source,
    )
