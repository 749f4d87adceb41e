"""Overview, charts, breakdowns and insights."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from codesession.web.answers import breakdowns, insights, overview, usage, what_if
from codesession.web.routes.shared import PROBLEMS, StateOf, remembered
from codesession.web.schemas.asking import Asked, AskedBreakdown, AskedChart, AskedPage, AskedWhatIf, Zoned
from codesession.web.schemas.insights import CacheWasteList, Expensive, HotspotList
from codesession.web.schemas.overview import CacheSavings, Overview
from codesession.web.schemas.usage import Breakdown, Chart, DimensionName, Heatmap, Names, Totals, WhatIf

router = APIRouter(prefix="/api/v1", tags=["usage"], responses=PROBLEMS)


@router.get("/overview", response_model=Overview)
async def get_overview(state: StateOf, asked: Annotated[Zoned, Query()]) -> Response:
    """Where spending stands: today, this week, this month, what runs, what the month will come to."""
    return await remembered(state, overview.overview, asked)


@router.get("/usage", response_model=Totals)
async def get_totals(state: StateOf, asked: Annotated[Asked, Query()]) -> Response:
    """One sum."""
    return await remembered(state, usage.totals, asked)


@router.get("/usage/cache", response_model=CacheSavings)
async def get_cache_savings(state: StateOf, asked: Annotated[Asked, Query()]) -> Response:
    """What caching saved."""
    return await remembered(state, usage.cache_savings, asked)


@router.get("/usage/series", response_model=Chart)
async def get_series(state: StateOf, asked: Annotated[AskedChart, Query()]) -> Response:
    """Usage over time, stacked by one dimension."""
    return await remembered(state, usage.chart, asked)


@router.get("/usage/heatmap", response_model=Heatmap)
async def get_heatmap(state: StateOf, asked: Annotated[Asked, Query()]) -> Response:
    """Usage by weekday and hour."""
    return await remembered(state, usage.heatmap, asked)


@router.get("/usage/names", response_model=Names)
async def get_names(state: StateOf) -> Response:
    """What filters can choose from."""
    return await remembered(state, usage.names)


@router.get("/usage/by/{dimension}", response_model=Breakdown)
async def get_breakdown(
    state: StateOf, dimension: Annotated[DimensionName, Path()], asked: Annotated[AskedBreakdown, Query()]
) -> Response:
    """Usage by model, agent, project, provider or source, with ratios and trends."""
    return await remembered(state, breakdowns.breakdown, dimension, asked)


@router.get("/usage/what-if", response_model=WhatIf)
async def get_what_if(state: StateOf, asked: Annotated[AskedWhatIf, Query()]) -> Response:
    """The same calls at another model's prices."""
    return await remembered(state, what_if.what_if, asked)


@router.get("/insights/hotspots", response_model=HotspotList)
async def get_hotspots(state: StateOf, asked: Annotated[AskedPage, Query()]) -> Response:
    """Files that many sessions change."""
    return await remembered(state, insights.hotspots, asked)


@router.get("/insights/expensive", response_model=Expensive)
async def get_expensive(state: StateOf, asked: Annotated[AskedPage, Query()]) -> Response:
    """The dearest hours, sessions and commits."""
    return await remembered(state, insights.expensive, asked)


@router.get("/insights/cache-waste", response_model=CacheWasteList)
async def get_cache_waste(state: StateOf, asked: Annotated[AskedPage, Query()]) -> Response:
    """Cache writes that were paid for and hardly read."""
    return await remembered(state, insights.cache_waste, asked)
