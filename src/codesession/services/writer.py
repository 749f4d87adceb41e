"""
Record off the request path: one thread writes, everybody else only puts into its queue.

A model call is never delayed or broken by the ledger: `submit` returns at once and raises nothing. What the ledger
does not take goes into the spool beside it, at once and in every process; what not even the spool takes is held in
memory up to a bound. Both are handed over when the ledger is back, at the latest by the next command that opens it.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from codesession.domain.ids import uuid7
from codesession.errors import StorageError

if TYPE_CHECKING:
    from codesession.domain.request import Observation
    from codesession.services.recording import Recording
    from codesession.services.spool import Spool

BATCH = 500
"""Calls written in one transaction at most."""
GATHER_S = 0.01
"""So long is waited for more calls while they come one after another: a transaction costs as much as many rows."""
BUSY_S = 0.05
"""Calls come one after another when the last ones were written less than this ago; a lone call is written at once."""
RETRY_S = 1.0
"""Pause between two looks at a ledger that does not answer."""
HELD = 10_000
"""Calls kept in memory when neither ledger nor spool takes them."""


class BackgroundWriter:
    """
    A queue and the thread that empties it into the ledger.

    `open_recording` is entered in the thread, because a database connection belongs to one thread, and again
    after a failure, because the ledger may have come back. `ledger` is its file, if it is one: a file that was
    deleted or replaced while it was open takes calls and loses them.
    """

    def __init__(
        self,
        open_recording: Callable[[], AbstractContextManager[Recording]],
        spool: Spool,
        ledger: Path | None = None,
    ) -> None:
        self._open_recording = open_recording
        self._spool = spool
        self._ledger = ledger
        self._opened: tuple[int, int] | None = None
        self._queue: SimpleQueue[Observation | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._stack = ExitStack()
        self._recording: Recording | None = None
        self._held: list[Observation] = []
        self._failing = False
        self._retry_at = 0.0
        self._wrote_at = float("-inf")
        self._submitted = 0
        self.written = 0
        """Calls the ledger has."""
        self.spooled = 0
        """Calls that wait in the spool."""
        self.problem: str | None = None
        """Why the ledger does not have them all, in words for the user."""
        self.notice: str | None = None
        """Why recorded calls have no price."""

    def submit(self, observation: Observation) -> None:
        """Hand over a call; never waits for the ledger."""
        with self._lock:
            self._submitted += 1
        self._queue.put(observation)
        if self._thread is None:
            self._start()

    @property
    def waiting(self) -> int:
        """Calls that the thread has not taken up yet."""
        return self._queue.qsize()

    @property
    def missing(self) -> int:
        """Calls that are nowhere but in memory, or not even there: neither ledger nor spool has them."""
        return self._submitted - self.written - self.spooled

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
                self._keep([_identified(observation) for observation in batch])
            if self._failing:
                self._retry()

    def _keep(self, batch: list[Observation]) -> None:
        """Into the ledger; while that fails straight into the spool, so that nothing waits in memory for it."""
        if not self._failing:
            if not self._write(batch):
                self._put_aside(batch)
            return
        self._put_aside(batch)
        if time.monotonic() >= self._retry_at:
            self._retry()

    def _write(self, batch: list[Observation]) -> bool:
        """Whether the batch is in the ledger."""
        try:
            self._open().record(batch)
        except Exception as error:  # whatever it is, the thread lives on and the reason is reported
            self.problem = str(error) or type(error).__name__
            self._failing, self._retry_at = True, time.monotonic() + RETRY_S
            self._let_go()
            return False
        self._failing = False
        self._wrote_at = time.monotonic()
        self.written += len(batch)
        self._take_in()
        return True

    def _retry(self) -> None:
        """Try what is held in memory, or nothing at all: an empty transaction tells whether the ledger is back."""
        held, self._held = self._held, []
        if not self._write(held):
            self._put_aside(held)

    def _take_in(self) -> None:
        """The ledger answers: hand over what waits, of this process and of others."""
        recording = self._open()
        self.notice = self.notice or recording.problem
        if self._spool.is_empty():
            done = self.spooled  # somebody else has handed them over
        else:
            drained = self._spool.drain(recording.record_late)
            if drained.problem is not None:
                self.problem = drained.problem
                self._failing, self._retry_at = True, time.monotonic() + RETRY_S
                return
            done = max(0, self.spooled - drained.rejected)
        self.written += done
        self.spooled = 0

    def _put_aside(self, batch: list[Observation]) -> None:
        if not batch:
            return
        try:
            self._spool.add(batch)
        except Exception as error:  # the disk is full, the folder is gone: memory is left, up to a bound
            if str(error) not in (self.problem or ""):
                self.problem = f"{self.problem}; {error}"
            self._held += batch[: max(0, HELD - len(self._held))]
        else:
            self.spooled += len(batch)

    def _open(self) -> Recording:
        """The recording over the ledger that is there now. Raises when it is gone, and does not make another."""
        identity = file_identity(self._ledger)
        if self._opened is not None and identity != self._opened:
            self._let_go()
            if identity is None:
                raise StorageError(f"the ledger {self._ledger} is gone")
        if self._recording is None:
            self._recording = self._stack.enter_context(self._open_recording())
            self._opened = file_identity(self._ledger)
        return self._recording

    def _let_go(self) -> None:
        self._recording = None
        self._stack.close()

    def _next_batch(self) -> list[Observation] | None:
        """Whatever is queued, up to a batch; waits for the first. None once closed and empty."""
        try:
            first = self._queue.get(timeout=RETRY_S if self._failing else None)
        except Empty:
            return []
        if first is None:
            return None
        batch = [first]
        if time.monotonic() - self._wrote_at < BUSY_S:
            time.sleep(GATHER_S)
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


def _identified(observation: Observation) -> Observation:
    """A call without an id gets its own before the first attempt, so that a second one cannot count it again."""
    response, context = observation.response, observation.context
    if response.response_id:
        return observation
    name = f"~{context.source}:{uuid7(context.started_at_ms)}"
    return replace(observation, response=replace(response, response_id=name))


def file_identity(path: Path | None) -> tuple[int, int] | None:
    """Which file this is; None when it is not there."""
    if path is None:
        return None
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
