"""
Prime's sub-agents: their calls stand in files of their own, and what they used is added to an answer of their parent.

The line that says so follows the answer, which stays as it was written until the file is written anew: then it shows
both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from codesession.importers.documents import child
from codesession.providers.counting import whole_number

KIND = "child_usage_attributed"
FOLDER = "session-artifacts"
_COUNTS = ("input", "output", "cacheRead", "cacheWrite", "cacheWrite1h", "totalTokens")


def take_off(entries: Sequence[dict[str, Any]]) -> None:
    """Leave answers what they used themselves, where they show what sub-agents used as well."""
    added: defaultdict[object, list[dict[str, Any]]] = defaultdict(list)
    for entry in entries:
        if entry.get("type") == KIND:
            added[entry.get("targetId")].append(entry)
    for entry in entries:
        usage = child(entry, "message", "usage")
        told = added.get(entry.get("id"))
        both = child(told[-1], "aggregateUsage") if told else {}
        if not told or any(usage.get(name) != both.get(name) for name in _COUNTS):
            continue
        for name in _COUNTS:
            if name in usage:
                children = sum(whole_number(child(line, "childUsage").get(name)) or 0 for line in told)
                usage[name] = max(0, (whole_number(usage[name]) or 0) - children)
        usage.pop("cost", None)


def parent_of(path: Path) -> str | None:
    """The session whose sub-agent wrote a file: `session-artifacts/<session>/sub-<id>/…`."""
    return path.parts[path.parts.index(FOLDER) + 1] if FOLDER in path.parts[:-2] else None
