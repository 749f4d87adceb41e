"""
Cut time into the days, weeks and months of a time zone.

Usage is summed in quarters of an hour of UTC. Every zone's offset since 1972 is a multiple of that, so a local day
is a whole number of quarters, also on the days the clock is changed and in zones at 30 or 45 minutes past.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from codesession.domain.report import Bucket, Span

GRAIN_MS = 15 * 60 * 1000
HOUR_MS = 60 * 60 * 1000
DAY_MS = 24 * HOUR_MS

FIRST_YEAR, LAST_YEAR = 1971, 9000
"""Days of these can be asked for: every zone can show them, and what lies around them."""

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of time during which a zone's clock was not changed."""

    span: Span
    offset_ms: int
    """What is added to UTC to get local time."""


def offset_ms(zone: tzinfo, at_ms: int) -> int:
    """Offset of a zone from UTC at a moment."""
    offset = datetime.fromtimestamp(at_ms // 1000, zone).utcoffset() or timedelta(0)
    return offset // timedelta(milliseconds=1)


def segments(zone: tzinfo, span: Span) -> Iterator[Segment]:
    """
    A span cut where the zone's offset changes, to a quarter of an hour.

    No zone changes its clock twice within a day, so a look at every day finds all changes.
    """
    start, offset = span.start_ms, offset_ms(zone, span.start_ms)
    seen = start
    while seen < span.end_ms:
        following = min(seen + DAY_MS, span.end_ms)
        if offset_ms(zone, following) != offset:
            change = _first_change(zone, seen, following, offset)
            if change >= span.end_ms:
                break
            yield Segment(span=Span(start_ms=start, end_ms=change), offset_ms=offset)
            start = following = change
            offset = offset_ms(zone, change)
        seen = following
    yield Segment(span=Span(start_ms=start, end_ms=span.end_ms), offset_ms=offset)


def _first_change(zone: tzinfo, before: int, after: int, offset: int) -> int:
    """The first quarter of an hour in (before, after] at whose start the offset is another."""
    low, high = before // GRAIN_MS, -(-after // GRAIN_MS)
    while high - low > 1:
        middle = (low + high) // 2
        if offset_ms(zone, middle * GRAIN_MS) == offset:
            low = middle
        else:
            high = middle
    return high * GRAIN_MS


def day_of(slot: int) -> date:
    """The date of a day's slot."""
    return _EPOCH + timedelta(days=slot)


def local_date(zone: tzinfo, at_ms: int) -> date:
    """The date in a zone at a moment."""
    return datetime.fromtimestamp(at_ms // 1000, zone).date()


def day_start_ms(zone: tzinfo, day: date) -> int:
    """The first moment of a date; where midnight is skipped, the moment the clock jumps over it."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC).timestamp()) * 1000


def days_span(zone: tzinfo, first: date, last: date) -> Span:
    """From the first moment of one date to the end of another."""
    return Span(start_ms=day_start_ms(zone, first), end_ms=day_start_ms(zone, last + timedelta(days=1)))


def bucket_first_day(bucket: Bucket, day: date, *, week_start: int = 0) -> date:
    """The first day of the week or month a day is in. `week_start` is 0 for Monday, 6 for Sunday."""
    if bucket is Bucket.MONTH:
        return day.replace(day=1)
    if bucket is Bucket.WEEK:
        return day - timedelta(days=(day.weekday() - week_start) % 7)
    return day


def bucket_last_day(bucket: Bucket, first: date) -> date:
    """The last day of the bucket that begins on `first`."""
    if bucket is Bucket.MONTH:
        return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return first + timedelta(days=6) if bucket is Bucket.WEEK else first


def earlier_bucket(bucket: Bucket, first: date, count: int) -> date:
    """
    The first day of the bucket that lies `count` buckets before the one beginning on `first`.

    Never before 1970, when the time of calls begins: so far back every `count` means all there is.
    """
    if bucket is Bucket.MONTH:
        months = max(first.year * 12 + first.month - 1 - count, _EPOCH.year * 12)
        return date(months // 12, months % 12 + 1, 1)
    days = count * (7 if bucket is Bucket.WEEK else 1)
    return first - timedelta(days=min(days, (first - _EPOCH).days))


def bucket_label(bucket: Bucket, first: date) -> str:
    """`2026-11-22`, and `2026-11` for a month; a week is named by its first day."""
    return f"{first:%Y-%m}" if bucket is Bucket.MONTH else first.isoformat()
