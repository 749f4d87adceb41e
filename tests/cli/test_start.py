"""`cs start`: in words it stays and follows, in JSON it begins and leaves."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from support.shell import Answer, Shell

Cs = Callable[..., Answer]


def test_json_begins_and_leaves(cs: Cs) -> None:
    """Everything a script wants to know, and the budget as it was given."""
    started = cs("start", "task", "--json", "--budget", "$2.50").json
    assert started["budget"] == 2.5
    assert "resumed" not in started
    assert "closed" not in started
    assert cs("status", "--json").json["id"] == started["id"]


def test_strict_without_a_budget_is_refused(cs: Cs) -> None:
    """It would mean nothing."""
    assert cs("start", "task", "--strict", "--json").error["code"] == "invalid_input"
    assert cs("list", "--json").json == []


def test_what_was_closed_for_it_is_named(cs: Cs) -> None:
    """So an agent can tell the person."""
    first = cs("start", "one", "--json").json
    second = cs("start", "two", "--json", "--close-stale").json
    assert second["closed"] == [{"id": first["id"], "name": "one"}]


def test_a_name_of_a_megabyte_is_refused(cs: Cs) -> None:
    """The message says how much is allowed, and does not repeat the name."""
    done = cs("start", "x" * 1_000_000)
    assert (done.code, done.out) == (1, "")
    assert "1,000,000 characters; 1,000 are allowed" in done.err
    assert len(done.err) < 500


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, "end"])
def test_in_words_it_follows_until_the_session_ends(shell: Shell, tmp_path: Path, how: signal.Signals | str) -> None:
    """Ctrl+C ends the session with its summary; an end elsewhere lets go. Both are no failure."""
    shown = tmp_path / "shown"
    with shown.open("wb") as out:
        process = shell.start("start", "by hand", stdout=out)
    deadline = time.monotonic() + 30
    while " made.txt" not in shown.read_text():
        assert time.monotonic() < deadline, shown.read_text()
        if "Ctrl+C" in shown.read_text():
            (shell.cwd / "made.txt").write_text(str(time.monotonic()))
        time.sleep(0.05)
    if isinstance(how, str):
        shell.ok("end", "--json")
    else:
        process.send_signal(how)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert b"Traceback" not in err
    assert "by hand" in shown.read_text()
    assert "completed" in shown.read_text()
    session = shell.ok("show", "--json", "--files")
    assert (session["status"], [f["filePath"] for f in session["files"]]) == ("completed", ["made.txt"])
