"""Goose's sessions. Format facts: README.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from codesession.importers.folders import is_folder, walk
from codesession.importers.sqlite import MAGIC

if TYPE_CHECKING:
    from codesession.domain.sighting import Sighting
    from codesession.importers.base import LogFile, Places

DATABASE = "sessions.db"


class Goose:
    """The database `sessions/sessions.db`."""

    name: ClassVar[str] = "goose"
    title: ClassVar[str] = "Goose"
    appends: ClassVar[bool] = False
    companions: ClassVar[tuple[str, ...]] = ("-wal",)

    def homes(self, places: Places) -> list[Path]:
        """`GOOSE_PATH_ROOT`, else the data folder: `~/.local/share/goose`, on Windows `%APPDATA%/Block/goose/data`."""
        moved = places.variable("GOOSE_PATH_ROOT")
        if moved is not None:
            return [moved, moved / "data", moved / "goose"]
        if places.platform == "win32":
            return [places.roaming() / "Block" / "goose" / "data"]
        return [places.xdg_data() / "goose"]

    def files(self, root: Path) -> Iterator[Path]:
        """The database of a home."""
        sessions = root / "sessions"
        return walk(sessions if is_folder(sessions) else root, DATABASE)

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether a file is such a database, told from others of the same name by its folder or its first tables."""
        if path.name != DATABASE or not head.startswith(MAGIC):
            return False
        return "goose" in path.parts or b"accumulated_total_tokens" in head or b"schema_version" in head

    def read(self, log: LogFile) -> Iterator[Sighting]:
        """The calls, and what totals gained since the last pass."""
        from codesession.importers.goose.sessions import gained

        return gained(log, self.name)
