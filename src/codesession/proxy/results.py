"""
Results of batches on their way to the client: each request that succeeded is a call of its own.

When it was asked for, and by whom, is known of its batch, if the ledger knows that (`services.batches`).
"""

from __future__ import annotations

from collections.abc import Callable

from codesession.domain.facts import replace
from codesession.domain.request import CallContext, Observation
from codesession.domain.usage import ModelResponse
from codesession.providers.base import RequestFacts
from codesession.providers.batches import BatchFiles, BatchReader, ResultsReader, Told
from codesession.providers.routes import Route
from codesession.services.batches import NOT_DATED

_KEPT_MS = 60 * 24 * 60 * 60 * 1000
"""No provider keeps results longer: an answer that says it is older has a wrong clock."""
_PARTIAL = 206
WITH_RESULTS = (200, _PARTIAL)
"""How an answer that may hold results begins."""


class ResultsCopy:
    """Reads along one answer; gives none itself, but tells of each request, and at last that these were all."""

    def __init__(
        self, route: Route, request: RequestFacts, files: BatchFiles, tell: Callable[[Told], None], status: int
    ) -> None:
        names_one = route.batch_id is not None or route.file_id is not None
        self._reader: ResultsReader | BatchReader = (
            ResultsReader(route, request, files, tell, partial=status == _PARTIAL)
            if names_one
            else BatchReader(route, request, files, tell)
        )
        self.feed = self._reader.feed

    def finish(self, complete: bool = True) -> ModelResponse | None:
        """The answer is over."""
        self._reader.finish(complete)
        return None


def observed(told: Told, fetched: CallContext) -> Observation:
    """A request of a batch, as far as the one who fetches its result knows it."""
    response, now_ms = told.response, fetched.started_at_ms
    created_ms = now_ms if told.created_ms is None else told.created_ms
    if told.created_ms is None or not 0 <= now_ms - created_ms < _KEPT_MS:
        created_ms = now_ms
        response = replace(response, warnings=(*response.warnings, NOT_DATED))
    context = replace(fetched, batch_id=told.batch_id, request_id=told.request_id, started_at_ms=created_ms)
    return Observation(response=response, context=context)
