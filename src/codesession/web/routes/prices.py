"""Prices: look up, set, reset."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from codesession.web.answers import prices
from codesession.web.routes.shared import PROBLEMS, StateOf, answer, changed
from codesession.web.schemas.asking import AskedOwnPrice, AskedPriceHistory, AskedPrices
from codesession.web.schemas.prices import OwnPrice, PriceHistory, PriceList, ResetPrices, SetPrice

router = APIRouter(prefix="/api/v1/prices", tags=["prices"], responses=PROBLEMS)


@router.get("", response_model=PriceList)
async def get_prices(state: StateOf, asked: Annotated[AskedPrices, Query()]) -> Response:
    """What models charge today."""
    return await answer(state.quick, prices.price_list, asked)


@router.get("/history", response_model=PriceHistory)
async def get_price_history(state: StateOf, asked: Annotated[AskedPriceHistory, Query()]) -> Response:
    """Every dated price of a model and where it comes from."""
    return await answer(state.quick, prices.history, asked)


@router.put("", response_model=SetPrice)
async def set_price(state: StateOf, price: OwnPrice) -> Response:
    """Add or change an own price."""
    return await changed(state, state.quick, prices.set_own, price)


@router.delete("", response_model=ResetPrices)
async def reset_prices(state: StateOf, asked: Annotated[AskedOwnPrice, Query()]) -> Response:
    """Drop one own price, or all: the built-in ones hold again."""
    return await changed(state, state.quick, prices.reset, asked)
