"""Until when: `18:00`, `2h`, `45m`, `2026-11-30`, an ISO time. In the user's zone."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo

from codesession.domain.times import epoch_ms
from codesession.errors import InvalidInputError

_LATER = re.compile(r"(\d{1,4})\s*(m|min|h|d)")
_UNITS = {"m": 60_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")


def until_ms(text: str, now_ms: int, zone: tzinfo) -> int:
    """The moment a text means, in UTC milliseconds; raises `InvalidInputError` for none, or one that is over."""
    found = _moment(text.strip(), now_ms, zone)
    if found is None:
        hint = "give a time such as 18:00, 2h, 45m, 2026-11-30 or 2026-11-30T18:00"
        raise InvalidInputError(f"{text!r} is no time", hint=hint)
    if found <= now_ms:
        raise InvalidInputError(f"{text!r} is over", hint="give a time to come")
    return found


def _moment(text: str, now_ms: int, zone: tzinfo) -> int | None:
    if later := _LATER.fullmatch(text):
        return now_ms + int(later[1]) * _UNITS[later[2]]
    now = datetime.fromtimestamp(now_ms // 1000, zone)
    try:
        if clock := _CLOCK.fullmatch(text):
            at = now.replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0)
            return epoch_ms(at if at > now else at + timedelta(days=1))
        at = datetime.fromisoformat(text)
    except ValueError:  # the caller names the text
        return None
    return epoch_ms(at if at.tzinfo else at.replace(tzinfo=zone))
