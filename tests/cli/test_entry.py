"""What agents start all the time loads next to nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from support.logs import claude_line, write_log
from support.shell import Shell

HEAVY = {
    "click",
    "rich",
    "codesession.app",
    "codesession.settings",
    "dataclasses",
    "asyncio",
    "msgspec",
    "inspect",
    "typing",
}
RUN = """
import io, json, sys
out, sys.stdout = sys.stdout, io.TextIOWrapper(io.BytesIO())
from codesession.cli.entry import run
status = run(sys.argv[1:])
out.write(json.dumps([status, sorted(sys.modules)]))
"""


def run(shell: Shell, *arguments: str, text: str = "") -> tuple[int, set[str]]:
    done = subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        input=text,
        cwd=shell.cwd,
        env=shell.environment(CODESESSION_UPSTREAM_ANTHROPIC="http://x"),
        capture_output=True,
        text=True,
        check=True,
    )
    status, modules = json.loads(done.stdout)
    return status, set(modules)


@pytest.mark.parametrize("command", ["list", "report"])
def test_ctrl_c_while_a_command_is_loaded_is_no_traceback(shell: Shell, command: str) -> None:
    """Somebody changed their mind at once; commands that leave in a hurry as well."""
    code = (
        "import signal, sys; from codesession.cli import entry\n"
        "entry.run = lambda arguments: signal.raise_signal(signal.SIGINT)\n"
        "entry.entry_point()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, command], env=shell.environment(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (130, "")


@pytest.mark.parametrize("command", [("hook", "claude-code"), ("statusline",)])
def test_hook_and_status_line_load_no_command_line(shell: Shell, command: tuple[str, ...]) -> None:
    """With a budget that has something left."""
    shell.ok("start", "task", "--budget", "5", "--json")
    shell.ok("budget", "set", "5", "--period", "day", "--json")
    event = json.dumps({"hook_event_name": "PreToolUse", "cwd": str(shell.cwd), "session_id": "s"})
    status, modules = run(shell, *command, text=event)
    assert status == 0
    assert not modules & (HEAVY | {"typing"})


def test_an_import_after_a_turn_loads_no_command_line(shell: Shell) -> None:
    """Nothing to import, and something; but for the first time of all, when the ledger is made."""
    shell.ok("list", "--json")
    transcript = write_log(shell.home / ".claude" / "projects" / "-p" / "t.jsonl", [claude_line()])
    for event in ({}, {"transcript_path": str(transcript)}):
        status, modules = run(shell, "auto-log", text=json.dumps(event))
        assert status == 0
        assert not modules & {"click", "rich", "asyncio", "dataclasses", "inspect", "msgspec", "typing"}
    assert shell.ok("list", "--json")[0]["conversationId"] == "parent"


def test_the_program_of_the_mcp_server_has_the_options_of_its_command(shell: Shell) -> None:
    """Asked for help it must not wait for a client, in silence."""
    code = "from codesession.cli.entry import mcp_entry_point; mcp_entry_point()"
    for option, status, said in (("--help", 0, "cs mcp"), ("--nonsense", 1, "no such option")):
        command = [sys.executable, "-c", code, option]
        done = subprocess.run(
            command, input="", env=shell.environment(), cwd=shell.cwd, capture_output=True, text=True, check=False
        )
        assert done.returncode == status
        assert said in done.stdout + done.stderr


def test_everything_else_is_the_command_line(shell: Shell) -> None:
    """Help of these two included."""
    assert run(shell, "hook", "--help")[0] == 0
    assert "click" in run(shell, "statusline", "--help")[1]
    assert run(shell, "nonsense")[0] == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize(
    ("spent", "status", "unread", "unbuffered"),
    [
        (False, 0, ">/dev/full", ""),
        (True, 2, ">/dev/full", "1"),
        (True, 2, "2>/dev/full", "1"),
        (True, 2, "2>&-", ""),
    ],
)
def test_a_status_counts_even_where_no_answer_is_read(
    shell: Shell, *, spent: bool, status: int, unread: str, unbuffered: str
) -> None:
    """An agent that has closed the other end is stopped by its hook all the same, and nothing is complained of."""
    shell.ok("start", "task", "--budget", "1", "--json")
    if spent:
        shell.ok("log-ai", "-p", "p", "-m", "m", "--tokens", "5", "--cost", "2", "--json")
    program = Path(sys.executable).with_name("cs")
    event = json.dumps({"hook_event_name": "UserPromptSubmit", "cwd": str(shell.cwd), "session_id": "s"})
    for command, expected in (("hook claude-code", status), ("statusline", 0)):
        done = subprocess.run(
            ["sh", "-c", f'"$0" {command} {unread}', str(program)],
            input=event,
            cwd=shell.cwd,
            env={**shell.environment(), "PYTHONUNBUFFERED": unbuffered},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == expected
        assert "Exception ignored" not in done.stderr
        assert "Traceback" not in done.stderr
