"""
Prices that depend on the hour: windows of the UTC day, working days and Chinese public holidays.

Plain integer arithmetic on UTC epoch milliseconds; no clock and no time zone data is consulted.
"""

from __future__ import annotations

from codesession.domain.facts import NamedTuple

DAY_MS = 86_400_000
_MINUTE_MS = 60_000

HOLIDAYS_KNOWN_UNTIL_MS = 1_798_761_600_000
"""2027-01-01T00:00Z: the State Council had published the days off of 2026 and no later year."""

_HOLIDAYS_2026 = (
    ("2026-01-01", 3),
    ("2026-02-15", 9),
    ("2026-04-04", 3),
    ("2026-05-01", 5),
    ("2026-06-19", 3),
    ("2026-09-25", 3),
    ("2026-10-01", 7),
)
"""First day and length: notice of the General Office of the State Council, November 2025, on the days off of 2026."""


def day_number(date: str) -> int:
    """Days since 1970-01-01 of an ISO date (civil calendar, no datetime import on hot paths)."""
    year, month, day = (int(part) for part in date.split("-"))
    shifted = year - (month <= 2)
    era = shifted // 400
    year_of_era = shifted - era * 400
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719468


def moment_ms(text: str) -> int:
    """UTC epoch milliseconds of `2026-08-16` or `2026-08-16T16:00Z`."""
    date, _, clock = text.rstrip("Z").partition("T")
    return day_number(date) * DAY_MS + (minute_of_day(clock) * _MINUTE_MS if clock else 0)


def minute_of_day(clock: str) -> int:
    """Minutes since midnight of `HH:MM`."""
    hours, minutes = clock.split(":")[:2]
    return int(hours) * 60 + int(minutes)


_CHINESE_HOLIDAYS = frozenset(
    day_number(first) + offset for first, length in _HOLIDAYS_2026 for offset in range(length)
)


class DayWindows(NamedTuple):
    """Parts of the UTC day, from inclusive to exclusive; a window that ends before it starts crosses midnight."""

    minutes: tuple[tuple[int, int], ...]
    working_days_only: bool = False
    """Monday to Friday and no Chinese public holiday. All windows in use fall on one date in UTC and in Beijing."""

    def contain(self, at_ms: int) -> bool:
        """Whether the moment lies inside."""
        day, rest = divmod(at_ms, DAY_MS)
        if self.working_days_only and ((day + 3) % 7 >= 5 or day in _CHINESE_HOLIDAYS):
            return False
        minute = rest // _MINUTE_MS
        return any(
            start <= minute < end if start < end else minute >= start or minute < end for start, end in self.minutes
        )

    def certain(self, at_ms: int) -> bool:
        """Whether the calendar that decides is known for that day."""
        return not self.working_days_only or at_ms < HOLIDAYS_KNOWN_UNTIL_MS
