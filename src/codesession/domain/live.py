"""What a live view shows at one moment. Money in pico-dollars, times in UTC epoch milliseconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from codesession.domain.report import Share, UsageTotals
from codesession.domain.request import ModelRequest
from codesession.domain.session import Session

PACE_MINUTES = 10
"""Over how long the present pace is measured."""
HISTORY_MINUTES = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSnapshot:
    """The ledger as it is now."""

    at_ms: int
    day: date
    """Today in the viewer's zone."""
    today: UsageTotals
    models: tuple[Share, ...]
    """Today's, dearest first."""
    agents: tuple[Share, ...]
    sessions: tuple[Session, ...]
    """Active ones, newest first."""
    calls: tuple[ModelRequest, ...]
    """Those that began last, newest first."""
    minutes: tuple[int, ...]
    """Spending in each of the last 60 minutes, the present one last."""

    @property
    def last_hour_picousd(self) -> int:
        """What the last 60 minutes cost."""
        return sum(self.minutes)

    @property
    def pace_picousd(self) -> int:
        """Dollars per hour, as of the last ten minutes."""
        return sum(self.minutes[-PACE_MINUTES:]) * HISTORY_MINUTES // PACE_MINUTES
