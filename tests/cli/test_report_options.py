"""Days as users write them."""

from __future__ import annotations

from datetime import date

import click
import pytest

from codesession.cli.report_options import SOURCES, day_of, timezone_option
from codesession.domain.request import Source
from codesession.errors import InvalidInputError

TODAY = date(2026, 3, 1)


@click.command()
@timezone_option
def asking(timezone: str) -> str:
    return timezone


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-02-28", date(2026, 2, 28)),
        ("20260228", date(2026, 2, 28)),
        (" Today ", TODAY),
        ("yesterday", date(2026, 2, 28)),
        ("7d", date(2026, 2, 22)),
    ],
)
def test_a_day_may_be_written_in_several_ways(text: str, day: date) -> None:
    """As a date with or without dashes, or counted back from today."""
    assert day_of(text, TODAY) == day


@pytest.mark.parametrize("text", ["", "d", "-7d", "99999d", "2026-02-30", "1969-01-01", "9999-01-01", "22.11.2026"])
def test_what_is_no_day_is_refused(text: str) -> None:
    """With the ways it can be written."""
    with pytest.raises(InvalidInputError, match="is no day"):
        day_of(text, TODAY)


@pytest.mark.parametrize(("zone", "meant"), [("UTC+2", "Etc/GMT-2"), ("gmt-05", "Etc/GMT+5"), ("UTC10", "Etc/GMT-10")])
def test_a_zone_that_can_be_read_in_two_ways_is_refused(zone: str, meant: str) -> None:
    """POSIX counts hours west: days would be cut four hours from where `UTC+2` lets people expect it."""
    with pytest.raises(InvalidInputError) as refused:
        asking.main(["--timezone", zone], standalone_mode=False)
    assert meant in (refused.value.hint or "")


@pytest.mark.parametrize("zone", ["Europe/Berlin", "UTC", "Etc/GMT-2", "EST5EDT", "GMT+0"])
def test_any_other_zone_is_taken_as_it_is(zone: str) -> None:
    """Whether it is known is asked later."""
    assert asking.main(["--timezone", zone], standalone_mode=False) == zone


def test_every_source_can_be_asked_for() -> None:
    """The list of the option is the ledger's."""
    assert tuple(map(str, Source)) == SOURCES
