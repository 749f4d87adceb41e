"""Sentences and tables that leave the terminal."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pytest

from codesession.cli.report_files import inexact, remarks, write_csv, write_markdown
from codesession.domain.money import PICO
from codesession.domain.report import Report, ReportRow, UsageTotals


def report(row: ReportRow, kind: str = "agent") -> Report:
    return Report(kind=kind, timezone="UTC", since=None, until=None, rows=(row,), totals=row.totals, rows_found=1)


@pytest.mark.parametrize(
    ("totals", "said"),
    [
        (UsageTotals(requests=4), None),
        (UsageTotals(requests=4, unpriced_requests=1), "1 of 4 calls has no known cost: the true total is higher."),
        (
            UsageTotals(requests=4, unpriced_requests=1, lower_bound_requests=2),
            "1 of 4 calls has no known cost; 2 cost at least what is shown: the true total is higher.",
        ),
        (UsageTotals(requests=298, list_price_requests=48), "48 of 298 calls are at list price: the bill may differ."),
        (
            UsageTotals(requests=4, lower_bound_requests=2, list_price_requests=1),
            "2 cost at least what is shown: the true total is higher."
            " 1 of 4 calls is at list price: the bill may differ.",
        ),
    ],
)
def test_what_is_not_exact_about_a_total_is_said(totals: UsageTotals, said: str | None) -> None:
    """An exact total needs no words."""
    assert inexact(totals) == said


def test_markdown_says_what_its_table_does_not() -> None:
    """Rows that are left out, tokens that stand in no column, and what sub-agents used."""
    used = UsageTotals(requests=2, input_tokens=7, output_tokens=3, total_tokens=1_010, cost_picousd=PICO)
    row = ReportRow(label="codex", totals=used, subagents=replace(used, requests=1))
    out = io.StringIO()
    write_markdown(out, replace(report(row), rows_found=3), None)

    assert "|  | of it sub-agents | 1 | 7 | 0 | 3 | $1.00 |" in out.getvalue()
    assert "\nOf 1,000 more tokens only the sum is known: Input and Output lack them.\n" in out.getvalue()
    assert out.getvalue().endswith("\n1 of 3 rows; --last N shows more.\n")


@pytest.mark.parametrize(("kind", "said"), [("session", True), ("blocks", True), ("daily", False)])
def test_rows_that_no_day_cuts_say_so(kind: str, said: bool) -> None:
    """A session that began before midnight is whole or not there at all: its total is not that of the day."""
    asked = replace(report(ReportRow(label="a", totals=UsageTotals()), kind), since=date(2026, 11, 22))
    assert any("that began in that time" in remark for remark in remarks(asked)) == said
    assert remarks(replace(asked, since=None)) == []


def test_an_unpriced_row_is_an_empty_cell_in_csv() -> None:
    """Not 0: a sum over the column must not claim to know."""
    out = io.StringIO(newline="")
    write_csv(out, report(ReportRow(label="codex", totals=UsageTotals(requests=1, unpriced_requests=1))), None)
    head, line, _ = out.getvalue().split("\r\n")

    assert dict(zip(head.split(","), line.split(","), strict=True))["costUsd"] == ""


def test_control_characters_and_tags_do_not_reach_markdown() -> None:
    """A name from a log is only text, on one line."""
    out = io.StringIO()
    write_markdown(out, report(ReportRow(label="a\n\x1b[31m<b>|", totals=UsageTotals())), None)

    assert out.getvalue().splitlines()[2].startswith("| a  [31m&lt;b>\\| |")
