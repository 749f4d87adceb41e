"""Reports for people, in 80 columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, tzinfo
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from codesession.cli.fitting import GAP, LEAST_WIDTH, taken
from codesession.cli.output import plain
from codesession.cli.render import compact
from codesession.cli.report_files import remarks
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


_Cell = str | Text
_NUMBERS = ("Calls", "Input", "Cached", "Output", "Cost")
_DROPPED_FIRST = (1, 4, 2, 3, 5)
"""What a narrow terminal does without: models, cached tokens, calls, input, output."""


_DATE = re.compile(r"-\d{8}$")


def show_report(
    console: Console, report: Report, zone: tzinfo, currency: Currency | None, *, filtered: bool = False
) -> None:
    """A table with its total, and what is not exact about it; `filtered`: only some calls were asked for."""
    if not report.rows:
        console.print(_nothing(report, filtered=filtered))
        return
    table = _Columns(report.kind)
    for row in report.rows:
        _add(table, report, row, zone, currency)
    table.add("Total", "", _amounts(report.totals, currency), style="bold")
    console.print(table.fitted(console.width))
    if active := next((row for row in report.rows if row.burn is not None), None):
        _show_burn(console, active.burn, currency)
    for line in _remarks(report, currency):
        console.print(Text(line, style="dim"), overflow="fold")


def _nothing(report: Report, *, filtered: bool) -> str:
    """Why there are no rows; calls that belong to no conversation are no row of that report."""
    rows = "conversation" if report.kind == "conversation" else "call"
    if filtered:
        return f"No {rows} matches these filters."
    if report.since or report.until:
        return f"No {rows} in that time."
    return f"No {rows} recorded yet. `cs import` reads what agents have logged."


class _Columns:
    """
    Two columns of words and five of numbers, in a given width.

    Numbers are never cut: the words share what the numbers leave, and what finds no room is left out.
    """

    def __init__(self, kind: str) -> None:
        self._heads = (_HEADS[kind], "Provider" if kind == "model" else "Models", *_NUMBERS)
        self._first_is_short = kind in _NARROW
        self._rows: list[tuple[tuple[_Cell, ...], str]] = []

    def add(self, first: _Cell, second: _Cell, numbers: tuple[_Cell, ...], *, style: str = "") -> None:
        """One line."""
        self._rows.append(((first, second, *numbers), style))

    def fitted(self, width: int) -> Table:
        """The table for a terminal of `width` columns."""
        widths = self._widths(width)
        table = Table(box=None, padding=(0, GAP, 0, 0), header_style="dim", pad_edge=False)
        shown = [column for column, room in enumerate(widths) if room]
        for column in shown:
            align: Literal["left", "right"] = "left" if column < 2 else "right"
            table.add_column(
                self._heads[column], justify=align, no_wrap=True, overflow="ellipsis", width=widths[column]
            )
        for cells, style in self._rows:
            first = cells[0] if widths[1] else _first_of(cells)
            table.add_row(first, *(cells[column] for column in shown[1:]), style=style)
        return table

    def _widths(self, width: int) -> list[int]:
        """The width of every column; 0 for one that is left out."""
        lines = [self._heads, *(cells for cells, _ in self._rows)]
        wanted = [max(cell_len(str(cells[column])) for cells in lines) for column in range(len(self._heads))]
        least = [min(wanted[0], wanted[0] if self._first_is_short else LEAST_WIDTH), min(wanted[1], LEAST_WIDTH)]
        widths = [*least, *wanted[2:]]
        for column in _DROPPED_FIRST:
            if taken(widths) > width:
                widths[column] = 0
        if not widths[1]:
            wanted[0] = max(cell_len(str(_first_of(cells))) for cells in lines)
        widths[0] = max(1, widths[0] - max(0, taken(widths) - width))
        room = max(0, width - taken(widths))
        more = min(room, wanted[0] - widths[0])
        if widths[1]:
            more = min(more, max(room - (wanted[1] - widths[1]), room * 3 // 5))
            widths[1] += min(room - more, wanted[1] - widths[1])
        widths[0] += more
        return widths


def _first_of(cells: tuple[_Cell, ...]) -> _Cell:
    """The first word of a line that lacks the second column: the name of a part does not go with it."""
    return cells[0] or cells[1]


def _add(table: _Columns, report: Report, row: ReportRow, zone: tzinfo, currency: Currency | None) -> None:
    second = plain(row.provider or "") if report.kind == "model" else _models(row.models)
    table.add(_name(report.kind, row, zone), second, _amounts(row.totals, currency))
    short = report.kind in _NARROW
    for part in row.breakdown:
        name = f"└ {plain(part.name or '(unknown)')}"
        words = ("", name) if short else (name, plain(part.provider or ""))
        table.add(*words, _amounts(part.totals, currency), style="dim")
    if row.subagents is not None and row.subagents.requests:
        words = ("", "of it sub-agents") if short else ("of it sub-agents", "")
        table.add(*words, _amounts(row.subagents, currency), style="dim italic")


def _name(kind: str, row: ReportRow, zone: tzinfo) -> Text:
    if kind == "blocks" and row.span is not None:
        start, end = (datetime.fromtimestamp(at // 1000, zone) for at in (row.span.start_ms, row.span.end_ms))
        return Text(f"{start:%Y-%m-%d %H:%M}-{end:%H:%M}", style="bold" if row.active else "")
    if row.label is None:
        return Text("(no session)" if kind == "session" else "(unknown)", style="dim")
    if kind == "project":
        return Text(plain(_project(row.label)))
    if kind == "session" and row.session is not None:
        return Text(f"{row.session.id} ", style="dim") + Text(plain(row.label))
    if kind == "conversation" and row.conversation_id not in (None, row.label):
        return Text(f"{plain(row.conversation_id or '')[:8]} ", style="dim") + Text(plain(row.label))
    return Text(plain(row.label))


def _project(path: str) -> str:
    """The last two parts: enough to know it by."""
    parts = PurePath(path).parts
    return path if len(parts) < 4 else str(PurePath("…", *parts[-2:]))


def _models(models: Sequence[str]) -> str:
    """Short names: without the vendor's word and the date of the version."""
    return ", ".join(dict.fromkeys(_DATE.sub("", plain(model).removeprefix("claude-")) for model in models))


def _amounts(totals: UsageTotals, currency: Currency | None) -> tuple[_Cell, ...]:
    counts = (totals.input_tokens, totals.cache_read_input_tokens, totals.output_tokens)
    return (f"{totals.requests:,}", *(compact(tokens) for tokens in counts), cost_text(totals, currency))


def cost_text(totals: UsageTotals, currency: Currency | None) -> Text:
    """The known cost, with a mark when the true one is higher."""
    return Text(totals.cost_text(currency), style="yellow" if totals.known_cost_picousd is None else "")


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
    said = remarks(report)
    if report.kind in _NARROW:
        said.append(f"Times as in {report.timezone}.")
    if currency is not None:
        total = format_usd(report.totals.known_cost_picousd)
        said.append(f"1 US dollar = {currency.rate} {currency.code}; the total is {total}.")
    return said
