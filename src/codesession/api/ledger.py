"""
The ledger as a program sees it: one thread for the whole process that owns the connection.

All sessions of a process share it, whatever threads and tasks they live in, so that an event loop never waits for a
disk and no connection is used from two threads. It is started when the first session begins. A forked child starts
its own.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache

from codesession.app import App
from codesession.errors import CodesessionError, UnavailableError
from codesession.services.worker import Worker

log = logging.getLogger("codesession")

_CLOSE_S = 5.0

Environment = Mapping[str, str]


def settings_of(environment: Environment) -> Environment:
    """The variables that say which ledger is meant, as they are now."""
    names = ("HOME", "TZ", "USERPROFILE")
    return {name: value for name, value in environment.items() if name in names or name.startswith("CODESESSION_")}


class _Ledgers:
    """The threads of this process, one for every ledger that is used."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._workers: dict[tuple[tuple[str, str], ...], Worker[App]] = {}
        self._of_parent: list[Worker[App]] = []
        """Of the process we were forked from: kept, because letting go would close their files."""

    def worker(self, environment: Environment) -> Worker[App]:
        key = tuple(sorted(environment.items()))
        with self._lock:
            if key not in self._workers:
                self._workers[key] = Worker(lambda: _opened(environment), "ledger")
            return self._workers[key]

    def after_fork(self) -> None:
        """The threads did not come along, and the lock may be held by one of them."""
        self._lock = threading.Lock()
        self._of_parent += self._workers.values()
        self._workers = {}

    def close(self) -> None:
        for worker in self._workers.values():
            worker.close(_CLOSE_S)


@cache
def _ledgers() -> _Ledgers:
    found = _Ledgers()
    atexit.register(found.close)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=found.after_fork)
    return found


def worker_for(environment: Environment) -> Worker[App]:
    """The thread that owns the ledger of these settings."""
    return _ledgers().worker(environment)


@contextmanager
def _opened(environment: Environment) -> Iterator[App]:
    app = App(environment)
    try:
        _ = app.settings
    except CodesessionError as error:  # a broken config.toml is not the fault of whoever called us
        raise UnavailableError(error.message, hint=error.hint) from error
    try:
        yield app
    finally:
        app.close()
