"""
What the services ask of a ledger, in domain types.

Every method is one transaction. All of them raise `StorageError` when the database cannot answer; the
database is then as it was before the call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from codesession.domain.request import ModelRequest
from codesession.domain.session import NewSession, Session, SessionStatus
from codesession.domain.totals import ModelTotal, SessionStats
from codesession.domain.work import SessionCommit, SessionFile, SessionNote


class Store(Protocol):
    """The ledger."""

    def create_session(self, new: NewSession, *, exclusive: bool) -> Session | None:
        """Open a session. With `exclusive`, None if its directory has an active one already."""

    def session(self, session_id: int) -> Session | None:
        """One session by its number."""

    def active_sessions(self, directory: str | None = None) -> list[Session]:
        """Active sessions, oldest first; of one directory if given."""

    def sessions(self, *, limit: int | None, status: SessionStatus | None = None) -> list[Session]:
        """Sessions, newest first."""

    def newest_session(self) -> Session | None:
        """The session that was started last."""

    def baseline(self, session_id: int) -> str | None:
        """The serialised repository state that `create_session` was given."""

    def finish_session(
        self,
        session_id: int,
        *,
        ended_at_ms: int,
        notes: str | None,
        commits: Iterable[tuple[str, str, int]] = (),
        files: Iterable[tuple[str, str]] = (),
    ) -> Session | None:
        """
        End an active session together with the work found: commits as (hash, message, time in ms), files
        as (path, change type). None if it is not active (any more).
        """

    def add_files(self, session_id: int, files: Iterable[tuple[str, str]], *, at_ms: int) -> None:
        """Keep (path, change type) pairs; a later one of the same path replaces the earlier."""

    def add_commits(self, session_id: int, commits: Iterable[tuple[str, str, int]]) -> None:
        """Keep (hash, message, time in ms); a known hash is left alone."""

    def add_note(self, session_id: int, message: str, *, at_ms: int) -> SessionNote:
        """Keep a remark."""

    def add_request(self, request: ModelRequest) -> bool:
        """Count a model call once. False if it was known already and has been merged."""

    def request_id(self, provider_name: str, response_id: str) -> int | None:
        """The number of a call in the ledger; None when none is known by that id."""

    def request(self, provider_name: str, response_id: str) -> ModelRequest | None:
        """A call in the ledger; None when none is known by that id."""

    def add_requests(self, requests: Sequence[ModelRequest]) -> int:
        """`add_request` for many in one transaction; returns how many were new."""

    def revise_costs(
        self,
        revise: Callable[[ModelRequest], tuple[ModelRequest, str] | None],
        *,
        since_ms: int,
        at_ms: int,
        dry_run: bool,
    ) -> None:
        """
        Offer every call since a moment to `revise`, which returns it with another cost and the reason, or None.

        All changes are one transaction; the old figures are kept. `dry_run` offers and changes nothing.
        """

    def unpriced_models(self) -> list[tuple[str, str, int]]:
        """(provider, model, calls) of what has no cost, most calls first."""

    def requests(self, session_id: int, *, limit: int | None) -> list[ModelRequest]:
        """The newest calls of a session, in the order they happened."""

    def files(self, session_id: int) -> list[SessionFile]:
        """Files of a session in the order they were noticed."""

    def commits(self, session_id: int) -> list[SessionCommit]:
        """Commits of a session, oldest first."""

    def notes(self, session_id: int) -> list[SessionNote]:
        """Remarks of a session, oldest first."""

    def agent_names(self, session_id: int) -> list[str]:
        """The agents that made calls in a session, in order of appearance."""

    def model_totals(self, session_id: int) -> list[ModelTotal]:
        """Cost per model of a session, dearest first."""

    def stats(self) -> SessionStats:
        """Totals over completed sessions."""

    def close(self) -> None:
        """Let go of the database."""
