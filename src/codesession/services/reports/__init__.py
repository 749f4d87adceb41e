"""
Reports: what was used and what it cost, by time, by kind, by session, in windows and as charts.

Front ends ask `ReportService` only. Days are cut when the question is asked, in the zone of whoever asks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from codesession.domain.report import (
    Bucket,
    Dimension,
    Heatmap,
    Report,
    ReportRequest,
    Series,
    SessionPage,
    SessionQuery,
    SessionSort,
    UsageTotals,
)

if TYPE_CHECKING:
    from codesession.domain.reconciliation import Reconciliation
    from codesession.store.base_reports import ReportStore

TOP = 8
"""Parts a chart is stacked of before the rest is put together."""


class ReportService:
    """Answers about a ledger. Belongs to one thread, as its store."""

    def __init__(self, store: ReportStore, clock: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock

    def named(self, kind: str, request: ReportRequest) -> Report:
        """The report of a name: `daily` … `monthly`, `session`, `conversation`, `blocks`, or that of a dimension."""
        from codesession.services.reports.tables import KINDS

        buckets = {name: bucket for bucket, name in KINDS.items()}
        if kind in buckets:
            return self.by_time(buckets[kind], request)
        others = {"session": self.by_session, "conversation": self.by_conversation, "blocks": self.windows}
        return others[kind](request) if kind in others else self.by_dimension(Dimension(kind), request)

    def by_time(self, bucket: Bucket, request: ReportRequest) -> Report:
        """One row for every day, week or month with a call, oldest first."""
        from codesession.services.reports.tables import by_time

        return by_time(self._store, bucket, request, now_ms=self._clock())

    def by_dimension(self, dimension: Dimension, request: ReportRequest) -> Report:
        """One row for every model, agent, project, provider or set of sources, dearest first."""
        from codesession.services.reports.tables import by_dimension

        return by_dimension(self._store, dimension, request)

    def by_session(self, request: ReportRequest) -> Report:
        """One row for every session that began in the time asked for, newest first."""
        from codesession.services.reports.by_session import by_session

        return by_session(self._store, request)

    def by_conversation(self, request: ReportRequest) -> Report:
        """One row for every conversation of an agent, newest first."""
        from codesession.services.reports.by_session import by_conversation

        return by_conversation(self._store, request)

    def windows(self, request: ReportRequest) -> Report:
        """One row for every 5-hour window, oldest first; the open one says how fast it spends."""
        from codesession.services.reports.windows import by_window

        return by_window(self._store, request, now_ms=self._clock())

    def series(self, bucket: Bucket, dimension: Dimension, request: ReportRequest, *, top: int = TOP) -> Series:
        """A chart's data: usage per bucket, stacked by the `top` dearest values of a dimension and the rest."""
        from codesession.services.reports.charts import series

        return series(self._store, bucket, dimension, request, top=top)

    def heatmap(self, request: ReportRequest) -> Heatmap:
        """Usage by weekday and hour."""
        from codesession.services.reports.charts import heatmap

        return heatmap(self._store, request)

    def totals(self, request: ReportRequest) -> UsageTotals:
        """One sum over the time asked for."""
        from codesession.services.reports.spans import cells

        return UsageTotals.total(cell.totals for cell in cells(self._store, request))

    def reconcile(self, request: ReportRequest) -> Reconciliation:
        """What each source of usage saw, and what only one did."""
        from codesession.services.reconciling import reconcile

        return reconcile(self._store, request)

    def sessions(self, query: SessionQuery) -> SessionPage:
        """A page of sessions with how many match and what they come to."""
        return self._store.session_page(query)

    def top_sessions(self, query: SessionQuery) -> SessionPage:
        """The dearest sessions of those asked for."""
        return self._store.session_page(replace(query, sort=SessionSort.COST, descending=True))

    def now_ms(self) -> int:
        """The moment that answers are about."""
        return self._clock()
