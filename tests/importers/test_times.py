"""Times as agents write them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from codesession.importers.times import epoch_ms


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-01T12:00:00.000Z",
        "2026-03-01T13:00:00+01:00",
        "2026-03-01T12:00:00",
        1_772_366_400,
        1_772_366_400_000,
        Decimal("1772366400.0009"),
    ],
)
def test_every_spelling_is_the_same_moment(value: object) -> None:
    """Text in any zone, seconds, milliseconds."""
    assert epoch_ms(value) == 1_772_366_400_000


@pytest.mark.parametrize("value", ["2026-03-01T11:59:59.999999Z", "2026-03-01T12:59:59.9996+01:00"])
def test_digits_beyond_milliseconds_are_cut(value: str) -> None:
    """A call at the end of a day has the price of that day."""
    assert epoch_ms(value) == 1_772_366_399_999


@pytest.mark.parametrize(
    "value",
    [
        *(None, "", "soon", True, -5, 10**20, [], 0),
        *("9999-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z", "1969-12-31T23:59:59.999Z"),
    ],
)
def test_what_is_no_time_is_none(value: object) -> None:
    """A log may hold anything."""
    assert epoch_ms(value) is None
