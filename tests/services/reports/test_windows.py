"""5-hour windows."""

from __future__ import annotations

import itertools
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from codesession.domain.periods import GRAIN_MS, HOUR_MS
from codesession.domain.report import Bucket, CallFilter
from codesession.services.reports import ReportService
from codesession.services.reports.windows import WINDOW_MS, window_starts
from codesession.store.reporting import SqlReports
from codesession.store.sql_store import SqlStore
from support.ledger import NOW_MS, make_request
from support.usage import at, call_at, request_in


def test_a_window_begins_at_the_hour_of_its_first_call(store: SqlStore, reports: ReportService) -> None:
    """It lasts five hours; the next begins with the first call behind it."""
    store.add_requests([call_at(f"2026-01-01T{time}") for time in ("09:50", "13:59", "14:00", "18:59", "23:10")])
    rows = reports.windows(request_in()).rows

    assert [row.span.start_ms for row in rows if row.span] == [
        at("2026-01-01T09:00"),
        at("2026-01-01T14:00"),
        at("2026-01-01T23:00"),
    ]
    assert [row.totals.requests for row in rows] == [2, 2, 1]
    assert not any(row.active for row in rows)


def test_windows_do_not_depend_on_the_days_asked_for(store: SqlStore, reports: ReportService) -> None:
    """A window that began the day before is not cut at midnight, nor does it shift the next."""
    store.add_requests([call_at(text) for text in ("2026-01-01T22:30", "2026-01-02T01:00", "2026-01-02T03:30")])
    day = date(2026, 1, 2)

    (row,) = reports.windows(request_in(since=day, until=day)).rows

    assert row.span is not None
    assert row.span.start_ms == at("2026-01-02T03:00")
    assert row.totals.requests == 1


def test_last_and_filters_choose_windows(store: SqlStore, reports: ReportService) -> None:
    """A filter makes windows of its own: those of the agent asked for."""
    store.add_requests(
        [
            call_at("2026-01-01T09:00", agent_name="codex"),
            call_at("2026-01-01T12:00", agent_name="claude-code"),
            call_at("2026-01-01T16:00", agent_name="claude-code"),
        ]
    )
    whole = reports.windows(request_in(last=1)).rows
    own = reports.windows(request_in(where=CallFilter(agents=("claude-code",)))).rows

    assert [row.totals.requests for row in whole] == [1]
    assert [row.totals.requests for row in own] == [2]


def test_calls_of_a_clock_that_is_ahead_are_not_left_out(store: SqlStore, reports: ReportService) -> None:
    """Days count them too; the total of one ledger is the same in every report."""
    store.add_requests([make_request(started_at_ms=NOW_MS + days * 24 * HOUR_MS) for days in (0, 2)])

    assert [row.totals.requests for row in reports.windows(request_in()).rows] == [1, 1]
    assert reports.windows(request_in()).totals == reports.by_time(Bucket.DAY, request_in()).totals


def test_the_newest_windows_are_shown_and_all_are_counted(store: SqlStore, reports: ReportService) -> None:
    """As in every report: what a limit leaves out is in the totals, and the number of rows says so."""
    for day in range(1, 10):
        made = [call_at(f"2026-01-0{day}T09:30"), call_at(f"2026-01-0{day}T13:59"), call_at(f"2026-01-0{day}T20:00")]
        store.add_requests(made)
    since = date(2026, 1, 3)
    whole, newest = (reports.windows(request_in(since=since, last=last)) for last in (None, 3))

    assert (newest.rows, len(whole.rows)) == (whole.rows[-3:], 14)
    assert newest.rows_found == whole.rows_found == 14
    assert newest.totals == whole.totals
    assert newest.totals.requests == 21


def test_the_open_window_says_how_fast_it_spends(store: SqlStore, report_store: SqlReports) -> None:
    """Pace from the first call to now; the projection keeps it up to the window's end."""
    store.add_requests(
        [
            call_at("2026-01-01T09:30", cost_picousd=600),
            call_at("2026-01-01T10:00", cost_picousd=600, request_model="haiku", subagent_id="s"),
        ]
    )
    now = at("2026-01-01T10:30")
    (row,) = ReportService(report_store, lambda: now).windows(request_in(breakdown=True)).rows

    assert row.active
    assert row.burn is not None
    assert row.burn.cost_per_hour_picousd == 1_200
    assert row.burn.tokens_per_minute == 2 * 1_100 // 60
    assert row.burn.remaining_ms == at("2026-01-01T14:00") - now
    assert row.burn.projected_cost_picousd == 1_200 + 1_200 * 7 // 2
    assert row.subagents is not None
    assert (row.subagents.requests, len(row.breakdown)) == (1, 2)


def test_a_window_that_has_just_begun_does_not_explode(store: SqlStore, report_store: SqlReports) -> None:
    """A call a second ago is a pace of one a minute at most."""
    store.add_request(make_request(cost_picousd=100))
    (row,) = ReportService(report_store, lambda: NOW_MS + 1).windows(request_in()).rows

    assert row.burn is not None
    assert row.burn.cost_per_hour_picousd == 6_000


@given(st.lists(st.integers(0, 8_000), max_size=60, unique=True).map(sorted))
def test_every_call_is_in_exactly_one_window(quarters: list[int]) -> None:
    """Windows begin on the hour of a call and never overlap."""
    calls = [quarter * GRAIN_MS for quarter in quarters]
    starts = window_starts(lambda at_ms: next((call for call in calls if call >= at_ms), None))

    assert set(starts) <= {call - call % HOUR_MS for call in calls}
    assert all(later - earlier >= WINDOW_MS for earlier, later in itertools.pairwise(starts))
    assert all(sum(start <= call < start + WINDOW_MS for start in starts) == 1 for call in calls)
