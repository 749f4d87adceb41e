"""`cs today` at a real prompt: four ways of telling the same morning."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesession.cli.today.markdown import _code, _text
from support.shell import Shell, make_shell


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A user with open work, an unfinished session, a budget nearly used up, and a project that is gone."""
    shell = make_shell(tmp_path_factory.mktemp("morning") / "user")
    shell.git("config", "user.email", "ada@example.org")
    (shell.cwd / "clock.py").write_text("# TODO: wind it *up*\n")
    shell.git("add", ".")
    shell.git("commit", "-q", "-m", "Add a `clock`")
    (shell.cwd / "new.txt").write_text("x")
    (shell.cwd / "gone").mkdir()
    shell.git("init", "-q", "gone")
    shell.ok("today", "add", ".", "gone", "--json")
    (shell.cwd / "gone").rename(shell.home / "elsewhere")
    shell.ok("start", "Wind the clock", "--json")
    shell.ok("log-ai", "-p", "anthropic", "-m", "claude-sonnet-4-5", "--prompt-tokens", "1000", "-c", "9", "--json")
    shell.ok("note", "it was the spring", "--json")
    shell.ok("budget", "set", "10", "--scope", "project", "--period", "week", "--json")
    return shell


def test_as_words(shell: Shell) -> None:
    """A block for each project; everything that is open is in it."""
    said = shell.cs("today", env={"COLUMNS": "160"}).out
    for part in (
        "work  main",
        "1 untracked: new.txt",
        "Add a `clock`",
        "clock.py:1 TODO wind it *up*",
        "$9.00 since",
        "“Wind the clock”",
        "does not exist",
        "project week in work: $9.00 of $10.00 used (90%)",
    ):
        assert part in said


@pytest.mark.parametrize("columns", ["30", "40", "80"])
def test_no_amount_is_cut_in_a_narrow_terminal(shell: Shell, columns: str) -> None:
    """`$1` of `$10.00` would be another amount: such lines go on below."""
    said = " ".join(shell.cs("today", env={"COLUMNS": columns}).out.split())
    assert "project week in work: $9.00 of $10.00 used (90%)" in said
    assert "“Wind the clock”, open for" in said
    assert "does not exist (any more)" in said


def test_as_markdown_for_an_agent(shell: Shell) -> None:
    """Names of the user cannot break it."""
    said = shell.cs("today", "--ai").out
    for part in (
        "## work",
        "- Untracked (1): `new.txt`",
        "Add a \\`clock\\`",
        "`clock.py:1` TODO: wind it \\*up\\*",
        "Note: it was the spring",
        "## gone",
        "- Problem: does not exist",
    ):
        assert part in said
    assert (_text("a_b\n# c"), _code("a`b")) == ("a\\_b \\# c", "``a`b``")


def test_as_a_stand_up_message(shell: Shell) -> None:
    """What was done, what goes on, what is in the way; no path of this machine."""
    said = shell.cs("today", "--share").out
    assert "• work: Add a `clock`" in said
    assert "• work: “Wind the clock” (session 1)" in said
    assert "• work: 1 uncommitted file on main" in said
    assert "• gone: the folder is not there" in said
    assert "AI cost since" in said
    assert str(shell.home.parent) not in said


def test_as_json(shell: Shell) -> None:
    """The documented keys; unknown is null."""
    today = shell.ok("today", "--json")
    work, gone = today["projects"]
    assert set(today) >= {"schemaVersion", "timestamp", "since", "projects", "lastSessionGlobal", "budgets"}
    assert (work["name"], work["path"], work["isGitRepo"], work["exists"]) == ("work", str(shell.cwd), True, True)
    assert work["git"]["branch"] == "main"
    assert work["git"]["untrackedFiles"] == work["git"]["uncommittedFiles"] == ["new.txt"]
    assert work["git"]["unpushedCommits"] is None
    assert [each["message"] for each in work["git"]["recentCommits"]] == ["Add a `clock`", "Begin"]
    assert work["todos"] == [{"file": "clock.py", "line": 1, "type": "TODO", "text": "wind it *up*"}]
    assert work["pullRequests"] is None
    assert work["spent"]["costUsd"] == 9
    assert work["lastSession"]["aiUsage"][0]["cost"] == 9
    assert [note["message"] for note in work["lastSession"]["notes"]] == ["it was the spring"]
    assert today["lastSessionGlobal"]["id"] == work["lastSession"]["id"] == 1
    assert (gone["exists"], gone["git"], gone["isGitRepo"]) == (False, None, False)
    assert today["budgets"][0]["percent"] == 90


def test_projects_are_registered_listed_and_forgotten(tmp_path: Path) -> None:
    """`init` asks nothing under --json, nor without a terminal."""
    shell = make_shell(tmp_path / "user")
    assert "cs today init" in shell.cs("today").out
    assert "cs today init" in shell.cs("today", "projects").out
    (tmp_path / "empty").mkdir()
    assert "Register one with: cs today add PATH" in shell.cs("today", "init", cwd=tmp_path / "empty").out
    assert shell.ok("today", "init", "--json")["added"] == [str(shell.cwd)]
    assert "Nothing new" in shell.cs("today", "init").out
    (listed,) = shell.ok("today", "projects", "--json")
    assert (listed["id"], listed["name"], listed["path"], listed["exists"]) == (1, "work", str(shell.cwd), True)
    assert str(shell.cwd) in shell.cs("today", "projects").out
    assert shell.cs("today", "ls").out == shell.cs("today", "projects").out
    assert shell.ok("today", "remove", "work", "--json")["removed"] == str(shell.cwd)
    assert shell.ok("today", "--json")["projects"] == []


def test_a_project_gets_a_name_of_the_users(tmp_path: Path) -> None:
    """When it is registered, or later; `init` takes this repository alone then."""
    shell = make_shell(tmp_path / "user")
    (shell.cwd / "sub").mkdir()
    assert shell.cs("today", "init", "-n", "Shop", cwd=shell.cwd / "sub").out == f"Registered {shell.cwd} as Shop\n"
    renamed = shell.ok("today", "add", "sub", "--name", "Till", "--json")
    assert (renamed["added"], [each["name"] for each in renamed["projects"]]) == ([], ["Till"])
    assert "one PATH" in shell.cs("today", "add", ".", "sub", "-n", "Shop", "--json").error["message"]


def test_misuse_is_said(tmp_path: Path) -> None:
    """Two formats at once, options that belong elsewhere, a folder that is none."""
    shell = make_shell(tmp_path / "user")
    assert shell.cs("today", "--ai", "--json").error["code"] == "invalid_input"
    assert shell.cs("today", "--json", "projects").error["code"] == "invalid_input"
    assert shell.cs("today", "add", "nowhere", "--json").error["code"] == "invalid_input"
    assert shell.cs("today", "remove", "nowhere", "--json").error["code"] == "invalid_input"


@pytest.mark.parametrize("command", ["add", "remove"])
def test_an_empty_path_is_no_project(shell: Shell, command: str) -> None:
    """It would be this folder."""
    assert "is empty" in shell.cs("today", command, "", "--json").error["message"]
