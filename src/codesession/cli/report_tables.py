"""Reports for people, in 80 columns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from pathlib import PurePath
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from codesession.cli.output import plain
from codesession.cli.render import compact, count
from codesession.cli.report_files import incomplete
from codesession.contract import format_duration
from codesession.domain.money import format_usd

if TYPE_CHECKING:
    from rich.console import Console

    from codesession.domain.report import Burn, Currency, Report, ReportRow, UsageTotals

_HEADS = {
    "daily": "Date",
    "weekly": "Week of",
    "monthly": "Month",
    "model": "Model",
    "agent": "Agent",
    "project": "Project",
    "session": "Session",
    "conversation": "Conversation",
    "blocks": "Window",
}
_NARROW = frozenset({"daily", "weekly", "monthly", "blocks"})
"""Reports whose first column is short, so that the models get the room."""


def show_report(console: Console, report: Report, zone: tzinfo, currency: Currency | None) -> None:
    """A table with its total, and what the total leaves out."""
    if not report.rows:
        console.print("Nothing was used in that time." if report.since or report.until else "No call recorded yet.")
        return
    table = _table(report.kind)
    for row in report.rows:
        _add(table, report, row, zone, currency)
    table.add_section()
    table.add_row(Text("Total", style="bold"), "", *_amounts(report.totals, currency), style="bold")
    console.print(table)
    if active := next((row for row in report.rows if row.burn is not None), None):
        _show_burn(console, active.burn, currency)
    for line in _remarks(report, currency):
        console.print(Text(line, style="dim"), overflow="fold")


def _table(kind: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    second = "Provider" if kind == "model" else "Models"
    if kind in _NARROW:
        table.add_column(_HEADS[kind], no_wrap=True)
        table.add_column(second, no_wrap=True, overflow="ellipsis", ratio=1, min_width=8)
    else:
        table.add_column(_HEADS[kind], no_wrap=True, overflow="ellipsis", ratio=3, min_width=10)
        table.add_column(second, no_wrap=True, overflow="ellipsis", ratio=2, min_width=8)
    for name in ("Calls", "Input", "Cached", "Output", "Cost"):
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _add(table: Table, report: Report, row: ReportRow, zone: tzinfo, currency: Currency | None) -> None:
    second = plain(row.provider or "") if report.kind == "model" else _models(row.models)
    table.add_row(_name(report.kind, row, zone), second, *_amounts(row.totals, currency))
    for part in row.breakdown:
        name = Text(f"└ {plain(part.name or 'unknown')}")
        cells = ("", name) if report.kind in _NARROW else (name, plain(part.provider or ""))
        table.add_row(*cells, *_amounts(part.totals, currency), style="dim")
    if row.subagents is not None and row.subagents.requests:
        cells = ("", Text("sub-agents")) if report.kind in _NARROW else (Text("sub-agents"), "")
        table.add_row(*cells, *_amounts(row.subagents, currency), style="dim italic")


def _name(kind: str, row: ReportRow, zone: tzinfo) -> Text:
    if kind == "blocks" and row.span is not None:
        start, end = (datetime.fromtimestamp(at // 1000, zone) for at in (row.span.start_ms, row.span.end_ms))
        return Text(f"{start:%Y-%m-%d %H:%M}-{end:%H:%M}", style="bold" if row.active else "")
    if row.label is None:
        return Text("(no session)" if kind == "session" else "(unknown)", style="dim")
    if kind == "project":
        return Text(plain(_project(row.label)))
    if kind == "session" and row.session is not None:
        return Text(f"{row.session.id} ", style="dim") + Text(plain(row.label), style="default")
    return Text(plain(row.label))


def _project(path: str) -> str:
    """The last two parts: enough to know it by."""
    parts = PurePath(path).parts
    return path if len(parts) < 4 else str(PurePath("…", *parts[-2:]))


def _models(models: Sequence[str]) -> str:
    return ", ".join(plain(model.removeprefix("claude-")) for model in models)


def _amounts(totals: UsageTotals, currency: Currency | None) -> tuple[str | Text, ...]:
    counts = (totals.input_tokens, totals.cache_read_input_tokens, totals.output_tokens)
    return (f"{totals.requests:,}", *(compact(tokens) for tokens in counts), cost_text(totals, currency))


def cost_text(totals: UsageTotals, currency: Currency | None) -> Text:
    """The known cost, with a mark when the true one is higher."""
    known = totals.known_cost_picousd
    if known is None:
        return Text("unpriced", style="yellow")
    mark = "≥ " if totals.is_partial else ""
    return Text(mark + (format_usd(known) if currency is None else currency.format(known)))


def _show_burn(console: Console, burn: Burn | None, currency: Currency | None) -> None:
    if burn is None:
        return
    money = format_usd if currency is None else currency.format
    console.print()
    console.print(
        f"Open window: {compact(burn.tokens_per_minute)} tokens a minute, {money(burn.cost_per_hour_picousd)} an hour; "
        f"at that pace {money(burn.projected_cost_picousd)} and {compact(burn.projected_tokens)} tokens "
        f"in {format_duration(burn.remaining_ms)}."
    )


def _remarks(report: Report, currency: Currency | None) -> list[str]:
    said = []
    if (missing := incomplete(report.totals)) is not None:
        said.append(missing)
    if report.rows_found > len(report.rows):
        said.append(f"{len(report.rows):,} of {count(report.rows_found, 'row')}; --last N shows more.")
    if report.kind in _NARROW:
        said.append(f"Days as in {report.timezone}.")
    if currency is not None:
        total = format_usd(report.totals.known_cost_picousd)
        said.append(f"1 US dollar = {currency.rate} {currency.code}; the total is {total}.")
    return said
