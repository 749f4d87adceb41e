"""Prices: look up, set, reset."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from codesession.domain.pricing import decimal_string
from codesession.domain.spelling import spelled
from codesession.errors import InvalidInputError
from codesession.prices.overrides import reset_prices, set_price
from codesession.web.problems import NotFoundError
from codesession.web.schemas.prices import (
    DatedPrice,
    OwnPrice,
    Price,
    PriceHistory,
    PriceList,
    ResetPrices,
    SetPrice,
)

if TYPE_CHECKING:
    from codesession.app import App
    from codesession.domain.pricing import ModelRates
    from codesession.prices.history import PastPrice
    from codesession.web.schemas.asking import AskedOwnPrice, AskedPriceHistory, AskedPrices


def price_list(app: App, asked: AskedPrices) -> PriceList:
    """A page of what models charge today."""
    found = app.prices.listing(
        all=asked.all, provider=asked.provider or None, search=asked.search or None, at_ms=app.reports.now_ms()
    )
    rows = [_price(key, rates) for key, rates in found.items() if rates.source == "custom" or not asked.own]
    rows.sort(key=lambda price: (price.source != "custom", price.key))
    return PriceList(
        prices=rows[asked.offset : asked.offset + asked.limit],
        found=len(rows),
        limit=asked.limit,
        offset=asked.offset,
        price_version=app.prices.version,
        overrides_path=spelled(str(app.settings.price_overrides)),
        own_prices=sum(1 for rates in found.values() if rates.source == "custom"),
    )


def _price(key: str, rates: ModelRates) -> Price:
    return Price(
        key=key,
        provider=rates.provider,
        model=rates.model,
        input=decimal_string(rates.input),
        output=decimal_string(rates.output),
        cache_read=_text(rates.cache_read),
        cache_write=_text(rates.cache_write),
        cache_write_1h=_text(rates.cache_write_1h),
        source="custom" if rates.source == "custom" else "built-in",
    )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else decimal_string(value)


def history(app: App, asked: AskedPriceHistory) -> PriceHistory:
    """Every dated price of a model, tier by tier."""
    found = app.prices.history(asked.provider or None, asked.model)
    if not found:
        raise NotFoundError(f"no price is known for {asked.model}")
    return PriceHistory(provider=asked.provider, model=asked.model, prices=[_dated(price) for price in found])


def _dated(price: PastPrice) -> DatedPrice:
    return DatedPrice(
        tier=price.tier,
        start=price.start,
        end=price.end,
        input=decimal_string(price.input),
        output=decimal_string(price.output),
        cache_read=_text(price.cache_read),
        cache_write=_text(price.cache_write),
        source=price.source,
    )


def set_own(app: App, price: OwnPrice) -> SetPrice:
    """Add or change an own price."""
    given = {
        "input": price.input,
        "output": price.output,
        "cacheRead": price.cache_read,
        "cacheWrite": price.cache_write,
        "cacheWrite1h": price.cache_write_1h,
    }
    rates: dict[str, str | Decimal] = {name: value for name, value in given.items() if value is not None}
    return SetPrice(key=set_price(app.settings.price_overrides, price.model, rates, provider=price.provider))


def reset(app: App, asked: AskedOwnPrice) -> ResetPrices:
    """Drop one own price, or all of them."""
    if (asked.key is None) == (not asked.all):
        raise InvalidInputError("say which price: key=…, or all=true")
    return ResetPrices(reset=reset_prices(app.settings.price_overrides, asked.key))
