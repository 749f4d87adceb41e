"""
Agents that log running totals instead of calls: what every snapshot added to the one before.

The first snapshot adds all it has, a later one the difference; a total that fell began anew. Which addition it is
makes the identity, so a snapshot read again, or a larger one read before its predecessor was remembered, is the
same row grown, never a second one.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from codesession.domain.usage import TokenUsage

NO_USAGE = TokenUsage()
ESTIMATE = "from a running total of the session: single calls, and their place in long-context bands, are not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What a snapshot added; `step` names the addition among those of its total."""

    usage: TokenUsage
    step: str


class Totals:
    """Running totals by name, with what was booked of each. `memory` is kept in place: JSON values."""

    def __init__(self, memory: dict[str, Any]) -> None:
        self._memory = memory

    def added(self, name: str, total: TokenUsage) -> Added | None:
        """What a snapshot adds; None when that is nothing."""
        known = self._memory.get(name) or {}
        booked, turn = TokenUsage(**known.get("booked", {})), known.get("turn", 0)
        if total.input_tokens < booked.input_tokens or total.output_tokens < booked.output_tokens:
            booked, turn = NO_USAGE, turn + 1
        usage = _difference(total, booked)
        self._memory[name] = {"turn": turn, "booked": _nonzero(total)}
        if usage.total_tokens == 0:
            return None
        return Added(usage=usage, step=f"{turn}.{booked.total_tokens}")


def _difference(total: TokenUsage, booked: TokenUsage) -> TokenUsage:
    """Field by field; a part that shrank while its whole grew adds nothing, and fits the whole."""
    added = {f.name: max(0, getattr(total, f.name) - getattr(booked, f.name)) for f in fields(total)}
    added["cache_read_input_tokens"] = min(added["cache_read_input_tokens"], added["input_tokens"])
    uncached = added["input_tokens"] - added["cache_read_input_tokens"]
    added["cache_write_input_tokens"] = min(added["cache_write_input_tokens"], uncached)
    added["cache_write_1h_input_tokens"] = min(added["cache_write_1h_input_tokens"], added["cache_write_input_tokens"])
    added["reasoning_output_tokens"] = min(added["reasoning_output_tokens"], added["output_tokens"])
    return TokenUsage(**added)


def _nonzero(usage: TokenUsage) -> dict[str, int]:
    return {f.name: value for f in fields(usage) if (value := getattr(usage, f.name))}
