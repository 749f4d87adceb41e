"""
What the tools answer. Keys are those that agents already rely on; what later versions add stands beside them.

Money is in US dollars. A cost that is not known is null, never 0. Times are ISO-8601 UTC, durations seconds.
"""

from __future__ import annotations

from typing import Annotated, Any, NotRequired

from pydantic import Field, with_config
from typing_extensions import TypedDict

_OPEN = with_config(extra="allow")
"""Answers may hold more than is promised."""

Usd = Annotated[float, Field(description="US dollars")]


@_OPEN
class Problem(TypedDict):
    """Why a tool could not do what it was asked; every tool answers so with `isError`."""

    error: str
    code: str
    hint: NotRequired[str]


class Note(TypedDict):
    """A remark."""

    message: str
    timestamp: str


@_OPEN
class SessionFacts(TypedDict):
    """A session and what it has cost so far."""

    id: int
    name: str
    status: str
    directory: str
    gitRoot: str | None
    duration: int
    durationMinutes: int
    filesChanged: int
    commits: int
    aiCost: Usd
    aiTokens: int
    aiCalls: int
    unpricedCalls: Annotated[int, Field(description="calls whose cost is not known and not in aiCost")]
    listPriceCalls: Annotated[int, Field(description="calls at list price: a fact that may change it is missing")]
    costStatus: Annotated[str, Field(description="complete, or lower_bound when the true cost is higher")]
    budget: Usd | None


class SessionStatus(SessionFacts):
    """A session as it is now."""

    notes: list[Note]


class FileChange(TypedDict):
    """A file that changed during the session."""

    path: str
    type: Annotated[str, Field(description="created, modified or deleted")]


class Commit(TypedDict):
    """A commit made during the session."""

    hash: str
    message: str


class Call(TypedDict):
    """One model call."""

    provider: str
    model: str
    tokens: int
    cost: Usd | None


class ModelUse(TypedDict):
    """What one model was used for."""

    calls: int
    tokens: int
    cost: Usd | None


class SessionSummary(SessionFacts):
    """A session that has ended, with the newest of its files, commits and calls."""

    files: list[FileChange]
    commitList: list[Commit]
    aiBreakdown: list[Call]
    byModel: dict[str, ModelUse]
    warnings: NotRequired[list[str]]


@_OPEN
class StartedSession(TypedDict):
    """A session that was begun, or taken up again."""

    id: int
    name: str
    directory: str
    gitRoot: str | None
    started: bool
    resumed: bool
    budget: Usd | None


@_OPEN
class LoggedCall(TypedDict):
    """The call as the ledger has it."""

    provider: str
    model: str
    tokens: int
    promptTokens: NotRequired[int]
    completionTokens: NotRequired[int]
    cost: Usd | None
    costStatus: str
    agentName: str | None
    new: Annotated[bool, Field(description="false: this response was counted before")]


class LoggedSession(TypedDict):
    """The session it was counted for."""

    id: int
    totalCost: Usd
    totalTokens: int


class Logged(TypedDict):
    """What became of a reported call."""

    logged: LoggedCall
    session: LoggedSession


class AddedNote(TypedDict):
    """A remark that was kept."""

    added: bool
    sessionId: int
    note: dict[str, Any]


@_OPEN
class Stats(TypedDict):
    """Totals over completed sessions."""

    totalSessions: int
    activeSessions: int
    totalTimeMinutes: int
    totalFiles: int
    totalCommits: int
    totalAICost: Usd
    avgSessionMinutes: int


@_OPEN
class SessionRow(TypedDict):
    """One session of a list."""

    id: int
    name: str
    status: str
    directory: str
    aiCost: Usd
    aiTokens: int
    duration: int | None
    startTime: str


class SessionList(TypedDict):
    """Sessions, newest first. The text content is the array alone."""

    sessions: list[SessionRow]


@_OPEN
class BudgetStanding(TypedDict):
    """One budget and how it stands."""

    id: int
    scope: str
    period: str
    limitUsd: Usd
    spentUsd: Usd
    remainingUsd: Usd
    stops: Annotated[bool, Field(description="no further call may begin")]


class BudgetCheck(TypedDict):
    """What the session has spent on what, and what the budgets that hold here leave."""

    sessionId: int
    sessionName: str
    totalCost: Usd
    totalTokens: int
    totalCalls: int
    byModel: dict[str, ModelUse]
    ok: Annotated[bool, Field(description="false: a budget says stop")]
    remaining: Annotated[float | None, Field(description="what the tightest budget leaves; null without one")]
    budgets: list[BudgetStanding]


class BudgetSet(TypedDict):
    """A budget that was set."""

    budget: BudgetStanding


@_OPEN
class Report(TypedDict):
    """What was used and what it cost."""

    report: str
    timezone: str
    rows: list[dict[str, Any]]
    totals: dict[str, Any]


@_OPEN
class Imported(TypedDict):
    """What an import found."""

    agents: list[dict[str, Any]]
    totals: dict[str, Any]
