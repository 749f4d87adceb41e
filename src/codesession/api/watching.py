"""Tell a program about files as they change, from a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from codesession.app import App

if TYPE_CHECKING:
    from codesession.api.ledger import Environment
    from codesession.domain.session import Session

_KINDS = {"+": "created", "~": "modified", "-": "deleted"}
_STOP_S = 5.0


class FileWatch:
    """Follows one session's files until `stop`."""

    def __init__(
        self,
        environment: Environment,
        session: Session,
        callback: Callable[[str, str], object],
        trouble: Callable[[BaseException], None],
    ) -> None:
        self._environment = environment
        self._session = session
        self._callback = callback
        self._trouble = trouble
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="codesession-files", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """No further calls of the callback once this returns."""
        self._stop.set()
        if self._thread is not threading.current_thread():
            self._thread.join(_STOP_S)

    def _run(self) -> None:
        from codesession.services.watching import Watch

        app = App(self._environment)
        try:
            watch = Watch(app.store, self._session, self._stop, is_ours=app.sessions.is_ours)
            for event in watch.events():
                if event.mark in _KINDS and not self._stop.is_set():
                    self._callback(event.text, _KINDS[event.mark])
        except Exception as error:  # the program goes on; it is told once
            self._trouble(error)
        finally:
            app.close()
