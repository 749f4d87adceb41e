"""What can be asked for: the query parameters that many questions share."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from codesession.web.schemas.base import Schema
from codesession.web.schemas.usage import BucketName, DimensionName

_Name = Annotated[str, Field(max_length=4_096)]
_Names = Annotated[list[_Name], Field(max_length=50)]

MAX_PAGE = 500


class Zoned(Schema):
    """Where days begin and end."""

    zone: Annotated[str | None, Field(max_length=100, description="An IANA name; default: the server's.")] = None


class Asked(Zoned):
    """A stretch of days, and which calls count. Several values of one filter are alternatives; `*` is a wildcard."""

    since: Annotated[date | None, Field(description="The first day.")] = None
    until: Annotated[date | None, Field(description="The last day.")] = None
    project: Annotated[_Names, Field(default_factory=list)]
    agent: Annotated[_Names, Field(default_factory=list)]
    model: Annotated[_Names, Field(default_factory=list)]
    provider: Annotated[_Names, Field(default_factory=list)]
    source: Annotated[
        _Names, Field(default_factory=list, description="Who saw the call: proxy, log, manual, mcp, api, hook.")
    ]


class Paged(Schema):
    """Which part of a list."""

    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 50
    offset: Annotated[int, Field(ge=0, le=10**12)] = 0


class AskedPage(Asked, Paged):
    """A part of a list over a stretch of days."""


class AskedChart(Asked):
    """How a chart is cut."""

    bucket: BucketName = "day"
    by: DimensionName = "model"
    top: Annotated[int, Field(ge=1, le=20, description="Layers before the rest is put together.")] = 8


class AskedBreakdown(AskedPage):
    """By which dimension, and how its trend is cut."""

    trend: Annotated[BucketName | Literal["none"], Field(description="Width of a trend's bucket.")] = "day"


class AskedWhatIf(Asked):
    """One model's calls at another one's prices."""

    model_name: Annotated[str, Field(max_length=200)]
    provider_name: Annotated[str | None, Field(max_length=200)] = None
    target_model: Annotated[str, Field(max_length=200)]
    target_provider: Annotated[str | None, Field(max_length=200)] = None


class AskedSessions(AskedPage):
    """Which sessions, in which order."""

    search: Annotated[str | None, Field(max_length=200, description="In name, folder and branch.")] = None
    status: Literal["active", "completed"] | None = None
    min_cost: Annotated[float | None, Field(ge=0, le=1e6, description="US dollars.")] = None
    max_cost: Annotated[float | None, Field(ge=0, le=1e6)] = None
    sort: Literal["started", "cost", "tokens", "calls", "duration", "name"] = "started"
    order: Literal["desc", "asc"] = "desc"


class AskedCalls(Paged):
    """Which calls of a session."""

    order: Literal["desc", "asc"] = "desc"
    model: Annotated[str | None, Field(max_length=200)] = None
    agent: Annotated[str | None, Field(max_length=200)] = None


class AskedDiff(Schema):
    """What to compare: the whole session, one of its files, one of its commits, or one file in one commit."""

    path: Annotated[str | None, Field(max_length=4_096)] = None
    commit: Annotated[str | None, Field(pattern=r"^[0-9a-f]{7,64}$")] = None


class AskedExport(Schema):
    """In which form."""

    format: Literal["json", "csv"] = "json"


class AskedPrices(Paged):
    """Which prices."""

    search: Annotated[str | None, Field(max_length=200)] = None
    provider: Annotated[str | None, Field(max_length=100)] = None
    all: Annotated[bool, Field(description="Every known model, not only those people use now.")] = False
    own: Annotated[bool, Field(description="Only the user's own.")] = False


class AskedPriceHistory(Schema):
    """Whose prices."""

    model: Annotated[str, Field(min_length=1, max_length=200)]
    provider: Annotated[str | None, Field(max_length=100)] = None


class AskedOwnPrice(Schema):
    """Which own prices to drop: one key, or all."""

    key: Annotated[str | None, Field(max_length=400)] = None
    all: bool = False
