"""OpenClaw's transcripts, and agents built on it. Format facts: README.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from codesession.importers.folders import is_folder, walk
from codesession.importers.jsonl import ZSTD_MAGIC
from codesession.importers.openclaw import harness
from codesession.importers.pi import is_openclaws, is_session_tree
from codesession.importers.sqlite import MAGIC

if TYPE_CHECKING:
    from codesession.domain.sighting import Sighting
    from codesession.importers.base import LogFile, Places

DATABASE = "openclaw-agent.sqlite"
_FOLDERS = (".openclaw", ".clawdbot", ".moltbot", ".moldbot", ".kimi_openclaw")
_CLONES = (".qclaw",)
_TRANSCRIPT = re.compile(r"\.jsonl(?:$|\.zst$|\.bak$|\.(?:deleted|reset|full)\.)")


class OpenClawFormat:
    """One database per agent; before 2026.7 files `agents/<id>/sessions/*.jsonl`, which stay beside it."""

    name: ClassVar[str]
    appends: ClassVar[bool] = False
    companions: ClassVar[tuple[str, ...]] = ("-wal",)

    def files(self, root: Path) -> Iterator[Path]:
        """Databases, transcripts and their archives, and rollouts of Codex that it ran itself."""
        agents = root / "agents"
        for path in walk(agents if is_folder(agents) else root, ""):
            if path.name == DATABASE or (_TRANSCRIPT.search(path.name) and ".trajectory." not in path.name):
                yield path

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether a file is OpenClaw's database, or a session tree with its marks."""
        if path.name == DATABASE:
            return head.startswith(MAGIC)
        if harness.home_of(path) is not None:
            return harness.is_rollout(path, head)
        plain = _unpacked(head)
        marked = any(folder in path.parts for folder in (*_FOLDERS, *_CLONES)) or _is_placed(path)
        if plain is None:  # what it is missing is said when it is read
            return marked and path.suffix == ".zst"
        return (marked or is_openclaws(plain)) and is_session_tree(path, plain)

    def read(self, log: LogFile) -> Iterator[Sighting]:
        """The calls of one database or transcript."""
        from codesession.importers.openclaw import transcripts

        if log.path.name == DATABASE:
            return transcripts.from_database(log, self.name)
        if harness.home_of(log.path) is not None:
            return harness.from_rollout(log, self.name)
        return transcripts.from_file(log, self.name)


def _unpacked(head: bytes) -> bytes | None:
    """The beginning of a file, unpacked where it is compressed; None where that cannot be done here."""
    if not head.startswith(ZSTD_MAGIC):
        return head
    try:
        import zstandard
    except ImportError:
        return None
    try:
        return zstandard.ZstdDecompressor().decompressobj().decompress(head)
    except zstandard.ZstdError:  # not what its first bytes say
        return b""


def _is_placed(path: Path) -> bool:
    """Whether a transcript lies where OpenClaw keeps them: `agents/<id>/sessions/<file>`."""
    return path.parent.name == "sessions" and path.parent.parent.parent.name == "agents"


class OpenClaw(OpenClawFormat):
    """OpenClaw, under this and its earlier names."""

    name: ClassVar[str] = "openclaw"
    title: ClassVar[str] = "OpenClaw"

    def homes(self, places: Places) -> list[Path]:
        """`OPENCLAW_STATE_DIR`, else `~/.openclaw` (moved by `OPENCLAW_HOME` and `OPENCLAW_PROFILE`); old names too."""
        base = places.variable("OPENCLAW_HOME") or places.home
        profile = places.environment.get("OPENCLAW_PROFILE", "").strip()
        named = [base / f".openclaw-{profile}"] if profile and profile != "default" else []
        moved = places.variable("OPENCLAW_STATE_DIR") or places.variable("CLAWDBOT_STATE_DIR")
        config = places.variable("OPENCLAW_CONFIG_PATH")
        own = [*([moved] if moved else []), *([config.parent] if config else []), *named]
        return list(dict.fromkeys([*own, *(base / folder for folder in _FOLDERS)]))

    def recognises(self, path: Path, head: bytes) -> bool:
        """As the format, but not in a relative's folder."""
        return super().recognises(path, head) and not any(clone in path.parts for clone in _CLONES)


class QClaw(OpenClawFormat):
    """QClaw: OpenClaw's format in a folder of its own."""

    name: ClassVar[str] = "qclaw"
    title: ClassVar[str] = "QClaw"

    def homes(self, places: Places) -> list[Path]:
        """`~/.qclaw`"""
        return [places.home / ".qclaw"]

    def recognises(self, path: Path, head: bytes) -> bool:
        """As the format, in its own folder only."""
        return ".qclaw" in path.parts and super().recognises(path, head)
