"""How far an import has come: a bar on stderr, only where a person sees it."""

from __future__ import annotations

from types import TracebackType

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from codesession.cli.output import console

_SMALL = 8 << 20
"""Below so many bytes an import is over before a bar can be read."""


class Bar:
    """Satisfies `services.importing.service.Progress`."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("Reading"),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=console(stderr=True),
            transient=True,
        )
        self._shown = False

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            self._progress.stop()

    def begin(self, files: int, size: int) -> None:
        """So many files of so many bytes have something new."""
        if size >= _SMALL:
            self._task = self._progress.add_task(f"{files} files", total=size)
            self._progress.start()
            self._shown = True

    def advance(self, size: int) -> None:
        """One file is done."""
        if self._shown:
            self._progress.advance(self._task, size)
