"""Model calls as columns, and what a call adds to every counter."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from codesession.domain.pricing import CostStatus
from codesession.domain.request import ModelRequest, Source, UsageStatus
from codesession.domain.usage import TokenUsage
from codesession.store.database import Row
from codesession.store.queries import COUNTERS, REQUEST_COLUMNS
from codesession.store.rows import text

BUCKET_MS = 15 * 60 * 1000
"""Width of a rollup bucket: every UTC offset in use is a multiple of it, so days can be cut in any zone."""

_USAGE_COLUMNS = (
    "input_tokens",
    "cache_read_input_tokens",
    "cache_write_input_tokens",
    "cache_write_1h_input_tokens",
    "output_tokens",
    "reasoning_output_tokens",
)


_OWN_COLUMNS = tuple(name for name in REQUEST_COLUMNS if name not in _USAGE_COLUMNS)
_own_values = attrgetter(*_OWN_COLUMNS)
_usage_values = attrgetter(*_USAGE_COLUMNS)
_NO_USAGE = dict.fromkeys(_USAGE_COLUMNS)
_NOTHING_USED = TokenUsage()


def request_of(row: Row) -> ModelRequest:
    """A ledger row from `id` and its columns."""
    values: dict[str, Any] = dict(zip(("id", *REQUEST_COLUMNS), row, strict=True))
    counts = {name: values.pop(name) for name in _USAGE_COLUMNS}
    usage = None if counts["input_tokens"] is None else TokenUsage(**{k: v or 0 for k, v in counts.items()})
    values["usage_status"] = UsageStatus(values["usage_status"])
    values["cost_status"] = CostStatus(values["cost_status"])
    values["sources"] = frozenset(Source(name) for name in values["sources"].split(","))
    return ModelRequest(usage=usage, **values)


def request_params(request: ModelRequest) -> dict[str, Any]:
    """Named parameters for one ledger row."""
    params = dict(zip(_OWN_COLUMNS, _own_values(request), strict=True))
    words = "".join([value for value in params.values() if type(value) is str])
    if not words.isascii() or "\x00" in words:
        params = {name: text(value) if type(value) is str else value for name, value in params.items()}
    usage = request.usage
    params.update(_NO_USAGE if usage is None else zip(_USAGE_COLUMNS, _usage_values(usage), strict=True))
    params["usage_status"] = request.usage_status.value
    params["cost_status"] = request.cost_status.value
    params["sources"] = ",".join(sorted(request.sources))
    return params


def counts_of(request: ModelRequest, sign: int = 1) -> dict[str, int]:
    """What a call adds to every counter; with `sign` -1, what it took back."""
    return dict(zip(COUNTERS, counters(request, sign), strict=True))


def counters(request: ModelRequest, sign: int = 1) -> tuple[int, ...]:
    """The same in the order of `queries.COUNTERS`."""
    usage = request.usage or _NOTHING_USED
    lower_bound = request.usage_status is UsageStatus.LOWER_BOUND or request.cost_status is CostStatus.LOWER_BOUND
    counts = (
        1,
        int(request.cost_picousd is None),
        int(lower_bound),
        usage.input_tokens,
        usage.cache_read_input_tokens,
        usage.cache_write_input_tokens,
        usage.output_tokens,
        usage.reasoning_output_tokens,
        request.total_tokens,
        request.cost_picousd or 0,
    )
    return counts if sign == 1 else tuple(-count for count in counts)


def rollup_key(request: ModelRequest) -> dict[str, Any]:
    """The bucket a call is counted in."""
    return {
        "bucket_start_ms": request.started_at_ms - request.started_at_ms % BUCKET_MS,
        "project": text(request.project or ""),
        "provider_name": text(request.provider_name),
        "model": text(request.response_model or request.request_model),
        "agent_name": text(request.agent_name or ""),
        "source": "+".join(sorted(request.sources)),
    }


def session_use_key(request: ModelRequest, session_id: int, rollup: Mapping[str, Any]) -> dict[str, Any]:
    """What a call of a session is counted by; `rollup` is its `rollup_key`."""
    return {
        "session_id": session_id,
        "provider_name": rollup["provider_name"],
        "model": rollup["model"],
        "agent_name": rollup["agent_name"],
        "source": rollup["source"],
        "conversation_id": text(request.conversation_id or ""),
        "by_subagent": int(request.subagent_id is not None),
    }


def cursor_counts(request: ModelRequest, sign: int = 1) -> tuple[int, ...]:
    """What a call adds to the totals of the log file that owns it, in the order of `import_queries.TOTALS`."""
    one, unpriced, lower_bound, prompt, read, written, output, _, total, cost = counters(request, sign)
    kept_1h = 0 if request.usage is None else sign * request.usage.cache_write_1h_input_tokens
    return (one, unpriced, lower_bound, prompt, read, written, kept_1h, output, total, cost)
