"""Amp's threads, as it kept them on disk. Format facts: README.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from codesession.importers.folders import is_folder, walk

if TYPE_CHECKING:
    from codesession.domain.sighting import Sighting
    from codesession.importers.base import LogFile, Places


class Amp:
    """`threads/T-*.json`."""

    name: ClassVar[str] = "amp"
    title: ClassVar[str] = "Amp"
    appends: ClassVar[bool] = False
    companions: ClassVar[tuple[str, ...]] = ()

    def homes(self, places: Places) -> list[Path]:
        """`$XDG_DATA_HOME/amp`, by default `~/.local/share/amp`."""
        return [places.xdg_data() / "amp"]

    def files(self, root: Path) -> Iterator[Path]:
        """The threads of a home; of any other folder every JSON file."""
        threads = root / "threads"
        return walk(threads if is_folder(threads) else root, ".json")

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether a file is a thread, by its name or the id it begins with."""
        if path.suffix != ".json" or b'"messages"' not in head:
            return False
        return path.name.startswith("T-") or b'"id":"T-' in head.replace(b" ", b"")

    def read(self, log: LogFile) -> Iterator[Sighting]:
        """The calls of one thread."""
        from codesession.importers.amp.thread import calls

        return calls(log, self.name)
