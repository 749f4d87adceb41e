"""Model calls as columns, and what a call adds to every counter."""

from __future__ import annotations

from functools import lru_cache
from operator import attrgetter, itemgetter

from codesession.domain.facts import NamedTuple
from codesession.domain.imports import OwnFacts
from codesession.domain.money import PICO
from codesession.domain.pricing import CostStatus
from codesession.domain.request import ModelRequest, Source, UsageStatus
from codesession.domain.usage import TokenUsage
from codesession.store.queries import COUNTERS, REQUEST_COLUMNS, ROLLUP_KEYS
from codesession.store.rows import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, TypeAlias

    from codesession.store.database import Row

BUCKET_MS = 15 * 60 * 1000
"""Width of a rollup bucket: every UTC offset in use is a multiple of it, so days can be cut in any zone."""

PERIOD_MS = 30 * 24 * 3600 * 1000
"""Width of a period of spending."""

_USAGE_COLUMNS = (
    "input_tokens",
    "cache_read_input_tokens",
    "cache_write_input_tokens",
    "cache_write_1h_input_tokens",
    "output_tokens",
    "reasoning_output_tokens",
)


_COUNTED = frozenset(_USAGE_COLUMNS)
_WORDS = {"usage_status": "usage_status._value_", "cost_status": "cost_status._value_"}
"""`_value_` is the plain attribute behind an enumeration's `value`, which is several times slower."""
_used = attrgetter(*(f"usage.{c}" if c in _COUNTED else _WORDS.get(c, c) for c in REQUEST_COLUMNS))
_unused = attrgetter(*("usage" if c in _COUNTED else _WORDS.get(c, c) for c in REQUEST_COLUMNS))
_AT = {name: number for number, name in enumerate(REQUEST_COLUMNS)}
_SOURCES, _PROVIDER, _RESPONSE = _AT["sources"], _AT["provider_name"], _AT["response_id"]
_LOG_KEY = _AT["log_key"]
_CONVERSATION, _IMPORT = _AT["conversation_id"], _AT["import_id"]
SESSION = _AT["session_id"]
"""Where the session stands among the columns."""
_NOTHING_USED = TokenUsage()

PreparedCall: TypeAlias = "tuple[Row, Row, tuple[int, ...]]"
"""A call as its columns, its group and what it counts: all that can be made ready without a ledger."""


class ImportedCall(NamedTuple):
    """A call from a log, ready for a batch. As a plain tuple of plain values it can be sent between processes."""

    prepared: PreparedCall
    key: tuple[str, str]
    """Its identity: provider and response id."""
    ids_may_clash: bool

    @classmethod
    def of(cls, request: ModelRequest, *, ids_may_clash: bool) -> ImportedCall:
        """A call made ready."""
        ready = prepared(request)
        return cls(ready, (ready[0][_PROVIDER], ready[0][_RESPONSE]), ids_may_clash)

    @property
    def log_key(self) -> str | None:
        """What other logs call it."""
        found: str | None = self.prepared[0][_LOG_KEY]
        return found

    @property
    def request(self) -> ModelRequest:
        """The call, from its columns."""
        return request_of((None, *self.prepared[0]))


class CallForm:
    """Makes calls ready that differ from one of them in their own facts alone: all else is there already."""

    def __init__(self, like: PreparedCall, *, ids_may_clash: bool) -> None:
        self._like = like
        columns, self._group, counts = like
        self._alike = _alike_of(columns)
        self._provider = columns[_PROVIDER]
        self._counted = counts[:_KINDS]
        self._ids_may_clash = ids_may_clash

    def elsewhere(self, conversation_id: str | None, import_id: int | None) -> CallForm:
        """The same for calls of another conversation and log file."""
        values, _, counts = self._like
        columns = list(values)
        columns[_CONVERSATION] = None if conversation_id is None else text(conversation_id)
        columns[_IMPORT] = import_id
        moved = tuple(columns)
        return CallForm((moved, group_of(moved), counts), ids_may_clash=self._ids_may_clash)

    def __call__(self, own: OwnFacts) -> ImportedCall:
        """One call made ready."""
        words = f"{own.response_id}{own.prompt_id}{own.request_id}{own.owner_rank}"
        if not words.isascii() or "\x00" in words:
            own = OwnFacts._make([text(value) if type(value) is str else value for value in own])
        _, response_id, at_ms, prompt, read, written, kept_1h, output, reasoning, cost, *_ = own
        bucket = at_ms - at_ms % BUCKET_MS
        if bucket != self._group[0]:
            self._group = (bucket, *self._group[1:])
        counts = (*self._counted, prompt, read, written, output, reasoning, prompt + output, kept_1h, cost)
        key = (self._provider, response_id)
        return ImportedCall((_arranged(own + self._alike), self._group, counts), key, self._ids_may_clash)


_ALIKE = tuple(name for name in REQUEST_COLUMNS if name not in OwnFacts._fields)
_alike_of = itemgetter(*(_AT[name] for name in _ALIKE))
_arranged = itemgetter(*((*OwnFacts._fields, *_ALIKE).index(name) for name in REQUEST_COLUMNS))


def request_of(row: Row) -> ModelRequest:
    """A ledger row from `id` and its columns."""
    values: dict[str, Any] = dict(zip(_PLAIN, _plain_of(row), strict=True))
    values["usage_status"] = _USAGE_STATUSES[values["usage_status"]]
    values["cost_status"] = _COST_STATUSES[values["cost_status"]]
    values["sources"] = _sources_of(values["sources"])
    counts = _counts_of(row)
    used = counts[0] is not None
    usage = TokenUsage(**{name: n or 0 for name, n in zip(_USAGE_COLUMNS, counts, strict=True)}) if used else None
    return ModelRequest(usage=usage, **values)


_READ = ("id", *REQUEST_COLUMNS)
_PLAIN = tuple(name for name in _READ if name not in _COUNTED)
_plain_of = itemgetter(*map(_READ.index, _PLAIN))
_counts_of = itemgetter(*map(_READ.index, _USAGE_COLUMNS))
_USAGE_STATUSES = {status.value: status for status in UsageStatus}
_COST_STATUSES = {status.value: status for status in CostStatus}
"""To call an enumeration takes several times as long."""


@lru_cache(64)
def _sources_of(names: str) -> frozenset[Source]:
    return frozenset(map(Source, names.split(",")))


def columns_of(request: ModelRequest) -> tuple[Any, ...]:
    """The columns of a ledger row, in the order of `REQUEST_COLUMNS`."""
    values = list((_unused if request.usage is None else _used)(request))
    values[_SOURCES] = _source_names(request.sources)
    words = "".join([value for value in values if type(value) is str])
    if not words.isascii() or "\x00" in words:
        return tuple([text(value) if type(value) is str else value for value in values])
    return tuple(values)


def request_params(request: ModelRequest) -> dict[str, Any]:
    """Named parameters for one ledger row."""
    return dict(zip(REQUEST_COLUMNS, columns_of(request), strict=True))


def prepared(request: ModelRequest) -> PreparedCall:
    """A call ready to be written and counted."""
    columns = columns_of(request)
    return columns, group_of(columns), counters(request)


def group_of(columns: tuple[Any, ...]) -> tuple[Any, ...]:
    """The group a call is counted in, by its columns."""
    (at_ms, project, provider, requested, answered, agent, sources, conversation, subagent, log) = _grouping(columns)
    bucket = at_ms - at_ms % BUCKET_MS
    by_subagent = int(subagent is not None)
    return (
        *(bucket, project or "", provider, answered or requested, agent or "", sources.replace(",", "+")),
        *(conversation or "", by_subagent, log),
    )


_grouping = itemgetter(
    *(_AT[name] for name in ("started_at_ms", "project", "provider_name", "request_model", "response_model")),
    *(_AT[name] for name in ("agent_name", "sources", "conversation_id", "subagent_id", "import_id")),
)


@lru_cache(64)
def _source_names(sources: frozenset[Source]) -> str:
    """Plain text: a member of the enumeration would have to be adapted for every row."""
    return ",".join(sorted(source.value for source in sources))


def counters(request: ModelRequest) -> tuple[int, ...]:
    """What a call adds to every counter, in the order of `queries.COUNTERS`."""
    usage = request.usage or _NOTHING_USED
    lower_bound = request.usage_status is UsageStatus.LOWER_BOUND or request.cost_status is CostStatus.LOWER_BOUND
    return (
        1,
        int(request.cost_picousd is None),
        int(lower_bound),
        int(request.cost_status is CostStatus.LIST_PRICE),
        usage.input_tokens,
        usage.cache_read_input_tokens,
        usage.cache_write_input_tokens,
        usage.output_tokens,
        usage.reasoning_output_tokens,
        request.total_tokens,
        usage.cache_write_1h_input_tokens,
        request.cost_picousd or 0,
    )


def rollup_of(group: tuple[Any, ...]) -> tuple[Any, ...]:
    """The bucket of a group, in the order of `queries.ROLLUP_KEYS`."""
    return group[: len(ROLLUP_KEYS)]


def spending_of(rollup: tuple[Any, ...]) -> tuple[Any, ...]:
    """The period of a bucket, in the order of `queries.SPENDING_KEYS`."""
    begin, project, _, _, agent, _ = rollup
    return begin - begin % PERIOD_MS, project, agent


def parted(calls: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """
    The sum of what calls count, in the order of `queries.COUNTER_COLUMNS`.

    Every call has its own whole dollars apart, so that one that is taken back later takes what it brought, and no
    column gets below zero.
    """
    *plain, cost = map(sum, zip(*calls, strict=True))
    dollars = sum([_dollars(call[-1]) for call in calls])
    return (*plain, dollars, cost - dollars * PICO)


def _dollars(picousd: int) -> int:
    return picousd // PICO if picousd >= 0 else -(-picousd // PICO)


def spent(counts: tuple[int, ...]) -> tuple[int, ...]:
    """What parted counts add to it, in the order of `queries.SPENDING`."""
    return counts[_UNPRICED], counts[_LOWER_BOUND], *counts[-2:]


_UNPRICED, _LOWER_BOUND = COUNTERS.index("unpriced_requests"), COUNTERS.index("lower_bound_requests")
_KINDS = COUNTERS.index("input_tokens")
"""So many counters, the first ones, say what kind of call it is; the others what it used."""


def session_use_of(group: tuple[Any, ...], session_id: int) -> tuple[Any, ...]:
    """What a group adds to the use of a session, in the order of `queries.SESSION_USE_KEYS`."""
    return (session_id, *group[2:-1])


def cursor_counts(counts: tuple[int, ...]) -> tuple[int, ...]:
    """What parted counts add to the log file that owns the calls, in the order of `import_queries.TOTAL_COLUMNS`."""
    one, unpriced, lower_bound, _, prompt, read, written, output, _, total, kept_1h, *cost = counts
    return (one, unpriced, lower_bound, prompt, read, written, kept_1h, output, total, *cost)
