"""A session: one piece of work in one repository, and what was counted for it."""

from __future__ import annotations

from enum import StrEnum

from codesession.domain.facts import fact
from codesession.domain.money import CostSum


class SessionStatus(StrEnum):
    """Whether a session still collects."""

    ACTIVE = "active"
    COMPLETED = "completed"


@fact(frozen=True, slots=True, kw_only=True)
class NewSession:
    """What is known when a session begins."""

    uid: str
    name: str
    directory: str
    """Git root, or the directory itself outside git: the scope the session belongs to."""
    git_root: str | None = None
    git_branch: str | None = None
    start_git_head: str | None = None
    baseline: str | None = None
    """Serialised state of the repository at the start, None outside git."""
    started_at_ms: int
    budget_picousd: int | None = None
    budget_strict: bool = False
    """No call may begin whose upper estimate does not fit into what is left."""
    outer_id: int | None = None
    """The session of the run that this one is begun in: its budgets hold here, too."""


@fact(frozen=True, slots=True, kw_only=True)
class Session(CostSum):
    """A session with its counters, which the store keeps in the transaction of the row they count."""

    id: int
    uid: str
    name: str
    status: SessionStatus
    directory: str
    git_root: str | None
    git_branch: str | None
    start_git_head: str | None
    started_at_ms: int
    ended_at_ms: int | None
    end_notes: str | None
    budget_picousd: int | None
    """Its smallest own budget with what was allowed on top: a copy, kept by the budgets' transactions."""
    files_changed: int
    commits: int
    requests: int
    """Model calls counted for this session."""
    unpriced_requests: int
    """Calls without a cost: no price or no usage. Never part of `cost_picousd`."""
    lower_bound_requests: int
    """Calls whose usage or cost is only a lower bound."""
    list_price_requests: int
    """Calls whose cost was computed at list price because a fact that may change it is missing."""
    input_tokens: int
    cache_read_input_tokens: int
    cache_write_input_tokens: int
    cache_write_1h_input_tokens: int
    output_tokens: int
    reasoning_output_tokens: int
    total_tokens: int
    cost_picousd: int
    source: str = "cs"
    """`cs`, or `log` for one that was made from an agent's log: it is a conversation of that agent."""
    agent_name: str | None = None
    """Whose conversation it is, for `log`."""
    conversation_id: str | None = None
    inner_picousd: int = 0
    """What the sessions cost that were begun inside its run: its budget is spent by them, too."""
    inner_partial_requests: int = 0
    """Calls of theirs that cost more than is known, or something unknown."""

    @property
    def spent_picousd(self) -> int:
        """What its own budget has spent."""
        return self.cost_picousd + self.inner_picousd

    @property
    def is_active(self) -> bool:
        """Whether the session still collects."""
        return self.status is SessionStatus.ACTIVE

    def duration_ms(self, now_ms: int) -> int:
        """Time from start to end, or to `now_ms` while active; never negative."""
        return max(0, (self.ended_at_ms if self.ended_at_ms is not None else now_ms) - self.started_at_ms)
