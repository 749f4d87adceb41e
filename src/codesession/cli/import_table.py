"""What an import found, for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from codesession.cli.output import count
from codesession.cli.render import compact
from codesession.domain.money import format_at_least

if TYPE_CHECKING:
    from rich.console import Console

    from codesession.services.importing.outcome import AgentImport, ImportOutcome

_ALWAYS = ("files", "calls", "new", "tokens", "cost")
"""The other columns are there when they have something to say."""
_LEFT_OUT = ("repeated", "files", "tokens", "unreadable", "calls", "at least", "unpriced", "new")
"""What a narrow terminal does without."""
_NAMED = 10
_NOTHING = "-"


def outcome(console: Console, found: ImportOutcome) -> None:
    """One row per agent."""
    if not found.agents:
        console.print("No logs of any known agent were found. `cs import --path DIR` looks elsewhere.")
        return
    from codesession.cli.fitting import Fitted

    rows = [_cells(agent) for agent in found.agents]
    shown = [name for name in rows[0] if name in _ALWAYS or any(row[name] != _NOTHING for row in rows)]
    left_out = [[shown.index(name) + 1] for name in _LEFT_OUT if name in shown]
    table = Fitted([("agent", "wide"), *((name, "number") for name in shown)], left_out, heads=True)
    for agent, row in zip(found.agents, rows, strict=True):
        table.add_row(agent.title, *(row[name] for name in shown))
    console.print(table)
    new = sum(agent.new_calls for agent in found.agents)
    if found.dry_run:
        console.print(f"{count(new, 'call')} would be imported.")
    elif partial := sum(agent.totals.lower_bound_calls for agent in found.agents):
        words = f"Of {count(partial, 'call')} the log holds only a part of the output: the true cost is higher."
        console.print(words, style="dim")


def problems(found: ImportOutcome) -> Iterator[str]:
    """Why files could not be read to their end, the first of them."""
    named = [problem for agent in found.agents for problem in agent.problems]
    yield from named[:_NAMED]
    if len(named) > _NAMED:
        yield f"{len(named) - _NAMED:,} more files could not be read to their end; --json names them"


def unreadable(found: ImportOutcome) -> Iterator[str]:
    """The first unreadable lines by file and number."""
    lines = [line for agent in found.agents for line in agent.unreadable]
    for line in lines[:_NAMED]:
        yield f"{line.path}:{line.number}: {line.reason}"
    total = sum(agent.totals.bad_lines for agent in found.agents)
    if total > len(lines[:_NAMED]):
        yield f"{total - len(lines[:_NAMED])} more unreadable lines; --json names more of them"


def _cells(agent: AgentImport) -> dict[str, str]:
    totals = agent.totals
    figures = {
        "files": agent.files,
        "calls": totals.calls,
        "new": agent.new_calls,
        "repeated": agent.duplicates,
        "at least": totals.lower_bound_calls,
        "unpriced": totals.unpriced_calls,
        "unreadable": totals.bad_lines,
    }
    cost = format_at_least(totals.cost_picousd, partial=bool(totals.unpriced_calls or totals.lower_bound_calls))
    priced = totals.calls > totals.unpriced_calls
    return {
        **{name: f"{figure:,}" if figure else _NOTHING for name, figure in figures.items()},
        "tokens": compact(totals.total_tokens),
        "cost": cost if priced or not totals.calls else "unpriced",
    }
