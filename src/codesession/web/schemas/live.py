"""What is pushed to open pages when the ledger changes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from codesession.web.schemas.base import Moment, Name, Schema, Usd
from codesession.web.schemas.usage import Usage


class RunningSession(Schema):
    """A session that is active, as far as it got."""

    id: int
    name: Name
    start_time: Moment
    usage: Usage
    budget: Usd | None


class LiveCall(Schema):
    """A call that was just recorded."""

    id: int
    session_id: int | None
    timestamp: Moment
    provider: Name
    model: Name
    agent_name: Name | None
    tokens: int
    cost_usd: Usd | None
    cost_is_lower_bound: bool


class Live(Schema):
    """
    The ledger at this moment; sent as event `live` at first and after every change, at most once a second.

    Whatever else a page shows is worth asking for again when `mark` is another than before.
    """

    mark: Annotated[int, Field(description="Another number after every change of the ledger or the prices.")]
    time: Moment
    today: Usage
    pace_usd_per_hour: Usd
    minutes_usd: Annotated[list[Usd], Field(description="Spent in each of the last 60 minutes, the present one last.")]
    running: Annotated[list[RunningSession], Field(description="The newest 20.")]
    running_found: int
    calls: Annotated[list[LiveCall], Field(description="The last 20 recorded, newest first.")]
