"""Zed's agent threads. Format facts: README.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from codesession.importers.folders import is_folder, walk
from codesession.importers.sqlite import MAGIC

if TYPE_CHECKING:
    from codesession.domain.sighting import Sighting
    from codesession.importers.base import LogFile, Places

DATABASE = "threads.db"


class Zed:
    """The database `threads/threads.db`."""

    name: ClassVar[str] = "zed"
    title: ClassVar[str] = "Zed"
    appends: ClassVar[bool] = False
    companions: ClassVar[tuple[str, ...]] = ("-wal",)

    def homes(self, places: Places) -> list[Path]:
        """Zed's data folder."""
        if places.platform == "darwin":
            return [places.app_data() / "Zed"]
        if places.platform == "win32":
            return [places.local() / "Zed"]
        return [places.xdg_data() / "zed"]

    def files(self, root: Path) -> Iterator[Path]:
        """The database of a home."""
        threads = root / "threads"
        return walk(threads if is_folder(threads) else root, DATABASE)

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether a file is such a database, by its name and its first table."""
        return path.name == DATABASE and head.startswith(MAGIC) and b"data_type" in head

    def read(self, log: LogFile) -> Iterator[Sighting]:
        """The calls of all threads."""
        from codesession.importers.zed.threads import calls

        return calls(log, self.name)
