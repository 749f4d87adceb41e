"""
Our corrections, reviewed by hand, each with its source: what genai-prices lacks, laid over what it has.

A file per provider in `prices/corrections/`:

    policy      how the provider bills beside the rates, copied into the data (model names may end in `*`)
    rates       rates that follow from another one: {"rate", "of", "factor", "models"?}; only where none is published
    models      per model: `source` (required), `note`, `copy` or `rename` of another, `aliases`, `prices`, `tiers`
    popular     the models people use now
    outliers    why past rows that are more than tenfold off the present price are left out
    drop        entries that are wrong there

Our price rows replace those of the source; where the last of ours ends without a successor, later ones of the
source follow it. A price row may say `"long": {"above", "input", "output"}` instead of a band (factors on the row's
rates), and a tier may say `{"factor"}` instead of rows (a factor on the standard rows, with `from` and `until` where
dated).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from codesession.domain.pricing import decimal_string
from codesession.prices.generator.genai import close, scaled
from codesession.prices.tables import RATE_NAMES

FOLDER = Path(__file__).parents[1] / "corrections"
LARGEST_SHIFT = Decimal(10)
"""A rate that grows or shrinks more than this from one price to the next is taken for a mistake."""
_OUTPUT_SIDE = ("output", "audio_output")


class CorrectionError(ValueError):
    """A correction that cannot be applied as written."""


def names() -> list[str]:
    """Providers that have corrections."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def load(provider: str) -> dict[str, Any]:
    """One provider's corrections; empty when there are none."""
    path = FOLDER / f"{provider}.json"
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return found


def apply(models: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """The corrected models of one provider."""
    corrected = {name: model for name, model in models.items() if name not in found.get("drop", ())}
    for name, entry in found.get("models", {}).items():
        corrected[name] = _corrected(name, corrected, entry)
        for alias in entry.get("aliases", ()):
            _take_alias(corrected, name, alias)
    for rule in found.get("rates", ()):
        for name in matching(corrected, rule.get("models")):
            _derive(corrected[name], rule)
    if "outliers" in found:
        for model in corrected.values():
            model["prices"] = _plausible(model["prices"])
    for name in found.get("popular", ()):
        if name not in corrected:
            raise CorrectionError(f"popular model {name} has no price")
        corrected[name]["popular"] = True
    return corrected


def policy(found: Mapping[str, Any], models: Iterable[str]) -> dict[str, Any]:
    """The provider's policy with model patterns written out."""
    result = json.loads(json.dumps(found.get("policy", {})))
    for uplift in result.get("uplifts", ()):
        if "models" in uplift:
            uplift["models"] = sorted(matching(models, uplift["models"]))
    return dict(result)


def matching(models: Iterable[str], patterns: Iterable[str] | None) -> list[str]:
    """Models that a list of names and `prefix*` patterns means; None means all."""
    if patterns is None:
        return list(models)
    wanted = list(patterns)
    return [name for name in models if any(fnmatch(name, pattern) for pattern in wanted)]


def _corrected(name: str, models: dict[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """One model with its correction; `rename` takes the other entry away, `copy` leaves it."""
    if "source" not in entry:
        raise CorrectionError(f"correction of {name} names no source")
    origin = entry.get("rename", entry.get("copy"))
    if origin is not None and origin not in models:
        raise CorrectionError(f"{name} is made from {origin}, which the source does not have")
    base: dict[str, Any] = {}
    if "rename" in entry:
        base = models.pop(entry["rename"])
        base["aliases"] = [*base["aliases"], entry["rename"]]
    elif "copy" in entry:
        base = {**models[entry["copy"]], "aliases": []}
    elif name in models:
        base = models[name]
    model = {**base, "source": entry["source"]}
    model["aliases"] = sorted({*base.get("aliases", ()), *entry.get("aliases", ())} - {name})
    if "note" in entry:
        model["note"] = entry["note"]
    if "prices" in entry:
        model["prices"] = _continued([_expanded(row) for row in entry["prices"]], base.get("prices", ()))
        model.pop("tiers", None)
    if "tiers" in entry:
        model["tiers"] = dict(model.get("tiers", {})) | {
            tier: _tier(model["prices"], rows) for tier, rows in entry["tiers"].items()
        }
    if "prices" not in model:
        raise CorrectionError(f"correction of {name} leaves it without prices")
    return model


def _continued(rows: list[dict[str, Any]], known: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Our rows, and where the last one ends without a successor the later ones that the source has come to know."""
    end = rows[-1].get("until")
    return rows if end is None else [*rows, *(row for row in known if row.get("from", "") >= end)]


def _take_alias(models: Mapping[str, Any], owner: str, alias: str) -> None:
    """A name that a correction claims belongs to no other model."""
    for name, model in models.items():
        if name != owner and alias in model["aliases"]:
            model["aliases"] = [each for each in model["aliases"] if each != alias]


def _plausible(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows within tenfold of the last one; the row before a dropped one holds on until the next."""
    kept = [dict(row) for row in rows if all(shift <= LARGEST_SHIFT for shift in shifts(row, rows[-1]))]
    close(kept)
    return kept


def shifts(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[Decimal]:
    """By what factor each rate that both rows have moved, up or down, never below one."""
    found = []
    for rate in RATE_NAMES:
        pair = sorted(Decimal(row[rate]) for row in (was, now) if rate in row)
        if len(pair) == 2 and pair[0]:
            found.append(pair[1] / pair[0])
    return found


def _expanded(row: Mapping[str, Any]) -> dict[str, Any]:
    """A price row with its long-context shorthand written out as a band."""
    found = {key: value for key, value in row.items() if key != "long"}
    long = row.get("long")
    if long is None:
        return found
    band: dict[str, Any] = {"above": long["above"]}
    for key in RATE_NAMES:
        if key in row:
            factor = long["output" if key in _OUTPUT_SIDE else "input"]
            band[key] = decimal_string(Decimal(row[key]) * Decimal(factor))
    found["bands"] = [band]
    return found


def _tier(prices: list[dict[str, Any]], rows: Any) -> list[dict[str, Any]]:
    """A tier's rows; factors are written out over every standard row they overlap."""
    result: list[dict[str, Any]] = []
    for row in rows if isinstance(rows, list) else [rows]:
        if "factor" not in row:
            result.append(_expanded(row))
            continue
        for price in prices:
            start = max(row.get("from", ""), price.get("from", ""))
            end = min(row.get("until", "9"), price.get("until", "9"))
            if start >= end:
                continue
            found = {key: value for key, value in price.items() if key not in ("from", "until")}
            dates = ({"from": start} if start else {}) | ({"until": end} if end != "9" else {})
            result.append(dates | scaled(found, Decimal(row["factor"])))
    return result


def _derive(model: dict[str, Any], rule: Mapping[str, Any]) -> None:
    """Adds a rate that follows from another one to every table of a model that lacks it."""
    tables = [model["prices"], *model.get("tiers", {}).values()]
    rows = [each for table in tables for each in table]
    for row in [*rows, *(band for each in rows for band in each.get("bands", ()))]:
        if rule["rate"] not in row and rule["of"] in row:
            row[rule["rate"]] = decimal_string(Decimal(row[rule["of"]]) * Decimal(rule["factor"]))
