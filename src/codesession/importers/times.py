"""Times as agents write them, to UTC epoch milliseconds."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from codesession.domain import times

_SECONDS = 10_000_000_000
"""Numbers below it are seconds, above it milliseconds."""
_MAX_MS = 10**14


def epoch_ms(value: object) -> int | None:
    """
    ISO-8601 text (UTC where it names no zone), or a number of seconds or milliseconds; None if neither.

    Before 1970 and far beyond today no agent ran, and zones cannot show the ends of the calendar: no times either.

    The text that nearly all write, `2026-11-22T10:00:00.000Z`, is put together from its hour and the rest.
    """
    if isinstance(value, str):
        if len(value) == 24 and value[16] == ":" and value[19] == "." and value[23] == "Z" and value.isascii():
            minutes, seconds, rest = value[14:16], value[17:19], value[20:23]
            if minutes < "60" and seconds < "60" and value[13] == ":" and f"{minutes}{seconds}{rest}".isdecimal():
                hour = _hour(value[:13])
                return None if hour is None else hour + int(minutes) * 60_000 + int(seconds) * 1000 + int(rest)
        return _from_text(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or not 0 < value < _MAX_MS:
        return None
    return int(value * 1000) if value < _SECONDS else int(value)


@lru_cache(256)
def _hour(value: str) -> int | None:
    return _from_text(f"{value}:00Z")


def _from_text(value: str) -> int | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    at_ms = times.epoch_ms(moment)
    return at_ms if 0 <= at_ms < _MAX_MS else None
