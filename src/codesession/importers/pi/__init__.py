"""pi's session files, and agents that write the same format. Format facts: README.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from codesession.importers.folders import is_folder, walk

if TYPE_CHECKING:
    from codesession.domain.sighting import Sighting
    from codesession.importers.base import LogFile, Places

_HEADER = re.compile(rb'"type"\s*:\s*"session"')
_NEEDLES = (b'"usage"', b'"session"', b'"model_change"', b'"session_info"')


class PiFormat:
    """Session trees, one entry per line: `sessions/--<cwd>--/<time>_<uuid>.jsonl`."""

    name: ClassVar[str]
    folder: ClassVar[str]
    """The agent's folder below the user's home."""
    appends: ClassVar[bool] = True
    companions: ClassVar[tuple[str, ...]] = ()

    def homes(self, places: Places) -> list[Path]:
        """The agent's folder below the user's home."""
        return [places.home / self.folder / "agent"]

    def files(self, root: Path) -> Iterator[Path]:
        """Session files of a home; of any other folder everything that is written line by line."""
        inner = [folder for folder in (root / "sessions", root / "agent" / "sessions") if is_folder(folder)]
        for folder in inner or [root]:
            yield from walk(folder, ".jsonl")

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether a file begins with a session header, in this agent's folder."""
        return self.folder in path.parts and is_session_tree(path, head)

    def read(self, log: LogFile) -> Iterator[Sighting]:
        """The calls of one session file."""
        from codesession.importers.documents import objects
        from codesession.importers.pi.entries import Tree

        tree = Tree(log, self.name, log.state)
        for entry in objects(log, *_NEEDLES):
            sighting = tree.take(entry)
            if sighting is not None:
                yield sighting
        log.state = tree.state()


class Pi(PiFormat):
    """pi, the coding agent."""

    name: ClassVar[str] = "pi"
    title: ClassVar[str] = "pi"
    folder: ClassVar[str] = ".pi"

    def homes(self, places: Places) -> list[Path]:
        """`PI_CODING_AGENT_DIR`, by default `~/.pi/agent`; `PI_CODING_AGENT_SESSION_DIR` beside it."""
        home = places.variable("PI_CODING_AGENT_DIR") or places.home / ".pi" / "agent"
        sessions = places.variable("PI_CODING_AGENT_SESSION_DIR")
        return [home] if sessions is None else [sessions, home]

    def recognises(self, path: Path, head: bytes) -> bool:
        """As the format, in any folder that is not a relative's."""
        clones = {Prime.folder, Omp.folder}
        return is_session_tree(path, head) and not clones & set(path.parts) and not is_openclaws(head)


class Prime(PiFormat):
    """Prime: pi's format in a folder of its own; sub-agents' sessions are below `session-artifacts`."""

    name: ClassVar[str] = "prime"
    title: ClassVar[str] = "Prime"
    folder: ClassVar[str] = ".prime"
    appends: ClassVar[bool] = False

    def files(self, root: Path) -> Iterator[Path]:
        """As the format, and sub-agents' sessions."""
        from codesession.importers.pi.attributed import FOLDER

        yield from super().files(root)
        for home in (root, root / "agent"):
            if is_folder(home / "sessions") and is_folder(home / FOLDER):
                yield from walk(home / FOLDER, ".jsonl")

    def read(self, log: LogFile) -> Iterator[Sighting]:
        """The calls of one session file, without what answers show of sub-agents."""
        from codesession.importers.documents import objects
        from codesession.importers.pi import attributed
        from codesession.importers.pi.entries import Tree

        entries = list(objects(log, *_NEEDLES, attributed.KIND.encode()))
        attributed.take_off(entries)
        tree = Tree(log, self.name, parent=attributed.parent_of(log.path))
        return (sighting for sighting in map(tree.take, entries) if sighting is not None)


class Omp(PiFormat):
    """Oh My Pi: pi's format in a folder of its own."""

    name: ClassVar[str] = "omp"
    title: ClassVar[str] = "Oh My Pi"
    folder: ClassVar[str] = ".omp"


def is_openclaws(head: bytes) -> bool:
    """Whether OpenClaw wrote it, by its own fields or the folder it works in: a project may have its name."""
    return b'"__openclaw' in head or b".openclaw/" in head


def is_session_tree(path: Path, head: bytes) -> bool:
    """Whether the first line is the header of a session tree."""
    return ".jsonl" in path.name and _HEADER.search(head.split(b"\n", 1)[0]) is not None
