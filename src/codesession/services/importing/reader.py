"""From sightings to batches of priced calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from codesession.domain.billing import decode, encode
from codesession.domain.imports import ImportBatch, ImportCursor
from codesession.domain.money import to_picousd
from codesession.domain.pricing import Cost, CostStatus
from codesession.domain.request import ModelRequest
from codesession.domain.sighting import Conversation, Sighting, owner_rank
from codesession.domain.usage import ModelResponse
from codesession.services.importing.places import Repositories, plan
from codesession.services.recording import row_of

if TYPE_CHECKING:
    from codesession.importers.base import LogFile
    from codesession.services.recording import Recording
    from codesession.store.base_imports import ImportStore

BATCH = 2_000
"""Calls per transaction: long enough to be fast, short enough to let others write."""
_GIVEN = (CostStatus.MANUAL, CostStatus.REPORTED)


class Batches:
    """Collects calls and hands them to the ledger batch by batch."""

    def __init__(
        self,
        store: ImportStore,
        recording: Recording,
        price: Callable[[ModelResponse, int], Cost],
        repositories: Repositories,
        *,
        agent_name: str | None = None,
        session_id: int | None = None,
    ) -> None:
        self._agent_name = agent_name
        self._session_id = session_id
        self._store = store
        self._cost = recording.for_many()
        self._price = price
        self._repositories = repositories
        self._batch = ImportBatch(preferred_session=session_id)
        self.new_calls = 0

    def add(self, sighting: Sighting, log: LogFile, cursor: ImportCursor) -> None:
        """Price a call and keep it for the next transaction."""
        context = sighting.observation.context
        conversation_id = context.conversation_id or log.path.stem
        if conversation_id not in self._batch.sessions:
            self._plan(conversation_id, log, cursor.agent_name, context.started_at_ms)
        row = row_of(
            sighting.observation.response,
            context,
            self._cost(sighting.observation),
            conversation_id=conversation_id,
            agent_name=self._agent_name or context.agent_name,
            project=self._repositories.of(context.project)[0] if context.project else None,
            request_id=sighting.request_id,
            owner_rank=owner_rank(sighting, log.first_ms or 0),
            import_id=cursor.id,
        )
        if sighting.books is not None:
            name, booked = sighting.books
            self._batch.booked[cursor.agent_name, name] = booked
        self._batch.calls.append(self._store.prepared(row, ids_may_clash=sighting.ids_may_clash))
        if len(self._batch.calls) >= BATCH:
            self.flush()

    def finish(self, log: LogFile, cursor: ImportCursor) -> None:
        """A file has been read: titles may have come after the calls, the cursor goes with the next batch."""
        for conversation in log.conversations.values():
            if conversation.id in self._batch.sessions or conversation.title:
                self._plan(conversation.id, log, cursor.agent_name, log.first_ms or 0)
        self._batch.agent_totals.extend(log.agent_totals.values())
        self._batch.cursors.append(cursor)
        if len(self._batch.cursors) >= BATCH:
            self.flush()

    def booked(self, agent_name: str, name: str) -> str | None:
        """What is booked of a running total, in the ledger or on its way there."""
        return self._batch.booked.get((agent_name, name)) or self._store.booked(agent_name, name)

    def flush(self) -> None:
        """Write what was collected in one transaction."""
        batch, self._batch = self._batch, ImportBatch(preferred_session=self._session_id)
        if batch.calls or batch.cursors:
            self.new_calls += self._store.take(batch, self.repriced)

    def repriced(self, row: ModelRequest) -> ModelRequest:
        """The row at the price of its own time, from the evidence kept with it."""
        if row.billing is None or row.cost_status in _GIVEN:
            return row
        response = decode(
            row.billing,
            provider_name=row.provider_name,
            request_model=row.request_model,
            response_model=row.response_model,
        )
        if response is None:
            return row
        cost = self._price(response, row.started_at_ms)
        return replace(
            row,
            cost_picousd=None if cost.usd is None else to_picousd(cost.usd),
            cost_status=cost.status,
            cost_source=cost.source,
            price_model=cost.model,
            price_version=cost.price_version,
            billing=encode(response, cost),
        )

    def _plan(self, conversation_id: str, log: LogFile, agent_name: str, at_ms: int) -> None:
        known = log.conversations.get(conversation_id) or Conversation(id=conversation_id)
        self._batch.sessions[conversation_id] = plan(
            known, agent_name=agent_name, fallback=str(log.root), repositories=self._repositories, at_ms=at_ms
        )
