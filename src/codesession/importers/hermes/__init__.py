"""Hermes Agent's sessions, which hold running totals only. Format facts: README.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from codesession.importers.folders import is_file
from codesession.importers.sqlite import MAGIC

if TYPE_CHECKING:
    from codesession.domain.sighting import Sighting
    from codesession.importers.base import LogFile, Places

DATABASE = "state.db"
_SCHEMA = (b"session_model_usage", b"billing_provider")
"""The first page holds the schema's beginning."""


class Hermes:
    """The database `state.db` of the home and of every profile."""

    name: ClassVar[str] = "hermes"
    title: ClassVar[str] = "Hermes Agent"
    appends: ClassVar[bool] = False
    companions: ClassVar[tuple[str, ...]] = ("-wal",)

    def homes(self, places: Places) -> list[Path]:
        """`HERMES_HOME`, by default `~/.hermes`."""
        return [places.variable("HERMES_HOME") or places.home / ".hermes"]

    def files(self, root: Path) -> Iterator[Path]:
        """The databases of a home; its other folders hold the user's work."""
        for path in (root / DATABASE, *sorted(root.glob(f"profiles/*/{DATABASE}"))):
            if is_file(path):
                yield path

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether a file is such a database, by its folder or its tables: others have databases of the same name."""
        if path.name != DATABASE or not head.startswith(MAGIC):
            return False
        return ".hermes" in path.parts or any(mark in head for mark in _SCHEMA)

    def read(self, log: LogFile) -> Iterator[Sighting]:
        """What the totals gained since the last pass."""
        from codesession.importers.hermes.sessions import gained

        return gained(log, self.name)
