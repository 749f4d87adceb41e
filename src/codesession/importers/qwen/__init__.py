"""Qwen Code's chats. Format facts: README.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from codesession.importers.folders import is_folder, walk
from codesession.importers.gemini import is_whole_chat
from codesession.importers.jsonl import outline

if TYPE_CHECKING:
    from codesession.domain.sighting import Sighting
    from codesession.importers.base import LogFile, Places

_NEEDLES = (b"api_response", b'"usageMetadata"')
_SUMS = "usage_record.jsonl"
"""Sums per session of what the chats hold."""
_SUBAGENTS = "subagents"
"""Below it sub-agents tell their stories, whose calls the chats report."""


class Qwen:
    """Chats `projects/<slug>/chats/<session>.jsonl`, of early versions `tmp/<hash>/chats/session-*.json`."""

    name: ClassVar[str] = "qwen-code"
    title: ClassVar[str] = "Qwen Code"
    appends: ClassVar[bool] = True
    companions: ClassVar[tuple[str, ...]] = ()

    def homes(self, places: Places) -> list[Path]:
        """`QWEN_RUNTIME_DIR` or `QWEN_HOME`, by default `~/.qwen`."""
        named = [folder for name in ("QWEN_RUNTIME_DIR", "QWEN_HOME") if (folder := places.variable(name))]
        return named or [places.home / ".qwen"]

    def files(self, root: Path) -> Iterator[Path]:
        """The chats of a home; of any other folder everything that could be one."""
        homes = (home / name for home in (root, root / ".qwen") for name in ("projects", "tmp"))
        inner = [folder for folder in homes if is_folder(folder) and next(folder.glob("*/chats"), None)]
        for folder in inner or [root]:
            for path in walk(folder, ".jsonl", ".json"):
                if _is_chat(path) and (not inner or "chats" in path.relative_to(folder).parts):
                    yield path

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether the first lines have the marks of a chat."""
        if path.suffix == ".json":
            return is_whole_chat(path, head) and ".qwen" in path.parts
        if path.suffix != ".jsonl" or not _is_chat(path) or b'"sessionId"' not in head:
            return False
        shown = outline(head)
        marks = (b'"subtype":"ui_telemetry"', b'"usageMetadata":', b'"provenance":')
        return any(mark in shown for mark in marks) or ".qwen" in path.parts

    def read(self, log: LogFile) -> Iterator[Sighting]:
        """The calls of one chat."""
        from codesession.importers.documents import objects
        from codesession.importers.qwen.chat import Chat, from_document

        if log.path.suffix == ".json":
            yield from from_document(log, self.name)
            return
        chat = Chat(log, self.name)
        for line in objects(log, *_NEEDLES):
            yield from chat.line(line)


def _is_chat(path: Path) -> bool:
    return path.name != _SUMS and path.parent.parent.name != _SUBAGENTS
