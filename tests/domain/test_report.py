"""Sums of usage and the user's own currency."""

from __future__ import annotations

from decimal import Decimal

from codesession.domain.money import PICO
from codesession.domain.report import COUNTER_NAMES, CallFilter, Currency, UsageTotals
from codesession.store.queries import COUNTERS


def test_the_counters_are_those_the_store_keeps() -> None:
    """Rows come from the database by position, so names and order must be the same."""
    assert COUNTER_NAMES == COUNTERS


def test_sums_add_and_take_away_every_counter() -> None:
    """Nothing is left out of a sum."""
    one = UsageTotals(**{name: number for number, name in enumerate(COUNTER_NAMES, 1)})

    assert UsageTotals.total([one, one]) == one + one
    assert (one + one) - one == one
    assert UsageTotals.total([]) == UsageTotals()


def test_calls_without_any_price_have_no_cost_rather_than_none() -> None:
    """Nothing used costs 0; something used at an unknown price costs an unknown amount."""
    assert UsageTotals().known_cost_picousd == 0
    assert UsageTotals(requests=2, unpriced_requests=2).known_cost_picousd is None
    assert UsageTotals(requests=2, unpriced_requests=1, cost_picousd=5).known_cost_picousd == 5
    assert UsageTotals(requests=2, unpriced_requests=1).is_partial
    assert UsageTotals(requests=2, lower_bound_requests=1).is_partial


def test_uncached_input_is_what_no_cache_gave_or_took() -> None:
    """The prompt holds cache reads and writes."""
    totals = UsageTotals(input_tokens=100, cache_read_input_tokens=60, cache_write_input_tokens=30)

    assert totals.uncached_input_tokens == 10


def test_only_filters_of_calls_split_sessions() -> None:
    """A session is of one project as a whole."""
    assert not CallFilter(projects=("a",)).splits_sessions
    assert CallFilter(models=("a",)).splits_sessions


def test_a_currency_multiplies_exactly() -> None:
    """No binary fraction on the way: a third of a cent stays what it is."""
    euro = Currency(code="EUR", rate=Decimal("0.92"))

    assert euro.convert(3 * PICO) == Decimal("2.76")
    assert euro.format(12_345 * PICO // 1000) == "€11.36"
    assert euro.format(None) == "unpriced"
    assert Currency(code="CHF", rate=Decimal(1)).format(PICO) == "CHF 1.00"


def test_a_sum_says_when_it_is_not_all() -> None:
    """Unpriced calls make the true cost higher; nothing priced is no figure."""
    euro = Currency(code="EUR", rate=Decimal("0.5"))
    part = UsageTotals(requests=2, unpriced_requests=1, cost_picousd=PICO)
    assert UsageTotals(requests=2, cost_picousd=2 * PICO).cost_text() == "$2.00"
    assert (part.cost_text(), part.cost_text(euro)) == ("≥ $1.00", "≥ €0.5000")
    assert UsageTotals(requests=1, unpriced_requests=1).cost_text(euro) == "unpriced"
