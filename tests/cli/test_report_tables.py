"""Reports for people."""

from __future__ import annotations

from datetime import UTC

import pytest
from rich.console import Console

from codesession.cli.report_tables import show_report
from codesession.domain.money import PICO
from codesession.domain.report import Report, ReportRow, Share, Span, UsageTotals
from support.usage import at

USED = UsageTotals(requests=9_999_999, input_tokens=10**12, output_tokens=10**9, cost_picousd=12_345_678 * PICO)


def printed(rows: tuple[ReportRow, ...], kind: str, width: int = 80, *, filtered: bool = False) -> str:
    console = Console(width=width, color_system=None, force_terminal=False, highlight=False)
    totals = UsageTotals.total(row.totals for row in rows)
    report = Report(
        kind=kind, timezone="UTC", since=None, until=None, rows=rows, totals=totals, rows_found=len(rows) + 1
    )
    with console.capture() as captured:
        show_report(console, report, UTC, None, filtered=filtered)
    return captured.get()


@pytest.mark.parametrize("kind", ["daily", "session", "project", "model", "agent", "conversation"])
@pytest.mark.parametrize("width", [80, 120])
def test_huge_figures_and_wide_names_fit(kind: str, width: int) -> None:
    """Nothing but words is cut."""
    row = ReportRow(label="2026-11-22", provider="anthropic", totals=USED, models=("claude-opus-5-5",) * 9)
    words = printed((row,), kind, width)

    assert all(len(line) <= width for line in words.splitlines())
    assert words.count("$12,345,678.00") == 2


@pytest.mark.parametrize("width", [40, 80])
def test_parts_keep_their_names_where_the_models_find_no_room(width: int) -> None:
    """Figures of nobody would be read as those of the day."""
    part = Share(name="claude-opus-5-5", provider="anthropic", totals=USED)
    row = ReportRow(label="2026-11-22", totals=USED, models=("m",), breakdown=(part,), subagents=USED)
    _, day, model, subagents, *_ = printed((row,), "daily", width).splitlines()

    assert day.startswith("2026-11-22 ")
    assert "└ claude-o" in model
    assert "of it sub" in subagents


def test_calls_of_no_named_agent_are_called_the_same_in_rows_and_parts() -> None:
    """In brackets: an agent may be named anything."""
    part = Share(name=None, totals=USED)
    assert "└ (unknown)" in printed((ReportRow(label="m", totals=USED, breakdown=(part,)),), "model")
    assert printed((ReportRow(label=None, totals=USED),), "agent").splitlines()[1].startswith("(unknown)")


def test_models_are_named_shortly_and_once() -> None:
    """Without the vendor's word and the date of the version."""
    models = ("claude-haiku-4-5-20251001", "claude-haiku-4-5", "gpt-5")

    assert "haiku-4-5, gpt-5 " in printed((ReportRow(label="2026-11", totals=UsageTotals(), models=models),), "monthly")


def test_windows_are_shown_in_the_zone_and_limits_are_said() -> None:
    """From when to when; and that there are more."""
    span = Span(start_ms=at("2026-11-22T21:00"), end_ms=at("2026-11-23T02:00"))
    words = printed((ReportRow(label=None, totals=USED, span=span),), "blocks", 120)

    assert "2026-11-22 21:00-02:00" in words
    assert "1 of 2 rows" in words


def test_an_empty_report_is_a_sentence() -> None:
    """No bare table head, and what fills it: whoever comes from a reader of logs expects theirs at once."""
    assert printed((), "daily") == "No call recorded yet. `cs import` reads what agents have logged.\n"


def test_filters_that_nothing_passes_are_not_an_empty_ledger() -> None:
    """There may be calls enough."""
    assert printed((), "daily", filtered=True) == "No call matches these filters.\n"


def test_calls_without_a_conversation_are_not_an_empty_ledger() -> None:
    """The report of conversations has no row for them."""
    assert printed((), "conversation") == "No conversation recorded yet. `cs import` reads what agents have logged.\n"
    assert printed((), "conversation", filtered=True) == "No conversation matches these filters.\n"
