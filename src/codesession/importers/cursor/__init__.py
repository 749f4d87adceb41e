"""Cursor's usage, as exported from its Admin API or dashboard. Format facts: README.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from codesession.importers.folders import walk
from codesession.importers.jsonl import outline

if TYPE_CHECKING:
    from codesession.domain.sighting import Sighting
    from codesession.importers.base import LogFile, Places

_PAGE = (b'"usageEventsDisplay":', b'"usageEvents":')
_EVENT = (b'"tokenUsage":', b'"chargedCents":')
_HEADINGS = (b"Input (w/ Cache Write)", b"Cache Read", b"Model")


class Cursor:
    """Files that the user exported; there is no home to look into."""

    name: ClassVar[str] = "cursor"
    title: ClassVar[str] = "Cursor"
    appends: ClassVar[bool] = False
    companions: ClassVar[tuple[str, ...]] = ()

    def homes(self, places: Places) -> list[Path]:
        """None: nothing on disk has usable counts."""
        return []

    def files(self, root: Path) -> Iterator[Path]:
        """Everything that could be an export."""
        return walk(root, ".json", ".jsonl", ".csv")

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether a file begins as an export does."""
        if path.suffix == ".csv":
            return all(heading in head.split(b"\n", 1)[0] for heading in _HEADINGS)
        shown = outline(head, document=path.suffix == ".json")
        return any(mark in shown for mark in _PAGE) or all(mark in shown for mark in _EVENT)

    def read(self, log: LogFile) -> Iterator[Sighting]:
        """The calls of one export."""
        from codesession.importers.cursor.events import calls

        return calls(log, self.name)
