"""Codex CLI's rollouts, and agents that write the same format. Format facts: README.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from codesession.domain.plain import whole
from codesession.importers.folders import is_folder, walk
from codesession.importers.jsonl import outline

if TYPE_CHECKING:
    from codesession.domain.plain import Seen
    from codesession.domain.sighting import Sighting
    from codesession.importers.base import LogFile, Places
    from codesession.importers.codex.family import Family

_FOLDERS = ("sessions", "archived_sessions")
_EVENTS = tuple(
    b'"type":"%b"' % name for name in (b"turn_context", b"event_msg", b"response_item", b"token_usage_record")
)


class CodexFormat:
    """Rollouts `sessions/YYYY/MM/DD/rollout-*.jsonl`, archived ones, and compressed ones (`.jsonl.zst`)."""

    name: ClassVar[str]
    appends: ClassVar[bool] = True
    companions: ClassVar[tuple[str, ...]] = ()

    def __init__(self) -> None:
        self._families: dict[Path, Family] = {}

    def files(self, root: Path) -> Iterator[Path]:
        """Rollouts of a home; of any other folder everything that is written line by line."""
        inner = [root / name for name in _FOLDERS if is_folder(root / name)]
        for folder in inner or [root]:
            for path in walk(folder, ".jsonl", ".jsonl.zst"):
                if path.suffix != ".zst" or not path.with_suffix("").exists():
                    yield path

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether the first lines are those of a rollout."""
        if path.name.endswith(".jsonl.zst"):
            return path.name.startswith("rollout-")
        if path.suffix != ".jsonl":
            return False
        shown = outline(head)
        return b'"type":"session_meta"' in shown or (b'"payload":' in shown and any(mark in shown for mark in _EVENTS))

    def read(self, log: LogFile) -> Iterator[Sighting]:
        """The calls of one rollout."""
        return map(whole, self.plainly(log))

    def plainly(self, log: LogFile) -> Iterator[Seen]:
        """The same, plain ones as such."""
        from codesession.importers.codex.family import Family
        from codesession.importers.codex.rollout import Rollout

        if log.root not in self._families:
            self._families[log.root] = Family(lambda: self.files(log.root))
        return Rollout(log, self.name, self._families[log.root]).calls()


class Codex(CodexFormat):
    """Codex CLI, its desktop and editor fronts."""

    name: ClassVar[str] = "codex"
    title: ClassVar[str] = "Codex CLI"

    def homes(self, places: Places) -> list[Path]:
        """`CODEX_HOME`, by default `~/.codex`."""
        return [places.variable("CODEX_HOME") or places.home / ".codex"]


class Trae(CodexFormat):
    """Trae's command line."""

    name: ClassVar[str] = "trae"
    title: ClassVar[str] = "Trae CLI"

    def homes(self, places: Places) -> list[Path]:
        """`~/.trae/cli`"""
        return [places.home / ".trae" / "cli"]

    def recognises(self, path: Path, head: bytes) -> bool:
        """The format is Codex's; only the folder tells."""
        return ".trae" in path.parts and super().recognises(path, head)
