"""
Answers that are remembered until the ledger changes.

Pages ask the same questions again and again, and sums over a year take a third of a second where the ledger is large.
A quick answer is made anew after every change. A slow one is given as it was, made anew behind the scenes, and pages
are told when it came out different: nobody waits, and nobody keeps old figures.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Concatenate, ParamSpec

if TYPE_CHECKING:
    from pydantic import BaseModel

    from codesession.app import App
    from codesession.web.watcher import Watcher
    from codesession.web.workers import Workers

P = ParamSpec("P")
_Written = Callable[["App"], tuple[bytes, float]]

SLOW_S = 0.05
"""An answer that takes longer is worth being given a little old."""
FRESH_S = 20.0
"""Time passes even where the ledger does not change: sessions run on, days end."""
OLD_S = 600.0
"""Never older than this."""
REST = 10
"""A slow answer is made anew at most so many times its own duration after the last time: a tenth of a core."""
ENTRIES = 300
LARGEST = 2_000_000


@dataclass(frozen=True, slots=True)
class _Entry:
    body: bytes
    mark: int
    made_at: float
    took: float


class Memory:
    """Remembered answers of one server. Used on the event loop only."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._making: dict[str, asyncio.Task[_Entry]] = {}

    async def answer(
        self, workers: Workers, question: Callable[Concatenate[App, P], BaseModel], /, *args: P.args, **kwargs: P.kwargs
    ) -> bytes:
        """The answer as JSON. Questions are told apart by their arguments' text."""
        key = f"{question.__module__}.{question.__qualname__}{args!r}{kwargs!r}"
        mark = await self._watcher.mark()

        def written(app: App) -> tuple[bytes, float]:
            started = time.perf_counter()
            body = question(app, *args, **kwargs).model_dump_json(by_alias=True).encode()
            return body, time.perf_counter() - started

        entry, now = self._entries.get(key), time.monotonic()
        if entry is None or now - entry.made_at > OLD_S:
            return (await self._made(key, workers, written, mark)).body
        if entry.mark == mark and now - entry.made_at < FRESH_S:
            return entry.body
        if entry.took < SLOW_S:
            return (await self._made(key, workers, written, mark)).body
        if now - entry.made_at > REST * entry.took:
            self._renew(key, workers, written, mark)
        return entry.body

    def forget(self) -> None:
        """Somebody changed something through this server, and wants to see it."""
        self._entries.clear()

    async def _made(self, key: str, workers: Workers, written: _Written, mark: int) -> _Entry:
        """Asked by many at once, made once; whoever stops waiting does not take it from the others."""
        return await asyncio.shield(self._making.get(key) or self._start(key, workers, written, mark))

    def _renew(self, key: str, workers: Workers, written: _Written, mark: int) -> None:
        if key not in self._making:
            before = self._entries[key]
            self._start(key, workers, written, mark).add_done_callback(lambda done: self._renewed(before, done))

    def _start(self, key: str, workers: Workers, written: _Written, mark: int) -> asyncio.Task[_Entry]:
        task = self._making[key] = asyncio.create_task(self._make(key, workers, written, mark))
        task.add_done_callback(lambda done: self._ended(key, done))
        return task

    async def _make(self, key: str, workers: Workers, written: _Written, mark: int) -> _Entry:
        body, took = await workers.ask(written)
        entry = _Entry(body, mark, time.monotonic(), took)
        if len(body) <= LARGEST:
            self._entries[key] = entry
            self._entries.move_to_end(key)
            while len(self._entries) > ENTRIES:
                self._entries.popitem(last=False)
        return entry

    def _ended(self, key: str, done: asyncio.Task[_Entry]) -> None:
        self._making.pop(key, None)
        if done.cancelled() or done.exception() is not None:  # whoever waits hears it, or whoever asks next
            self._entries.pop(key, None)

    def _renewed(self, before: _Entry, done: asyncio.Task[_Entry]) -> None:
        """Pages are told of what the ledger changed; that time has passed is no news."""
        if done.cancelled() or done.exception() is not None:  # `_ended` has seen to it
            return
        after = done.result()
        if after.mark != before.mark and after.body != before.body:
            self._watcher.nudge()
