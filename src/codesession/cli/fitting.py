"""Tables that fit a narrow terminal: words are cut, lesser columns left out, and of a number no digit is lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

Kind = Literal["wide", "text", "number"]
GAP = 2
LEAST_WIDTH = 8
"""A column of words narrower than this says nothing."""


def taken(widths: Iterable[int]) -> int:
    """How wide columns are together; 0 is one that is left out."""
    shown = [width for width in widths if width]
    return sum(shown) + GAP * (len(shown) - 1)


class Fitted:
    """
    A table that is laid out when the width is known.

    `columns` are heads and kinds: `wide` is cut where space is short. `left_out` are the columns that a terminal does
    without, the first of them first; those that say nothing without each other go together.
    """

    def __init__(
        self,
        columns: Sequence[tuple[str, Kind]],
        left_out: Sequence[Sequence[int]] = (),
        *,
        heads: bool = False,
        expand: bool = False,
    ) -> None:
        self._columns = columns
        self._left_out = left_out
        self._heads = heads
        self._expand = expand
        self._rows: list[Sequence[str | Text]] = []

    def add_row(self, *cells: str | Text) -> None:
        """One line."""
        self._rows.append(cells)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The table for this width."""
        widths = self._widths(options.max_width)
        table = Table(box=None, padding=(0, GAP, 0, 0), header_style="dim", pad_edge=False, show_header=self._heads)
        shown = [number for number, width in enumerate(widths) if width]
        for number in shown:
            head, kind = self._columns[number]
            cut = kind != "number"
            table.add_column(
                head,
                justify="left" if cut else "right",
                no_wrap=cut,
                overflow="ellipsis" if cut else "fold",
                width=widths[number],
            )
        for cells in self._rows:
            table.add_row(*(cells[number] for number in shown))
        yield table

    def _widths(self, room: int) -> list[int]:
        wanted = [self._wanted(number) for number in range(len(self._columns))]
        wide = [kind == "wide" for _, kind in self._columns]
        widths = [min(each, LEAST_WIDTH) if gives else each for each, gives in zip(wanted, wide, strict=True)]
        for group in self._left_out:
            if taken(widths) <= room:
                break
            for number in group:
                widths[number] = 0
        for number, gives in enumerate(wide):
            if gives and widths[number]:
                most = room if self._expand else wanted[number]
                widths[number] = max(1, min(most, widths[number] + room - taken(widths)))
        return widths

    def _wanted(self, number: int) -> int:
        head, _ = self._columns[number]
        lines = [head] if self._heads else []
        return max((cell_len(str(cell)) for cell in [*lines, *(cells[number] for cells in self._rows)]), default=0)
