"""GitHub Copilot's command line: events and a database. Format facts: README.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from codesession.importers.folders import walk
from codesession.importers.jsonl import outline
from codesession.importers.sqlite import MAGIC

if TYPE_CHECKING:
    from codesession.domain.sighting import Sighting
    from codesession.importers.base import LogFile, Places
    from codesession.importers.copilot.relatives import Relatives

EVENTS = "events.jsonl"
STORE = "session-store.db"


class Copilot:
    """`session-state/<session>/events.jsonl`, and `session-store.db` for calls the events do not show."""

    name: ClassVar[str] = "copilot"
    title: ClassVar[str] = "Copilot CLI"
    appends: ClassVar[bool] = False
    companions: ClassVar[tuple[str, ...]] = ("-wal",)

    def __init__(self) -> None:
        self._relatives: dict[Path, Relatives] = {}

    def homes(self, places: Places) -> list[Path]:
        """`COPILOT_HOME`, by default `~/.copilot`."""
        return [places.variable("COPILOT_HOME") or places.home / ".copilot"]

    def files(self, root: Path) -> Iterator[Path]:
        """Events and databases; in `session-state` of older versions one file of events per session."""
        for path in walk(root, ".jsonl", STORE):
            if path.name in (EVENTS, STORE) or path.parent.name == "session-state":
                yield path

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether a file is the database, or begins with the events of a session."""
        if path.name == STORE:
            return head.startswith(MAGIC)
        return path.suffix == ".jsonl" and b'"type":"session.start"' in outline(head) and b"copilot" in head

    def read(self, log: LogFile) -> Iterator[Sighting]:
        """The calls of one file that no better file shows."""
        from codesession.importers.copilot import events, store
        from codesession.importers.copilot.relatives import Relatives

        relatives = self._relatives.get(log.root)
        if relatives is None:
            relatives = self._relatives[log.root] = Relatives(list(self.files(log.root)))
        if log.path.name == STORE:
            return store.calls(log, self.name, relatives)
        return events.calls(log, self.name, relatives)
