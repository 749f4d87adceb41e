"""`cs ci report` at a real prompt, and the action that posts it."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesession.cli.ci import MARKER, _cell
from support.shell import Shell

ROOT = Path(__file__).parents[2]


@pytest.fixture
def topic(shell: Shell) -> Shell:
    """A branch with a commit made in a session that spent nine dollars."""
    shell.git("checkout", "-q", "-b", "topic")
    shell.ok("start", "Mend | the *clock*", "--json")
    shell.ok("log-ai", "-p", "anthropic", "-m", "claude-sonnet-4-5", "--prompt-tokens", "1000", "-c", "9", "--json")
    (shell.cwd / "clock.py").write_text("pass\n")
    shell.git("add", ".")
    shell.git("commit", "-q", "-m", "Mend")
    shell.ok("end", "--json")
    return shell


def test_the_same_cost_as_words_markdown_and_json(topic: Shell) -> None:
    """Names of sessions cannot break the table."""
    assert topic.cs("ci", "report").out.startswith("topic against main: $9.00 for 1 call in 1 session, 1 commit\n")
    comment = topic.cs("ci", "report", "--markdown").out
    assert comment.startswith(f"{MARKER}\n**AI cost of this pull request: $9.00**\n")
    assert "| Mend \\| the \\*clock\\* | 1 | 1 | 1 | $9.00 |" in comment
    found = topic.ok("ci", "report", "--json", "--base", "main")
    assert (found["branch"], found["totals"]["costUsd"], len(found["commits"])) == ("topic", 9, 1)
    assert found["models"][0]["costUsd"] == found["sessions"][0]["aiCost"] == 9


def test_a_branch_without_sessions_is_an_answer(shell: Shell) -> None:
    """Nothing was spent as far as this ledger knows."""
    shell.git("checkout", "-q", "-b", "topic")
    assert "$0.00 for 0 calls in 0 sessions" in shell.cs("ci", "report", "--markdown").out
    assert shell.cs("ci", "report", "--base", "nowhere", "--json").error["code"] == "invalid_input"
    assert shell.cs("ci", "report", "--markdown", "--json").error["code"] == "invalid_input"


def test_a_cell_mentions_nobody() -> None:
    """Nor does it hold HTML, or end the cell."""
    assert _cell("@ada <b>|`x`") == "@\u200bada &lt;b>\\|\\`x\\`"


def test_the_action_takes_values_from_its_environment_only() -> None:
    """An expression inside a script could be a branch name that runs."""
    text = (ROOT / "action.yml").read_text("utf-8")
    scripts = [part.split("\n    - ")[0] for part in text.split("run: |")[1:]]
    assert scripts
    assert all("${{" not in script for script in scripts)
    assert MARKER in text
