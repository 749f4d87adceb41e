"""Domain objects to column values and back."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from codesession.domain.pricing import CostStatus
from codesession.domain.request import ModelRequest, Source, UsageStatus
from codesession.domain.session import Session, SessionStatus
from codesession.domain.usage import TokenUsage
from codesession.store.database import Row
from codesession.store.queries import REQUEST_COLUMNS, SESSION_COLUMNS

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


def text(value: str) -> str:
    """Text any database takes: lone surrogates and NUL, which agents and git may hand us, made visible."""
    if value.isascii() and "\x00" not in value:
        return value
    return value.replace("\x00", "\N{SYMBOL FOR NULL}").encode("utf-8", "replace").decode()


def session_of(row: Row) -> Session:
    """A session from its columns."""
    values = dict(zip(SESSION_COLUMNS, row, strict=True))
    return Session(**{**values, "status": SessionStatus(values["status"])})


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
    for name, value in params.items():
        if type(value) is str and not (value.isascii() and "\x00" not in value):
            params[name] = text(value)
    usage = request.usage
    params.update(_NO_USAGE if usage is None else zip(_USAGE_COLUMNS, _usage_values(usage), strict=True))
    params["usage_status"] = request.usage_status.value
    params["cost_status"] = request.cost_status.value
    params["sources"] = ",".join(sorted(request.sources))
    return params


def counts_of(request: ModelRequest, sign: int = 1) -> dict[str, int]:
    """What a call adds to every counter; with `sign` -1, what it took back."""
    usage = request.usage or TokenUsage()
    lower_bound = request.usage_status is UsageStatus.LOWER_BOUND or request.cost_status is CostStatus.LOWER_BOUND
    counts = {
        "requests": 1,
        "unpriced_requests": int(request.cost_picousd is None),
        "lower_bound_requests": int(lower_bound),
        "input_tokens": usage.input_tokens,
        "cache_read_input_tokens": usage.cache_read_input_tokens,
        "cache_write_input_tokens": usage.cache_write_input_tokens,
        "output_tokens": usage.output_tokens,
        "reasoning_output_tokens": usage.reasoning_output_tokens,
        "total_tokens": request.total_tokens,
        "cost_picousd": request.cost_picousd or 0,
    }
    return counts if sign == 1 else {name: sign * value for name, value in counts.items()}


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


def cursor_counts(request: ModelRequest, sign: int = 1) -> tuple[int, ...]:
    """What a call adds to the totals of the log file that owns it, in the order of `import_queries.TOTALS`."""
    usage = request.usage or TokenUsage()
    lower_bound = request.usage_status is UsageStatus.LOWER_BOUND or request.cost_status is CostStatus.LOWER_BOUND
    counts = (
        1,
        int(request.cost_picousd is None),
        int(lower_bound),
        usage.input_tokens,
        usage.cache_read_input_tokens,
        usage.cache_write_input_tokens,
        usage.cache_write_1h_input_tokens,
        usage.output_tokens,
        request.total_tokens,
        request.cost_picousd or 0,
    )
    return counts if sign == 1 else tuple(sign * count for count in counts)
