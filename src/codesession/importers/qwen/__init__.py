"""Qwen Code's chats. Format facts: README.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from codesession.importers.folders import walk
from codesession.importers.jsonl import outline

if TYPE_CHECKING:
    from codesession.domain.sighting import Sighting
    from codesession.importers.base import LogFile, Places

_NEEDLES = (b"api_response", b'"usageMetadata"')
_SUMS = "usage_record.jsonl"
"""Sums per session of what the chats hold."""


class Qwen:
    """Chats `projects/<slug>/chats/<session>.jsonl`."""

    name: ClassVar[str] = "qwen-code"
    title: ClassVar[str] = "Qwen Code"
    appends: ClassVar[bool] = True
    companions: ClassVar[tuple[str, ...]] = ()

    def homes(self, places: Places) -> list[Path]:
        """`QWEN_RUNTIME_DIR` or `QWEN_HOME`, by default `~/.qwen`."""
        named = [folder for name in ("QWEN_RUNTIME_DIR", "QWEN_HOME") if (folder := places.variable(name))]
        return named or [places.home / ".qwen"]

    def files(self, root: Path) -> Iterator[Path]:
        """The chats of a home; of any other folder everything that is written line by line."""
        inner = next((folder for folder in (root / "projects", root / ".qwen" / "projects") if folder.is_dir()), None)
        for path in walk(inner or root, ".jsonl"):
            if path.name != _SUMS and (inner is None or "chats" in path.relative_to(inner).parts):
                yield path

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether the first lines have the marks of a chat."""
        if path.suffix != ".jsonl" or path.name == _SUMS or b'"sessionId"' not in head:
            return False
        shown = outline(head)
        marks = (b'"subtype":"ui_telemetry"', b'"usageMetadata":', b'"provenance":')
        return any(mark in shown for mark in marks) or ".qwen" in path.parts

    def read(self, log: LogFile) -> Iterator[Sighting]:
        """The calls of one chat."""
        from codesession.importers.documents import decode_object
        from codesession.importers.qwen.chat import Chat

        chat = Chat(log, self.name)
        for raw in log.lines(*_NEEDLES):
            line = decode_object(raw)
            if line is None:
                log.bad_line("broken JSON")
            else:
                yield from chat.line(line)
