"""The questions of insights in SQL, on any database that `store.database` describes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from codesession.domain.insights import CacheStep, CallPoint, Hotspot
from codesession.domain.money import PICO
from codesession.domain.report import CallFilter, UsageTotals
from codesession.domain.request import ModelRequest
from codesession.domain.session import Session
from codesession.store import call_rows, rows
from codesession.store.database import Database, Row
from codesession.store.queries import REQUESTS_SELECTED, REST_PICOUSD, SESSIONS_SELECTED, WHOLE_DOLLARS
from codesession.store.report_queries import SESSIONS as SESSION_FILTERS
from codesession.store.report_queries import Where, add_calls, add_span

_MODEL = "COALESCE(response_model, request_model)"
_LOWER_BOUND = "(usage_status = 'lower_bound' OR cost_status = 'lower_bound')"
_IDS_AT_ONCE = 500

CALL_POINTS = f"""
SELECT id, started_at_ms, provider_name, {_MODEL}, agent_name, subagent_id,
       CASE WHEN cost_picousd IS NULL THEN 1 ELSE 0 END, CASE WHEN {_LOWER_BOUND} THEN 1 ELSE 0 END,
       CASE WHEN cost_status = 'list_price' THEN 1 ELSE 0 END,
       COALESCE(input_tokens, 0), COALESCE(cache_read_input_tokens, 0), COALESCE(cache_write_input_tokens, 0),
       COALESCE(output_tokens, 0), COALESCE(reasoning_output_tokens, 0),
       COALESCE(input_tokens + output_tokens, reported_total_tokens, 0), COALESCE(cache_write_1h_input_tokens, 0),
       COALESCE(cost_picousd, 0)
FROM model_requests WHERE session_id = :session_id ORDER BY started_at_ms, id
"""

_HOTSPOTS = f"""
SELECT s.directory, f.file_path, COUNT(*),
       SUM(CASE f.change_type WHEN 'created' THEN 1 ELSE 0 END),
       SUM(CASE f.change_type WHEN 'modified' THEN 1 ELSE 0 END),
       SUM(CASE f.change_type WHEN 'deleted' THEN 1 ELSE 0 END),
       MAX(f.changed_at_ms), SUM(s.cost_dollars + s.cost_picousd / {PICO}), SUM(s.cost_picousd % {PICO}),
       SUM(s.requests), SUM(s.unpriced_requests), SUM(s.lower_bound_requests), COUNT(*) OVER ()
FROM file_changes f JOIN sessions s ON s.id = f.session_id
"""


class SqlInsights:
    """Implements `store.base_insights.InsightStore`. One instance per thread, as its database."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def change_mark(self) -> int:
        """Another number after every change that another connection committed."""
        return self._db.change_mark()

    def calls_page(
        self,
        session_id: int,
        *,
        limit: int,
        offset: int,
        descending: bool,
        model: str | None = None,
        agent_name: str | None = None,
    ) -> tuple[list[ModelRequest], int]:
        """A page of a session's calls in the order of time, and how many there are."""
        where = Where()
        where.add("session_id = :session_id", session_id=session_id)
        if model is not None:
            where.add(f"{_MODEL} = :model", model=model)
        if agent_name is not None:
            where.add("agent_name = :agent_name", agent_name=agent_name)
        ((found,),) = self._db.query(f"SELECT COUNT(*) FROM model_requests{where.sql()}", where.params)
        order = "DESC" if descending else "ASC"
        sql = f"{REQUESTS_SELECTED}{where.sql()} ORDER BY started_at_ms {order}, id {order} LIMIT :limit OFFSET :offset"
        page = self._db.query(sql, {**where.params, "limit": limit, "offset": offset})
        return [call_rows.request_of(row) for row in page], int(found)

    def call_points(self, session_id: int) -> list[CallPoint]:
        """All calls of a session, oldest first, with their figures alone."""
        return [_point(row) for row in self._db.query(CALL_POINTS, {"session_id": session_id})]

    def hotspots(
        self, *, since_ms: int | None, until_ms: int | None, projects: Sequence[str], limit: int, offset: int
    ) -> tuple[list[Hotspot], int]:
        """Files of sessions that began in a span, most sessions first, and how many files there are."""
        where = _sessions_of(since_ms, until_ms, projects)
        sql = (
            f"{_HOTSPOTS}{where.sql()} GROUP BY s.directory, f.file_path"
            " ORDER BY 3 DESC, 7 DESC, 1, 2 LIMIT :limit OFFSET :offset"
        )
        found = self._db.query(sql, {**where.params, "limit": limit, "offset": offset})
        if not found and offset:  # past the end: how many there are is still asked for
            return [], self.hotspots(since_ms=since_ms, until_ms=until_ms, projects=projects, limit=1, offset=0)[1]
        return [_hotspot(row) for row in found], int(found[0][-1]) if found else 0

    def cache_writers(
        self, *, since_ms: int | None, until_ms: int | None, projects: Sequence[str], limit: int
    ) -> list[Session]:
        """The sessions that wrote most to caches."""
        return self._sessions("cache_write_input_tokens", since_ms, until_ms, projects, limit)

    def committing_sessions(
        self, *, since_ms: int | None, until_ms: int | None, projects: Sequence[str], limit: int
    ) -> list[Session]:
        """The dearest sessions that made commits."""
        return self._sessions(
            f"{WHOLE_DOLLARS} DESC, {REST_PICOUSD}", since_ms, until_ms, projects, limit, also="commits > 0"
        )

    def cache_steps(self, session_ids: Sequence[int]) -> list[CacheStep]:
        """Calls of sessions that touched a cache, in the order of time."""
        found: list[CacheStep] = []
        for start in range(0, len(session_ids), _IDS_AT_ONCE):
            chosen = {f"session_{n}": i for n, i in enumerate(session_ids[start : start + _IDS_AT_ONCE])}
            names = ", ".join(":" + name for name in chosen)
            sql = (
                f"SELECT session_id, conversation_id, subagent_id, provider_name, {_MODEL}, started_at_ms,"
                " cache_read_input_tokens, cache_write_input_tokens, COALESCE(cache_write_1h_input_tokens, 0)"
                f" FROM model_requests WHERE session_id IN ({names}) AND input_tokens IS NOT NULL"
                " ORDER BY session_id, started_at_ms, id"
            )
            found += [_step(row) for row in self._db.query(sql, chosen)]
        return found

    def _sessions(
        self,
        order: str,
        since_ms: int | None,
        until_ms: int | None,
        projects: Sequence[str],
        limit: int,
        also: str | None = None,
    ) -> list[Session]:
        where = _sessions_of(since_ms, until_ms, projects)
        where.add(also or f"{order} > 0")
        sql = f"{SESSIONS_SELECTED}{where.sql()} ORDER BY {order} DESC, id DESC LIMIT :limit"
        return [rows.session_of(row) for row in self._db.query(sql, {**where.params, "limit": limit})]


def _sessions_of(since_ms: int | None, until_ms: int | None, projects: Sequence[str]) -> Where:
    where = Where()
    add_span(where, "started_at_ms", since_ms, until_ms)
    add_calls(where, CallFilter(projects=tuple(projects)), SESSION_FILTERS)
    return where


def _point(row: Row) -> CallPoint:
    call_id, at_ms, provider, model, agent, subagent, unpriced, lower, listed, *counts = row
    prompt, read, write, output, reasoning, total, write_1h, cost = counts
    totals = UsageTotals(
        requests=1,
        unpriced_requests=unpriced,
        lower_bound_requests=lower,
        list_price_requests=listed,
        input_tokens=prompt,
        cache_read_input_tokens=read,
        cache_write_input_tokens=write,
        output_tokens=output,
        reasoning_output_tokens=reasoning,
        total_tokens=total,
        cache_write_1h_input_tokens=write_1h,
        cost_picousd=cost,
    )
    return CallPoint(
        id=call_id,
        started_at_ms=at_ms,
        provider_name=provider,
        model=model,
        agent_name=agent,
        subagent_id=subagent,
        totals=totals,
    )


def _hotspot(row: Row) -> Hotspot:
    project, path, sessions, created, modified, deleted, last_ms, dollars, rest, *calls, _ = row
    requests, unpriced, lower_bound = map(int, calls)
    return Hotspot(
        project=project,
        file_path=path,
        sessions=int(sessions),
        created=int(created),
        modified=int(modified),
        deleted=int(deleted),
        last_changed_ms=int(last_ms),
        cost_picousd=None if requests and requests == unpriced else int(dollars) * PICO + int(rest),
        is_partial=unpriced + lower_bound > 0,
    )


def _step(row: Row) -> CacheStep:
    names = (
        "session_id",
        "conversation_id",
        "subagent_id",
        "provider_name",
        "model",
        "started_at_ms",
        "read_tokens",
        "write_tokens",
        "write_1h_tokens",
    )
    values: dict[str, Any] = dict(zip(names, row, strict=True))
    return CacheStep(**values)
