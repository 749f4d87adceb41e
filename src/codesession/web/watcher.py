"""
One look at the ledger for all open pages.

A thread with a connection of its own asks SQLite twice a second whether anybody committed anything, which reads no
table; only then, and only while a page is open, the present state is put together, once per zone, and pushed. Fifty
open pages cost what one costs.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from codesession.errors import CodesessionError
from codesession.web.answers.live import live
from codesession.web.problems import BusyError
from codesession.web.workers import Workers

if TYPE_CHECKING:
    from codesession.app import App

LOOK_S = 0.5
PAUSE_S = 1.0
"""Pages are told at most this often."""
REFRESH_S = 30.0
"""Pages are told so often even if nothing changed: minutes pass, and days end."""
SILENCE_S = 20.0
"""After so long without news a comment is sent, so that a connection that has died is noticed."""
MAX_FOLLOWERS = 200

_Stamp = tuple[object, int, tuple[int, int] | None]
"""The ledger as it was opened, its last change, the user's prices."""


class Follower:
    """One open page: only the newest state matters to it."""

    def __init__(self, zone: str | None) -> None:
        self.zone = zone
        self.is_over = False
        self._payload = b""
        self._news = asyncio.Event()

    def tell(self, payload: bytes) -> None:
        """Something to send; replaces what was not sent yet."""
        self._payload = payload
        self._news.set()

    def end(self) -> None:
        """There will be no more: a page that is told so asks again, and shows meanwhile that it hears nothing."""
        self.is_over = True
        self.tell(b"")

    async def next(self) -> bytes | None:
        """What to send next; None after a long silence."""
        try:
            await asyncio.wait_for(self._news.wait(), SILENCE_S)
        except TimeoutError:
            return None
        self._news.clear()
        return self._payload


class Watcher:
    """Knows when the ledger or the prices changed, and tells whoever follows."""

    def __init__(self, app: App) -> None:
        self._workers = Workers(app, threads=1, waiting=1_000, name="watcher")
        self._stamp: _Stamp | None = None
        self._mark = 0
        self._nudges = 0
        self._followers: set[Follower] = set()
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    async def mark(self) -> int:
        """Another number after every change that anybody committed before this was asked."""
        return await self._workers.ask(self._look)

    async def now(self, zone: str | None) -> bytes:
        """The present state as JSON."""
        return await self._workers.ask(self._state, zone)

    async def follow(self, zone: str | None) -> AsyncIterator[bytes]:
        """Server-sent events for one page; raises before the first if the zone is unknown or too many follow."""
        if len(self._followers) >= MAX_FOLLOWERS or self._closing:
            raise BusyError
        await self.now(zone)
        return self._events(Follower(zone))

    def nudge(self) -> None:
        """Tell pages to look again, although the ledger is the same."""
        self._nudges += 1

    def stop(self) -> None:
        """End every stream."""
        self._closing = True
        self._end_all()

    def close(self) -> None:
        """Let go of the ledger."""
        self._workers.close()

    async def _events(self, follower: Follower) -> AsyncIterator[bytes]:
        self._followers.add(follower)
        try:
            follower.tell(await self.now(follower.zone))
            if self._task is None or self._task.done():
                self._task = asyncio.create_task(self._watch())
            while not follower.is_over:
                payload = await follower.next()
                if payload is None:
                    yield b": nothing new\n\n"
                elif payload:
                    yield b"event: live\ndata: " + payload + b"\n\n"
        finally:
            self._followers.discard(follower)

    async def _watch(self) -> None:
        """Runs while somebody follows, and as long as the ledger can be read."""
        told: tuple[int, int] | None = None
        told_at = _now()
        try:
            while self._followers and not self._closing:
                await asyncio.sleep(LOOK_S)
                seen = (await self.mark(), self._nudges)
                if seen == told and _now() - told_at < REFRESH_S:
                    continue
                await self._tell_all()
                told, told_at = seen, _now()
                await asyncio.sleep(PAUSE_S - LOOK_S)
        except CodesessionError:
            pass  # whoever follows asks again, and is told then
        finally:
            self._end_all()

    def _end_all(self) -> None:
        for follower in self._followers:
            follower.end()

    async def _tell_all(self) -> None:
        for zone in {follower.zone for follower in self._followers}:
            payload = await self.now(zone)
            for follower in self._followers:
                if follower.zone == zone:
                    follower.tell(payload)

    def _look(self, app: App) -> int:
        stamp = (app, app.insights.change_mark(), _file_stamp(app))
        if stamp != self._stamp:
            self._stamp = stamp
            self._mark += 1
        return self._mark

    def _state(self, app: App, zone: str | None) -> bytes:
        return live(app, zone, self._look(app) + self._nudges).model_dump_json(by_alias=True).encode()


def _file_stamp(app: App) -> tuple[int, int] | None:
    """The user's prices are not in the ledger, but pages show them."""
    try:
        status = os.stat(app.settings.price_overrides)
    except OSError:
        return None  # there are none
    return status.st_mtime_ns, status.st_size


def _now() -> float:
    return asyncio.get_running_loop().time()
