"""Calls and daily sums for other programs, read as they are written so that a large ledger needs no memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from codesession.domain.periods import DAY_MS, GRAIN_MS
from codesession.domain.report import CallFilter, Dimension, ReportRequest, Span
from codesession.services.exports.calls import ExportedCall
from codesession.services.exports.focus import Charge, charge_of_call
from codesession.services.exports.lacking import Lacking, ModelCalls, told_apart
from codesession.services.reports.spans import asked_ms

if TYPE_CHECKING:
    from codesession.domain.request import ModelRequest
    from codesession.store.base_reports import ReportStore

_BY = (Dimension.PROVIDER, Dimension.MODEL, Dimension.PROJECT, Dimension.AGENT)


class ExportStore(Protocol):
    """What exports ask of a ledger beside what reports do. Raises `StorageError`."""

    def calls(
        self, where: CallFilter, *, since_ms: int | None, until_ms: int | None, limit: int | None
    ) -> Iterator[ModelRequest]:
        """Calls that began in a span, oldest first, one by one; the newest `limit` of them, newest first."""

    def without_usage(self) -> dict[tuple[str, str], int]:
        """(provider, model) to its calls that have no cost because nobody told what they used."""

    def session_names(self) -> dict[int, tuple[str, str]]:
        """Session number to uid and name."""


class ExportService:
    """Reads the ledger for others. Belongs to one thread, as its stores."""

    def __init__(self, store: ExportStore, reports: ReportStore) -> None:
        self._store = store
        self._reports = reports

    def calls(self, request: ReportRequest, *, limit: int | None = None) -> Iterator[ExportedCall]:
        """One by one; oldest first, or the newest `limit`, newest first."""
        sessions = self._store.session_names()
        since, until = asked_ms(request)
        for call in self._store.calls(request.where, since_ms=since, until_ms=until, limit=limit):
            uid, name = sessions.get(call.session_id or 0, (None, None))
            yield ExportedCall(call=call, session_uid=uid, session_name=name)

    def lacking(self, uncosted: Sequence[ModelCalls]) -> Lacking:
        """What the calls lack that have no cost, as the store counts them; the ledger is read where there are any."""
        return told_apart(uncosted, self._store.without_usage()) if uncosted else Lacking()

    def charges_by_call(self, request: ReportRequest) -> Iterator[Charge]:
        """A charge for every call, oldest first."""
        for exported in self.calls(request):
            yield charge_of_call(exported)

    def charges_by_day(self, request: ReportRequest) -> Iterator[Charge]:
        """A charge for every day (UTC), provider, model, project and agent; from the rollups."""
        extent = self._reports.extent()
        if extent is None:
            return
        since, until = asked_ms(request)
        start = extent.start_ms if since is None else since
        span = Span(start_ms=start - start % GRAIN_MS, end_ms=extent.end_ms if until is None else until)
        cells = self._reports.usage(span, by=_BY, slot_ms=DAY_MS, where=request.where)
        for cell in sorted(cells, key=lambda each: (each.slot, each.keys)):
            provider, model, project, agent = cell.keys
            yield Charge(
                start_ms=cell.slot * DAY_MS,
                end_ms=(cell.slot + 1) * DAY_MS,
                provider=provider,
                model=model,
                project=project or None,
                agent=agent or None,
                totals=cell.totals,
            )
