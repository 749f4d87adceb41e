"""Kimi's wire logs, of Kimi CLI and of Kimi Code. Format facts: README.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from codesession.importers.folders import is_folder, walk

if TYPE_CHECKING:
    from codesession.domain.sighting import Sighting
    from codesession.importers.base import LogFile, Places

WIRE = "wire.jsonl"
_NEEDLES = (b'"token_usage"', b'"usage.record"', b'"llm.request"')
_DESKTOP = Path("kimi-desktop", "daimon-share", "daimon", "runtime", "kimi-code", "home")


class Kimi:
    """`sessions/<project>/<session>/wire.jsonl`, in Kimi Code `…/<session>/agents/<agent>/wire.jsonl`."""

    name: ClassVar[str] = "kimi-cli"
    title: ClassVar[str] = "Kimi"
    appends: ClassVar[bool] = True
    companions: ClassVar[tuple[str, ...]] = ()

    def homes(self, places: Places) -> list[Path]:
        """`KIMI_SHARE_DIR` (`~/.kimi`), `KIMI_CODE_HOME` (`~/.kimi-code`), and the desktop app's folder."""
        return [
            places.variable("KIMI_SHARE_DIR") or places.home / ".kimi",
            places.variable("KIMI_CODE_HOME") or places.home / ".kimi-code",
            places.app_data() / _DESKTOP,
        ]

    def files(self, root: Path) -> Iterator[Path]:
        """The wire logs of a home."""
        sessions = root / "sessions"
        return walk(sessions if is_folder(sessions) else root, WIRE)

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether a file is a wire log."""
        return path.name == WIRE and b'"type"' in head

    def read(self, log: LogFile) -> Iterator[Sighting]:
        """The calls of one wire log."""
        from codesession.importers.documents import objects
        from codesession.importers.kimi.wire import Wire

        wire = Wire(log, self.name)
        for line in objects(log, *_NEEDLES):
            sighting = wire.take(line)
            if sighting is not None:
                yield sighting
