"""How long a session lasted."""

from __future__ import annotations

from codesession.domain.session import SessionStatus
from support.sessions import make_stored


def test_an_active_session_lasts_until_now_and_an_ended_one_until_its_end() -> None:
    """The clock stops with the session."""
    active = make_stored(started_at_ms=1_000)
    ended = make_stored(started_at_ms=1_000, ended_at_ms=3_000, status=SessionStatus.COMPLETED)
    assert (active.is_active, ended.is_active) == (True, False)
    assert (active.duration_ms(9_000), ended.duration_ms(9_000)) == (8_000, 2_000)


def test_a_clock_that_was_set_back_makes_no_negative_time() -> None:
    """A laptop that corrects its clock during a session shows 0, not minus an hour."""
    assert make_stored(started_at_ms=5_000).duration_ms(1_000) == 0
