"""
What genai-prices knows, as plain JSON-like data in the shape of our price files.

Its match clauses become exact ids (our own reading of model ids does the rest), its dated prices become
periods, and its price variants become tables per service tier. Its tier and batch tables begin on the day
somebody verified them; before that day the table of the period is used, or, when the base price was another
one then, the same ratio to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from importlib.metadata import version
from itertools import pairwise
from typing import Any

from codesession.domain.facts import NamedTuple
from codesession.domain.pricing import decimal_string
from codesession.prices.tables import RATE_NAMES

PROVIDERS = {
    "anthropic": "anthropic",
    "openai": "openai",
    "google": "google",
    "mistral": "mistral",
    "deepseek": "deepseek",
    "x-ai": "xai",
    "groq": "groq",
    "moonshotai": "moonshot",
    "zai": "zai",
    "aws": "bedrock",
    "azure": "azure",
    "openrouter": "openrouter",
    "github-copilot": "github_copilot",
    "minimax": "minimax",
    "meta": "meta",
    "cohere": "cohere",
    "perplexity": "perplexity",
    "cerebras": "cerebras",
    "fireworks": "fireworks",
    "together": "together",
    "novita": "novita",
    "baseten": "baseten",
    "cloudflare": "cloudflare",
}
"""Names there -> names here, in the order they are searched."""

_RATES = {
    "input_mtok": "input",
    "output_mtok": "output",
    "cache_read_mtok": "cache_read",
    "cache_write_mtok": "cache_write",
    "cache_write_1h_mtok": "cache_write_1h",
    "input_audio_mtok": "audio_input",
    "cache_audio_read_mtok": "audio_cache_read",
    "output_audio_mtok": "audio_output",
}
_TIERS = {"batch": "batch", "flex": "flex", "priority": "priority", "ultrafast": "ultrafast"}
_CLOUD = re.compile(r"^(global|regional)\.")
_RESOLD = re.compile(r"^(?:global|regional)?\.?(?:anthropic\.|openai\.gpt-(?!oss))")


class Source(NamedTuple):
    """A set of prices as genai-prices knows them."""

    name: str
    """Becomes part of the version: `genai-prices-0.2.3`."""
    providers: Sequence[Any]


def installed() -> Source:
    """The set in the installed package."""
    from genai_prices.data import providers

    return Source(f"genai-prices-{version('genai-prices')}", providers)


def read(source: Source) -> dict[str, dict[str, Any]]:
    """`{provider: {model: {source, aliases, prices, tiers}}}` for every provider we know."""
    known = {provider.id: provider for provider in source.providers}
    return {ours: _provider(known[theirs]) for theirs, ours in PROVIDERS.items() if theirs in known}


def _provider(provider: Any) -> dict[str, Any]:
    source = (provider.pricing_urls or ["https://github.com/pydantic/genai-prices"])[0]
    models: dict[str, Any] = {}
    for info in provider.models:
        name = _name(provider.id, info.id)
        if name is None or name in models:
            continue
        prices = [_period(start, row) for start, row in _dated(info)]
        if any(row is None for row in prices):
            continue
        close(prices)
        found = {"source": source, "aliases": sorted(_ids(info.match) - {name}), "prices": prices}
        if info.deprecated:
            found["deprecated"] = True
        if tiers := _tiers(info, provider.id):
            found["tiers"] = tiers
        models[name] = found
    return models


def _name(provider: str, model: str) -> str | None:
    """Model names as we list them; None for what other files price (Claude and GPT on a cloud)."""
    if provider == "aws":
        return None if _RESOLD.match(model) else _CLOUD.sub("", model)
    if provider == "google" and model.startswith("claude"):
        return None
    return model


def _dated(info: Any) -> list[tuple[date | None, Any]]:
    """Start dates and prices; an hour-dependent price has no date and needs a correction."""
    if not isinstance(info.prices, list):
        return [(None, info.prices)]
    rows: list[tuple[date | None, Any]] = []
    for each in info.prices:
        if each.constraint is not None and not hasattr(each.constraint, "start_date"):
            continue
        rows.append((each.constraint.start_date if each.constraint else None, each.prices))
    return rows


def hour_dependent(source: Source) -> set[tuple[str, str]]:
    """`(provider, model)` of the prices that depend on the hour there; each needs a correction here."""
    return {
        (PROVIDERS[provider.id], info.id)
        for provider in source.providers
        if provider.id in PROVIDERS
        for info in provider.models
        if isinstance(info.prices, list) and any(hasattr(each.constraint, "start_time") for each in info.prices)
    }


def _values(prices: Any) -> dict[str, Any]:
    """Rates by our names; values are `Decimal` or prices by prompt size."""
    return {ours: getattr(prices, theirs) for theirs, ours in _RATES.items() if getattr(prices, theirs) is not None}


def _period(start: date | None, prices: Any) -> dict[str, Any] | None:
    return _row(start, _values(prices))


def _row(start: date | None, values: dict[str, Any]) -> dict[str, Any] | None:
    """One period; None when the model is not sold by token."""
    if "input" not in values:
        return None
    row: dict[str, Any] = {} if start is None else {"from": start.isoformat()}
    row |= {name: decimal_string(_base(value)) for name, value in values.items()}
    row.setdefault("output", "0")
    starts = sorted({tier.start for value in values.values() if not isinstance(value, Decimal) for tier in value.tiers})
    if starts:
        row["bands"] = [
            {"above": above} | {name: decimal_string(_above(value, above)) for name, value in values.items()}
            for above in starts
        ]
    return row


def _base(value: Any) -> Decimal:
    found = value if isinstance(value, Decimal) else value.base
    return Decimal(found)


def _above(value: Any, above: int) -> Decimal:
    if isinstance(value, Decimal):
        return value
    reached = [tier.price for tier in value.tiers if tier.start <= above]
    return Decimal(reached[-1]) if reached else _base(value)


def close(rows: list[Any]) -> None:
    """Each period ends where the next begins."""
    for row, following in pairwise(rows):
        row["until"] = following["from"]


def _tiers(info: Any, provider: str) -> dict[str, list[dict[str, Any]]]:
    """Tables per tier, one row for each base period."""
    bases = _dated(info)
    tiers: dict[str, list[dict[str, Any]]] = {}
    for name in sorted(set(_tier_names(info, provider))):
        rows = []
        for index, (start, base) in enumerate(bases):
            following = bases[index + 1][0] if index + 1 < len(bases) else None
            values = _variant(info, name, base, following - timedelta(days=1) if following else None)
            rows.append((start, _values(base), values))
        tiers[name] = _rows_with_ratios(rows)
    return tiers


def _tier_names(info: Any, provider: str) -> Iterator[str]:
    for variant in info.price_variants or ():
        tier = _variant_tier(variant)
        if tier is not None and not (provider == "anthropic" and tier == "batch"):
            yield tier


def _variant_tier(variant: Any) -> str | None:
    when = variant.when
    if when == {"speed": "fast"}:
        return "fast"
    return _TIERS.get(when.get("processing") or when.get("service_tier") or "")


def _variant(info: Any, tier: str, base: Any, last_day: date | None) -> dict[str, Any] | None:
    """The tier's rates at the end of a base period: the variant's keys over the base's."""
    for variant in info.price_variants:
        if _variant_tier(variant) != tier:
            continue
        start = variant.constraint.start_date if variant.constraint else None
        if start is None or last_day is None or start <= last_day:
            return _values(base) | _values(variant.prices)
    return None


def _rows_with_ratios(
    rows: list[tuple[date | None, dict[str, Any], dict[str, Any] | None]],
) -> list[dict[str, Any]]:
    """Rows of one tier; a period nobody verified takes the ratio of the next verified one."""
    done: list[dict[str, Any]] = []
    for index, (start, base, values) in enumerate(rows):
        if values is None:
            later = next(((b, v) for _, b, v in rows[index:] if v is not None), None)
            if later is None:
                continue
            factor = _base(later[1]["input"]) / _base(later[0]["input"])
            row = _row(start, base)
            done.append(scaled(row or {}, factor))
        else:
            row = _row(start, values)
            if row is not None:
                done.append(row)
    close(done)
    return done


def scaled(row: dict[str, Any], factor: Decimal) -> dict[str, Any]:
    """A period with all its rates multiplied."""
    found = dict(row)
    for name in RATE_NAMES:
        if name in found:
            found[name] = decimal_string(Decimal(found[name]) * factor)
    if "bands" in found:
        found["bands"] = [scaled(band, factor) for band in found["bands"]]
    return found


def _ids(clause: Any) -> set[str]:
    """The ids a match clause names literally; patterns are what our own reading of ids is for."""
    kind = type(clause).__name__
    if kind == "ClauseOr":
        return set().union(*(_ids(each) for each in clause.or_))
    if kind == "ClauseEquals":
        return {clause.equals.lower()}
    if kind == "ClauseStartsWith":
        return {clause.starts_with.lower().rstrip("-@:")}
    if kind == "ClauseContains":
        return {clause.contains.lower().strip("-@:")} - {"moderation"}
    return set()
