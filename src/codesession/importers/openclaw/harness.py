"""
Other agents as OpenClaw runs them: their own logs tell every call.

Rollouts of Codex are in homes of its own below an agent's folder. A transcript repeats the last answer of a turn, with
the usage of the last response only, or for a command line with the sum of the turn.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codesession.importers.documents import child
from codesession.importers.folders import is_folder, walk
from codesession.providers.counting import text

if TYPE_CHECKING:
    from codesession.domain.sighting import Sighting
    from codesession.importers.base import LogFile

_HOME = "codex-home"
_PROFILES = ("cli-auth", "codex")
_SESSIONS = ("sessions", "archived_sessions")
_MIRRORED = "codex-app-server:"
"""Begins the key of a mirrored message; thread and turn follow."""
_HISTORY = "history"
"""In the place of a turn: what a thread of the user's held before OpenClaw went on with it."""
_RUN = "cli"
"""The format of messages that sum up a turn of a command line."""
_COMMANDS = frozenset(("claude-cli", "codex-cli", "google-gemini-cli"))
"""Those that keep logs of their own."""


def home_of(path: Path) -> Path | None:
    """The home of Codex that a file lies in: `agent/codex-home`, or `agent/cli-auth/codex/<profile>`."""
    for folder in path.parents:
        profile = (folder.parent.parent.name, folder.parent.name) == _PROFILES
        if (folder.name == _HOME and folder.parent.name == "agent") or profile:
            return folder
    return None


def is_rollout(path: Path, head: bytes) -> bool:
    """Whether a file of such a home is a rollout."""
    from codesession.importers.codex import CodexFormat

    return path.name.startswith("rollout-") and CodexFormat().recognises(path, head)


def from_rollout(log: LogFile, agent_name: str) -> Iterator[Sighting]:
    """The calls of a rollout."""
    from codesession.domain.plain import whole
    from codesession.importers.codex.family import Family
    from codesession.importers.codex.rollout import Rollout

    home = home_of(log.path) or log.path.parent
    log.state = {}  # it is read from its start each time
    family = Family(lambda: _rollouts(home))
    return map(whole, Rollout(log, agent_name, family).calls())


class Mirrors:
    """Which messages of a log only repeat what other agents' logs tell: rollouts also when they are gone by now."""

    def __init__(self, log: LogFile, agent: Path) -> None:
        self._log = log
        self._homes = [agent / _HOME, *(home / ".codex" for home in list(agent.parents)[3:4])]
        """The agent's, and the user's own beside OpenClaw's folder."""
        self._threads: set[str] | None = None

    def has(self, entry: dict[str, Any]) -> bool:
        """Whether an entry is such a message."""
        message = child(entry, "message")
        if message.get("api") == _RUN and message.get("provider") in _COMMANDS:
            return True
        key = text(message, "idempotencyKey") or ""
        if not key.startswith(_MIRRORED):
            return False
        thread, _, turn = key.removeprefix(_MIRRORED).partition(":")
        if turn.startswith(_HISTORY):
            return True
        told = self._log.state.setdefault("threads", [])
        if thread in told:
            return True
        if thread not in self._known():
            return False
        told.append(thread)
        return True

    def _known(self) -> set[str]:
        if self._threads is None:
            from codesession.importers.codex.family import thread_of

            found = (thread_of(path) for home in self._homes for path in _rollouts(home))
            self._threads = {thread for thread in found if thread is not None}
        return self._threads


def _rollouts(home: Path) -> Iterator[Path]:
    for name in _SESSIONS:
        if is_folder(home / name):
            yield from walk(home / name, ".jsonl", ".jsonl.zst")
