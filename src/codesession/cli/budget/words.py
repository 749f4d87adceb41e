"""Budgets for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from codesession.cli.output import count, plain
from codesession.domain.budget import BudgetAction, BudgetScope
from codesession.domain.money import format_at_least, format_usd

if TYPE_CHECKING:
    from rich.console import Console

    from codesession.domain.budget import Budget, Standing


_BEGIN = "Set one with: cs budget set 10 --period day"
"""One that needs no open session."""
_ROOMY = 60
"""A narrower terminal does without what a budget does at its end: its name could not be read any more."""


def was_set(console: Console, standing: Standing) -> None:
    """What `cs budget set` did, and what it means."""
    status(console, [standing])


def status(console: Console, standings: Sequence[Standing]) -> None:
    """Each budget with everything that is known of it."""
    if not standings:
        console.print(f"No budget holds here. {_BEGIN}")
        return
    for standing in standings:
        console.print(Text(_headline(standing), style="bold"), overflow="fold")
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(width=0)
        grid.add_column(style="dim", no_wrap=True)
        grid.add_column(justify="right", no_wrap=True)
        grid.add_column(style="dim", overflow="fold")
        for what, amount, note in _lines(standing):
            grid.add_row("", what, amount, note)
        console.print(grid)


def _headline(standing: Standing) -> str:
    budget = standing.budget
    mark = "stopped: " if standing.stops else ""
    each = f", session {standing.session_id}" if budget.session_id is None and standing.session_id else ""
    return f"{mark}{name(budget)}: {format_usd(standing.limit_picousd)} for {covers(budget)}{each}"


def name(budget: Budget) -> str:
    """`budget 3`, `budget 3 "nightly"`: the number is what other commands take."""
    return f'budget {budget.id} "{plain(budget.name)}"' if budget.name else f"budget {budget.id}"


def _lines(standing: Standing) -> list[tuple[str, str, str]]:
    inexact = ", ".join(_inexact(standing))
    lines = [("Spent", format_at_least(standing.spent_picousd, partial=bool(inexact)), inexact)]
    if standing.calls_held:
        why = f"{count(standing.calls_held, 'call')} whose cost is not known or whose process ended; counts as spent"
        lines.append(("Held", format_usd(standing.held_picousd), why))
    lines.append(
        ("Reserved", format_usd(standing.reserved_picousd), f"{count(standing.calls_under_way, 'call')} under way")
    )
    lines.append(("Remaining", _at_most(standing.remaining_picousd, standing), ""))
    lines.append(("Overshoot at most", *_overshoot(standing)))
    if standing.extra_picousd:
        lines.append(("Allowed on top", format_usd(standing.extra_picousd), "in this period"))
    if standing.is_paused and standing.paused_until_ms is not None:
        until = datetime.fromtimestamp(standing.paused_until_ms / 1000).astimezone()
        lines.append(("Stops nothing until", f"{until:%Y-%m-%d %H:%M}", ""))
    return lines


def _inexact(standing: Standing) -> Iterator[str]:
    """Why more may have been spent than is known."""
    if standing.unpriced_requests:
        yield f"and {count(standing.unpriced_requests, 'call')} without a price"
    if standing.lower_bound_requests:
        yield f"{count(standing.lower_bound_requests, 'call')} at least"


def _overshoot(standing: Standing) -> tuple[str, str]:
    most, budget = standing.max_overshoot_picousd, standing.budget
    if budget.action is BudgetAction.WARN:
        return "any", "it warns and stops nothing"
    if budget.strict:
        return format_usd(0), "strict: a call begins only if it fits for certain"
    if most is None:
        return "one call", "the last one that begins while something is left"
    return format_usd(most), "what the largest call so far could have cost"


def covers(budget: Budget) -> str:
    """What a budget is for: `everything per day, claude-code only`"""
    whose = {
        BudgetScope.SESSION: "each session" if budget.session_id is None else f"session {budget.session_id}",
        BudgetScope.PROJECT: plain(budget.project or ""),
        BudgetScope.GLOBAL: "everything",
    }[budget.scope]
    per = "" if budget.period == "total" else f" per {budget.period}"
    only = f", {plain(budget.agent_name)} only" if budget.agent_name else ""
    return f"{whose}{per}{only}"


def table(console: Console, standings: Sequence[Standing]) -> None:
    """Every budget, one line each."""
    if not standings:
        console.print(f"No budget is set. {_BEGIN}")
        return
    found = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for number in ("ID", "Limit", "Used"):
        found.add_column(number, justify="right", no_wrap=True)
    found.add_column("Budget", overflow="fold")
    if console.width >= _ROOMY:
        found.add_column("At the end", no_wrap=True)
    for standing in standings:
        budget = standing.budget
        called = f"{plain(budget.name)}: " if budget.name else ""
        used = "-" if budget.scope is BudgetScope.SESSION and budget.session_id is None else _used(standing)
        end = "warn" if budget.action is BudgetAction.WARN else "stop, strict" if budget.strict else "stop"
        cells = (str(budget.id), format_usd(standing.limit_picousd), used, called + covers(budget), end)
        found.add_row(*cells[: len(found.columns)])
    console.print(found)


def _used(standing: Standing) -> str:
    return format_at_least(standing.used_picousd, partial=standing.is_partial)


def _at_most(left: int, standing: Standing) -> str:
    return ("≤ " if standing.is_partial else "") + format_usd(left)


def refused(standings: Sequence[Standing], cost_picousd: int) -> str:
    """Every budget that has no room for a cost, and what it has left."""
    return "; ".join(_no_room(each, cost_picousd) for each in standings if each.leaves_no_room(cost_picousd))


def way_out(standings: Sequence[Standing], cost_picousd: int) -> str:
    """What to do about a refusal; the end of a session frees nothing of a budget that others spend, too."""
    stopping = [each.budget.scope for each in standings if each.leaves_no_room(cost_picousd)]
    ending = all(scope is BudgetScope.SESSION for scope in stopping)
    return f"allow more with `cs budget allow +USD` or `--until TIME`{', or end the session with `cs end`' * ending}"


def _no_room(standing: Standing, cost_picousd: int) -> str:
    limit, used = format_usd(standing.limit_picousd), standing.used_picousd
    if standing.is_exhausted:
        said = f"{limit} is used up, {format_at_least(used, partial=standing.is_partial)} spent"
    else:
        left = _at_most(standing.limit_picousd - used, standing)
        said = f"{left} of {limit} left, too little for {format_usd(cost_picousd)}"
    return f"{name(standing.budget)} for {covers(standing.budget)}: {said}"


def fine(console: Console, standings: Sequence[Standing]) -> None:
    """What `cs budget check` says when something is left."""
    if not standings:
        console.print("No budget holds here.")
    for standing in standings:
        left = _at_most(max(0, standing.remaining_picousd), standing)
        console.print(f"{name(standing.budget)}: {left} of {format_usd(standing.limit_picousd)} left")
