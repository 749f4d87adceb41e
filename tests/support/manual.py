"""
The shell blocks of the manual: found in Markdown, run as a reader would type them.

Every ```sh and ```console block runs, unless the line before it says otherwise, for every reader of the source to see:

    <!-- not run: why -->             it cannot run in a test
    <!-- exits with 1 -->             its last command ends so
    <!-- runs until Ctrl+C -->        its only command goes on; it must say something, and end well when interrupted
    <!-- example output -->           runs, but what it prints is of another ledger: not compared

What a console block shows must be what comes, line for line in order; digits stand for any others, `…` for anything.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

from support.shell import Shell

ROOT = Path(__file__).parents[2]
AGENT = Path(__file__).parent / "agents" / "agent.py"
STAND_INS = ("claude", "codex", "your-agent")

_FENCE = re.compile(r"^( *)```(\S*)[^\n]*\n(.*?)^\1```", re.M | re.S)
_MARK = re.compile(r"<!-- (not run: .+|exits with \d+|runs until Ctrl\+C|example output) -->\s*\Z")
_COMMAND = re.compile(r"(?:\$ )?(?:sudo )?(?:[A-Z_]+=\S+ )*(?:cs|codesession(?:-mcp)?)(?: |$)")


@dataclass(frozen=True)
class Block:
    """One fenced block of a page."""

    page: Path
    line: int
    language: str
    text: str
    mark: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def status(self) -> int:
        """The exit status that is documented."""
        return int(self.mark.removeprefix("exits with ")) if self.mark.startswith("exits") else 0

    @property
    def script(self) -> str:
        """What is typed."""
        if self.language == "sh":
            return self.text
        typed = [line for line in self.text.splitlines() if line.startswith(("$ ", "> "))]
        return "\n".join(line[2:] for line in typed) + "\n"

    @property
    def shown(self) -> list[str]:
        """What a console block says comes back."""
        lines = self.text.splitlines() if self.language == "console" else []
        return [line for line in lines if line.strip() and not line.startswith(("$ ", "> "))]


def blocks(page: Path) -> list[Block]:
    """The shell blocks of a page, in order."""
    text = page.read_text("utf-8")
    found = []
    for fence in _FENCE.finditer(text):
        if fence[2] in ("sh", "console"):
            inside = "\n".join(line.removeprefix(fence[1]) for line in fence[3].splitlines()) + "\n"
            mark = _MARK.search(text[: fence.start()])
            line = text.count("\n", 0, fence.start()) + 1
            found.append(Block(page, line, fence[2], inside, mark[1] if mark else ""))
    return found


def commands_outside(page: Path) -> list[str]:
    """Lines of other code blocks, fenced or indented, that read like commands: they would never be run."""
    text = page.read_text("utf-8")
    fenced = [fence[3] for fence in _FENCE.finditer(text) if fence[2] not in ("sh", "console")]
    indented = [line for line in _FENCE.sub("", text).splitlines() if line.startswith("    ")]
    lines = [line.strip() for line in [*"\n".join(fenced).splitlines(), *indented]]
    return [line for line in lines if _COMMAND.match(line)]


@dataclass
class Reader:
    """Somebody who types a page from top to bottom: what one block exports, the next one has."""

    shell: Shell
    endpoint: str
    state: Path = field(init=False)

    def __post_init__(self) -> None:
        bin_ = self.shell.home.parent / "bin"
        bin_.mkdir()
        python = f"exec {sys.executable}"
        programs = {
            "cs": f"{python} -m codesession",
            "codesession": f"{python} -m codesession",
            "codesession-mcp": f"{python} -c 'from codesession.cli.entry import mcp_entry_point; mcp_entry_point()'",
            "python": python,
            "python3": python,
        }
        for name, line in programs.items():
            _program(bin_ / name, f'#!/bin/sh\n{line} "$@"\n')
        for name in STAND_INS:
            _program(bin_ / name, f"#!{sys.executable}\n{AGENT.read_text('utf-8')}")
        self.state = self.shell.home.parent / "state.sh"
        self.state.write_text("")
        self.shell.env |= {
            "PATH": f"{bin_}:{os.environ['PATH']}",
            "CODESESSION_UPSTREAM_ANTHROPIC": self.endpoint,
            "CODESESSION_UPSTREAM_OPENAI": self.endpoint,
            "GIT_CONFIG_GLOBAL": str(self.shell.home / ".gitconfig"),
            "COLUMNS": "100",
            "BROWSER": "true",
        }
        (self.shell.home / ".gitconfig").write_text("[user]\n\tname = Ada\n\temail = ada@example.org\n")

    def follow(self, block: Block) -> None:
        """Type a block; raises AssertionError that names it when it does not do what it says."""
        if block.mark.startswith("not run"):
            return
        if block.mark.startswith("runs until"):
            self._watch(block)
            return
        kept = f"{{ export -p; echo cd \"'$PWD'\"; }} > {self.state}"
        script = f"set -eo pipefail\nsource {self.state}\n{block.script}\n{kept}"
        done = subprocess.run(
            ["bash", "-c", script], cwd=self.shell.cwd, env=self.shell.environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=100, check=False,
        )  # fmt: skip
        said = done.stdout.decode()
        assert done.returncode == block.status, f"{block}: exit status {done.returncode}\n{block.script}\n{said}"
        if block.mark != "example output":
            missing = first_difference(block.shown, said)
            assert missing is None, f"{block}: {missing!r} did not come; what came:\n{said}"

    def _watch(self, block: Block) -> None:
        with subprocess.Popen(
            ["bash", "-c", f"source {self.state}\nexec {block.script.strip()}"], cwd=self.shell.cwd,
            env=self.shell.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process:  # fmt: skip
            assert process.stdout is not None
            late = threading.Timer(60, process.kill)
            late.start()
            first = process.stdout.readline()
            os.killpg(process.pid, signal.SIGINT)
            rest = process.stdout.read()
            status = process.wait()
            late.cancel()
        assert first, f"{block}: said nothing"
        assert status in (0, 130), f"{block}: exit status {status} after Ctrl+C\n{(first + rest).decode()}"


def first_difference(shown: list[str], said: str) -> str | None:
    """The first line that was promised and did not come after the ones before it."""
    came = iter([_likened(line) for line in said.splitlines() if line.strip()])
    for line in shown:
        if line.strip() == "…":
            continue
        wanted = ".*".join(re.escape(part) for part in _likened(line).split("…"))
        if not any(re.fullmatch(wanted, each) for each in came):
            return line
    return None


def _likened(line: str) -> str:
    return re.sub(r"\d[\d,.]*", "0", " ".join(line.split()))


def _program(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
    path.chmod(0o755)
