"""A call as a flat row: the same columns in NDJSON, CSV and Parquet. Unknown is None."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from codesession.domain.facts import names
from codesession.domain.money import from_picousd
from codesession.domain.request import ModelRequest
from codesession.domain.usage import TokenUsage

COLUMNS: Mapping[str, str] = {
    "uid": "text",
    "started_at": "time",
    "duration_ms": "integer",
    "provider_name": "text",
    "request_model": "text",
    "response_model": "text",
    "response_id": "text",
    "api": "text",
    "agent_name": "text",
    "agent_version": "text",
    "conversation_id": "text",
    "subagent_id": "text",
    "session_id": "integer",
    "session_uid": "text",
    "session_name": "text",
    "project": "text",
    "git_branch": "text",
    "input_tokens": "integer",
    "cache_read_input_tokens": "integer",
    "cache_write_input_tokens": "integer",
    "cache_write_1h_input_tokens": "integer",
    "output_tokens": "integer",
    "reasoning_output_tokens": "integer",
    "total_tokens": "integer",
    "usage_status": "text",
    "cost_usd": "money",
    "cost_picousd": "integer",
    "cost_status": "text",
    "cost_source": "text",
    "price_model": "text",
    "price_version": "text",
    "sources": "text",
}
"""Column to kind: text, integer, time (UTC, milliseconds), money (exact decimal dollars)."""

_EMPTY = dict.fromkeys(COLUMNS)
_OF_USAGE = tuple(COLUMNS.keys() & names(TokenUsage))
_OF_CALL = tuple(COLUMNS.keys() & names(ModelRequest))
_used = attrgetter(*_OF_USAGE)
_told = attrgetter(*_OF_CALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedCall:
    """A call and the session it was counted for."""

    call: ModelRequest
    session_uid: str | None = None
    session_name: str | None = None

    def row(self) -> dict[str, Any]:
        """The values of `COLUMNS`: time as an aware datetime, money as a Decimal."""
        call, usage = self.call, self.call.usage
        values: dict[str, Any] = _EMPTY | dict(zip(_OF_CALL, _told(call), strict=True))
        if usage is not None:
            values |= zip(_OF_USAGE, _used(usage), strict=True)
        return values | {
            "started_at": moment(call.started_at_ms),
            "response_id": call.provider_response_id,
            "session_uid": self.session_uid,
            "session_name": self.session_name,
            "total_tokens": None if usage is None and call.reported_total_tokens is None else call.total_tokens,
            "usage_status": str(call.usage_status),
            "cost_usd": None if call.cost_picousd is None else from_picousd(call.cost_picousd),
            "cost_status": str(call.cost_status),
            "sources": "+".join(sorted(call.sources)),
        }


def moment(at_ms: int) -> datetime:
    """Epoch milliseconds as an aware datetime, to the millisecond."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).replace(microsecond=at_ms % 1000 * 1000)
