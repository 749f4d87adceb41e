"""Gemini CLI's chats. Format facts: README.md."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from codesession.importers.documents import child, read_side_file
from codesession.importers.folders import is_folder, walk
from codesession.importers.jsonl import outline

if TYPE_CHECKING:
    from codesession.domain.sighting import Sighting
    from codesession.importers.base import LogFile, Places

_NEEDLES = (b'"tokens"', b'"sessionId"', b'"summary"')


class Gemini:
    """Chats `tmp/<project>/chats/session-*.jsonl`, of older versions `.json`; sub-agents in a folder below."""

    name: ClassVar[str] = "gemini-cli"
    title: ClassVar[str] = "Gemini CLI"
    appends: ClassVar[bool] = False
    companions: ClassVar[tuple[str, ...]] = ()

    def homes(self, places: Places) -> list[Path]:
        """`$GEMINI_CLI_HOME/.gemini`, by default `~/.gemini`; in macOS' sandbox it may write below `.cache` alone."""
        home = places.variable("GEMINI_CLI_HOME") or places.home
        return [home / ".gemini", home / ".cache" / ".gemini"]

    def files(self, root: Path) -> Iterator[Path]:
        """The chats of a home; of any other folder everything that could be one."""
        inner = next((folder for folder in (root / "tmp", root / ".gemini" / "tmp") if is_folder(folder)), None)
        for path in walk(inner or root, ".json", ".jsonl"):
            if inner is None or "chats" in path.relative_to(inner).parts:
                yield path

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether a file begins as a chat does, and Qwen Code, which once wrote the same, is not where it came from."""
        if path.suffix == ".jsonl":
            shown = outline(head)
            return b'"sessionId":' in shown and b'"projectHash":' in shown
        return is_whole_chat(path, head) and ".qwen" not in path.parts

    def read(self, log: LogFile) -> Iterator[Sighting]:
        """The calls of one chat."""
        from codesession.importers.documents import objects, read_document
        from codesession.importers.gemini.chat import Chat

        chat = Chat(log, self.name, _project(log.path))
        if log.path.suffix == ".json":
            document = read_document(log)
            if isinstance(document, dict):
                chat.document(document)
        else:
            for line in objects(log, *_NEEDLES):
                chat.line(line)
        return chat.calls()


def is_whole_chat(path: Path, head: bytes) -> bool:
    """Whether a file begins as a chat that is one JSON object."""
    return path.suffix == ".json" and b'"messages"' in head and b'"lastUpdated"' in head


def _project(path: Path) -> str | None:
    """The directory a chat belongs to, by what stands beside it: its folder is named by a slug or a hash."""
    folder = next((parent for parent in path.parents if parent.name == "chats"), path).parent
    try:
        return (folder / ".project_root").read_text("utf-8", "replace").strip() or None
    except OSError:  # older versions do not write it
        pass
    known = child(read_side_file(folder.parent.parent / "projects.json"), "projects")
    for directory, slug in known.items():
        if folder.name in (slug, hashlib.sha256(directory.encode("utf-8", "replace")).hexdigest()):
            return directory
    return None
