"""
Agents that log running totals instead of calls: what every snapshot added to the one before.

The first snapshot adds all it has, a later one the difference; a total that fell began anew. What is booked of a
total is known to the ledger as well as to the file's own memory, and the larger counts: so a home that is there
twice, a lost memory or a part that was left out as too old never book anything a second time. Which addition it is
makes the identity.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from codesession.domain.usage import TokenUsage
from codesession.importers.base import nothing_booked

NO_USAGE = TokenUsage()
ESTIMATE = "from a running total of the session: single calls, and their place in long-context bands, are not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What a snapshot added; `step` names the addition among those of its total."""

    usage: TokenUsage
    step: str
    books: tuple[str, str]
    """For `Sighting.books`."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A total as it was once seen; `turn` counts how often it began anew."""

    turn: int
    usage: TokenUsage

    def covers(self, total: TokenUsage) -> bool:
        """Whether nothing of a total is new."""
        return total.input_tokens <= self.usage.input_tokens and total.output_tokens <= self.usage.output_tokens

    def json(self) -> dict[str, Any]:
        """For a memory."""
        return {
            "turn": self.turn,
            "usage": {f.name: n for f in fields(self.usage) if (n := getattr(self.usage, f.name))},
        }


class Totals:
    """
    Running totals by name.

    `memory` is kept in place, JSON values: what the file showed last. `booked` asks the ledger what it holds.
    """

    def __init__(self, memory: dict[str, Any], booked: Callable[[str], str | None] = nothing_booked) -> None:
        self._memory = memory
        self._booked = booked

    def added(self, name: str, total: TokenUsage) -> Added | None:
        """What a snapshot adds; None when that is nothing."""
        shown = _known(self._memory.get(name))
        if shown is not None and shown.usage == total:
            return None
        held = _known(json.loads(self._booked(name) or "null"))
        turn = _turn(shown, held, total)
        self._memory[name] = _Known(turn, total).json()
        if held is not None and held.turn > turn:  # an older state of what began anew since
            return None
        mine = [known for known in (held, shown) if known is not None and known.turn == turn]
        base = max(mine, key=lambda known: known.usage.total_tokens, default=_Known(turn, NO_USAGE))
        usage = _difference(total, base.usage)
        if base.covers(total) or usage.total_tokens == 0:
            return None
        before = held.usage if held is not None and held.turn == turn else NO_USAGE
        books = json.dumps(_Known(turn, before + usage).json(), separators=(",", ":"))
        return Added(usage=usage, step=f"{turn}.{base.usage.total_tokens}", books=(name, books))


def _turn(shown: _Known | None, held: _Known | None, total: TokenUsage) -> int:
    """
    How often the total has begun anew.

    Only the file that once showed more can tell; elsewhere a smaller total is an older state.
    """
    if shown is None:
        return 0 if held is None else held.turn
    fell = total.input_tokens < shown.usage.input_tokens or total.output_tokens < shown.usage.output_tokens
    return shown.turn + fell


def _known(memory: Any) -> _Known | None:
    return _Known(memory["turn"], TokenUsage(**memory["usage"])) if memory else None


def _difference(total: TokenUsage, booked: TokenUsage) -> TokenUsage:
    """Field by field; a part that shrank while its whole grew adds nothing, and fits the whole."""
    added = {f.name: max(0, getattr(total, f.name) - getattr(booked, f.name)) for f in fields(total)}
    added["cache_read_input_tokens"] = min(added["cache_read_input_tokens"], added["input_tokens"])
    uncached = added["input_tokens"] - added["cache_read_input_tokens"]
    added["cache_write_input_tokens"] = min(added["cache_write_input_tokens"], uncached)
    added["cache_write_1h_input_tokens"] = min(added["cache_write_1h_input_tokens"], added["cache_write_input_tokens"])
    added["reasoning_output_tokens"] = min(added["reasoning_output_tokens"], added["output_tokens"])
    return TokenUsage(**added)
