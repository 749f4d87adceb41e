"""Droid's sessions, which hold running totals only. Format facts: README.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from codesession.importers.folders import is_folder, walk

if TYPE_CHECKING:
    from codesession.domain.sighting import Sighting
    from codesession.importers.base import LogFile, Places

SUFFIX = ".settings.json"


class Droid:
    """`sessions/<slug>/<session>.settings.json` with the totals, `<session>.jsonl` beside it with the story."""

    name: ClassVar[str] = "droid"
    title: ClassVar[str] = "Droid"
    appends: ClassVar[bool] = False
    companions: ClassVar[tuple[str, ...]] = ()

    def homes(self, places: Places) -> list[Path]:
        """`$FACTORY_HOME_OVERRIDE/.factory`, by default `~/.factory`."""
        moved = places.variable("FACTORY_HOME_OVERRIDE")
        return [moved / ".factory", moved] if moved is not None else [places.home / ".factory"]

    def files(self, root: Path) -> Iterator[Path]:
        """The totals of all sessions."""
        inner = next(
            (folder for folder in (root / "sessions", root / ".factory" / "sessions") if is_folder(folder)), root
        )
        return walk(inner, SUFFIX)

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether a file is the settings of a session."""
        return path.name.endswith(SUFFIX) and (b'"tokenUsage"' in head or b'"autonomyMode"' in head)

    def read(self, log: LogFile) -> Iterator[Sighting]:
        """What a session's totals gained since the last pass."""
        from codesession.importers.droid.session import gained

        return gained(log, self.name)
