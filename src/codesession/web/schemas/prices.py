"""Prices: built-in, dated, and the user's own."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from codesession.web.schemas.base import Schema

PriceText = Annotated[str, Field(max_length=30, description="Dollars per million tokens as a decimal text.")]


class Price(Schema):
    """What a model charges today, dollars per million tokens; decimals as text, exact."""

    key: str
    provider: str
    model: str
    input: PriceText
    output: PriceText
    cache_read: PriceText | None
    cache_write: PriceText | None
    cache_write_1h: Annotated[PriceText | None, Field(alias="cacheWrite1h")]
    source: Literal["built-in", "custom"]


class PriceList(Schema):
    """A page of prices, by name."""

    prices: list[Price]
    found: int
    limit: int
    offset: int
    price_version: str
    overrides_path: str
    own_prices: int


class DatedPrice(Schema):
    """A price and the time it held."""

    tier: str
    start: Annotated[str | None, Field(description="Null: since the model exists.")]
    end: Annotated[str | None, Field(description="Null: until further notice.")]
    input: PriceText
    output: PriceText
    cache_read: PriceText | None
    cache_write: PriceText | None
    source: Annotated[str, Field(description="Where the figure comes from.")]


class PriceHistory(Schema):
    """Every dated price of a model, tier by tier."""

    provider: str | None
    model: str
    prices: list[DatedPrice]


class OwnPrice(Schema):
    """A price of the user's own; it wins over the built-in one."""

    model: Annotated[str, Field(min_length=1, max_length=200)]
    provider: Annotated[str | None, Field(max_length=200)] = None
    input: PriceText
    output: PriceText
    cache_read: PriceText | None = None
    cache_write: PriceText | None = None
    cache_write_1h: Annotated[PriceText | None, Field(alias="cacheWrite1h")] = None


class SetPrice(Schema):
    """The key an own price is kept under."""

    key: str


class ResetPrices(Schema):
    """Keys of own prices that are gone."""

    reset: list[str]
