"""
Record off the request path: one thread writes, everybody else only puts into its queue.

A model call is never delayed or broken by the ledger: `submit` returns at once and raises nothing. What could
not be written is counted, and the first reason is kept for whoever reports it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codesession.domain.request import Observation
    from codesession.services.recording import Recording

BATCH = 200
"""Calls written in one transaction at most."""


class BackgroundWriter:
    """
    A queue and the thread that empties it into the ledger.

    `open_recording` is entered in the thread, because a database connection belongs to one thread, and again
    after a failure, because the ledger may have come back.
    """

    def __init__(self, open_recording: Callable[[], AbstractContextManager[Recording]]) -> None:
        self._open_recording = open_recording
        self._queue: SimpleQueue[Observation | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._stack = ExitStack()
        self._recording: Recording | None = None
        self._submitted = 0
        self.written = 0
        """Calls the ledger has."""
        self.lost = 0
        """Calls the ledger could not take."""
        self.problem: str | None = None
        """Why calls were lost or left unpriced, in words for the user."""

    def submit(self, observation: Observation) -> None:
        """Hand over a call; never waits for the ledger."""
        with self._lock:
            self._submitted += 1
        self._queue.put(observation)
        if self._thread is None:
            self._start()

    @property
    def missing(self) -> int:
        """Calls the ledger does not have: those it refused, and those it had no time for before `close` gave up."""
        return self._submitted - self.written

    def close(self, timeout: float = 10.0) -> bool:
        """Write what is queued, then stop; False when that took longer than `timeout` seconds."""
        if self._thread is None:
            return True
        self._queue.put(None)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="codesession-writer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        with self._stack:
            while (batch := self._next_batch()) is not None:
                if not self._write(batch):
                    for observation in batch:
                        self.lost += not self._write([observation])

    def _write(self, batch: list[Observation]) -> bool:
        """Whether the batch is in the ledger. A batch that fails is tried call by call: one may be the cause."""
        try:
            if self._recording is None:
                self._recording = self._stack.enter_context(self._open_recording())
            self._recording.record(batch)
        except Exception as error:  # whatever it is, the thread lives on and the reason is reported
            self.problem = self.problem or str(error) or type(error).__name__
            self._recording = None
            self._stack.close()
            return False
        self.problem = self.problem or self._recording.problem
        self.written += len(batch)
        return True

    def _next_batch(self) -> list[Observation] | None:
        """Whatever is queued, up to a batch; waits for the first. None once closed and empty."""
        first = self._queue.get()
        if first is None:
            return None
        batch = [first]
        while len(batch) < BATCH:
            try:
                following = self._queue.get_nowait()
            except Empty:
                break
            if following is None:
                self._queue.put(None)
                break
            batch.append(following)
        return batch
