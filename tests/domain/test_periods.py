"""Days, weeks and months of time zones."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesession.domain.periods import (
    DAY_MS,
    GRAIN_MS,
    HOUR_MS,
    bucket_first_day,
    bucket_label,
    bucket_last_day,
    day_of,
    day_start_ms,
    days_span,
    earlier_bucket,
    local_date,
    offset_ms,
    segments,
)
from codesession.domain.report import Bucket, Span

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Africa/Casablanca",
)


def test_the_day_the_clock_goes_forward_has_23_hours_in_berlin() -> None:
    """2026-03-29 loses an hour, 2026-10-25 wins one."""
    zone = ZoneInfo("Europe/Berlin")
    lengths = [days_span(zone, day, day) for day in (date(2026, 3, 29), date(2026, 10, 25), date(2026, 6, 1))]

    assert [(span.end_ms - span.start_ms) // HOUR_MS for span in lengths] == [23, 25, 24]


def test_lord_howe_changes_its_clock_by_half_an_hour() -> None:
    """2026-04-05 has 24.5 hours there."""
    span = days_span(ZoneInfo("Australia/Lord_Howe"), date(2026, 4, 5), date(2026, 4, 5))

    assert (span.end_ms - span.start_ms) / HOUR_MS == 24.5


def test_apia_has_no_30th_of_december_2011() -> None:
    """The island moved over the date line: the 30th begins when the 31st does."""
    zone = ZoneInfo("Pacific/Apia")

    assert day_start_ms(zone, date(2011, 12, 30)) == day_start_ms(zone, date(2011, 12, 31))
    assert local_date(zone, day_start_ms(zone, date(2011, 12, 31)) - 1) == date(2011, 12, 29)


def test_a_midnight_that_is_skipped_begins_its_day_at_the_jump() -> None:
    """Beirut goes from 24:00 straight to 01:00 on 2026-03-29."""
    start = day_start_ms(ZoneInfo("Asia/Beirut"), date(2026, 3, 29))

    assert datetime.fromtimestamp(start / 1000, UTC) == datetime(2026, 3, 28, 22, tzinfo=UTC)


def test_segments_meet_where_the_clock_is_changed() -> None:
    """A year in New York has three stretches; the cuts are the moments of change."""
    zone = ZoneInfo("America/New_York")
    found = list(segments(zone, days_span(zone, date(2026, 1, 1), date(2026, 12, 31))))

    assert [segment.offset_ms // HOUR_MS for segment in found] == [-5, -4, -5]
    assert datetime.fromtimestamp(found[1].span.start_ms / 1000, UTC) == datetime(2026, 3, 8, 7, tzinfo=UTC)
    assert datetime.fromtimestamp(found[1].span.end_ms / 1000, UTC) == datetime(2026, 11, 1, 6, tzinfo=UTC)


@given(
    zone_name=st.sampled_from(ZONES),
    start=st.integers(315_532_800_000 // GRAIN_MS, 2_200_000_000_000 // GRAIN_MS),
    length=st.integers(1, 3 * 365 * 96),
    probe=st.floats(0, 1),
)
def test_every_quarter_of_an_hour_falls_into_the_day_the_zone_says(
    zone_name: str, start: int, length: int, probe: float
) -> None:
    """Segments cover a span without gap or overlap, and their offset gives the local date of any quarter."""
    zone = ZoneInfo(zone_name)
    span = Span(start_ms=start * GRAIN_MS, end_ms=(start + length) * GRAIN_MS)
    found = list(segments(zone, span))
    at = (start + int(probe * (length - 1))) * GRAIN_MS
    (inside,) = (segment for segment in found if segment.span.start_ms <= at < segment.span.end_ms)

    assert found[0].span.start_ms == span.start_ms
    assert found[-1].span.end_ms == span.end_ms
    assert all(a.span.end_ms == b.span.start_ms for a, b in itertools.pairwise(found))
    # St. John's and Casablanca changed at one minute past: within that quarter the first minute decides
    assert inside.offset_ms == offset_ms(zone, at)
    assert day_of((at + inside.offset_ms) // DAY_MS) == local_date(zone, at)


@pytest.mark.parametrize(
    ("bucket", "week_start", "first", "last", "label"),
    [
        (Bucket.DAY, 0, date(2026, 11, 22), date(2026, 11, 22), "2026-11-22"),
        (Bucket.WEEK, 0, date(2026, 11, 16), date(2026, 11, 22), "2026-11-16"),
        (Bucket.WEEK, 6, date(2026, 11, 22), date(2026, 11, 28), "2026-11-22"),
        (Bucket.MONTH, 0, date(2026, 11, 1), date(2026, 11, 30), "2026-11"),
    ],
)
def test_a_sunday_belongs_to_its_bucket(bucket: Bucket, week_start: int, first: date, last: date, label: str) -> None:
    """Weeks begin on Monday or Sunday, months on the first."""
    found = bucket_first_day(bucket, date(2026, 11, 22), week_start=week_start)

    assert (found, bucket_last_day(bucket, found), bucket_label(bucket, found)) == (first, last, label)


def test_earlier_months_cross_the_year() -> None:
    """Eleven months before January is February of the year before."""
    assert earlier_bucket(Bucket.MONTH, date(2026, 1, 1), 11) == date(2025, 2, 1)
    assert earlier_bucket(Bucket.WEEK, date(2026, 1, 5), 1) == date(2025, 12, 29)
    assert earlier_bucket(Bucket.DAY, date(2026, 3, 1), 1) == date(2026, 3, 1) - timedelta(days=1)


@pytest.mark.parametrize("bucket", [Bucket.DAY, Bucket.WEEK, Bucket.MONTH])
def test_no_bucket_is_earlier_than_time(bucket: Bucket) -> None:
    """There is no year 0, and no call before 1970: more buckets than that are all there are."""
    assert earlier_bucket(bucket, date(2026, 11, 1), 100_000) == date(1970, 1, 1)
    assert earlier_bucket(bucket, date(2026, 11, 1), 500) > date(1970, 1, 1)
