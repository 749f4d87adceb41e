"""Claude Code's transcripts, and agents that write the same format. Format facts: README.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from codesession.domain.plain import whole
from codesession.importers.folders import is_folder, walk
from codesession.importers.jsonl import outline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

    from codesession.domain.plain import Seen
    from codesession.domain.sighting import Sighting
    from codesession.importers.base import LogFile, Places

_MARKS = (b'"parentUuid"', b'"isSidechain"', b'"leafUuid"', b'"queue-operation"', b'"file-history-snapshot"')
_IFLOW_SESSION = re.compile(rb'"sessionId"\s*:\s*"session-[0-9a-f]{8}-')
_DESKTOP = "local-agent-mode-sessions"


class ClaudeFormat:
    """Transcripts `projects/<slug>/**/*.jsonl`."""

    name: ClassVar[str]
    appends: ClassVar[bool] = True
    companions: ClassVar[tuple[str, ...]] = ()

    def files(self, root: Path) -> Iterator[Path]:
        """Transcripts of a home; of any other folder everything that is written line by line."""
        projects = root / "projects"
        return walk(projects if is_folder(projects) else root, ".jsonl")

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether the first lines have the marks of a transcript."""
        if path.suffix != ".jsonl" or b'"payload":' in outline(head):
            return False
        usage = b'"usage"' in head and b'"message"' in head and b'"timestamp"' in head
        return usage or any(mark in head for mark in _MARKS)

    def read(self, log: LogFile) -> Iterator[Sighting]:
        """The calls of one transcript."""
        return map(whole, self.plainly(log))

    def plainly(self, log: LogFile) -> Iterator[Seen]:
        """The same, plain ones as such."""
        from codesession.importers.claude_code.transcript import Transcript

        return Transcript(log, self.name).calls()


class ClaudeCode(ClaudeFormat):
    """Claude Code: terminal, SDK, editors and the desktop app's local agent mode."""

    name: ClassVar[str] = "claude-code"
    title: ClassVar[str] = "Claude Code"

    def homes(self, places: Places) -> list[Path]:
        """`CLAUDE_CONFIG_DIR` (a list is accepted), by default `~/.claude`; older and desktop folders beside it."""
        own = places.variables("CLAUDE_CONFIG_DIR") or [places.home / ".claude"]
        return [*own, places.xdg_config() / "claude", *self._desktop(places)]

    def files(self, root: Path) -> Iterator[Path]:
        """As the format; of the desktop app's folders, which hold audits and uploads as well, only the transcripts."""
        for path in super().files(root):
            _, desktop, below = str(path).partition(_DESKTOP)
            if not desktop or "projects" in Path(below).parts:
                yield path

    def _desktop(self, places: Places) -> list[Path]:
        folders = [places.app_data()]
        if places.platform == "win32":
            folders.append(places.local() / "Packages" / "Claude_pzs8sxrjxfjjc" / "LocalCache" / "Roaming")
        return [folder / "Claude" / _DESKTOP for folder in folders]

    def recognises(self, path: Path, head: bytes) -> bool:
        """As the format, but what iFlow wrote is left to iFlow."""
        return super().recognises(path, head) and not _is_iflow(path, head)


class IFlow(ClaudeFormat):
    """iFlow CLI: the same layout; it writes every count as 0, so its usage is unknown."""

    name: ClassVar[str] = "iflow"
    title: ClassVar[str] = "iFlow CLI"

    def homes(self, places: Places) -> list[Path]:
        """`~/.iflow`"""
        return [places.home / ".iflow"]

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether a transcript is iFlow's."""
        return super().recognises(path, head) and _is_iflow(path, head)


def _is_iflow(path: Path, head: bytes) -> bool:
    return ".iflow" in path.parts or _IFLOW_SESSION.search(head) is not None
