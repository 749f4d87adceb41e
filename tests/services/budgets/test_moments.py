"""Until when something is allowed."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from codesession.errors import InvalidInputError
from codesession.services.budgets.moments import until_ms

BERLIN = ZoneInfo("Europe/Berlin")
NOW = int(datetime(2026, 11, 22, 12, 0, tzinfo=BERLIN).timestamp() * 1000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("18:00", datetime(2026, 11, 22, 18, 0, tzinfo=BERLIN)),
        ("9:30", datetime(2026, 11, 23, 9, 30, tzinfo=BERLIN)),
        ("2h", datetime(2026, 11, 22, 14, 0, tzinfo=BERLIN)),
        ("45m", datetime(2026, 11, 22, 12, 45, tzinfo=BERLIN)),
        ("2026-11-30", datetime(2026, 11, 30, tzinfo=BERLIN)),
        ("2026-11-22T18:00Z", datetime(2026, 11, 22, 18, 0, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_in_the_users_zone(text: str, expected: datetime) -> None:
    """A time of day that is over means tomorrow's."""
    assert until_ms(text, NOW, BERLIN) == int(expected.timestamp() * 1000)


@pytest.mark.parametrize("text", ["", "later", "25:00", "0h", "2026-11-01", "2026-13-01", "-2h"])
def test_no_time_and_a_time_that_is_over_are_refused(text: str) -> None:
    """Allowing nothing would look like allowing something."""
    with pytest.raises(InvalidInputError):
        until_ms(text, NOW, BERLIN)
