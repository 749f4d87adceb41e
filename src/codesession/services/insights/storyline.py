"""
A session as a story: what happened in which order, what was spent by then, and what each commit cost.

The cost of a commit is that of the calls since the commit before it (since the start, for the first). It says what
was spent on the way to a commit, not which call wrote which line.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from typing import TYPE_CHECKING

from codesession.domain.insights import CallPoint, CommitCost, Event, EventKind, SessionCommitCost
from codesession.domain.report import UsageTotals
from codesession.services.reports.spans import asked_ms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codesession.domain.report import ReportRequest
    from codesession.domain.session import Session
    from codesession.domain.work import SessionCommit
    from codesession.store.base import Store
    from codesession.store.base_insights import InsightStore

_COMMITTERS = 50
"""Sessions whose commits are looked at for the dearest ones."""
_CALLS = 200_000

_ORDER = {kind: number for number, kind in enumerate(EventKind)}


def commit_costs(commits: list[SessionCommit], calls: list[CallPoint]) -> list[CommitCost]:
    """Cost per commit, oldest first; calls after the last one are a row of their own, where there are any."""
    ordered = sorted(commits, key=lambda commit: (commit.committed_at_ms, commit.id))
    times = [_end_of_second(commit.committed_at_ms) for commit in ordered]
    parts: list[list[UsageTotals]] = [[] for _ in range(len(ordered) + 1)]
    for call in calls:
        parts[bisect_left(times, call.started_at_ms)].append(call.totals)
    found = [
        CommitCost(commit=commit, totals=UsageTotals.total(part)) for commit, part in zip(ordered, parts, strict=False)
    ]
    if parts[-1]:
        found.append(CommitCost(commit=None, totals=UsageTotals.total(parts[-1])))
    return found


def _end_of_second(at_ms: int) -> int:
    """Git keeps whole seconds: a call of the same second may have come before the commit."""
    return at_ms - at_ms % 1000 + 999


def dearest_commits(
    store: InsightStore, ledger: Store, request: ReportRequest, *, limit: int
) -> list[SessionCommitCost]:
    """The dearest commits of the dearest sessions that made any."""
    since, until = asked_ms(request)
    sessions = store.committing_sessions(
        since_ms=since, until_ms=until, projects=request.where.projects, limit=_COMMITTERS
    )
    found: list[SessionCommitCost] = []
    calls = 0
    for session in sessions:
        calls += session.requests
        if calls > _CALLS and found:
            break
        costs = commit_costs(ledger.commits(session.id), store.call_points(session.id))
        found += [
            SessionCommitCost(session=session, commit=cost.commit, totals=cost.totals)
            for cost in costs
            if cost.commit is not None
        ]
    found.sort(key=lambda one: -one.totals.cost_picousd)
    return found[:limit]


def events(ledger: Store, session: Session, calls: list[CallPoint]) -> list[Event]:
    """Everything that happened, oldest first, each with what was spent up to and with it."""
    found = [*_calls(calls), *_work(ledger, session)]
    found.sort(key=lambda event: (event.at_ms, _ORDER[event.kind]))
    spent, partial, told = 0, False, []
    for event in found:
        if event.call is not None:
            spent += event.call.totals.cost_picousd
            partial = partial or event.call.totals.is_partial
        told.append(replace(event, running_cost_picousd=spent, running_is_partial=partial))
    return told


def _calls(calls: list[CallPoint]) -> Iterator[Event]:
    for call in calls:
        yield Event(kind=EventKind.CALL, at_ms=call.started_at_ms, title=call.model, call=call)


def _work(ledger: Store, session: Session) -> Iterator[Event]:
    yield Event(kind=EventKind.START, at_ms=session.started_at_ms, title=session.name)
    for commit in ledger.commits(session.id):
        at_ms = _end_of_second(commit.committed_at_ms)
        yield Event(kind=EventKind.COMMIT, at_ms=at_ms, title=commit.message, commit_hash=commit.hash)
    for file in ledger.files(session.id):
        yield Event(kind=EventKind.FILE, at_ms=file.changed_at_ms, title=file.file_path, detail=file.change_type)
    for note in ledger.notes(session.id):
        yield Event(kind=EventKind.NOTE, at_ms=note.created_at_ms, title=note.message)
    if session.ended_at_ms is not None:
        yield Event(kind=EventKind.END, at_ms=session.ended_at_ms, title="ended", detail=session.end_notes)
