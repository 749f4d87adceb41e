"""Moments as the ledger keeps them: whole milliseconds since 1970, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def epoch_ms(moment: datetime) -> int:
    """
    The millisecond a moment lies in; without a zone it is UTC.

    Never the next one, which may be another day and have another price. Counted in whole numbers: seconds as a float
    are rounded before anybody can look at them.
    """
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH) // _MS
