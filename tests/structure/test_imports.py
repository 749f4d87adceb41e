"""Hot commands start at once: what they must not load, and that importing does nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from support.shell import Shell, make_shell

HEAVY = (
    "rich",
    "genai_prices",
    "pydantic",
    "asyncio",
    "aiohttp",
    "aiohappyeyeballs",
    "httptools",
    "uvicorn",
    "fastapi",
    "watchfiles",
    "msgspec",
    "hypothesis",
    "psycopg",
    "codesession.proxy",
    "codesession.web",
    "codesession.importers",
)
RUN = """
import io, json, sys
answer, sys.stdout = sys.stdout, io.TextIOWrapper(io.BytesIO())
from codesession.cli.main import main
status = main(sys.argv[1:])
answer.write(json.dumps([status, sorted(sys.modules)]))
"""


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    made = make_shell(tmp_path / "user")
    made.ok("start", "task", "--json")
    return made


def loaded(shell: Shell, *command: str) -> set[str]:
    """Modules in memory after a command that succeeded."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, *command],
        cwd=shell.cwd,
        env=shell.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    status, modules = json.loads(done.stdout)
    assert status == 0, done.stderr
    return set(modules)


def of(modules: set[str], forbidden: tuple[str, ...]) -> set[str]:
    """Those that are one of the forbidden ones or inside one."""
    return {m for m in modules if any(m == name or m.startswith(name + ".") for name in forbidden)}


@pytest.mark.parametrize(
    ("command", "also"),
    [
        (("status", "--json"), ("subprocess",)),
        (("log-ai", "--json", "-p", "anthropic", "-m", "claude-sonnet-4-5", "-t", "10"), ("subprocess",)),
        (("log-ai", "--json", "-p", "x", "-m", "y", "-t", "10", "-c", "1"), ("subprocess",)),
        (("note", "--json", "remark"), ("subprocess",)),
        (("list", "--json"), ("subprocess",)),
        (("show", "--json"), ("subprocess",)),
        (("stats", "--json"), ("subprocess",)),
    ],
    ids=lambda value: value[0] if value else "",
)
def test_a_hot_command_loads_nothing_it_does_not_need(
    shell: Shell, command: tuple[str, ...], also: tuple[str, ...]
) -> None:
    """Agents call these from hooks and scripts, many times an hour."""
    assert of(loaded(shell, *command), HEAVY + also) == set()


def test_help_loads_no_command(shell: Shell) -> None:
    """`cs --help` is a table."""
    code = (
        "import sys, io; out, sys.stdout = sys.stdout, io.TextIOWrapper(io.BytesIO())\n"
        "from codesession.cli.main import COMMANDS, main\nassert main(['--help']) == 0\n"
        "out.write(str([m for m, _ in COMMANDS.values() if 'codesession.cli.' + m in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=shell.environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]"


def test_importing_the_package_does_nothing_and_loads_nothing(tmp_path: Path) -> None:
    """No file, no thread, no logging set up, no module beside itself."""
    code = (
        "import sys, threading; before = set(sys.modules)\n"
        "import codesession\n"
        "print(sorted(set(sys.modules) - before - {'codesession', '__future__'}), threading.active_count())"
    )
    shell = make_shell(tmp_path / "user")
    done = subprocess.run(
        [sys.executable, "-c", code], env=shell.environment(), cwd=shell.cwd, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[] 1\n"
    assert list(shell.home.iterdir()) == []


@pytest.mark.parametrize("module", ["codesession.app", "codesession.settings", "codesession.cli.main"])
def test_importing_a_part_makes_no_file(tmp_path: Path, module: str) -> None:
    """Side effects belong to calls."""
    shell = make_shell(tmp_path / "user", git=False)
    env = shell.environment()
    subprocess.run([sys.executable, "-c", f"import {module}"], env=env, cwd=shell.cwd, check=True)
    assert list(shell.home.iterdir()) == []
