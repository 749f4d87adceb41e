"""
What a message says of its counts, and what earlier versions of OpenCode wrote otherwise.

They are told by the version of the session. Counts were the provider's own at first, and have been made alike since.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from codesession.domain.provider_names import canonical_provider
from codesession.importers.counts import Layout, Reading
from codesession.importers.documents import child
from codesession.providers.counting import text, whole_number

LAYOUT = Layout(
    input="input",
    output="output",
    cache_read="cache_read",
    cache_write="cache_write",
    reasoning="reasoning",
    total="total",
    cache_inside=False,
    reasoning_inside=False,
)
_SPLIT_SINCE = (1, 3)
"""Since then reasoning is taken off the output. Before, counts were the provider's, at first without a total."""
_BESIDE = ("google", "vertex", "xai")
"""Providers whose own output never held reasoning."""
_UNCACHED_SINCE = (1, 0)
"""Since then the prompt is without cache; before, it was the provider's, which only Anthropic's wire counts so."""
_LATER = "finish"
"""What messages of a session that is older may have, where a version since then wrote them."""
_TWICE = ((1, 3, 4), (1, 3, 6))
"""From the first up to the second the prompt on Anthropic's wire held the cache, and the total held it twice."""
_STEPWISE_SINCE = (1, 1)
"""Since then every answer surely is a message of its own."""


def flat(data: dict[str, Any]) -> dict[str, Any]:
    """A message of the first versions in the form of later ones."""
    told = child(data, "metadata")
    if "time" in data or "assistant" not in told:
        return data
    return {"role": data.get("role"), **child(told, "assistant"), **{k: told.get(k) for k in ("time", "error")}}


def read(counted: dict[str, Any], data: dict[str, Any], version: str | None) -> Reading:
    """The counts of a message or a step of it. A total tells itself what they include; later versions wrote it."""
    tokens = child(counted, "tokens")
    cache = child(tokens, "cache")
    counts = {**tokens, "cache_read": cache.get("read"), "cache_write": cache.get("write")}
    provider = canonical_provider(text(data, "providerID")) or ""
    apart = provider == "bedrock" or "anthropic" in (text(data, "providerID") or "")
    cached = sum(whole_number(counts[name]) or 0 for name in ("cache_read", "cache_write"))
    may_be_inside = cached <= (whole_number(tokens.get("input")) or 0)
    if apart and may_be_inside and _is_before(version, _TWICE[1]) and not _is_before(version, _TWICE[0]):
        return replace(LAYOUT, cache_inside=True, total="").read(counts)
    if tokens.get("total") is not None or not _is_before(version, _SPLIT_SINCE):
        return LAYOUT.read(counts)
    layout = replace(LAYOUT, reasoning_inside=provider not in _BESIDE)
    if _is_before(version, _UNCACHED_SINCE) and _LATER not in data and not apart and may_be_inside:
        layout = replace(layout, cache_inside=True)
    return layout.read(counts)


def has_steps(version: str | None) -> bool:
    """Whether messages of a version may hold several answers, and count only the last."""
    return _is_before(version, _STEPWISE_SINCE)


def _released(version: str | None) -> tuple[int, ...] | None:
    found = re.match(r"(\d+)\.(\d+)\.(\d*)", version or "")
    return tuple(int(number or 0) for number in found.groups()) if found else None


def _is_before(version: str | None, since: tuple[int, ...]) -> bool:
    released = _released(version)
    return released is not None and released < since
