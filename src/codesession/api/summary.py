"""What a session came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codesession.contract import iso, session_cost_status
from codesession.domain.money import json_usd

if TYPE_CHECKING:
    from codesession.domain.request import ModelRequest
    from codesession.services.sessions import SessionDetail


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFile:
    """A file that changed during the session."""

    path: str
    type: str
    """`created`, `modified` or `deleted`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeCommit:
    """A commit made during the session."""

    hash: str
    message: str
    timestamp: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedModel:
    """One model call."""

    provider: str
    model: str
    tokens: int
    prompt_tokens: int | None
    completion_tokens: int | None
    cost: float | None
    """Dollars; None: not known."""
    cost_status: str
    timestamp: str
    agent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSummary:
    """
    Everything a session came to. Money in dollars, rounded to 1e-10; durations in seconds.

    A session that could not be recorded has no `session_id`, and nothing is known of it but its name.
    """

    session_id: int | None
    name: str
    duration: int = 0
    files_changed: int = 0
    commits: int = 0
    ai_cost: float = 0.0
    """What the calls with a known cost cost; with `cost_status` "lower_bound" the truth is more."""
    cost_picousd: int = 0
    """The same, exactly: 1e-12 dollars."""
    cost_status: str = "complete"
    ai_tokens: int = 0
    ai_calls: int = 0
    unpriced_calls: int = 0
    list_price_calls: int = 0
    """Calls computed at list price because a fact that may change it is missing."""
    budget_remaining: float | None = None
    budget_exceeded: bool = False
    """`run_agent_session` only: the budget ended it."""
    notes: str | None = None
    files: tuple[ChangedFile, ...] = ()
    commit_list: tuple[MadeCommit, ...] = ()
    ai_usage: tuple[UsedModel, ...] = ()
    """The newest 1,000 calls."""
    warnings: tuple[str, ...] = ()
    metadata: Mapping[str, Any] | None = None


def summary_of(detail: SessionDetail, metadata: Mapping[str, Any] | None) -> SessionSummary:
    """The summary of a session as the ledger has it."""
    session = detail.session
    limit = session.budget_picousd
    return SessionSummary(
        session_id=session.id,
        name=session.name,
        duration=session.duration_ms(detail.seen_at_ms) // 1000,
        files_changed=session.files_changed,
        commits=session.commits,
        ai_cost=json_usd(session.cost_picousd),
        cost_picousd=session.cost_picousd,
        cost_status=session_cost_status(session),
        ai_tokens=session.total_tokens,
        ai_calls=session.requests,
        unpriced_calls=session.unpriced_requests,
        list_price_calls=session.list_price_requests,
        budget_remaining=None if limit is None else json_usd(max(0, limit - session.spent_picousd)),
        notes=session.end_notes,
        files=tuple(ChangedFile(path=file.file_path, type=file.change_type) for file in detail.files),
        commit_list=tuple(
            MadeCommit(hash=commit.hash, message=commit.message, timestamp=iso(commit.committed_at_ms))
            for commit in detail.commits
        ),
        ai_usage=tuple(map(_used, detail.requests)),
        warnings=detail.warnings,
        metadata=metadata,
    )


def _used(call: ModelRequest) -> UsedModel:
    return UsedModel(
        provider=call.provider_name,
        model=call.model,
        tokens=call.total_tokens,
        prompt_tokens=None if call.usage is None else call.usage.input_tokens,
        completion_tokens=None if call.usage is None else call.usage.output_tokens,
        cost=None if call.cost_picousd is None else json_usd(call.cost_picousd),
        cost_status=str(call.cost_status),
        timestamp=iso(call.started_at_ms),
        agent=call.agent_name,
    )
