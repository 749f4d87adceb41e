"""Times as agents write them, to UTC epoch milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime

_SECONDS = 10_000_000_000
"""Numbers below it are seconds, above it milliseconds."""
_MAX_MS = 10**14


def epoch_ms(value: object) -> int | None:
    """ISO-8601 text (UTC where it names no zone), or a number of seconds or milliseconds; None if neither."""
    if isinstance(value, str):
        return _from_text(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < _MAX_MS:
        return None
    return int(value * 1000) if value < _SECONDS else int(value)


def _from_text(value: str) -> int | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000) if moment.year < 5000 else None
