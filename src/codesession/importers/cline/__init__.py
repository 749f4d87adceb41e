"""Cline, Roo Code and Kilo Code: tasks of the editor extensions, sessions of the command line. Facts: README.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from codesession.importers.folders import is_folder, walk

if TYPE_CHECKING:
    from codesession.domain.sighting import Sighting
    from codesession.importers.base import LogFile, Places

TASK = "ui_messages.json"
MESSAGES = ".messages.json"
_EDITORS = ("Code", "Code - Insiders", "Code - OSS", "VSCodium", "Cursor", "Windsurf", "Trae", "Kiro", "Positron")
_SERVERS = (".vscode-server", ".vscode-server-insiders", ".cursor-server", ".windsurf-server")


class TaskFormat:
    """`<global storage>/<extension>/tasks/<task>/ui_messages.json`."""

    name: ClassVar[str]
    extension: ClassVar[str]
    """The extension's id: its folder in the editor's global storage."""
    appends: ClassVar[bool] = False
    companions: ClassVar[tuple[str, ...]] = ()

    def homes(self, places: Places) -> list[Path]:
        """The extension's folder in every editor's global storage, local and remote ones."""
        users = [places.app_data() / editor / "User" for editor in _EDITORS]
        users += [places.home / server / "data" / "User" for server in _SERVERS]
        return [user / "globalStorage" / self.extension for user in users]

    def files(self, root: Path) -> Iterator[Path]:
        """The tasks of a home."""
        tasks = root / "tasks"
        return walk(tasks if is_folder(tasks) else root, TASK)

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether a file is a task of this extension, by the extension's folder."""
        return path.name == TASK and self.extension in path.parts

    def read(self, log: LogFile) -> Iterator[Sighting]:
        """The calls of one task."""
        from codesession.importers.cline.tasks import calls

        return calls(log, self.name)


class Cline(TaskFormat):
    """Cline: the extension, and the command line with its own format."""

    name: ClassVar[str] = "cline"
    title: ClassVar[str] = "Cline"
    extension: ClassVar[str] = "saoudrizwan.claude-dev"

    def homes(self, places: Places) -> list[Path]:
        """`CLINE_DIR`, by default `~/.cline`, and what moves parts of it; the editors' folders."""
        moved = (places.variable(name) for name in ("CLINE_DATA_DIR", "CLINE_SESSION_DATA_DIR"))
        home = places.variable("CLINE_DIR") or places.home / ".cline"
        return [home, *filter(None, moved), *super().homes(places)]

    def files(self, root: Path) -> Iterator[Path]:
        """Tasks, and the messages of sessions."""
        return walk(root, TASK, MESSAGES)

    def recognises(self, path: Path, head: bytes) -> bool:
        """A session of the command line, or a task that is not another extension's."""
        if path.name.endswith(MESSAGES):
            return b'"messages"' in head
        relatives = {Roo.extension, KiloCode.extension}
        return path.name == TASK and not relatives & set(path.parts)

    def read(self, log: LogFile) -> Iterator[Sighting]:
        """The calls of one task or session."""
        if log.path.name == TASK:
            return super().read(log)
        from codesession.importers.cline.sessions import calls

        return calls(log, self.name)


class Roo(TaskFormat):
    """Roo Code."""

    name: ClassVar[str] = "roo"
    title: ClassVar[str] = "Roo Code"
    extension: ClassVar[str] = "rooveterinaryinc.roo-cline"


class KiloCode(TaskFormat):
    """Kilo Code, the extension."""

    name: ClassVar[str] = "kilo-code"
    title: ClassVar[str] = "Kilo Code"
    extension: ClassVar[str] = "kilocode.kilo-code"
