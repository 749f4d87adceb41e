"""What an import tells: totals per agent and path, so that importing twice tells the same."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from operator import attrgetter

from codesession.domain.facts import fact, names
from codesession.domain.imports import ImportTotals


@fact(frozen=True, slots=True, kw_only=True)
class UnreadableLine:
    """A line nobody could read."""

    path: str
    number: int
    reason: str


@fact(frozen=True, slots=True, kw_only=True)
class AgentImport:
    """What is known of one agent after an import: everything imported for it from these places."""

    agent_name: str
    title: str
    roots: tuple[str, ...]
    files: int
    read_files: int
    """Files that had something new."""
    new_calls: int
    totals: ImportTotals
    unreadable: tuple[UnreadableLine, ...] = ()
    """The first ones by name; `totals.bad_lines` counts all."""
    problems: tuple[str, ...] = ()
    """Files that could not be opened or read to their end."""

    @property
    def duplicates(self) -> int:
        """Lines that repeated a call."""
        return max(0, self.totals.lines - self.totals.calls)


@fact(frozen=True, slots=True, kw_only=True)
class ImportOutcome:
    """One run over all agents that were asked for or found."""

    agents: tuple[AgentImport, ...]
    dry_run: bool = False
    problem: str | None = None
    """Why calls were left unpriced, where the price file is to blame."""


_FIGURES = names(ImportTotals)
_figures = attrgetter(*_FIGURES)
NAMED = 50
"""Unreadable lines named per agent."""


def summed(
    totals: Mapping[str, tuple[ImportTotals, str]], roots: Iterable[str]
) -> tuple[ImportTotals, tuple[UnreadableLine, ...]]:
    """Everything imported from below some folders, and the unreadable lines that were named."""
    parts: list[ImportTotals] = []
    named: list[UnreadableLine] = []
    below = tuple(root if root.endswith(os.sep) else root + os.sep for root in roots)
    for path, (part, bad) in sorted(totals.items()):
        if f"{path}{os.sep}".startswith(below):
            parts.append(part)
            if bad and len(named) < NAMED:
                named.extend(UnreadableLine(path=path, number=n, reason=why) for n, why in json.loads(bad))
    sums = map(sum, zip(*map(_figures, parts), strict=True))
    total = ImportTotals(**dict(zip(_FIGURES, sums, strict=True))) if parts else ImportTotals()
    return total, tuple(named[:NAMED])
