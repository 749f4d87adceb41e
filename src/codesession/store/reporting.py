"""The questions of reports in SQL, on any database that `store.database` describes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from codesession.domain.imports import AgentTotal
from codesession.domain.money import PICO
from codesession.domain.report import (
    COUNTER_NAMES,
    CallFilter,
    Dimension,
    SessionPage,
    SessionQuery,
    SessionUse,
    Span,
    UsageCell,
    UsageTotals,
)
from codesession.domain.request import ModelRequest
from codesession.store import call_rows, rows
from codesession.store import import_queries as iq
from codesession.store import report_queries as q
from codesession.store.base_reports import Use
from codesession.store.database import Database, Row

_IDS_AT_ONCE = 500
"""Session numbers bound in one statement; SQLite takes 32,766 values, older ones 999."""


class SqlReports:
    """Implements `store.base_reports.ReportStore`. One instance per thread, as its database."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def extent(self) -> Span | None:
        """From the first to behind the last quarter of an hour with a call; None for an empty ledger."""
        ((first, last),) = self._db.query(q.EXTENT)
        return None if first is None else Span(start_ms=int(first), end_ms=int(last) + call_rows.BUCKET_MS)

    def usage(
        self,
        span: Span,
        *,
        by: Sequence[Dimension] = (),
        slot_ms: int | None = None,
        offset_ms: int = 0,
        where: CallFilter,
    ) -> list[UsageCell]:
        """Sums of a span by dimensions and by slots of local time."""
        return self._cells(q.usage(span, by, slot_ms, offset_ms, where), len(by))

    def subagent_usage(
        self,
        span: Span,
        *,
        by: Sequence[Dimension] = (),
        slot_ms: int | None = None,
        offset_ms: int = 0,
        where: CallFilter,
    ) -> list[UsageCell]:
        """The same sums of the calls that sub-agents made."""
        return self._cells(q.subagent_usage(span, by, slot_ms, offset_ms, where), len(by))

    def first_bucket_ms(self, span: Span, *, where: CallFilter) -> int | None:
        """The first quarter of an hour of a span that has a call."""
        found = self._query(q.first_bucket(span, where))
        return int(found[0][0]) if found else None

    def first_call_ms(self, span: Span, *, where: CallFilter) -> int | None:
        """When the first call of a span began."""
        found = self._query(q.first_call(span, where))
        return int(found[0][0]) if found else None

    def session_page(self, query: SessionQuery) -> SessionPage:
        """The sessions asked for, how many match, and their sum."""
        ((found, *counters),) = self._query(q.session_totals(query))
        page = self._query(q.session_page(query))
        return SessionPage(
            sessions=tuple(rows.session_of(row) for row in page), found=int(found), totals=_totals(counters)
        )

    def session_uses(self, session_ids: Sequence[int], *, where: CallFilter) -> list[SessionUse]:
        """What sessions used, by model, agent and whether a sub-agent did."""
        found: list[SessionUse] = []
        for start in range(0, len(session_ids), _IDS_AT_ONCE):
            chosen = session_ids[start : start + _IDS_AT_ONCE]
            found += _uses(self._query(q.session_uses(chosen, where)))
        return found

    def unattributed_uses(
        self, *, where: CallFilter, since_ms: int | None = None, until_ms: int | None = None
    ) -> list[SessionUse]:
        """The same of calls that belong to no session."""
        return _uses(self._query(q.unattributed_uses(where, since_ms, until_ms)))

    def agent_totals(self, *, since_ms: int, until_ms: int) -> list[AgentTotal]:
        """What agents themselves said last of conversations, in a time that begins there and ends before."""
        found = self._db.query(iq.AGENT_TOTALS, {"since_ms": since_ms, "until_ms": until_ms})
        named = (dict(zip(iq.AGENT_TOTAL_COLUMNS, row, strict=True)) for row in found)
        return [AgentTotal(**{**row, "carried_from": tuple(json.loads(row["carried_from"]))}) for row in named]

    def conversation_use(self, agent_name: str, conversation_id: str, *, since_ms: int, until_ms: int) -> Use:
        """The calls of an agent's conversation from one moment to another, both included."""
        whose = {"agent_name": agent_name, "conversation_id": conversation_id}
        ((requests, first, *sums),) = self._db.query(
            iq.CONVERSATION_USE, {**whose, "since_ms": since_ms, "until_ms": until_ms}
        )
        prompt, answer, dollars, rest = map(int, sums)
        return Use(int(requests), None if first is None else int(first), prompt, answer, dollars * PICO + rest)

    def newest_calls(self, *, limit: int) -> list[ModelRequest]:
        """The calls that began last, whenever they were recorded; newest first."""
        return [call_rows.request_of(row) for row in self._db.query(q.NEWEST_CALLS, {"limit": limit})]

    def spending(self, *, since_ms: int) -> list[tuple[int, int]]:
        """(time, pico-dollars) of priced calls that began since then."""
        return [(int(at_ms), int(cost)) for at_ms, cost in self._db.query(q.SPENDING, {"since": since_ms})]

    def _query(self, statement: q.Statement) -> list[Row]:
        return self._db.query(statement.sql, statement.params)

    def _cells(self, statement: q.Statement, keys: int) -> list[UsageCell]:
        return [
            UsageCell(slot=int(row[0]), keys=tuple(row[1 : keys + 1]), totals=_totals(row[keys + 1 :]))
            for row in self._query(statement)
        ]


def _uses(found: Iterable[Row]) -> list[SessionUse]:
    return [
        SessionUse(
            session_id=None if session_id is None else int(session_id),
            provider=provider,
            model=model,
            agent=agent,
            subagent=bool(subagent),
            conversation_id=conversation_id,
            totals=_totals(counters),
        )
        for session_id, provider, model, agent, subagent, conversation_id, *counters in found
    ]


def _totals(counters: Sequence[int]) -> UsageTotals:
    """Counters in their order; the last two are whole dollars and the rest."""
    *plain, dollars, rest = map(int, counters)
    return UsageTotals(**dict(zip(COUNTER_NAMES, [*plain, dollars * PICO + rest], strict=True)))
