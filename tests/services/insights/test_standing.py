"""Where spending stands, and where a month is going."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from codesession.domain.money import PICO
from codesession.domain.report import ReportRequest
from services.insights.conftest import World
from support.ledger import make_request

ALL = ReportRequest(zone=UTC, zone_name="UTC")


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def spend(world: World, at: str, dollars: float = 1) -> None:
    world.store.add_request(make_request(started_at_ms=ms(at), cost_picousd=int(dollars * PICO)))


def test_each_period_stands_beside_the_one_before_and_its_same_point(world: World) -> None:
    """Wednesday the 18th, noon: against Tuesday until noon, last week until Wednesday noon, October until the 18th."""
    world.now_ms = ms("2026-11-18T12:00")
    for at in (
        "2026-11-18T11:00",
        "2026-11-17T11:00",
        "2026-11-17T13:00",
        "2026-11-11T13:00",
        "2026-10-18T11:00",
        "2026-10-30",
    ):
        spend(world, at)

    found = world.insights.standing(ALL)

    figures = [
        [totals.requests for totals in (period.current, period.before, period.before_so_far)]
        for period in (found.day, found.week, found.month)
    ]
    assert figures == [[1, 2, 1], [3, 1, 0], [4, 2, 1]]


def test_days_are_cut_in_the_viewers_zone(world: World) -> None:
    """Eleven at night in UTC is tomorrow in Kolkata."""
    world.now_ms = ms("2026-11-18T23:30")
    spend(world, "2026-11-18T20:00")
    kolkata = ReportRequest(zone=ZoneInfo("Asia/Kolkata"), zone_name="Asia/Kolkata")

    assert world.insights.standing(kolkata).day.current.requests == 1
    assert f"{world.insights.standing(kolkata).day.first}" == "2026-11-19"


def test_a_longer_month_does_not_reach_into_this_one(world: World) -> None:
    """On March 31st the same point of February is its end."""
    world.now_ms = ms("2026-03-31T12:00")
    spend(world, "2026-02-28T23:00")
    spend(world, "2026-03-02T01:00")

    month = world.insights.standing(ALL).month

    assert (month.before.requests, month.before_so_far.requests, month.current.requests) == (1, 1, 1)


def test_a_steady_month_is_projected_exactly(world: World) -> None:
    """$2 on each of the last 28 days; it is the 20th at midnight, so eleven days are left: no day differs, no range."""
    world.now_ms = ms("2026-11-20T00:00")
    for day in range(28):
        moment = world.now_ms - (28 - day) * 86_400_000 + 3_600_000
        world.store.add_request(make_request(started_at_ms=moment, cost_picousd=2 * PICO))

    found = world.insights.standing(ALL).projection

    assert found.spent_picousd == 19 * 2 * PICO and found.days_left == 10
    assert found.expected_picousd == found.low_picousd == found.high_picousd == 60 * PICO


def test_the_range_is_wider_where_days_differ_and_never_below_what_is_spent(world: World) -> None:
    """A few dear days among quiet ones."""
    world.now_ms = ms("2026-11-20T12:00")
    for day in ("2026-10-25", "2026-11-01", "2026-11-15"):
        spend(world, f"{day}T10:00", 100)

    found = world.insights.standing(ALL).projection

    assert found.low_picousd is not None and found.expected_picousd is not None and found.high_picousd is not None
    assert found.spent_picousd <= found.low_picousd < found.expected_picousd < found.high_picousd


def test_nothing_is_projected_from_nothing(world: World) -> None:
    """Neither from an empty ledger nor from today alone."""
    assert world.insights.standing(ALL).projection.expected_picousd is None

    world.now_ms = ms("2026-11-20T12:00")
    spend(world, "2026-11-20T11:00")
    assert world.insights.standing(ALL).projection.expected_picousd is None
