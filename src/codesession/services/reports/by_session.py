"""
Reports by session, from the sessions' own counters.

Which models and agents a session used is read from the calls of the sessions shown. A filter that may split a
session (by model, agent, provider, source) needs the calls of all sessions in the time asked for: the rows then
count only what passes the filter.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from codesession.domain.report import (
    Report,
    ReportRequest,
    ReportRow,
    SessionQuery,
    SessionUse,
    Span,
    UsageTotals,
)
from codesession.services.reports.spans import agent_shares, asked_ms, model_shares, names_of

if TYPE_CHECKING:
    from codesession.domain.session import Session
    from codesession.store.base_reports import ReportStore


def by_session(store: ReportStore, request: ReportRequest, *, conversations: bool) -> Report:
    """
    Sessions that began in the time asked for, newest first; calls that belong to none come last, as one row.

    With `conversations` only those that are an agent's own conversation.
    """
    since, until = asked_ms(request)
    splits = request.where.splits_sessions
    page = store.session_page(
        SessionQuery(
            since_ms=since,
            until_ms=until,
            where=request.where,
            conversations_only=conversations,
            limit=None if splits else request.last,
        )
    )
    calls = replace(request.where, projects=())
    uses = _by_session(store.session_uses([session.id for session in page.sessions], where=calls))
    rows = [_row(session, uses[session.id], request, splits=splits) for session in page.sessions]
    totals = UsageTotals.total(row.totals for row in rows) if splits else page.totals
    rows = rows if request.last is None else rows[: request.last]
    found = page.found
    if not conversations and (loose := store.unattributed_uses(where=request.where, since_ms=since, until_ms=until)):
        rows.append(_loose_row(loose, request))
        totals += rows[-1].totals
        found += 1
    return Report(
        kind="conversation" if conversations else "session",
        timezone=request.zone_name,
        since=request.since,
        until=request.until,
        rows=tuple(rows),
        totals=totals,
        rows_found=found,
        breakdown=request.breakdown,
    )


def _by_session(uses: list[SessionUse]) -> defaultdict[int | None, list[SessionUse]]:
    found: defaultdict[int | None, list[SessionUse]] = defaultdict(list)
    for use in uses:
        found[use.session_id].append(use)
    return found


def _row(session: Session, uses: list[SessionUse], request: ReportRequest, *, splits: bool) -> ReportRow:
    counted = UsageTotals.total(use.totals for use in uses) if splits else UsageTotals.of_session(session)
    return _filled(
        ReportRow(
            label=session.name,
            totals=counted,
            session=session,
            span=Span(start_ms=session.started_at_ms, end_ms=session.ended_at_ms or session.started_at_ms),
        ),
        uses,
        request,
    )


def _loose_row(uses: list[SessionUse], request: ReportRequest) -> ReportRow:
    return _filled(ReportRow(label=None, totals=UsageTotals.total(use.totals for use in uses)), uses, request)


def _filled(row: ReportRow, uses: list[SessionUse], request: ReportRequest) -> ReportRow:
    models = model_shares((use.provider, use.model, use.totals) for use in uses)
    agents = agent_shares((use.agent, use.totals) for use in uses)
    row = replace(row, models=names_of(models), agents=names_of(agents))
    if not request.breakdown:
        return row
    subagents = UsageTotals.total(use.totals for use in uses if use.subagent)
    return replace(row, breakdown=models, subagents=subagents)
