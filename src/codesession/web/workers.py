"""
Threads that answer questions, each with a connection of its own to the ledger: the one that is there now.

The event loop hands a question over and goes on; SQLite lets go of the interpreter while it works, so two questions
really are answered at once. What waits is bounded: a flood is told to come back, it does not fill the memory.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from queue import Full, Queue
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from codesession.thread_apps import ThreadApps
from codesession.web.problems import BusyError

if TYPE_CHECKING:
    from codesession.app import App

P = ParamSpec("P")
T = TypeVar("T")

_Job = Callable[[Callable[[], "App"]], None]


class Workers:
    """A fixed number of threads and a bounded queue in front of them."""

    def __init__(self, app: App, *, threads: int, waiting: int, name: str) -> None:
        self._queue: Queue[_Job | None] = Queue(waiting)
        own = ThreadApps(app)
        self._threads = [
            threading.Thread(target=self._work, args=(own,), name=f"codesession-{name}-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    async def ask(self, question: Callable[Concatenate[App, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """The answer of `question(app, …)`; raises what it raises, or `BusyError` when too many wait already."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()

        def job(app: Callable[[], App]) -> None:
            if answer.cancelled():  # whoever asked has gone
                return
            try:
                found = question(app(), *args, **kwargs)
            except BaseException as error:  # whatever it is, it is raised where the answer is waited for
                _hand_over(loop, _fail, answer, error)
            else:
                _hand_over(loop, _answer, answer, found)

        try:
            self._queue.put_nowait(job)
        except Full:
            raise BusyError from None
        return await answer

    def close(self) -> None:
        """Finish what waits and let go of the ledger."""
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join(timeout=5)

    def _work(self, own: ThreadApps) -> None:
        try:
            while (job := self._queue.get()) is not None:
                job(own)
        finally:
            own.close()


def _hand_over(loop: asyncio.AbstractEventLoop, how: Callable[..., None], *what: object) -> None:
    """To the event loop, unless the server has stopped meanwhile: then nobody waits any more."""
    try:
        loop.call_soon_threadsafe(how, *what)
    except RuntimeError:
        if not loop.is_closed():
            raise


def _answer(future: asyncio.Future[Any], value: object) -> None:
    if not future.done():
        future.set_result(value)


def _fail(future: asyncio.Future[Any], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
