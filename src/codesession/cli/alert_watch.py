"""Alerts while a proxy runs: looked for every few seconds in a thread of their own, never on a call's way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from codesession.errors import CodesessionError
from codesession.thread_apps import ThreadApps

if TYPE_CHECKING:
    from codesession.app import App

INTERVAL_S = 5.0
LAST_LOOK_S = 5.0
"""So long the end waits for the last look."""


class AlertWatch:
    """Tells `say` about every new breach; whatever fails is told at the end, once."""

    def __init__(self, app: App, say: Callable[[str], None]) -> None:
        self._app = app
        self._say = say
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.problem: str | None = None

    def start(self) -> None:
        """Begin to look."""
        self._thread = threading.Thread(target=self._run, name="codesession-alerts", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look once more, then end."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(LAST_LOOK_S)

    def _run(self) -> None:
        apps = ThreadApps(self._app)
        while not self._stop.wait(INTERVAL_S):
            self._look(apps)
        self._look(apps)
        apps.close()

    def _look(self, apps: ThreadApps) -> None:
        try:
            own = apps()
            if not own.has_anything_to_watch():
                return
            told = own.alerts.check()
        except CodesessionError as error:  # the calls go on; why nobody is told is said at the end
            self.problem = error.message
            return
        for breach in told.breaches:
            self._say(breach.message)
        if told.problems:
            self.problem = "; ".join(told.problems)
