"""Hours, days and holidays by plain arithmetic."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesession.prices.daytime import HOLIDAYS_KNOWN_UNTIL_MS, DayWindows, day_number, moment_ms

PEAK = DayWindows(((60, 240), (360, 600)), working_days_only=True)


@given(st.dates(date(1970, 1, 1), date(2200, 12, 31)))
def test_days_are_counted_as_the_calendar_does(day: date):
    """Leap years and centuries included."""
    assert day_number(day.isoformat()) == (day - date(1970, 1, 1)).days


def test_a_moment_is_utc_milliseconds():
    """With or without a time of day."""
    assert moment_ms("2026-08-16T16:00Z") == int(datetime(2026, 8, 16, 16, tzinfo=UTC).timestamp() * 1000)
    assert moment_ms("2027-01-01") == HOLIDAYS_KNOWN_UNTIL_MS


@pytest.mark.parametrize(
    ("moment", "inside"),
    [
        ("2026-09-16T01:00Z", True),
        ("2026-09-16T03:59Z", True),
        ("2026-09-16T04:00Z", False),
        ("2026-09-19T02:00Z", False),
        ("2026-09-20T02:00Z", False),
        ("2026-09-21T02:00Z", True),
        ("2026-09-25T02:00Z", False),
        ("2026-10-07T07:00Z", False),
        ("2026-10-08T07:00Z", True),
    ],
)
def test_working_days_leave_out_weekends_and_holidays(moment, inside):
    """A window holds from its first minute to before its last one, on days that count."""
    assert PEAK.contain(moment_ms(moment)) is inside


def test_a_window_may_cross_midnight():
    """From half past four in the afternoon to half past midnight."""
    night = DayWindows(((16 * 60 + 30, 30),))
    start = datetime(2025, 4, 1, tzinfo=UTC)
    inside = sum(
        night.contain(int((start + timedelta(minutes=minute)).timestamp() * 1000)) for minute in range(24 * 60)
    )
    assert inside == 8 * 60
