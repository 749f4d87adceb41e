"""An app for each thread of a server, over the ledger that is there now."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from codesession.errors import StorageError
from codesession.services.writer import file_identity

if TYPE_CHECKING:
    from codesession.app import App

    _Own = tuple[App | None, tuple[int, int] | None, float]
    """An app, the file it has open, and when that was last looked at."""


_THERE_S = 0.05
"""How long a ledger that was there is believed to be."""


class ThreadApps:
    """
    Call it for the app of the calling thread; `patience_s` is how long a new one waits for others, if not as a
    person would.

    A ledger that was deleted or replaced while it was open goes on answering as it was, and takes what nobody reads
    any more: a budget there would be kept, or broken, for ever.
    """

    def __init__(self, app: App) -> None:
        self._parent = app
        self._file = app.settings.ledger_path if app.settings.ledger_url is None else None
        self._local = threading.local()
        self._was_there = False

    def __call__(self, patience_s: float | None = None) -> App:
        """Raises `StorageError` when the ledger cannot be opened or is gone; does not make another then."""
        app, opened, seen_at = self._own()
        now = time.monotonic()
        if app is not None and now - seen_at < _THERE_S:
            return app
        identity = file_identity(self._file)
        if app is not None and identity != opened:
            self.close()
            app = None
        if app is None:
            if identity is None and self._was_there:
                raise StorageError(f"the ledger {self._file} is gone")
            app = self._parent.for_thread(patience_s=patience_s)
            app.store  # noqa: B018  # opened now, so that it is known which file it is
            opened = file_identity(self._file)
            self._was_there = self._file is not None
        self._local.own = app, opened, now
        return app

    def close(self) -> None:
        """Let go of the calling thread's ledger."""
        app, *_ = self._own()
        if app is not None:
            del self._local.own
            app.close()

    def _own(self) -> _Own:
        found: _Own = getattr(self._local, "own", (None, None, 0.0))
        return found
