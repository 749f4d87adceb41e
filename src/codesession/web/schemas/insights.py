"""What stands out."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from codesession.web.schemas.base import Moment, Name, Ratio, Schema, Usd
from codesession.web.schemas.sessions import SessionSummary
from codesession.web.schemas.usage import CostState, Usage


class Hotspot(Schema):
    """A file that many sessions change."""

    project: Name
    file_path: Name
    sessions: int
    created: int
    modified: int
    deleted: int
    last_changed: Moment
    sessions_cost_usd: Annotated[Usd, Field(description="What those sessions cost as a whole, not this file alone.")]
    sessions_cost_status: CostState


class HotspotList(Schema):
    """A page of files, most sessions first."""

    files: list[Hotspot]
    found: int
    limit: int
    offset: int


class ExpensiveHour(Schema):
    """An hour of the viewer's clock."""

    start: Moment
    label: str
    usage: Usage
    models: list[Name]


class ExpensiveCommit(Schema):
    """A commit and the calls since the one before it in its session."""

    session_id: int
    session_name: Name
    project: Name
    hash: str
    message: Name
    timestamp: Moment
    usage: Usage


class Expensive(Schema):
    """Where the money went. Commits are looked for in the dearest sessions that made any."""

    hours: list[ExpensiveHour]
    sessions: list[SessionSummary]
    commits: list[ExpensiveCommit]
    commits_basis: str


class CacheWaste(Schema):
    """Cache writes of one session and model that were hardly read again."""

    session_id: int | None
    session_name: Name | None
    provider: Name
    model: Name
    cache_write_tokens: int
    cache_read_tokens: int
    unread_tokens: int
    wasted_usd: Usd


class CacheWasteList(Schema):
    """What was paid for cache entries that nobody read."""

    wasted_usd: Usd | None
    write_premium_usd: Annotated[Usd | None, Field(description="What all those writes cost above plain input.")]
    unread_share: Ratio | None
    rows: list[CacheWaste]
    basis: str
    sessions_looked_at: int
