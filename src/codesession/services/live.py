"""
Follow the ledger: cheap enough to ask every second.

A tick reads today's rollups and the active sessions, and of the calls, if there are new ones, the latest few and what
was spent by those recorded since the last tick.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from typing import TYPE_CHECKING

from codesession.domain.live import HISTORY_MINUTES, LiveSnapshot
from codesession.domain.periods import days_span, local_date
from codesession.domain.report import CallFilter, Dimension, UsageTotals
from codesession.services.reports.spans import agent_shares, model_shares

if TYPE_CHECKING:
    from codesession.domain.request import ModelRequest
    from codesession.store.base import Store
    from codesession.store.base_reports import ReportStore

CALLS_KEPT = 50
_MINUTE_MS = 60_000


class LiveFeed:
    """Remembers what it has read; one instance per view."""

    def __init__(self, store: Store, reports: ReportStore, clock: Callable[[], int], zone: tzinfo) -> None:
        self._store = store
        self._reports = reports
        self._clock = clock
        self._zone = zone
        self._seen_id = 0
        self._calls: list[ModelRequest] = []
        self._spent: list[tuple[int, int]] = []

    def snapshot(self) -> LiveSnapshot:
        """The ledger as it is now."""
        now = self._clock()
        self._read_new(now)
        day = local_date(self._zone, now)
        by = (Dimension.PROVIDER, Dimension.MODEL, Dimension.AGENT)
        cells = self._reports.usage(days_span(self._zone, day, day), by=by, where=CallFilter())
        return LiveSnapshot(
            at_ms=now,
            day=day,
            today=UsageTotals.total(cell.totals for cell in cells),
            models=model_shares((cell.keys[0], cell.keys[1], cell.totals) for cell in cells),
            agents=agent_shares((cell.keys[2], cell.totals) for cell in cells),
            sessions=tuple(reversed(self._store.active_sessions())),
            calls=tuple(self._calls),
            minutes=self._minutes(now),
        )

    def _read_new(self, now: int) -> None:
        oldest = now - HISTORY_MINUTES * _MINUTE_MS
        newest_id = self._reports.newest_call_id()
        if newest_id > self._seen_id:
            self._calls = self._reports.newest_calls(limit=CALLS_KEPT)
            self._spent += self._reports.spending(since_ms=oldest, after_id=self._seen_id, upto_id=newest_id)
            self._seen_id = newest_id
        self._spent = [(at_ms, cost) for at_ms, cost in self._spent if at_ms > oldest]

    def _minutes(self, now: int) -> tuple[int, ...]:
        minutes = [0] * HISTORY_MINUTES
        for at_ms, cost in self._spent:
            minutes[HISTORY_MINUTES - 1 - max(0, now - at_ms) // _MINUTE_MS] += cost
        return tuple(minutes)
