"""Counts as rollouts repeat them: which say something new, and what they are in the API's own words."""

from __future__ import annotations

import json
from typing import Any

from codesession.domain import digests
from codesession.domain.plain import PlainCounts

Counts = dict[str, Any]


def wire_usage(usage: Counts) -> dict[str, Any]:
    """The counts as the Responses API spells them; cache and reasoning are inside input and output."""
    return {
        "input_tokens": usage.get("input_tokens"),
        "input_tokens_details": {
            "cached_tokens": usage.get("cached_input_tokens"),
            "cache_write_tokens": usage.get("cache_write_input_tokens"),
        },
        "output_tokens": usage.get("output_tokens"),
        "output_tokens_details": {"reasoning_tokens": usage.get("reasoning_output_tokens")},
    }


def plain_counts(usage: Counts) -> PlainCounts | None:
    """The counts, when they are all believable and fit each other; None for any other shape."""
    if not usage.keys() <= _PLAIN:
        return None
    prompt: Any = usage.get("input_tokens")
    output: Any = usage.get("output_tokens")
    read, written = usage.get("cached_input_tokens", 0), usage.get("cache_write_input_tokens", 0)
    reasoning, total = usage.get("reasoning_output_tokens", 0), usage.get("total_tokens")
    for count in (prompt, output, read, written, reasoning, total):
        if type(count) is not int or not 0 <= count < _MAX:
            return None
    if total != prompt + output or read + written > prompt or reasoning > output:
        return None
    return PlainCounts(prompt, read, written, 0, output, reasoning)


_MAX = 10**9
_PLAIN = frozenset(
    (
        *("input_tokens", "cached_input_tokens", "cache_write_input_tokens"),
        *("output_tokens", "reasoning_output_tokens", "total_tokens"),
    )
)


def tokens(usage: Counts | None) -> int | None:
    """All tokens that counts name; None where they name none."""
    found = (usage or {}).get("total_tokens")
    return found if isinstance(found, int) else None


def is_repeat(before: Counts | None, total: Counts | None, last: Counts | None, usage: Counts | None) -> bool:
    """
    Whether a count says nothing new: the total is what it was.

    A total in another spelling (order of fields) comes from another program than the line before; there the
    last usage must be the same too.
    """
    if total is None or total != before:
        return False
    return list(total) == list(before) or usage == last


def says_only_the_size(total: Counts | None, usage: Counts) -> bool:
    """
    Whether a count is of no response: nothing was read or written, in all or last.

    After an answer that the prompt is too long, or a compaction before any response, how full the context is stands
    under `total_tokens` as the only count.
    """
    return all(usage.get(name) == 0 and (total or {}).get(name) == 0 for name in ("input_tokens", "output_tokens"))


def difference(before: Counts | None, total: Counts | None) -> Counts | None:
    """What a total added, for versions that write no `last_token_usage`; a lower total began anew."""
    if total is None:
        return None
    known = {name: value for name, value in (before or {}).items() if isinstance(value, int)}
    added = {name: value - known.get(name, 0) for name, value in total.items() if isinstance(value, int)}
    return total if any(value < 0 for value in added.values()) else added


def digest(*facts: object) -> str:
    """A short name for facts, the same on every machine."""
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return digests.digest(text.encode("utf-8", "replace"), 12)


def version(text: str | None) -> tuple[int, ...]:
    """Major and minor number; (0,) where the text is no version."""
    parts = (text or "").split("-", 1)[0].split(".")[:2]
    return tuple(map(int, parts)) if all(part.isdecimal() for part in parts) else (0,)
