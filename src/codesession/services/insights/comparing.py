"""
Hours against hours, and a model against another.

What-if is the same calls at another model's prices: token sums by kind times list prices of today, at the standard
tier. Long-context bands, tiers and per-request fees are left out on both sides, so that what differs is the model. A
target without a price for cache reads or writes bills them as plain input, as its provider would.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from codesession.domain.insights import DearHour, WhatIf
from codesession.domain.money import to_picousd
from codesession.domain.report import Dimension, UsageTotals
from codesession.services.reports.spans import cells, hourly_cells, model_shares, names_of, summed

if TYPE_CHECKING:
    from codesession.domain.pricing import ModelRates
    from codesession.domain.report import ReportRequest
    from codesession.services.insights import Rates
    from codesession.store.base_reports import ReportStore


def what_if(
    store: ReportStore,
    prices: Rates,
    request: ReportRequest,
    *,
    model: str,
    provider: str | None,
    target: ModelRates,
    now_ms: int,
) -> WhatIf:
    """Calls of `model` (of one provider, or of all) in the time asked for, at their own prices and at `target`."""
    own, known, totals = 0, True, UsageTotals()
    for cell in cells(store, request, (Dimension.PROVIDER, Dimension.MODEL)):
        biller, name = cell.keys
        if name != model or (provider is not None and biller != provider):
            continue
        totals += cell.totals
        rates = prices.rates(biller, name, now_ms)
        if rates is None:
            known = False
        else:
            own += at_list_price(rates, cell.totals)
    return WhatIf(
        totals=totals,
        own_picousd=own if known else None,
        target_picousd=at_list_price(target, totals),
    )


def at_list_price(rates: ModelRates, totals: UsageTotals) -> int:
    """Token sums at plain list prices, in pico-dollars."""
    read = rates.input if rates.cache_read is None else rates.cache_read
    write = rates.input if rates.cache_write is None else rates.cache_write
    write_1h = write if rates.cache_write_1h is None else rates.cache_write_1h
    kept_1h = totals.cache_write_1h_input_tokens
    usd = (
        rates.input * totals.uncached_input_tokens
        + read * totals.cache_read_input_tokens
        + write * (totals.cache_write_input_tokens - kept_1h)
        + write_1h * kept_1h
        + rates.output * totals.output_tokens
    )
    return to_picousd(usd / Decimal(1_000_000))


def dearest_hours(store: ReportStore, request: ReportRequest, *, limit: int) -> list[DearHour]:
    """The dearest hours of the local clock in the time asked for."""
    parts: defaultdict[int, list[tuple[str, str, UsageTotals]]] = defaultdict(list)
    labels: dict[int, str] = {}
    for start, cell in hourly_cells(store, request, (Dimension.PROVIDER, Dimension.MODEL)):
        provider, model = cell.keys
        parts[start].append((provider, model, cell.totals))
        labels[start] = f"{datetime.fromtimestamp(cell.slot * 3600, UTC):%Y-%m-%dT%H:%M}"
    sums = summed((start, totals) for start, found in parts.items() for _, _, totals in found)
    return [
        DearHour(start_ms=start, label=labels[start], totals=totals, models=names_of(model_shares(parts[start])))
        for start, totals in list(sums.items())[:limit]
    ]
