"""Sessions: lists, one of them in full, and what can be done to it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from codesession.web.schemas.base import Moment, Name, Picousd, Ratio, Schema, Usd
from codesession.web.schemas.usage import Usage

CallStatus = Literal["exact", "reported", "list_price", "lower_bound", "manual", "unknown"]
ChangeKind = Literal["created", "modified", "deleted"]


class SessionSummary(Schema):
    """A session as lists show it; the same keys as `cs list --json`."""

    id: int
    uid: str
    name: Name
    status: Literal["active", "completed"]
    source: Annotated[Literal["cs", "log"], Field(description="log: made from an agent's own log.")]
    start_time: Moment
    end_time: Moment | None
    duration: Annotated[int, Field(description="Seconds; until now while active.")]
    duration_formatted: str
    working_directory: Name
    git_root: Name | None
    branch: Name | None
    files_changed: int
    commits: int
    notes: Annotated[Name | None, Field(description="What was said at the end.")]
    usage: Usage
    cost_per_hour_usd: Annotated[Usd | None, Field(description="Null under a minute, or without a price.")]
    budget: Usd | None
    budget_used: Annotated[float | None, Field(description="Spent share of the budget; above 1 when exceeded.")]
    models: Annotated[list[Name] | None, Field(description="Dearest first; null when too many calls to look at.")]
    agents: list[Name] | None


class SessionList(Schema):
    """A page of sessions, and what all that match come to."""

    sessions: list[SessionSummary]
    found: int
    limit: int
    offset: int
    totals: Usage


class Part(Schema):
    """What one model, agent or sub-agent used."""

    name: Name | None
    provider: Name | None
    usage: Usage


class SessionDetail(Schema):
    """One session: header and shares."""

    session: SessionSummary
    models: list[Part]
    agents: list[Part]
    subagents: Annotated[Usage, Field(description="What sub-agents used, of the whole.")]
    saved_by_cache_usd: Annotated[Usd | None, Field(description="Estimate at list prices; null without any price.")]
    notes_count: int
    diff_available: Annotated[bool, Field(description="The session's repository is there to be compared with.")]


class PriceLine(Schema):
    """One line of a bill: quantity x per1M / 1,000,000 = usd. Decimals as text, exact."""

    item: str
    quantity: int
    per_1m: Annotated[str, Field(alias="per1M")]
    usd: str


class Call(Schema):
    """One model call; the same keys as `aiUsage` of the commands, and how its cost came about."""

    id: int
    timestamp: Moment
    provider: Name
    model: Name
    request_model: Annotated[Name | None, Field(description="Where another one answered.")]
    agent_name: Name | None
    subagent_id: Name | None
    conversation_id: Name | None
    tokens: int
    prompt_tokens: Annotated[int | None, Field(description="Null: no split was reported.")]
    uncached_input_tokens: int | None
    completion_tokens: int | None
    cache_read_tokens: int | None
    cache_write_tokens: int | None
    reasoning_tokens: int | None
    cost_usd: Usd | None
    cost_picousd: Picousd | None
    cost_status: CallStatus
    cost_source: Annotated[str | None, Field(description="built-in, custom, manual or reported.")]
    usage_status: Literal["complete", "lower_bound", "missing"]
    price_model: Name | None
    price_version: str | None
    lines: list[PriceLine]
    rules: Annotated[list[str], Field(description="What beside plain rates decided the price.")]
    warnings: list[Name]
    sources: list[str]
    response_id: Name | None
    duration_ms: int | None
    git_branch: Name | None


class CallList(Schema):
    """A page of a session's calls, newest first unless asked otherwise."""

    calls: list[Call]
    found: int
    limit: int
    offset: int


class Note(Schema):
    """A remark made during a session."""

    id: int
    session_id: int
    message: str
    timestamp: Moment


class NoteList(Schema):
    """All remarks of a session, oldest first."""

    notes: list[Note]


class ChangedFile(Schema):
    """A file that a session changed."""

    id: int
    session_id: int
    file_path: Name
    change_type: ChangeKind
    timestamp: Moment


class FileList(Schema):
    """A page of changed files, by path."""

    files: list[ChangedFile]
    found: int
    limit: int
    offset: int


class CommitCost(Schema):
    """A commit and the calls since the one before it (or since the start), which is how cost is put to it."""

    id: Annotated[int | None, Field(description="Null: the work after the last commit.")]
    hash: str | None
    message: Name | None
    timestamp: Moment | None
    usage: Usage
    share: Ratio | None


class CommitList(Schema):
    """Cost per commit, oldest first; what came after the last commit is the row without a hash."""

    basis: str
    commits: list[CommitCost]


class TimelineEvent(Schema):
    """One thing that happened. `runningCostUsd` is what was known to be spent up to and with it."""

    kind: Literal["start", "call", "commit", "file", "note", "end"]
    timestamp: Moment
    title: Name
    detail: Name | None
    cost_usd: Usd | None
    cost_is_lower_bound: bool
    running_cost_usd: Usd
    running_cost_is_lower_bound: bool
    tokens: int | None
    call_id: int | None
    commit: str | None
    agent_name: Name | None
    subagent_id: Name | None


class Timeline(Schema):
    """A page of a session's events, oldest first."""

    events: list[TimelineEvent]
    found: int
    limit: int
    offset: int


class Diff(Schema):
    """A unified diff as git prints it, cut at `limitBytes`."""

    path: str | None
    commit: str | None
    base: Annotated[str | None, Field(description="The commit compared with; null: the empty tree.")]
    text: str
    truncated: bool
    limit_bytes: int


class Comparison(Schema):
    """Sessions side by side."""

    sessions: list[SessionDetail]


class NewNote(Schema):
    """A remark to keep."""

    message: Annotated[str, Field(min_length=1, max_length=100_000)]


class EndSession(Schema):
    """How to end a session."""

    notes: Annotated[str | None, Field(max_length=100_000)] = None


class EndedSession(Schema):
    """A session that was ended, and what could not be learnt from its repository."""

    session: SessionSummary
    warnings: list[str]
