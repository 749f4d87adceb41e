"""Without sessions every call is unattributed."""

from __future__ import annotations

from codesession.proxy.sessions import NoSessions


def test_nobody_is_known_without_sessions() -> None:
    """The default of a server that only relays."""
    sessions = NoSessions()
    assert (sessions.resolve_session("7"), sessions.default_session(), sessions.active_session()) == (None, None, None)
