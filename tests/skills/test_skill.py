"""The skill does what it says: its commands run, its keys are there, its copies agree."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from support.shell import Shell, make_shell

ROOT = Path(__file__).parents[2]
SKILL = ROOT / "skills" / "codesession" / "SKILL.md"
TEXT = SKILL.read_text("utf-8")
COMMANDS = [
    line for block in re.findall(r"```bash\n(.*?)```", TEXT, re.DOTALL) for line in block.splitlines() if line.strip()
]
KEYS = [
    (command, re.findall(r"`(\w+)`", keys))
    for command, keys in re.findall(r"^\| `(cs [^`]*)` \| (.*) \|$", TEXT, re.MULTILINE)
]


@pytest.fixture
def user(tmp_path: Path) -> Shell:
    """Somebody in a repository."""
    return make_shell(tmp_path / "user")


def test_every_command_runs_in_the_order_it_is_taught(user: Shell) -> None:
    """From the beginning of a task to its end; those with `--json` print one value."""
    assert len(COMMANDS) >= 10
    for line in COMMANDS:
        answer = user.cs(*shlex.split(line)[1:])
        assert answer.code == 0, (line, answer)
        if "--json" in line:
            json.loads(answer.out)


def test_the_answers_hold_the_keys_it_names(user: Shell) -> None:
    """Every row of the table."""
    assert len(KEYS) >= 6
    for command, keys in KEYS:
        answer: dict[str, Any] = user.ok(*shlex.split(command)[1:])
        assert keys
        assert set(keys) <= set(answer), command


def test_errors_are_as_it_says(user: Shell) -> None:
    """The codes it tells the agent to act on, and the exit status of a budget that is used up."""
    assert user.cs("status", "--json").error["code"] == "no_active_session"
    user.ok("start", "one", "--json", "--budget", "0.01")
    assert user.cs("start", "two", "--json").error["code"] == "session_active"
    unknown = user.cs("log-ai", "-p", "acme", "-m", "new", "-t", "5", "--json")
    assert unknown.error["code"] == "unknown_model"
    user.ok("log-ai", "-p", "acme", "-m", "new", "-t", "5", "-c", "0.30", "--json")
    assert user.cs("budget", "check", "--json").code == 3


def test_the_front_matter_is_what_agents_read(user: Shell) -> None:
    """Name and description for everybody; OpenClaw's metadata is one line of JSON with the binary and its install."""
    matter = TEXT.split("---\n")[1]
    fields = dict(line.split(": ", 1) for line in matter.splitlines())
    assert fields["name"] == "codesession" == SKILL.parent.name
    assert 1 <= len(fields["description"]) <= 1024
    openclaw = json.loads(fields["metadata"])["openclaw"]
    assert openclaw["requires"] == {"bins": ["cs"]}
    assert openclaw["install"][0]["package"] == "codesession"
    assert openclaw["install"][0]["bins"] == ["cs"]


def test_the_packaged_copy_is_the_same() -> None:
    """`cs setup` installs the one in the package."""
    assert (ROOT / "src/codesession/services/setup/SKILL.md").read_text("utf-8") == TEXT
