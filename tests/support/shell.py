"""One user at one prompt: the real `cs` in a process of its own, with an empty home."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CS = (sys.executable, "-m", "codesession")
SOURCE = Path(__file__).parents[2] / "src"
_FOREIGN = ("CODESESSION_", "ANTHROPIC_", "OPENAI_", "GOOGLE_", "GEMINI_", "CLAUDE", "GIT_", "GROQ_", "KIMI_")
_ABOUT_TERMINALS = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "NO_PROXY", "no_proxy")


@dataclass(frozen=True)
class Answer:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON value on stdout."""
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        """The error of an envelope; the exit status must fit."""
        assert self.code == 1, self
        error: dict[str, Any] = self.json["error"]
        return error


def clean_environment(home: Path) -> dict[str, str]:
    """Ours without anything that would speak to the programs under test."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(_FOREIGN) and k not in _ABOUT_TERMINALS}
    return {**kept, "HOME": str(home), "PYTHONPATH": str(SOURCE), "TZ": "UTC"}


@dataclass
class Shell:
    """Runs `cs` as a user would."""

    home: Path
    cwd: Path
    env: dict[str, str] = field(default_factory=dict)

    @property
    def ledger(self) -> Path:
        """Where this user's ledger is."""
        return self.home / ".codesession" / "sessions.db"

    def environment(self, **more: str) -> dict[str, str]:
        """What this user's programs see."""
        return {**clean_environment(self.home), **self.env, **more}

    def start(
        self, *args: str | bytes, env: Mapping[str, str] | None = None, **options: Any
    ) -> subprocess.Popen[bytes]:
        """Start `cs` and let it run; streams are pipes unless told otherwise."""
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        given = {"cwd": self.cwd, "env": self.environment(**(env or {})), **pipes, **options}
        return subprocess.Popen([*CS, *args], **given)

    def cs(
        self,
        *args: str | bytes,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        timeout: float = 60,
        **options: Any,
    ) -> Answer:
        """Run `cs` to its end."""
        process = self.start(*args, env=env, **options)
        try:
            out, err = process.communicate(stdin, timeout=timeout)
        finally:
            process.kill()
        return Answer(
            process.returncode, (out or b"").decode("utf-8", "replace"), (err or b"").decode("utf-8", "replace")
        )

    def ok(self, *args: str | bytes, **options: Any) -> Any:
        """Run `cs`, expect success, return its JSON."""
        answer = self.cs(*args, **options)
        assert answer.code == 0, answer
        return answer.json

    def git(self, *args: str) -> str:
        """Run git in the working directory."""
        identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
        done = subprocess.run(
            ["git", *identity, *args], cwd=self.cwd, env=self.environment(), check=True, capture_output=True, text=True
        )
        return done.stdout.strip()


def make_shell(folder: Path, *, git: bool = True) -> Shell:
    """A user with an empty home in an empty repository (or directory)."""
    home, cwd = folder / "home", folder / "work"
    home.mkdir(parents=True)
    cwd.mkdir()
    shell = Shell(home=home, cwd=cwd)
    if git:
        shell.git("init", "--quiet", "-b", "main")
        shell.git("commit", "--quiet", "--allow-empty", "-m", "Begin")
    return shell
