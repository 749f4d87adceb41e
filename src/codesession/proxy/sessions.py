"""What the proxy asks about our sessions; answers must come from memory or a quick look-up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveSession:
    """The session that `GET /health` names."""

    id: int
    name: str


class Sessions(Protocol):
    """
    Who a call belongs to.

    Called on the server's thread while a call waits for its provider. An exception counts as "unknown": the
    call goes on and is kept as unattributed.
    """

    def resolve_session(self, token: str) -> int | None:
        """The session that `/s/<token>/…` names, or None."""

    def default_session(self) -> int | None:
        """The session of a call that names none: the one active session, or None if there is not exactly one."""

    def active_session(self) -> ActiveSession | None:
        """What `/health` shows."""


class NoSessions:
    """Every call is unattributed."""

    def resolve_session(self, token: str) -> int | None:
        """No token is known."""
        return None

    def default_session(self) -> int | None:
        """There is none."""
        return None

    def active_session(self) -> ActiveSession | None:
        """There is none."""
        return None
