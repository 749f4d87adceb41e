"""Moments as whole milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from codesession.domain.times import epoch_ms

MIDNIGHT_MS = 1_791_331_200_000
"""2026-10-07T00:00:00Z"""


def test_the_last_microsecond_of_a_day_is_of_that_day() -> None:
    """Rounded, it would be the first of the next one."""
    assert epoch_ms(datetime(2026, 10, 6, 23, 59, 59, 999_999, tzinfo=UTC)) == MIDNIGHT_MS - 1
    assert epoch_ms(datetime(2026, 10, 7, tzinfo=UTC)) == MIDNIGHT_MS


def test_without_a_zone_it_is_utc() -> None:
    """And any zone names the same moment."""
    assert epoch_ms(datetime(2026, 10, 7)) == MIDNIGHT_MS
    assert epoch_ms(datetime(2026, 10, 7, 2, tzinfo=timezone(timedelta(hours=2)))) == MIDNIGHT_MS


@given(st.integers(0, 2**47), st.integers(0, 999))
def test_every_moment_lies_in_its_millisecond(ms: int, microseconds: int) -> None:
    """Up to the year 6429, where seconds as a float hold fewer digits."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms, microseconds=microseconds)
    assert epoch_ms(moment) == ms
