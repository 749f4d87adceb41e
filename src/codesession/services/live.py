"""
Follow the ledger: cheap enough to ask every second.

A tick reads today's rollups, the active sessions, the latest few calls, and what those of the last hour cost: all of it
anew, because a call that was seen may still get another cost, from a log that knows more or from a price that was set.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING

from codesession.domain.live import HISTORY_MINUTES, LiveSnapshot
from codesession.domain.periods import days_span, local_date
from codesession.domain.report import CallFilter, Dimension, UsageTotals
from codesession.services.reports.spans import agent_shares, model_shares

if TYPE_CHECKING:
    from codesession.store.base import Store
    from codesession.store.base_reports import ReportStore

CALLS_SHOWN = 50
_MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class LiveFeed:
    """The ledger in a viewer's zone."""

    store: Store
    reports: ReportStore
    clock: Callable[[], int]
    zone: tzinfo

    def snapshot(self) -> LiveSnapshot:
        """The ledger as it is now."""
        now = self.clock()
        day = local_date(self.zone, now)
        by = (Dimension.PROVIDER, Dimension.MODEL, Dimension.AGENT)
        cells = self.reports.usage(days_span(self.zone, day, day), by=by, where=CallFilter())
        return LiveSnapshot(
            at_ms=now,
            day=day,
            today=UsageTotals.total(cell.totals for cell in cells),
            models=model_shares((cell.keys[0], cell.keys[1], cell.totals) for cell in cells),
            agents=agent_shares((cell.keys[2], cell.totals) for cell in cells),
            sessions=tuple(reversed(self.store.active_sessions())),
            calls=tuple(self.reports.newest_calls(limit=CALLS_SHOWN)),
            minutes=self._minutes(now),
        )

    def _minutes(self, now: int) -> tuple[int, ...]:
        minutes = [0] * HISTORY_MINUTES
        for at_ms, cost in self.reports.spending(since_ms=now - HISTORY_MINUTES * _MINUTE_MS + 1):
            minutes[HISTORY_MINUTES - 1 - max(0, now - at_ms) // _MINUTE_MS] += cost
        return tuple(minutes)
