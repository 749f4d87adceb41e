"""`cs statusline`, fed with what Claude Code really sends."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from codesession.cli.quick_statusline import status_line
from codesession.store.migrate import LATEST
from support.ledger import record_unpriced
from support.shell import Answer

Cs = Callable[..., Answer]

STATUS: dict[str, Any] = {
    "session_id": "d4b86540",
    "transcript_path": "/p/d4b86540.jsonl",
    "model": {"id": "claude-opus-5-5", "display_name": "Opus 5.5"},
    "version": "2.1.330",
    "cost": {"total_cost_usd": 0.043896000000000004, "total_duration_ms": 12167},
    "context_window": {
        "total_input_tokens": 9203,
        "context_window_size": 1_000_000,
        "used_percentage": 1,
        "remaining_percentage": 99,
    },
}


@pytest.fixture
def line(home: Path) -> Callable[..., str]:
    """The line for a status in this directory."""

    def show(**changes: Any) -> str:
        return status_line({**STATUS, "cwd": os.getcwd(), **changes}, os.environ)

    return show


def test_without_a_ledger_it_shows_what_claude_code_says(line: Callable[..., str]) -> None:
    """And makes none."""
    assert line() == "$0.0439 session · 1% context"
    assert not (Path.home() / ".codesession").exists()


def test_an_older_version_says_its_context_in_tokens(line: Callable[..., str]) -> None:
    """1.0.88 has no percentage."""
    window = {"total_input_tokens": 42_500, "total_output_tokens": 3_200, "context_window_size": 200_000}
    assert line(context_window=window) == "$0.0439 session · 21% context"
    assert line(context_window={}, cost={}) == ""


@pytest.mark.parametrize("odd", [None, True, -1, float("nan"), 1e300, 10**30, "x", [1], {"a": 1}], ids=str)
def test_an_odd_figure_costs_the_line_nothing_else(line: Callable[..., str], odd: object) -> None:
    """Each may be missing at the beginning of a session, or be of a later version's kind."""
    assert line(cost={"total_cost_usd": odd}) == "1% context"
    assert line(context_window={"used_percentage": odd}) == "$0.0439 session"
    window = {"used_percentage": None, "context_window_size": 200_000, "total_input_tokens": odd}
    assert line(context_window=window) == "$0.0439 session · 0% context"


def test_a_ledger_of_an_older_version_is_named(cs: Cs, line: Callable[..., str]) -> None:
    """A line that says neither what was spent today nor what budgets leave must say why."""
    cs("budget", "set", "5", "--period", "day")
    with closing(sqlite3.connect(Path.home() / ".codesession" / "sessions.db")) as ledger:
        ledger.execute(f"PRAGMA user_version = {LATEST - 1}")
    assert line() == "$0.0439 session · older ledger: `cs status` updates it · 1% context"


def test_an_odd_folder_is_the_present_one(cs: Cs, line: Callable[..., str]) -> None:
    """As where none is named."""
    cs("start", "task", "--json")
    cs("log-ai", "-p", "x", "-m", "y", "-t", "1", "-c", "1.25")
    assert line(cwd=5, workspace={"current_dir": [1]}) == line()


def test_our_session_is_more_exact_than_the_agents_own_figure(cs: Cs, line: Callable[..., str]) -> None:
    """With what was spent today and what the tightest budget leaves."""
    cs("start", "task", "--budget", "5", "--json")
    cs("log-ai", "-p", "x", "-m", "y", "-t", "1", "-c", "1.25")
    assert line() == "$1.25 session · $1.25 today · $3.75 of $5.00 left · 1% context"
    cs("budget", "set", "1", "--period", "day")
    assert line() == "$1.25 session · $1.25 today · budget $1.00 used up · 1% context"


def test_what_may_be_more_is_marked(cs: Cs, line: Callable[..., str]) -> None:
    """A call without a price: so much at least, and at most so much left."""
    cs("start", "task", "--budget", "5", "--json")
    cs("log-ai", "-p", "x", "-m", "y", "-t", "1", "-c", "1.25")
    record_unpriced(session_id=1)
    assert line() == "≥ $1.25 session · ≥ $1.25 today · ≤ $3.75 of $5.00 left · 1% context"


def test_a_damaged_ledger_does_not_break_the_bar(line: Callable[..., str]) -> None:
    """The agent's own figures remain."""
    folder = Path.home() / ".codesession"
    folder.mkdir()
    (folder / "sessions.db").write_bytes(b"no database at all")
    assert line() == "$0.0439 session · 1% context"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_in_the_ledgers_place_is_not_waited_for(line: Callable[..., str]) -> None:
    """To open one waits for whoever writes to it."""
    folder = Path.home() / ".codesession"
    folder.mkdir()
    os.mkfifo(folder / "sessions.db")
    assert line() == "$0.0439 session · 1% context"


@pytest.mark.parametrize("status", [None, [], {"cost": 5, "context_window": "x"}, {"cost": {"total_cost_usd": "1"}}])
def test_a_strange_status_is_an_empty_line(home: Path, status: object) -> None:
    """Nothing is known, nothing is claimed."""
    assert status_line(status, {"HOME": str(home)}) == ""
