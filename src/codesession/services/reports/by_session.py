"""
Reports by session and by conversation, from the sessions' own counters.

Which models and agents a session used is counted apart, by session. A filter that may split a session (by model,
agent, provider, source) needs this of all sessions in the time asked for: the rows then count only what passes the
filter. So do conversations, of which a session may hold several.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from codesession.domain.report import Report, ReportRequest, ReportRow, SessionQuery, SessionUse, Span, UsageTotals
from codesession.services.reports.spans import agent_shares, asked_ms, dearness, model_shares, names_of
from codesession.services.reports.tables import report_of

if TYPE_CHECKING:
    from codesession.domain.session import Session
    from codesession.store.base_reports import ReportStore


def by_session(store: ReportStore, request: ReportRequest) -> Report:
    """Sessions that began in the time asked for, newest first; calls that belong to none come last, as one row."""
    since, until = asked_ms(request)
    splits = request.where.splits_sessions
    limit = None if splits else request.last
    page = store.session_page(SessionQuery(since_ms=since, until_ms=until, where=request.where, limit=limit))
    calls = replace(request.where, projects=())
    uses = _grouped(store.session_uses([session.id for session in page.sessions], where=calls))
    rows = [_session_row(session, uses[session.id], request, splits=splits) for session in page.sessions]
    totals = UsageTotals.total(row.totals for row in rows) if splits else page.totals
    rows = rows if request.last is None else rows[: request.last]
    found = page.found
    if loose := store.unattributed_uses(where=request.where, since_ms=since, until_ms=until):
        rows.append(_filled(ReportRow(label=None, totals=_sum(loose)), loose, request))
        totals += rows[-1].totals
        found += 1
    return report_of("session", request, rows, totals=totals, found=found)


def by_conversation(store: ReportStore, request: ReportRequest) -> Report:
    """
    Agents' own conversations, newest first, wherever their calls were counted.

    A conversation found in a log only is a session of its own. The calls of one that ran inside a session belong
    to that session; here they are shown as the conversation they were.
    """
    since, until = asked_ms(request)
    page = store.session_page(SessionQuery(since_ms=since, until_ms=until, where=request.where, limit=None))
    by_id = {session.id: session for session in page.sessions}
    uses = store.session_uses(list(by_id), where=replace(request.where, projects=()))
    uses += store.unattributed_uses(where=request.where, since_ms=since, until_ms=until)
    parts: defaultdict[tuple[str, str], list[SessionUse]] = defaultdict(list)
    for use in uses:
        if use.conversation_id is not None:
            parts[use.agent, use.conversation_id].append(use)
    rows = [_conversation_row(by_id, conversation, found, request) for (_, conversation), found in parts.items()]
    rows.sort(key=_newest_first)
    return report_of("conversation", request, rows, limit=request.last)


def _newest_first(row: ReportRow) -> tuple[Any, ...]:
    """Conversations of one session by what they cost, then by name: a database gives them in any order."""
    return (-row.span.start_ms if row.span else 0, *dearness(row.totals), row.conversation_id, row.agents)


def _grouped(uses: Iterable[SessionUse]) -> defaultdict[int | None, list[SessionUse]]:
    found: defaultdict[int | None, list[SessionUse]] = defaultdict(list)
    for use in uses:
        found[use.session_id].append(use)
    return found


def _sum(uses: Iterable[SessionUse]) -> UsageTotals:
    return UsageTotals.total(use.totals for use in uses)


def _session_row(session: Session, uses: list[SessionUse], request: ReportRequest, *, splits: bool) -> ReportRow:
    counted = _sum(uses) if splits else UsageTotals.of_session(session)
    return _filled(ReportRow(label=session.name, totals=counted, session=session, span=_span(session)), uses, request)


def _conversation_row(
    sessions: dict[int, Session], conversation_id: str, uses: list[SessionUse], request: ReportRequest
) -> ReportRow:
    of = [sessions[use.session_id] for use in uses if use.session_id is not None]
    own = next((session for session in of if session.conversation_id == conversation_id), None)
    session = own or min(of, key=lambda session: session.id, default=None)
    row = ReportRow(
        label=session.name if session else conversation_id,
        totals=_sum(uses),
        session=session,
        conversation_id=conversation_id,
        span=_span(session) if session else None,
    )
    return _filled(row, uses, request)


def _span(session: Session) -> Span:
    return Span(start_ms=session.started_at_ms, end_ms=session.ended_at_ms or session.started_at_ms)


def _filled(row: ReportRow, uses: list[SessionUse], request: ReportRequest) -> ReportRow:
    models = model_shares((use.provider, use.model, use.totals) for use in uses)
    agents = agent_shares((use.agent, use.totals) for use in uses)
    row = replace(row, models=names_of(models), agents=names_of(agents))
    if not request.breakdown:
        return row
    return replace(row, breakdown=models, subagents=_sum(use for use in uses if use.subagent))
