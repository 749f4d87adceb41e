"""Days as users write them."""

from __future__ import annotations

from datetime import date

import pytest

from codesession.cli.report_options import SOURCES, day_of
from codesession.domain.request import Source
from codesession.errors import InvalidInputError

TODAY = date(2026, 3, 1)


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


def test_every_source_can_be_asked_for() -> None:
    """The list of the option is the ledger's."""
    assert tuple(map(str, Source)) == SOURCES
