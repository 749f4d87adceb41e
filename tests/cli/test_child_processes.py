"""Finding the processes of a command by descent, among real ones."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from codesession.cli.child import processes

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="process groups are POSIX")


def test_descendants_are_listed_parents_first_and_other_groups_left_out() -> None:
    """The command, its tool, the tool's tool; not a daemon that made itself independent, not us."""
    script = """
import os, subprocess, sys
nested = "import os, subprocess; print(os.getpid(), flush=True); subprocess.run(['sh', '-c', 'echo $$; read x'])"
subprocess.Popen(["cat"], start_new_session=True, stdout=subprocess.DEVNULL)
print(os.getpid(), flush=True)
subprocess.run([sys.executable, "-c", nested])
"""
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        pids = [int(process.stdout.readline()) for _ in range(3)]
        assert processes.command_group(process.pid) == pids
        process.communicate("\n", timeout=10)


def test_a_command_that_is_gone_is_its_own_only_process() -> None:
    """Nobody else is ever signalled in its place."""
    with subprocess.Popen(["true"]) as process:
        process.wait()
    assert processes.command_group(process.pid) == [process.pid]


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_a_program_name_cannot_confuse_the_table(tmp_path: Path) -> None:
    """The name stands in parentheses in the row and may hold any of `) 1 (`."""
    odd = tmp_path / "a) 1 1 (b"
    shutil.copy(shutil.which("cat") or "/bin/cat", odd)
    with subprocess.Popen([str(odd)], stdin=subprocess.PIPE) as process:
        assert processes.Process(process.pid, os.getpid(), os.getpgrp()) in list(processes._from_proc())
        process.communicate(timeout=10)


@pytest.mark.skipif(shutil.which("ps") is None, reason="needs ps")
def test_ps_tells_the_same_as_proc() -> None:
    """The source used on systems without /proc."""
    assert processes.Process(os.getpid(), os.getppid(), os.getpgrp()) in list(processes._from_ps())


def test_without_a_process_table_nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container without ps: the command itself is still signalled."""
    monkeypatch.setenv("PATH", "/nonexistent")
    assert list(processes._from_ps()) == []
