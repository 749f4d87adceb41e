"""Where observations go. The proxy knows no database: it hands over what it saw and forgets it."""

from __future__ import annotations

from typing import Protocol

from codesession.domain.request import Observation


class Recorder(Protocol):
    """Takes finished calls; called on the server's thread, between two steps of other calls."""

    def submit(self, observation: Observation) -> None:
        """Keep one call. Never blocks, never raises, and may be called from any thread."""

    @property
    def waiting(self) -> int:
        """How many calls are still in memory only."""
