"""What was read, into the ledger: batch by batch, each in one transaction."""

from __future__ import annotations

from collections.abc import Callable

from codesession.domain.imports import ImportBatch
from codesession.domain.pricing import Cost
from codesession.domain.usage import ModelResponse
from codesession.services.repricing import repriced

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codesession.services.importing.news import FilePart
    from codesession.store.base_imports import ImportStore

BATCH = 4_000
"""Calls per transaction: long enough to be fast, short enough to let others write."""


class Handover:
    """Collects calls and hands them to the ledger batch by batch."""

    def __init__(
        self, store: ImportStore, price: Callable[[ModelResponse, int], Cost], *, session_id: int | None = None
    ) -> None:
        self._session_id = session_id
        self._store = store
        self._price = price
        self._batch = ImportBatch(preferred_session=session_id)
        self.new_calls = 0

    def add(self, part: FilePart) -> None:
        """Keep what was read for the next transaction; a file's cursor goes with the last of its calls."""
        batch = self._batch
        batch.calls.extend(part.calls)
        batch.sessions.update(part.sessions)
        batch.agent_totals.extend(part.agent_totals)
        batch.booked.update(part.booked)
        if part.cursor is not None:
            batch.cursors.append(part.cursor)
        if len(batch.calls) >= BATCH or len(batch.cursors) >= BATCH:
            self.flush()

    def booked(self, agent_name: str, name: str) -> str | None:
        """What is booked of a running total, in the ledger or on its way there."""
        return self._batch.booked.get((agent_name, name)) or self._store.booked(agent_name, name)

    def flush(self) -> None:
        """Write what was collected in one transaction."""
        batch, self._batch = self._batch, ImportBatch(preferred_session=self._session_id)
        if batch.calls or batch.cursors:
            self.new_calls += self._store.take(batch, lambda call: repriced(call, self._price))
