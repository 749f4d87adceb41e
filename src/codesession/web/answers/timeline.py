"""A session as a story, and what each commit cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesession.contract import iso
from codesession.domain.money import json_usd
from codesession.domain.report import UsageTotals
from codesession.web.answers.figures import moment, ratio, usage, usd
from codesession.web.schemas.sessions import CommitCost, CommitList, Timeline, TimelineEvent

if TYPE_CHECKING:
    from codesession.app import App
    from codesession.domain import insights
    from codesession.web.schemas.asking import Paged

COMMITS_BASIS = "the calls since the commit before it; it says what was spent on the way, not which call wrote what"


def timeline(app: App, session_id: int, asked: Paged) -> Timeline:
    """A page of what happened, oldest first."""
    events = app.insights.events(app.scopes.by_id(session_id))
    page = events[asked.offset : asked.offset + asked.limit]
    return Timeline(events=[_event(event) for event in page], found=len(events), limit=asked.limit, offset=asked.offset)


def _event(event: insights.Event) -> TimelineEvent:
    call = event.call
    return TimelineEvent(
        kind=event.kind.value,
        timestamp=iso(event.at_ms),
        title=event.title,
        detail=event.detail,
        cost_usd=None if call is None else usd(call.totals.known_cost_picousd),
        cost_is_lower_bound=call is not None and call.totals.is_partial,
        running_cost_usd=json_usd(event.running_cost_picousd),
        running_cost_is_lower_bound=event.running_is_partial,
        tokens=None if call is None else call.totals.total_tokens,
        call_id=None if call is None else call.id,
        commit=event.commit_hash,
        agent_name=None if call is None else call.agent_name,
        subagent_id=None if call is None else call.subagent_id,
    )


def commit_costs(app: App, session_id: int) -> CommitList:
    """Cost per commit, oldest first."""
    session = app.scopes.by_id(session_id)
    costs = app.insights.commit_costs(session.id)
    whole = UsageTotals.total(cost.totals for cost in costs).cost_picousd
    return CommitList(basis=COMMITS_BASIS, commits=[_commit(cost, whole) for cost in costs])


def _commit(cost: insights.CommitCost, whole_picousd: int) -> CommitCost:
    commit, known = cost.commit, cost.totals.known_cost_picousd
    return CommitCost(
        id=None if commit is None else commit.id,
        hash=None if commit is None else commit.hash,
        message=None if commit is None else commit.message,
        timestamp=None if commit is None else moment(commit.committed_at_ms),
        usage=usage(cost.totals),
        share=None if known is None else ratio(known, whole_picousd),
    )
