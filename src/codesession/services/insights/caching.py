"""
What caching saved, and what of it was for nothing.

**Saved** is an estimate at each day's list prices: tokens read from a cache at the difference between the uncached
and the cached price, less what writes cost above the uncached price, each at the price of its time-to-live;
long-context bands and tiers are left out.

**Wasted** is what writes cost above plain input where nobody read them. Within one conversation (and sub-agent) and
model, what a call read and wrote is the prompt that the next call could read; as much of the write as the next call
did not read counts as unread, and so does all that the last call wrote.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from codesession.domain.insights import CacheWaste, Savings, WastedCache
from codesession.domain.money import to_picousd
from codesession.domain.periods import DAY_MS, day_start_ms
from codesession.domain.report import Dimension, UsageTotals
from codesession.services.reports.spans import asked_ms, daily_cells

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codesession.domain.insights import CacheStep
    from codesession.domain.pricing import ModelRates
    from codesession.domain.report import ReportRequest
    from codesession.services.insights import Rates
    from codesession.store.base_insights import InsightStore
    from codesession.store.base_reports import ReportStore

_MILLION = 1_000_000
_WRITERS = 300
"""Sessions looked at for waste: those that wrote most."""
_CALLS = 200_000
"""Calls looked at, at most; reading them one by one takes about a second."""


def savings(store: ReportStore, prices: Rates, request: ReportRequest) -> Savings:
    """See the head of this module."""
    by = (Dimension.PROVIDER, Dimension.MODEL)
    return saved(
        prices,
        (
            (cell.keys[0], cell.keys[1], cell.totals, day_start_ms(request.zone, day) + DAY_MS // 2)
            for day, cell in daily_cells(store, request, by)
        ),
    )


def saved(prices: Rates, parts: Iterable[tuple[str, str, UsageTotals, int]]) -> Savings:
    """The same of (provider, model, totals, when) of any calls."""
    gained, covered, uncovered = Decimal(0), 0, 0
    for provider, model, totals, at_ms in parts:
        cached = totals.cache_read_input_tokens + totals.cache_write_input_tokens
        if not cached:
            continue
        rates = prices.rates(provider, model, at_ms)
        if rates is None:
            uncovered += cached
        else:
            covered += cached
            gained += _saved(rates, totals)
    return Savings(
        saved_picousd=to_picousd(gained) if covered or not uncovered else None,
        covered_tokens=covered,
        uncovered_tokens=uncovered,
    )


def _saved(rates: ModelRates, totals: UsageTotals) -> Decimal:
    read = rates.input if rates.cache_read is None else rates.cache_read
    gained = (rates.input - read) * totals.cache_read_input_tokens
    return gained / _MILLION - _paid(rates, totals.cache_write_input_tokens, totals.cache_write_1h_input_tokens)


def _premium(rates: ModelRates, *, one_hour: bool = False) -> Decimal:
    """What a million written tokens cost above plain input."""
    write = rates.cache_write_1h if one_hour and rates.cache_write_1h is not None else rates.cache_write
    return Decimal(0) if write is None else write - rates.input


def cache_waste(store: InsightStore, prices: Rates, request: ReportRequest) -> CacheWaste:
    """See the head of this module; looks at the sessions that wrote most to caches."""
    since, until = asked_ms(request)
    writers = store.cache_writers(since_ms=since, until_ms=until, projects=request.where.projects, limit=_WRITERS)
    chosen: list[int] = []
    calls = 0
    for session in writers:
        calls += session.requests
        if calls > _CALLS and chosen:
            break
        chosen.append(session.id)
    found = [_wasted(prices, key, steps) for key, steps in _by_model(store.cache_steps(chosen))]
    rows = sorted(
        (row for row in found if row.write_tokens),
        key=lambda row: (-(row.wasted_picousd or 0), -row.unread_tokens, row.session_id, row.model),
    )
    return CacheWaste(rows=tuple(rows), sessions_looked_at=len(chosen))


_Key = tuple[int, str, str]


def _by_model(steps: Iterable[CacheStep]) -> Iterator[tuple[_Key, list[CacheStep]]]:
    found: defaultdict[_Key, list[CacheStep]] = defaultdict(list)
    for step in steps:
        found[step.session_id, step.provider_name, step.model].append(step)
    yield from found.items()


def _wasted(prices: Rates, key: _Key, steps: list[CacheStep]) -> WastedCache:
    session_id, provider, model = key
    lines = sorted(steps, key=lambda step: (step.conversation_id or "", step.subagent_id or "", step.started_at_ms))
    unread, unread_1h = 0, 0
    for _, line in groupby(lines, key=lambda step: (step.conversation_id, step.subagent_id)):
        for step, missed in _unread(list(line)):
            unread += missed
            unread_1h += missed * step.write_1h_tokens // step.write_tokens
    writes = sum(step.write_tokens for step in steps)
    writes_1h = sum(step.write_1h_tokens for step in steps)
    rates = prices.rates(provider, model, steps[-1].started_at_ms)
    return WastedCache(
        session_id=session_id,
        provider_name=provider,
        model=model,
        write_tokens=writes,
        read_tokens=sum(step.read_tokens for step in steps),
        unread_tokens=unread,
        premium_picousd=None if rates is None else to_picousd(_paid(rates, writes, writes_1h)),
        wasted_picousd=None if rates is None else to_picousd(_paid(rates, unread, unread_1h)),
    )


def _unread(line: list[CacheStep]) -> Iterator[tuple[CacheStep, int]]:
    """(call, tokens it wrote that the next call did not read) of one conversation."""
    for step, following in pairwise([*line, None]):
        if step is not None and step.write_tokens:
            read_next = 0 if following is None else following.read_tokens
            yield step, min(step.write_tokens, max(0, step.read_tokens + step.write_tokens - read_next))


def _paid(rates: ModelRates, tokens: int, one_hour_tokens: int) -> Decimal:
    """What writes cost above plain input."""
    one_hour = _premium(rates, one_hour=True) * one_hour_tokens
    return (_premium(rates) * (tokens - one_hour_tokens) + one_hour) / _MILLION
