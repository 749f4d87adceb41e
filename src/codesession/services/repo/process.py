"""Run the git program so that neither the user's settings nor a hung process can bend or stop a session."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

from codesession.errors import reason

if TYPE_CHECKING:
    from subprocess import Popen

_REPOSITORY_VARIABLES = frozenset(
    {
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_COMMON_DIR",
        "GIT_PREFIX",
        "GIT_NAMESPACE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_GRAFT_FILE",
        "GIT_SHALLOW_FILE",
        "GIT_REPLACE_REF_BASE",
        "GIT_EXTERNAL_DIFF",
        "GIT_DIFF_OPTS",
        "GIT_LITERAL_PATHSPECS",
        "GIT_ICASE_PATHSPECS",
    }
)
"""Set inside hooks and aliases: they would lead to another repository or index than the session's."""

_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_PAGER": "cat",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
}
"""English messages, no locks, no questions, no network: before git 2.44 only the last line stops lazy fetches."""

_SETTINGS = (
    "core.quotePath=false",
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "color.ui=false",
    "log.showSignature=false",
    "log.showRoot=true",
    "status.relativePaths=false",
    "submodule.recurse=false",
)

_REASON_LENGTH = 300


class GitError(Exception):
    """Git did not do what was asked; the text is a warning for people."""


class Git:
    """The git program in one repository. All its runs share one time limit, in seconds."""

    def __init__(self, root: Path, *, timeout: float, git_dir: str | None = None) -> None:
        self.root = root
        self._timeout = timeout
        self._deadline = time.monotonic() + timeout
        self._environment = {k: v for k, v in os.environ.items() if k not in _REPOSITORY_VARIABLES} | _ENVIRONMENT
        if git_dir is not None:
            self._environment |= {"GIT_DIR": git_dir, "GIT_WORK_TREE": str(root)}

    def run(self, *arguments: str, stdin: bytes = b"", accepted: frozenset[int] = frozenset({0})) -> bytes:
        """What git writes to stdout; `GitError` when it fails, is missing or takes too long."""
        from subprocess import PIPE, Popen, TimeoutExpired

        command = ["git", "--no-pager", "--no-optional-locks"]
        for setting in _SETTINGS:
            command += ["-c", setting]
        try:
            process = Popen(
                [*command, *arguments],
                cwd=self.root,
                env=self._environment,
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise GitError(self._not_started()) from error
        except OSError as error:
            raise GitError(f"git cannot be started: {reason(error)}") from error
        try:
            out, err = process.communicate(stdin, timeout=max(0.001, self._deadline - time.monotonic()))
        except TimeoutExpired as error:
            _kill(process)
            raise GitError(f"git did not answer within {self._timeout:g} s in {self.root}") from error
        except BaseException:  # an interrupt, too, leaves no git behind; raised on
            _kill(process)
            raise
        if process.returncode not in accepted:
            raise GitError(self._failure(err.decode("utf-8", "replace"), process.returncode))
        return out

    def _not_started(self) -> str:
        if not self.root.is_dir():
            return f"{self.root} does not exist any more"
        return "git is not installed or not on PATH: commits and changed files cannot be seen"

    def _failure(self, err: str, status: int) -> str:
        if "dubious ownership" in err or "unsafe repository" in err:
            return (
                f"git refuses {self.root} because it belongs to another user; "
                f"to trust it: git config --global --add safe.directory {self.root}"
            )
        lines = [line for line in err.splitlines() if line.startswith(("fatal:", "error:"))]
        reason = lines[-1][:_REASON_LENGTH] if lines else f"exit status {status}"
        return f"git failed in {self.root}: {reason}"


def _kill(process: Popen[bytes]) -> None:
    """End git and what it started; never wait for a grandchild that keeps a pipe open."""
    from subprocess import TimeoutExpired

    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except ProcessLookupError:
        pass  # it ended by itself in between
    try:
        process.communicate(timeout=1)
    except TimeoutExpired:
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
        process.poll()
