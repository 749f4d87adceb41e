"""Which processes a command consists of, when it shares our process group with others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from codesession.domain.facts import NamedTuple


class Process(NamedTuple):
    """One row of the system's process table."""

    pid: int
    parent: int
    group: int


def command_group(root: int) -> list[int]:
    """
    `root` and its descendants in the same process group, parents first.

    In a pipeline or a script the group also holds the neighbours and the script itself, which are not ours to signal.
    Parents come first so that a script in the command cannot go on to its next line because its child was ended.
    """
    table = list(_process_table())
    group = next((row.group for row in table if row.pid == root), None)
    children: dict[int, list[int]] = {}
    for row in table:
        if row.group == group:
            children.setdefault(row.parent, []).append(row.pid)
    found = [root]
    for pid in found:
        found.extend(children.get(pid, ()))
    return found


def _process_table() -> Iterator[Process]:
    return _from_proc() if Path("/proc/self/stat").exists() else _from_ps()


def _from_proc() -> Iterator[Process]:
    """proc_pid_stat(5): pid (name) state ppid pgrp …; the name may hold spaces and parentheses."""
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_bytes().rpartition(b")")[2].split()
        except OSError:  # It ended while we looked, or is hidden from us: not ours either way.
            continue
        yield Process(int(folder.name), int(fields[1]), int(fields[2]))


def _from_ps() -> Iterator[Process]:
    """For macOS and the BSDs; the columns are POSIX."""
    import subprocess

    try:
        listing = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid=,pgid="], stdout=subprocess.PIPE, text=True, check=False, timeout=5
        )
    except (OSError, subprocess.TimeoutExpired):  # Without a table the command itself is still signalled.
        return
    for line in listing.stdout.splitlines():
        yield Process(*map(int, line.split()))
