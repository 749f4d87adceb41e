"""What an import found, for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from codesession.cli.render import compact, count
from codesession.domain.money import format_usd

if TYPE_CHECKING:
    from rich.console import Console

    from codesession.services.importing.outcome import AgentImport, ImportOutcome

_COLUMNS = ("files", "calls", "new", "repeated", "at least", "unpriced", "unreadable", "tokens", "cost")
_NAMED = 10


def outcome(console: Console, found: ImportOutcome) -> None:
    """One row per agent."""
    if not found.agents:
        console.print("No logs of any known agent were found. `cs import --path DIR` looks elsewhere.")
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("agent")
    for name in _COLUMNS:
        table.add_column(name, justify="right")
    for agent in found.agents:
        table.add_row(agent.title, *_cells(agent))
    console.print(table)
    new = sum(agent.new_calls for agent in found.agents)
    if found.dry_run:
        console.print(f"{count(new, 'call')} would be imported.")
    elif any(agent.totals.lower_bound_calls for agent in found.agents):
        console.print("at least: the log holds only a part of the output; the true cost is higher.", style="dim")


def unreadable(found: ImportOutcome) -> Iterator[str]:
    """The first unreadable lines by file and number."""
    lines = [line for agent in found.agents for line in agent.unreadable]
    for line in lines[:_NAMED]:
        yield f"{line.path}:{line.number}: {line.reason}"
    total = sum(agent.totals.bad_lines for agent in found.agents)
    if total > len(lines[:_NAMED]):
        yield f"{total - len(lines[:_NAMED])} more unreadable lines; --json names more of them"


def _cells(agent: AgentImport) -> list[str]:
    totals = agent.totals
    figures = (
        agent.files,
        totals.calls,
        agent.new_calls,
        agent.duplicates,
        totals.lower_bound_calls,
        totals.unpriced_calls,
        totals.bad_lines,
    )
    priced = totals.calls > totals.unpriced_calls
    cost = format_usd(totals.cost_picousd) if priced or not totals.calls else "unpriced"
    return [*(f"{figure:,}" if figure else "-" for figure in figures), compact(totals.total_tokens), cost]
