"""What insights ask of a ledger: read-only questions, each seeing one state of it. They raise `StorageError`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from codesession.domain.insights import CacheStep, CallPoint, Hotspot
from codesession.domain.request import ModelRequest
from codesession.domain.session import Session


class InsightStore(Protocol):
    """The questions that reports do not ask."""

    def change_mark(self) -> int:
        """Another number after every change that another connection committed; cheap enough for every request."""

    def calls_page(
        self,
        session_id: int,
        *,
        limit: int,
        offset: int,
        descending: bool,
        model: str | None = None,
        agent_name: str | None = None,
    ) -> tuple[list[ModelRequest], int]:
        """A page of a session's calls in the order of time, and how many there are."""

    def call_points(self, session_id: int) -> list[CallPoint]:
        """All calls of a session, oldest first, with their figures alone."""

    def hotspots(
        self, *, since_ms: int | None, until_ms: int | None, projects: Sequence[str], limit: int, offset: int
    ) -> tuple[list[Hotspot], int]:
        """Files of sessions that began in a span, most sessions first, and how many files there are."""

    def cache_writers(
        self, *, since_ms: int | None, until_ms: int | None, projects: Sequence[str], limit: int
    ) -> list[Session]:
        """The sessions that wrote most to caches."""

    def cache_steps(self, session_ids: Sequence[int]) -> list[CacheStep]:
        """Calls of sessions that touched a cache, in the order of time."""

    def committing_sessions(
        self, *, since_ms: int | None, until_ms: int | None, projects: Sequence[str], limit: int
    ) -> list[Session]:
        """The dearest sessions that made commits."""
