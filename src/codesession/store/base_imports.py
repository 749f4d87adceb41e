"""What imports ask of a ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from codesession.domain.imports import ImportBatch, ImportCursor, ImportTotals, OwnFacts
from codesession.domain.request import ModelRequest


class Form(Protocol):
    """Prepares calls that differ in their own facts alone."""

    def __call__(self, own: OwnFacts) -> tuple[Any, ...]:
        """One call as `ImportStore.prepared` would make it."""

    def elsewhere(self, conversation_id: str | None, import_id: int | None) -> Form:
        """The same for calls of another conversation and log file."""


class ImportStore(Protocol):
    """Each method is one transaction; all raise `StorageError` when the database cannot answer."""

    def cursors(self, agent_name: str, paths: Iterable[str] | None = None) -> dict[str, ImportCursor]:
        """How far the logs of an agent were read, by path: all of them, or these."""

    def open_cursors(self, agent_name: str, paths: Iterable[str]) -> dict[str, ImportCursor]:
        """Cursors for files that have none yet; returns all of the agent's."""

    def totals(self, agent_name: str, paths: Iterable[str] | None = None) -> dict[str, tuple[ImportTotals, str]]:
        """What was imported from each log of an agent, or from these, by path; and its named unreadable lines."""

    def booked(self, agent_name: str, name: str) -> str | None:
        """What is booked of an agent's running total, as the batch said it; None for nothing."""

    def prepared(self, request: ModelRequest, *, ids_may_clash: bool = False) -> tuple[Any, ...]:
        """A call as a batch wants it: plain values, made without the ledger. `ids_may_clash`: see `Sighting`."""

    def form(self, like: ModelRequest, *, ids_may_clash: bool = False) -> Form:
        """What prepares calls that differ from this one in their own facts alone."""

    def take(self, batch: ImportBatch, reprice: Callable[[ModelRequest], ModelRequest]) -> int:
        """
        Keep a batch: each call once, charged to the conversation that made it; returns how many were new.

        `reprice` prices a call again when its time turns out to be another one.
        """
