"""
When a budget lets a call go. Plain functions over integers: hooks and status lines need them before anything else
is loaded. Amounts in pico-dollars, times in UTC epoch milliseconds.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo


def fits(limit: int, committed: int, estimate: int, *, strict: bool) -> bool:
    """
    Whether a call may begin when so much is committed already.

    Strict: even the upper estimate of the call stays within the limit. Otherwise something must be left: the last
    call may then go beyond the limit, by no more than its own upper estimate.
    """
    return committed + estimate <= limit if strict else committed < limit


def is_reached(limit: int, spent: int) -> bool:
    """Whether nothing is left, so that no further call could begin."""
    return spent >= limit


def is_partial(unpriced_calls: int, lower_bound_calls: int, calls_held: int) -> bool:
    """Whether more may be used than is known: nothing is held for some of the calls whose cost is not wholly known."""
    return unpriced_calls + lower_bound_calls > calls_held


def window_start_ms(period: str, now_ms: int, zone: tzinfo) -> int | None:
    """The first moment of the day, week (from Monday) or month in a zone; None for `total`."""
    if period == "total":
        return None
    today = datetime.fromtimestamp(now_ms // 1000, zone).date()
    if period == "month":
        today = today.replace(day=1)
    elif period == "week":
        today -= timedelta(days=today.weekday())
    start = datetime(today.year, today.month, today.day, tzinfo=zone)
    return int(start.astimezone(UTC).timestamp()) * 1000
