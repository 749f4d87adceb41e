"""Data for charts."""

from __future__ import annotations

from datetime import date

import pytest

from codesession.domain.report import REST, Bucket, Dimension
from codesession.services.reports import ReportService
from codesession.store.sql_store import SqlStore
from support.usage import call_at, request_in


def test_a_series_has_a_point_for_every_day_asked_for(store: SqlStore, reports: ReportService) -> None:
    """Days without calls are there, empty."""
    store.add_request(call_at("2026-01-02T12:00"))
    found = reports.series(Bucket.DAY, Dimension.MODEL, request_in(since=date(2026, 1, 1), until=date(2026, 1, 4)))

    assert [point.label for point in found.points] == ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"]
    assert [point.parts[0].requests for point in found.points] == [0, 1, 0, 0]


def test_a_series_stacks_the_dearest_and_puts_the_rest_together(store: SqlStore, reports: ReportService) -> None:
    """Nothing is lost by it."""
    costs = {"a": 5, "b": 40, "c": 10, "d": 1}
    store.add_requests(
        [call_at("2026-01-02T12:00", request_model=name, cost_picousd=cost) for name, cost in costs.items()]
    )
    found = reports.series(Bucket.MONTH, Dimension.MODEL, request_in(), top=2)

    assert found.names == ("b", "c", REST)
    assert [part.cost_picousd for part in found.points[0].parts] == [40, 10, 6]
    assert found.totals.cost_picousd == 56


@pytest.mark.parametrize("bucket", [Bucket.HOUR, Bucket.DAY, Bucket.WEEK, Bucket.MONTH])
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kolkata"])
def test_the_points_of_a_series_add_up_to_its_total(
    store: SqlStore, reports: ReportService, bucket: Bucket, zone: str
) -> None:
    """
    Every call falls on a point, also in the hours around a change of the clock.

    Hours are asked for where the calls are: the dashboard tells them for a season at most.
    """
    moments = [f"{day}T{hour:02}:15" for day in ("2026-04-04", "2026-03-29", "2026-10-25") for hour in range(24)]
    moments += [f"2011-12-{day}T{hour:02}:45" for day in (29, 30, 31) for hour in (0, 9, 10, 13)]
    store.add_requests([call_at(moment) for moment in moments])
    seasons = [(date(2011, 12, 1), date(2012, 1, 31)), (date(2026, 3, 1), date(2026, 10, 31))]
    spans = seasons if bucket is Bucket.HOUR else [(None, None)]
    found = [
        reports.series(bucket, Dimension.AGENT, request_in(zone, since=since, until=until)) for since, until in spans
    ]
    points = [point for series in found for point in series.points]
    starts = [point.start_ms for point in points]

    assert sum(point.parts[0].requests for point in points) == len(moments)
    assert sum(series.totals.requests for series in found) == len(moments)
    assert starts == sorted(set(starts))


def test_the_doubled_hour_is_two_points(store: SqlStore, reports: ReportService) -> None:
    """In Berlin on 2026-10-25 it is 02:00 twice."""
    day = date(2026, 10, 25)
    store.add_requests([call_at("2026-10-25T00:30"), call_at("2026-10-25T01:30")])
    points = reports.series(Bucket.HOUR, Dimension.MODEL, request_in("Europe/Berlin", since=day, until=day)).points

    assert len(points) == 25
    assert [(point.label, point.parts[0].requests) for point in points[2:4]] == [
        ("2026-10-25T02:00", 1),
        ("2026-10-25T02:00", 1),
    ]


def test_a_day_that_never_was_is_no_point(store: SqlStore, reports: ReportService) -> None:
    """Apia went from 2011-12-29 to the 31st."""
    store.add_request(call_at("2011-12-31T12:00", "Pacific/Apia"))
    request = request_in("Pacific/Apia", since=date(2011, 12, 29), until=date(2011, 12, 31))

    labels = [point.label for point in reports.series(Bucket.DAY, Dimension.MODEL, request).points]

    assert labels == ["2011-12-29", "2011-12-31"]


@pytest.mark.parametrize(("bucket", "last"), [(Bucket.DAY, "2030-01-02"), (Bucket.MONTH, "2030-01")])
def test_of_thousands_of_years_only_points_with_calls_are_told(
    store: SqlStore, reports: ReportService, bucket: Bucket, last: str
) -> None:
    """A mistyped year costs the server neither minutes nor gigabytes."""
    store.add_requests([call_at("2026-01-02T12:00"), call_at("2030-01-02T12:00")])
    found = reports.series(bucket, Dimension.MODEL, request_in(since=date(2026, 1, 1), until=date(9000, 1, 1)))

    assert [point.parts[0].requests for point in found.points] == [1, 1]
    assert found.points[-1].label == last


def test_a_series_of_an_empty_ledger_is_empty(reports: ReportService) -> None:
    """No limits, no calls: no points."""
    assert reports.series(Bucket.HOUR, Dimension.MODEL, request_in()).points == ()


def test_the_heatmap_tells_weekdays_and_hours_of_the_zone(store: SqlStore, reports: ReportService) -> None:
    """Sunday 23:30 in UTC is Monday 05:00 in Kolkata."""
    store.add_requests([call_at("2026-11-22T23:30"), call_at("2026-11-18T12:00")])

    utc = reports.heatmap(request_in())
    kolkata = reports.heatmap(request_in("Asia/Kolkata"))

    assert (utc[6][23].requests, utc[2][12].requests) == (1, 1)
    assert (kolkata[0][5].requests, kolkata[2][17].requests) == (1, 1)
    assert sum(cell.requests for day in kolkata for cell in day) == 2
