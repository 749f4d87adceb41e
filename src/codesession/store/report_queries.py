"""The SQL of reports: named parameters, understood by SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from codesession.domain.money import PICO
from codesession.domain.report import CallFilter, Dimension, SessionQuery, SessionSort, Span
from codesession.store.queries import COUNTERS, REQUESTS_SELECTED, REST_PICOUSD, SESSIONS_SELECTED, WHOLE_DOLLARS
from codesession.store.rows import text

ROLLUP: Mapping[Dimension, str] = {
    Dimension.PROJECT: "project",
    Dimension.PROVIDER: "provider_name",
    Dimension.MODEL: "model",
    Dimension.AGENT: "agent_name",
    Dimension.SOURCE: "source",
}
"""Columns of the rollups."""

LEDGER: Mapping[Dimension, str] = {
    Dimension.PROJECT: "COALESCE(project, '')",
    Dimension.PROVIDER: "provider_name",
    Dimension.MODEL: "COALESCE(response_model, request_model)",
    Dimension.AGENT: "COALESCE(agent_name, '')",
    Dimension.SOURCE: "REPLACE(sources, ',', '+')",
}
"""The same values in the ledger."""

SESSIONS: Mapping[Dimension, str] = {Dimension.PROJECT: "directory"}
"""A session's project is its directory; the rest of a filter is asked of what it used."""

SESSION_USE: Mapping[Dimension, str] = {d: column for d, column in ROLLUP.items() if d is not Dimension.PROJECT}
"""What sessions used is counted by the same values, apart from their project."""

_LOWER_BOUND = "usage_status = 'lower_bound' OR cost_status = 'lower_bound'"
_COUNTED = {
    "requests": "1",
    "unpriced_requests": "CASE WHEN cost_picousd IS NULL THEN 1 ELSE 0 END",
    "lower_bound_requests": f"CASE WHEN {_LOWER_BOUND} THEN 1 ELSE 0 END",
    "list_price_requests": "CASE WHEN cost_status = 'list_price' THEN 1 ELSE 0 END",
    "total_tokens": "COALESCE(input_tokens + output_tokens, reported_total_tokens, 0)",
}


def _sums(values: Mapping[str, str], dollars: str) -> str:
    """Every counter, then whole dollars and their rest apart."""
    plain = [values.get(name, name) for name in COUNTERS if name != "cost_picousd"]
    return ", ".join(f"COALESCE(SUM({value}), 0)" for value in (*plain, dollars, REST_PICOUSD))


_USE = (Dimension.PROVIDER, Dimension.MODEL, Dimension.AGENT)
"""What the use of a session is told apart by."""

ROLLUP_SUMS = _sums({}, WHOLE_DOLLARS)
LEDGER_SUMS = _sums(_COUNTED, f"cost_picousd / {PICO}")

EXTENT = "SELECT (SELECT MIN(bucket_start_ms) FROM usage_rollups), (SELECT MAX(bucket_start_ms) FROM usage_rollups)"
"""Asked for apart, each end is one look at the index; together SQLite would read all of it."""
NEWEST_CALLS = f"{REQUESTS_SELECTED} ORDER BY started_at_ms DESC, id DESC LIMIT :limit"
SPENDING = (
    "SELECT started_at_ms, cost_picousd FROM model_requests WHERE started_at_ms >= :since AND cost_picousd IS NOT NULL"
)


@dataclass
class Where:
    """Conditions that must all hold, with their bound values."""

    conditions: list[str] = field(default_factory=list)
    params: dict[str, Any] = field(default_factory=dict)

    def add(self, condition: str, **params: Any) -> None:
        """One more condition."""
        self.conditions.append(condition)
        self.params |= params

    def sql(self) -> str:
        """` WHERE …`, or nothing."""
        return f" WHERE {' AND '.join(self.conditions)}" if self.conditions else ""


@dataclass(frozen=True)
class Statement:
    """A query and its bound values."""

    sql: str
    params: dict[str, Any]


def add_calls(where: Where, calls: CallFilter, columns: Mapping[Dimension, str]) -> None:
    """The conditions of a call filter."""
    for dimension, values in (
        (Dimension.PROJECT, calls.projects),
        (Dimension.PROVIDER, calls.providers),
        (Dimension.MODEL, calls.models),
        (Dimension.AGENT, calls.agents),
        (Dimension.SOURCE, calls.sources),
    ):
        if values:
            _add_any(where, dimension, columns[dimension], values)


def _add_any(where: Where, dimension: Dimension, column: str, values: Sequence[str]) -> None:
    alternatives = []
    for number, asked in enumerate(values):
        name, value = f"{dimension.value}_{number}", text(asked)
        if dimension is Dimension.SOURCE:
            alternatives.append(f"'+' || {column} || '+' LIKE :{name}")
            where.params[name] = f"%+{value}+%"
        elif "*" in value:
            alternatives.append(f"LOWER({column}) LIKE LOWER(:{name}) ESCAPE '!'")
            where.params[name] = like(value).replace("*", "%")
        else:
            alternatives.append(f"{column} = :{name}")
            where.params[name] = value
        if dimension is Dimension.PROJECT and "/" not in value and "*" not in value:
            alternatives.append(f"LOWER({column}) LIKE LOWER(:{name}_below) ESCAPE '!'")
            where.params[f"{name}_below"] = "%/" + like(value)
    where.add(f"({' OR '.join(alternatives)})")


def like(literal: str) -> str:
    """
    Text that a LIKE pattern with `ESCAPE '!'` takes literally.

    Both sides are lowered by the database: SQLite knows the case of ASCII only, PostgreSQL's LIKE tells cases apart.
    """
    return literal.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def add_span(where: Where, column: str, since_ms: int | None, until_ms: int | None) -> None:
    """A half-open span of time."""
    if since_ms is not None:
        where.add(f"{column} >= :since_ms", since_ms=since_ms)
    if until_ms is not None:
        where.add(f"{column} < :until_ms", until_ms=until_ms)


def _rollups(span: Span, calls: CallFilter) -> Where:
    """Rollups of a span, without those whose calls have all been merged into others since."""
    where = Where()
    where.add("requests > 0")
    add_span(where, "bucket_start_ms", span.start_ms, span.end_ms)
    add_calls(where, calls, ROLLUP)
    return where


def usage(span: Span, by: Sequence[Dimension], slot_ms: int | None, offset_ms: int, calls: CallFilter) -> Statement:
    """Sums of rollups: slot, dimensions, counters."""
    where = _rollups(span, calls)
    slot = _slot(where, "bucket_start_ms", slot_ms, offset_ms)
    return _grouped("usage_rollups", [slot, *(ROLLUP[dimension] for dimension in by)], ROLLUP_SUMS, where)


def subagent_usage(
    span: Span, by: Sequence[Dimension], slot_ms: int | None, offset_ms: int, calls: CallFilter
) -> Statement:
    """The same sums of the ledger, over the partial index of sub-agents' calls."""
    where = Where()
    where.add("subagent_id IS NOT NULL")
    add_span(where, "started_at_ms", span.start_ms, span.end_ms)
    add_calls(where, calls, LEDGER)
    slot = _slot(where, "started_at_ms", slot_ms, offset_ms)
    return _grouped("model_requests", [slot, *(LEDGER[dimension] for dimension in by)], LEDGER_SUMS, where)


def _slot(where: Where, time: str, slot_ms: int | None, offset_ms: int) -> str:
    if slot_ms is None:
        return "0"
    where.params |= {"offset_ms": offset_ms, "slot_ms": slot_ms}
    return f"({time} + :offset_ms) / :slot_ms"


def _grouped(table: str, keys: Sequence[str], sums: str, where: Where) -> Statement:
    groups = ", ".join(str(number) for number in range(1, len(keys) + 1))
    return Statement(f"SELECT {', '.join(keys)}, {sums} FROM {table}{where.sql()} GROUP BY {groups}", where.params)


def first_bucket(span: Span, calls: CallFilter) -> Statement:
    """The first rollup of a span that counts a call: one look at the index where there is no filter."""
    where = _rollups(span, calls)
    sql = f"SELECT bucket_start_ms FROM usage_rollups{where.sql()} ORDER BY bucket_start_ms LIMIT 1"
    return Statement(sql, where.params)


def first_call(span: Span, calls: CallFilter) -> Statement:
    """When the first call of a span began."""
    where = Where()
    add_span(where, "started_at_ms", span.start_ms, span.end_ms)
    add_calls(where, calls, LEDGER)
    sql = f"SELECT started_at_ms FROM model_requests{where.sql()} ORDER BY started_at_ms LIMIT 1"
    return Statement(sql, where.params)


def session_uses(session_ids: Sequence[int], calls: CallFilter) -> Statement:
    """Session, provider, model, agent, sub-agent or not, conversation, counters."""
    where = Where()
    names = {f"session_{number}": session_id for number, session_id in enumerate(session_ids)}
    where.add(f"session_id IN ({', '.join(':' + name for name in names)})", **names)
    where.add("requests > 0")
    add_calls(where, calls, SESSION_USE)
    own = [SESSION_USE[dimension] for dimension in _USE]
    keys = ["session_id", *own, "by_subagent", "NULLIF(conversation_id, '')"]
    return _grouped("session_usage", keys, ROLLUP_SUMS, where)


def unattributed_uses(calls: CallFilter, since_ms: int | None, until_ms: int | None) -> Statement:
    """The same of the calls that belong to no session."""
    where = Where()
    where.add("session_id IS NULL")
    add_span(where, "started_at_ms", since_ms, until_ms)
    add_calls(where, calls, LEDGER)
    own = [LEDGER[dimension] for dimension in _USE]
    keys = ["session_id", *own, "CASE WHEN subagent_id IS NULL THEN 0 ELSE 1 END", "conversation_id"]
    return _grouped("model_requests", keys, LEDGER_SUMS, where)


_SESSION_ORDER = {
    SessionSort.STARTED: "started_at_ms",
    SessionSort.COST: WHOLE_DOLLARS,
    SessionSort.TOKENS: "total_tokens",
    SessionSort.CALLS: "requests",
    SessionSort.DURATION: "COALESCE(ended_at_ms, 9223372036854775807) - started_at_ms",
    SessionSort.NAME: "LOWER(name)",
}
_NO_LIMIT = 2**62


def session_totals(query: SessionQuery) -> Statement:
    """How many sessions match, and their counters."""
    where = _matching(query)
    return Statement(f"SELECT COUNT(*), {ROLLUP_SUMS} FROM sessions{where.sql()}", where.params)


def session_page(query: SessionQuery) -> Statement:
    """One page of the sessions that match; equal ones by their number."""
    where = _matching(query)
    direction = "DESC" if query.descending else "ASC"
    where.params |= {"limit": _NO_LIMIT if query.limit is None else query.limit, "offset": query.offset}
    rest = f"{REST_PICOUSD} {direction}, " if query.sort is SessionSort.COST else ""
    order = f"{_SESSION_ORDER[query.sort]} {direction}, {rest}id {direction}"
    sql = f"{SESSIONS_SELECTED}{where.sql()} ORDER BY {order} LIMIT :limit OFFSET :offset"
    return Statement(sql, where.params)


def _matching(query: SessionQuery) -> Where:
    where = Where()
    if query.search:
        columns = ("name", "directory", "git_branch")
        found = " OR ".join(f"LOWER({column}) LIKE LOWER(:search) ESCAPE '!'" for column in columns)
        where.add(f"({found})", search=f"%{like(text(query.search))}%")
    if query.status is not None:
        where.add("status = :status", status=query.status)
    if query.min_cost_picousd is not None:
        _add_cost(where, ">=", "min", query.min_cost_picousd)
    if query.max_cost_picousd is not None:
        _add_cost(where, "<=", "max", query.max_cost_picousd)
    if query.conversations_only:
        where.add("conversation_id IS NOT NULL")
    add_span(where, "started_at_ms", query.since_ms, query.until_ms)
    add_calls(where, CallFilter(projects=query.where.projects), SESSIONS)
    if query.where.splits_sessions:
        calls = Where()
        calls.add("requests > 0")
        add_calls(calls, replace(query.where, projects=()), SESSION_USE)
        where.add(f"id IN (SELECT session_id FROM session_usage{calls.sql()})", **calls.params)
    return where


def _add_cost(where: Where, compared: str, name: str, picousd: int) -> None:
    dollars, rest = divmod(picousd, PICO)
    sql = f"({WHOLE_DOLLARS}, {REST_PICOUSD}) {compared} (:{name}_dollars, :{name}_rest)"
    where.add(sql, **{f"{name}_dollars": dollars, f"{name}_rest": rest})
