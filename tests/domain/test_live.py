"""The numbers of a live view."""

from __future__ import annotations

from datetime import date

from codesession.domain.live import LiveSnapshot
from codesession.domain.report import UsageTotals


def test_the_pace_is_that_of_the_last_ten_minutes() -> None:
    """Six times what ten minutes cost; the last hour is the plain sum."""
    seen = LiveSnapshot(
        at_ms=0,
        day=date(2026, 1, 1),
        today=UsageTotals(),
        models=(),
        agents=(),
        sessions=(),
        calls=(),
        minutes=(100,) * 50 + (7,) * 10,
    )

    assert seen.pace_picousd == 7 * 60
    assert seen.last_hour_picousd == 5_070
