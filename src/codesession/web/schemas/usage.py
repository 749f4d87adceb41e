"""Figures of some calls, and how they develop."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from codesession.web.schemas.base import Day, Moment, Name, Picousd, Ratio, Schema, Usd

CostState = Literal["complete", "lower_bound", "unknown"]
DimensionName = Literal["model", "project", "agent", "provider", "source"]
BucketName = Literal["hour", "day", "week", "month"]


class Usage(Schema):
    """Sums over calls. `costUsd` is null when no call has a price; unpriced calls are never counted as 0."""

    calls: int
    unpriced_calls: int
    lower_bound_calls: int
    list_price_calls: Annotated[int, Field(description="Priced by the list: a fact that may change it is missing.")]
    input_tokens: Annotated[int, Field(description="The whole prompt: uncached, cache reads and cache writes.")]
    uncached_input_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    output_tokens: Annotated[int, Field(description="The whole answer, reasoning included.")]
    reasoning_tokens: int
    total_tokens: int
    cost_usd: Usd | None
    cost_picousd: Picousd | None
    cost_status: CostState


class Totals(Schema):
    """One sum over the time asked for."""

    since: Day | None
    until: Day | None
    timezone: str
    usage: Usage


class ChartPart(Schema):
    """One layer of one bucket."""

    calls: int
    tokens: int
    cost_usd: Usd | None
    cost_is_lower_bound: bool


class ChartPoint(Schema):
    """One bucket; empty ones are there too, so that a chart has no gaps, unless there were more than 4,000."""

    label: str
    start: Moment
    usage: Usage
    parts: list[ChartPart]


class Chart(Schema):
    """Usage over time, stacked by one dimension. `parts` stand in the order of `names`."""

    bucket: BucketName
    by: DimensionName
    timezone: str
    names: Annotated[
        list[Name | None], Field(description="Dearest first; null: the calls do not say; `…` gathers the rest.")
    ]
    points: list[ChartPoint]
    totals: Usage


class BreakdownRow(Schema):
    """One model, agent, project, provider or set of sources."""

    label: Annotated[Name | None, Field(description="Null: the calls do not say.")]
    provider: Annotated[Name | None, Field(description="For models: who bills them.")]
    usage: Usage
    share: Annotated[Ratio | None, Field(description="Of the known cost of all rows; null when nothing is known.")]
    cache_hit_rate: Annotated[Ratio | None, Field(description="Cache reads in the prompt; null without a prompt.")]
    reasoning_share: Annotated[Ratio | None, Field(description="Reasoning in the output.")]
    input_per_output: Annotated[float | None, Field(description="Prompt tokens for each output token.")]
    cost_per_call_usd: Annotated[Usd | None, Field(description="Over priced calls.")]
    cost_per_1k_output_usd: Annotated[
        Usd | None, Field(alias="costPer1kOutputUsd", description="The whole cost for 1,000 output tokens.")
    ]
    trend: Annotated[list[Usd], Field(description="Known cost per bucket of `trendLabels`.")]
    models: list[Name]
    agents: Annotated[list[Name], Field(description="For models: who used them.")]


class Breakdown(Schema):
    """Usage by the values of one dimension, dearest first."""

    by: DimensionName
    since: Day | None
    until: Day | None
    timezone: str
    rows: list[BreakdownRow]
    rows_found: int
    limit: int
    offset: int
    trend_labels: list[str]
    totals: Usage


class WhatIf(Schema):
    """
    The same calls at another model's prices of today.

    An estimate: from token sums by kind, at the standard tier, without long-context bands and per-request fees.
    `ownListUsd` is the same estimate at the model's own prices, so that both sides are made alike.
    """

    provider: Name | None
    model: Name
    target_provider: str
    target_model: str
    since: Day | None
    until: Day | None
    timezone: str
    usage: Usage
    own_list_usd: Usd | None
    target_usd: Usd
    difference_usd: Annotated[Usd | None, Field(description="Target minus own list price; negative is cheaper.")]
    basis: str


class Names(Schema):
    """What filters can choose from, dearest first."""

    models: list[Name]
    providers: list[Name]
    agents: list[Name]
    projects: list[Name]
    sources: list[str]


class HeatmapCell(Schema):
    """One hour of one weekday."""

    calls: int
    tokens: int
    cost_usd: Usd | None
    cost_is_lower_bound: bool


class Heatmap(Schema):
    """Usage by weekday, Monday first, and hour of the day in the viewer's zone."""

    timezone: str
    weekdays: list[list[HeatmapCell]]
