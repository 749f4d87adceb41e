"""Exports survive other programs' readers."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest

from codesession.cli import exporting
from codesession.cli.exporting import CSV_COLUMNS
from support.shell import Answer

Cs = Callable[..., Answer]
NASTY = [
    'quote " comma , semicolon ;',
    "line\nbreak\r\nand return",
    "tab\tinside",
    "ünïcode 🤖 日本語",
    'ends with quote"',
    " leading space",
    "plain",
]
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("http://x","y")']


def record(cs: Cs) -> dict[str, str]:
    """The newest session's row as a CSV reader sees it, and as the standard writes it."""
    text = cs("export", "--format", "csv").out
    header, row, *_ = csv.reader(io.StringIO(text, newline=""))
    assert tuple(header) == CSV_COLUMNS
    return dict(zip(header, row, strict=True))


@pytest.mark.parametrize("name", NASTY)
def test_names_come_back_from_a_csv_reader(cs: Cs, name: str) -> None:
    """RFC 4180: quotes doubled, line breaks inside quotes."""
    cs("start", "--json", "--", name)
    cs("end", "--json", "-n", name)
    found = record(cs)
    assert (found["name"], found["notes"], found["status"]) == (name, name, "completed")


@pytest.mark.parametrize("name", FORMULAS)
def test_formulas_are_defused(cs: Cs, name: str) -> None:
    """A spreadsheet that opens the file must not run what an agent wrote; the text stays readable."""
    cs("start", "--json", "--", name)
    cs("log-ai", "-p", "x", "-m", "y", "-t", "1", "-c", "1", "--json", "--agent", name)
    found = record(cs)
    assert found["name"] == found["agents"] == "'" + name


def test_csv_lines_end_as_the_standard_says(cs: Cs) -> None:
    """CRLF, and the header is there even when nothing else is."""
    assert cs("export", "--format", "csv").out == ",".join(CSV_COLUMNS) + "\r\n"


@pytest.mark.parametrize(
    ("value", "cell"),
    [(0.25, "0.25"), (1e-10, "0.0000000001"), (0.0, "0"), (1234567.0, "1234567"), (None, ""), (7, 7), ("a", "a")],
)
def test_cells_are_written_without_exponents(value: object, cell: object) -> None:
    """`1e-10` is text for some readers; unknown is empty, not zero."""
    assert exporting.cell(value) == cell


def test_an_unfinished_session_has_empty_cells(cs: Cs) -> None:
    """No end, no duration, no agent: nothing is made up."""
    cs("start", "task", "--json")
    found = record(cs)
    assert (found["endTime"], found["duration"], found["agents"], found["notes"]) == ("", "", "", "")


def test_json_is_one_array_whatever_the_number(cs: Cs) -> None:
    """Written session by session, and still one value."""
    assert cs("export").json == []
    for number in range(3):
        cs("start", f"s{number}", "--json")
        cs("note", "remark", "--json")
        cs("end", "--json")
    exported = cs("export", "--format", "json").json
    assert [s["name"] for s in exported] == ["s2", "s1", "s0"]
    assert [s["annotations"][0]["message"] for s in exported] == ["remark"] * 3
    assert json.loads(cs("export", "--json", "-l", "1").out)[0]["name"] == "s2"
