"""The price files as a whole: composing them, writing them in one step, and what changed against another set."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from codesession.prices.generator import corrections, genai
from codesession.prices.keys import canonical
from codesession.prices.model_ids import spellings
from codesession.prices.tables import RATE_NAMES


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two price sets."""

    model: str
    """`provider/model`."""
    what: str
    suspicious: bool = False
    """True for a shift above tenfold and for a price that became nothing: somebody must look before it is used."""


def compose(reviewed: str, date: str | None = None, source: genai.Source | None = None) -> dict[str, dict[str, Any]]:
    """
    Every price file by name, `index` included.

    `reviewed` is the day the corrections were last reviewed, `date` the day of the set where it is a later
    one (ISO). The date becomes part of the version. Without a `source` the installed one is taken.
    """
    source = source or genai.installed()
    found = genai.read(source)
    files: dict[str, dict[str, Any]] = {}
    corrected_hours: set[tuple[str, str]] = set()
    for provider in dict.fromkeys([*found, *corrections.names()]):
        ours = corrections.load(provider)
        models = corrections.apply(found.get(provider, {}), ours)
        corrected_hours |= {(provider, name) for name in ours.get("models", {})}
        files[provider] = {
            "provider": provider,
            "policy": corrections.policy(ours, models),
            "ids": _ids(provider, models),
            "models": models,
        }
    if missing := genai.hour_dependent(source) - corrected_hours:
        raise corrections.CorrectionError(f"prices by the hour need a correction: {sorted(missing)}")
    day = date or reviewed
    files["index"] = {"version": f"{day}+{source.name}", "date": day, "reviewed": reviewed, "providers": list(files)}
    return files


def _ids(provider: str, models: Mapping[str, Any]) -> dict[str, str]:
    """Every key a model is found under; a model's own name wins over another's alias."""
    ids = {canonical(name): name for name in models}
    for name, model in models.items():
        for alias in model["aliases"]:
            ids.setdefault(canonical(alias), name)
        if provider == "bedrock":
            for key in spellings(name).keys:
                ids.setdefault(key, name)
    return dict(sorted(ids.items()))


def render(content: Mapping[str, Any]) -> str:
    """One file as text: a line per model, so that a change reads well in a diff."""
    if "models" not in content:
        return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    lines = ["{", f' "provider": {json.dumps(content["provider"])},']
    lines.append(f' "policy": {json.dumps(content["policy"])},')
    for section in ("ids", "models"):
        entries = content[section].items()
        rows = ",\n".join(f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in entries)
        lines.append(f' "{section}": {{\n{rows}\n }}' + ("," if section == "ids" else ""))
    return "\n".join([*lines, "}"]) + "\n"


def read_folder(folder: Path) -> dict[str, dict[str, Any]]:
    """Price files of a folder; empty when there are none."""
    return {path.stem: json.loads(path.read_bytes()) for path in sorted(folder.glob("*.json"))}


def write_folder(files: Mapping[str, Mapping[str, Any]], folder: Path, mode: int = 0o700) -> None:
    """
    Replaces a folder of price files as one step.

    A reader sees the old set or the new one. A killed writer leaves at most a `.prices-*` folder beside it.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".prices-", dir=folder.parent))
    fresh.chmod(mode)
    try:
        for name, content in files.items():
            (fresh / f"{name}.json").write_text(render(content))
    except BaseException:  # an interrupt, too, leaves no half-written folder; raised on
        shutil.rmtree(fresh)
        raise
    if not folder.exists():
        os.rename(fresh, folder)
        return
    old = Path(tempfile.mkdtemp(prefix=".prices-old-", dir=folder.parent)) / "data"
    os.rename(folder, old)
    os.rename(fresh, folder)
    shutil.rmtree(old.parent)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What a new price set changes, model by model."""
    return sorted(_changes(before, after), key=lambda change: change.model)


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for provider in dict.fromkeys([*before, *after]):
        old, new = (files.get(provider, {}).get("models", {}) for files in (before, after))
        if provider != "index" and before.get(provider, {}).get("policy") != after.get(provider, {}).get("policy"):
            yield Change(provider, "policy")
        for model in dict.fromkeys([*old, *new]):
            name = f"{provider}/{model}"
            if model not in old:
                yield Change(name, "new")
            elif model not in new:
                yield Change(name, "gone")
            elif old[model] != new[model]:
                yield _change(name, old[model], new[model])


def _change(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Change:
    was, now = old["prices"][-1], new["prices"][-1]
    moved = [f"{rate} {was.get(rate)} -> {now.get(rate)}" for rate in RATE_NAMES if was.get(rate) != now.get(rate)]
    shifted = any(shift > corrections.LARGEST_SHIFT for shift in corrections.shifts(was, now))
    given_away = any(Decimal(was[rate]) > 0 >= Decimal(now[rate]) for rate in ("input", "output"))
    suspicious = shifted or given_away
    return Change(name, ", ".join(moved) or "history, tiers or aliases", suspicious)
