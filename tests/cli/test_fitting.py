"""Tables give up words and columns before digits."""

from __future__ import annotations

import pytest
from rich.console import Console

from codesession.cli.fitting import Fitted, taken


def printed(width: int, *, heads: bool = True, expand: bool = False) -> list[str]:
    table = Fitted(
        [("Name", "wide"), ("Calls", "number"), ("Cost", "number")], left_out=([1],), heads=heads, expand=expand
    )
    table.add_row("a-name-of-twenty-let", "12,345", "≥ $1,234.00")
    table.add_row("short", "1", "$0.00")
    console = Console(width=width, color_system=None, force_terminal=False, highlight=False)
    with console.capture() as captured:
        console.print(table)
    return [line.rstrip() for line in captured.get().splitlines()]


@pytest.mark.parametrize("width", [14, 20, 25, 30, 41, 80])
def test_money_is_whole_at_any_width(width: int) -> None:
    """And no line is wider than the terminal."""
    lines = printed(width)
    assert len(lines) == 3
    assert "≥ $1,234.00" in lines[1]
    assert all(len(line) <= width for line in lines)


def test_lesser_columns_go_before_words_are_cut_to_nothing() -> None:
    """Both numbers where there is room for eight letters of the name; all of it where there is room for all."""
    assert printed(41)[1] == "a-name-of-twenty-let  12,345  ≥ $1,234.00"
    assert printed(29)[1] == "a-name-…  12,345  ≥ $1,234.00"
    assert printed(28)[0] == "Name                    Cost"
    assert printed(28)[1] == "a-name-of-twen…  ≥ $1,234.00"


def test_a_number_that_fits_nowhere_goes_on_below() -> None:
    """Rather than losing its end, which would make it another number."""
    assert "".join(line.strip() for line in printed(8, heads=False)).replace(" ", "").count("234.00") == 1


def test_words_that_are_left_out_stay_out() -> None:
    """Their room is for the others."""
    table = Fitted([("Name", "wide"), ("Who", "wide"), ("Cost", "number")], left_out=([1],))
    table.add_row("a-name-of-twenty-let", "somebody", "$1.00")
    console = Console(width=24, color_system=None, force_terminal=False, highlight=False)
    with console.capture() as captured:
        console.print(table)
    assert captured.get().split() == ["a-name-of-twenty…", "$1.00"]


def test_an_expanded_table_fills_the_line() -> None:
    """So that what is drawn again and again does not move."""
    assert len(printed(80, expand=True)[1]) == 80
    assert len(printed(80)[1]) == 41


def test_what_is_left_out_takes_no_room() -> None:
    """Nor does the gap beside it."""
    assert (taken([8, 0, 4]), taken([8, 3, 4])) == (14, 19)
