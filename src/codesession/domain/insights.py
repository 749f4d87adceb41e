"""
What stands out in a ledger: hot files, cost per commit, what caching saved and wasted, where a month is going.

Money is integer pico-dollars, times are UTC epoch milliseconds. Whatever is an estimate says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from codesession.domain.report import UsageTotals
from codesession.domain.session import Session
from codesession.domain.work import SessionCommit


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPoint:
    """A call with its figures alone, for questions about many of them."""

    id: int
    started_at_ms: int
    provider_name: str
    model: str
    agent_name: str | None
    subagent_id: str | None
    totals: UsageTotals


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheStep:
    """What one call read from and wrote to a cache, with what tells whose cache it is."""

    session_id: int
    conversation_id: str | None
    subagent_id: str | None
    provider_name: str
    model: str
    started_at_ms: int
    read_tokens: int
    write_tokens: int
    write_1h_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hotspot:
    """A file that sessions changed."""

    project: str
    file_path: str
    sessions: int
    created: int
    modified: int
    deleted: int
    last_changed_ms: int
    cost_picousd: int | None
    """What those sessions cost as a whole; None when no call of them has a price."""
    is_partial: bool
    """They cost more than that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitCost:
    """The calls since the commit before (or the start), put to the commit they led to; without one: what came after."""

    commit: SessionCommit | None
    totals: UsageTotals


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCommitCost:
    """A commit's cost with the session it belongs to."""

    session: Session
    commit: SessionCommit
    totals: UsageTotals


@dataclass(frozen=True, slots=True, kw_only=True)
class DearHour:
    """One hour of a local clock."""

    start_ms: int
    label: str
    """`2026-11-22T14:00`"""
    totals: UsageTotals
    models: tuple[str, ...]
    """Dearest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Savings:
    """What caching saved at list prices; None when no model with cache tokens has prices."""

    saved_picousd: int | None
    covered_tokens: int
    """Cache tokens whose model has prices."""
    uncovered_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WastedCache:
    """Cache writes of one session and model, and how much of them nobody read."""

    session_id: int
    provider_name: str
    model: str
    write_tokens: int
    read_tokens: int
    unread_tokens: int
    premium_picousd: int | None
    """What all its writes cost above plain input; None without prices."""
    wasted_picousd: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheWaste:
    """Unread cache writes, dearest first."""

    rows: tuple[WastedCache, ...]
    sessions_looked_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """What a month comes to. The figures are None while there is no day to go by."""

    first: date
    """The month's first day."""
    spent_picousd: int
    expected_picousd: int | None
    low_picousd: int | None
    high_picousd: int | None
    """Between low and high end 8 of 10 months whose days are like those observed."""
    days_observed: int
    days_left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodStanding:
    """A running day, week or month beside the one before."""

    first: date
    last: date
    current: UsageTotals
    before: UsageTotals
    """The whole period before."""
    before_so_far: UsageTotals
    """The period before up to the same point, to a quarter of an hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where spending stands, and where the month is going."""

    day: PeriodStanding
    week: PeriodStanding
    month: PeriodStanding
    projection: Projection


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """Calls at their own model's and at another model's prices, both from token sums at today's list prices."""

    totals: UsageTotals
    own_picousd: int | None
    target_picousd: int


class EventKind(StrEnum):
    """What happened in a session."""

    START = "start"
    CALL = "call"
    COMMIT = "commit"
    FILE = "file"
    NOTE = "note"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened, with what was spent up to and with it."""

    kind: EventKind
    at_ms: int
    title: str
    detail: str | None = None
    call: CallPoint | None = None
    commit_hash: str | None = None
    running_cost_picousd: int = 0
    running_is_partial: bool = False
    """Whether more was spent by then than is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """What git printed, cut to a size."""

    base: str | None
    """The commit compared with; None: nothing, or not known."""
    text: str
    truncated: bool
