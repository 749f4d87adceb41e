"""OpenCode's database and files, and agents built on it. Format facts: README.md."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from codesession.importers.folders import is_file, walk
from codesession.importers.sqlite import MAGIC

if TYPE_CHECKING:
    from codesession.domain.sighting import Sighting
    from codesession.importers.base import LogFile, Places
    from codesession.importers.opencode.sources import MessageFiles


class OpenCodeFormat:
    """`<folder>/opencode.db`; before, one file per message: `storage/message/<session>/msg_*.json`."""

    name: ClassVar[str]
    folder: ClassVar[str]
    """Below the user's data folder; also the name of the database."""
    appends: ClassVar[bool] = False
    companions: ClassVar[tuple[str, ...]] = ("-wal",)

    def __init__(self) -> None:
        self._storages: dict[Path, MessageFiles] = {}

    def homes(self, places: Places) -> list[Path]:
        """The agent's folder below `$XDG_DATA_HOME`."""
        return [places.xdg_data() / self.folder]

    def files(self, root: Path) -> Iterator[Path]:
        """The databases directly in a folder or one below, and the message files."""
        for path in walk(root, ".db", ".json"):
            if self._is_database(path) or _is_message(path):
                yield path

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether a file is this agent's database, or a message file of an answer or a prompt."""
        if self._is_database(path):
            return head.startswith(MAGIC)
        return _is_message(path) and b'"role"' in head and self._is_ours(path)

    def read(self, log: LogFile) -> Iterator[Sighting]:
        """The calls of a database, or the one of a message file."""
        from codesession.importers.opencode import sources

        if log.path.suffix != ".json":
            return sources.from_database(log, self.name)
        storage = log.path.parent.parent.parent
        return sources.from_file(log, self.name, self._storages.setdefault(storage, sources.MessageFiles(storage)))

    def _is_database(self, path: Path) -> bool:
        return fnmatch(path.name, f"{self.folder}*.db")

    def _is_ours(self, path: Path) -> bool:
        return self.folder in path.parts


class OpenCode(OpenCodeFormat):
    """OpenCode."""

    name: ClassVar[str] = "opencode"
    title: ClassVar[str] = "OpenCode"
    folder: ClassVar[str] = "opencode"

    def homes(self, places: Places) -> list[Path]:
        """`$XDG_DATA_HOME/opencode`, by default `~/.local/share/opencode`; before it the database of `OPENCODE_DB`."""
        home = places.xdg_data() / self.folder
        database = places.variable("OPENCODE_DB")
        return [home] if database is None else [home / database, home]

    def files(self, root: Path) -> Iterator[Path]:
        """As the format; a home may be one database."""
        return iter([root]) if is_file(root) else super().files(root)

    def _is_ours(self, path: Path) -> bool:
        return not {Kilo.folder, MimoCode.folder} & set(path.parts)


class Kilo(OpenCodeFormat):
    """Kilo's command line, built on OpenCode."""

    name: ClassVar[str] = "kilo"
    title: ClassVar[str] = "Kilo CLI"
    folder: ClassVar[str] = "kilo"


class MimoCode(OpenCodeFormat):
    """MiMo Code, built on OpenCode."""

    name: ClassVar[str] = "mimocode"
    title: ClassVar[str] = "MiMo Code"
    folder: ClassVar[str] = "mimocode"


def _is_message(path: Path) -> bool:
    return path.suffix == ".json" and path.name.startswith("msg_")
