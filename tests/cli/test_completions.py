"""What a shell gets when somebody presses Tab."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from codesession.cli.main import COMMANDS
from support.shell import SOURCE, Shell

ENTRY = "from codesession.cli.entry import entry_point; entry_point()"
ASK = """
import sys
sys.argv = ["cs"]
from codesession.cli.entry import entry_point
try:
    entry_point()
except SystemExit as end:
    loaded = sorted(name for name in sys.modules if name.startswith("codesession.cli."))
    print(end.code, *loaded, file=sys.stderr)
"""


def ask(shell: Shell, words: str, number: int) -> tuple[list[str], str]:
    """The answer to bash, and what was loaded for it."""
    environment = shell.environment(_CS_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(number))
    done = subprocess.run([sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, check=True)
    return [line.partition(",")[2] for line in done.stdout.splitlines()], done.stderr


def test_commands_complete_without_being_loaded(shell: Shell) -> None:
    """All of them, or those that begin alike."""
    words, loaded = ask(shell, "cs ", 1)
    assert words == list(COMMANDS)
    assert loaded.startswith("0 ")
    assert "codesession.cli.run" not in loaded
    assert ask(shell, "cs exp", 1)[0] == ["export"]


def test_options_and_subcommands_complete(shell: Shell) -> None:
    """From the one command that is meant."""
    words, loaded = ask(shell, "cs export --f", 2)
    assert words == ["--format"]
    assert "codesession.cli.run" not in loaded
    assert ask(shell, "cs export --format nd", 3)[0] == ["ndjson"]
    assert "projects" in ask(shell, "cs today pro", 2)[0]


def test_agents_complete_after_import(shell: Shell) -> None:
    """All whose logs can be read, or those that begin alike."""
    assert {"claude-code", "codex", "opencode"} <= set(ask(shell, "cs import ", 2)[0])
    assert ask(shell, "cs import claude", 2)[0] == ["claude-code"]


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(shell: Shell, name: str, tmp_path: Path) -> None:
    """One that the shell itself accepts, where it is installed."""
    script = shell.cs("completions", name).out
    assert "_CS_COMPLETE" in script
    program = shutil.which(name)
    if program is not None:
        file = tmp_path / "script"
        file.write_text(script)
        subprocess.run([program, "-n", str(file)], check=True, env=shell.environment(PYTHONPATH=str(SOURCE)))


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
def test_fish_shows_the_whole_line_of_help(shell: Shell, tmp_path: Path) -> None:
    """It stands behind the name, and may hold commas."""
    (tmp_path / "cs").write_text(f'#!/bin/sh\nexec {sys.executable} -c "{ENTRY}" "$@"\n')
    (tmp_path / "cs").chmod(0o755)
    environment = shell.environment()
    environment["PATH"] = f"{tmp_path}:{environment['PATH']}"
    asked = ["fish", "-c", 'cs completions fish | source; complete -C "cs reco"']
    done = subprocess.run(asked, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[0] == "reconcile\t" + COMMANDS["reconcile"][1]


def test_another_shell_is_refused(shell: Shell) -> None:
    """With the ones there are."""
    assert "bash" in shell.cs("completions", "tcsh").err
