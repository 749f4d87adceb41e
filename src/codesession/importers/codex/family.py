"""What a rollout must know of its relatives: which turns were its parent's, and which thread a lineage began with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from codesession.importers.jsonl import open_log, scan_string

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_THREAD = re.compile(rf"({_UUID})(?:_{_UUID})?\.jsonl(?:\.zst)?$")
"""A thread that was taken back to an earlier point goes on in a further file, whose own id follows the thread's."""
_HEAD = 1 << 16
_MAX_GENERATIONS = 64


class Family:
    """The rollouts of one home by thread; looked up only when a fork asks."""

    def __init__(self, files: Callable[[], Iterator[Path]]) -> None:
        self._files = files
        self._by_thread: dict[str, list[Path]] | None = None
        self._turns: dict[str, frozenset[str] | None] = {}
        self._parents: dict[str, str | None] = {}

    def turns(self, thread: str) -> frozenset[str] | None:
        """The ids of a thread's turns; None when its rollout is not there (any more)."""
        if thread not in self._turns:
            known = [turns for path in self._paths(thread) if (turns := _turn_ids(path)) is not None]
            self._turns[thread] = frozenset().union(*known) if known else None
        return self._turns[thread]

    def root(self, thread: str) -> str:
        """The thread a lineage began with, as far back as rollouts are there."""
        for _ in range(_MAX_GENERATIONS):
            if thread not in self._parents:
                paths = self._paths(thread)
                self._parents[thread] = _forked_from(paths[0]) if paths else None
            parent = self._parents[thread]
            if parent is None:
                return thread
            thread = parent
        return thread

    def _paths(self, thread: str) -> list[Path]:
        if self._by_thread is None:
            self._by_thread = {}
            for path in self._files():
                name = thread_of(path)
                if name is not None:
                    self._by_thread.setdefault(name, []).append(path)
        return self._by_thread.get(thread, [])


def thread_of(path: Path) -> str | None:
    """The thread of a rollout by its name, else by its first line."""
    named = _THREAD.search(path.name)
    return named[1] if named else scan_string(_head(path), b"id")


def _head(path: Path) -> bytes:
    try:
        with open_log(path) as file:
            line = file.readline(_HEAD)
    except OSError:  # cannot be read: reported when the file itself is read
        return b""
    return line if b'"session_meta"' in line else b""


def _forked_from(path: Path) -> str | None:
    return scan_string(_head(path), b"forked_from_id")


def _turn_ids(path: Path) -> frozenset[str] | None:
    found: set[str] = set()
    try:
        with open_log(path) as file:
            for line in file:
                if b'"turn_context"' in line[:200] or b'"task_started"' in line[:300]:
                    turn = scan_string(line, b"turn_id")
                    if turn is not None:
                        found.add(turn)
    except OSError:  # as if it were not there
        return None
    return frozenset(found)
