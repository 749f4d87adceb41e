"""
One thread that owns something which belongs to one thread: a connection to the ledger, with the services over it.

Whoever may not wait (an event loop) or may not share a connection (a program's own threads) hands questions over.
They are answered in the order they came.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager, ExitStack
from queue import SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Worker(Generic[T]):
    """
    A queue of questions and the thread that answers them.

    `open_resource` is entered in the thread, for the first question and again while it failed: the disk may be back.
    """

    def __init__(self, open_resource: Callable[[], AbstractContextManager[T]], name: str) -> None:
        self._open_resource = open_resource
        self._queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._stack = ExitStack()
        self._opened: list[T] = []
        self._thread = threading.Thread(target=self._work, name=f"codesession-{name}", daemon=True)
        self._thread.start()

    def ask(self, question: Callable[[T], R]) -> Future[R]:
        """Hand a question over; its answer, or what it raised, comes with the future."""
        answer: Future[R] = Future()

        def job() -> None:
            if not answer.set_running_or_notify_cancel():
                return
            try:
                found = question(self._resource())
            except BaseException as error:  # belongs to whoever asked; the thread lives on
                answer.set_exception(error)
            else:
                answer.set_result(found)

        self._queue.put(job)
        return answer

    def run(self, question: Callable[[T], R]) -> R:
        """The answer, waited for; raises what the question raised."""
        return self.ask(question).result()

    def close(self, timeout: float = 10.0) -> bool:
        """Answer what was asked, then let go; False when that took longer than `timeout` seconds."""
        self._queue.put(None)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _work(self) -> None:
        with self._stack:
            while (job := self._queue.get()) is not None:
                job()

    def _resource(self) -> T:
        if not self._opened:
            self._opened.append(self._stack.enter_context(self._open_resource()))
        return self._opened[0]
