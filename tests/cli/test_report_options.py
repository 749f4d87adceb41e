"""Days as users write them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click
import pytest

from codesession.cli.report_options import SOURCES, asked, day_of, timezone_option
from codesession.domain.request import Source
from codesession.errors import InvalidInputError
from support.spending import app_of

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


def test_calls_are_filtered_by_what_people_call_an_agent_or_a_provider(tmp_path: Path) -> None:
    """Or by a name as it stands in the ledger, whatever it is."""
    app = app_of(tmp_path / "s.db")
    where = asked(app, since=None, until=None, timezone="UTC", agents=("Claude", "Bot"), providers=("Google-AI",)).where
    assert set(where.agents) == {"Claude", "claude-code", "Bot"}
    assert set(where.providers) == {"Google-AI", "google"}
    app.close()
