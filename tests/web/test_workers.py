"""Questions are answered in threads of their own, and only so many may wait."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from codesession.app import App
from codesession.errors import StorageError
from codesession.web.problems import BusyError
from codesession.web.workers import Workers


def test_each_thread_has_its_own_ledger_and_keeps_it(tmp_path: Path) -> None:
    """A connection is opened once per thread."""

    async def ask() -> set[tuple[int, str]]:
        found = [workers.ask(lambda app: (id(app.store), threading.current_thread().name)) for _ in range(20)]
        return set(await asyncio.gather(*found))

    workers = Workers(App({"HOME": str(tmp_path)}), threads=2, waiting=50, name="test")
    seen = asyncio.run(ask())
    workers.close()

    assert len({store for store, _ in seen}) == len({thread for _, thread in seen}) <= 2


def test_the_ledger_that_is_there_now_is_asked(tmp_path: Path) -> None:
    """One that was deleted is said to be gone, and another in its place is read; no change goes into what is gone."""
    app = App({"HOME": str(tmp_path)})

    def begun(own: App) -> list[str]:
        return [session.name for session in own.store.active_sessions()]

    async def ask() -> None:
        app.sessions.start("old", tmp_path, parallel=True)
        assert await workers.ask(begun) == ["old"]
        app.close()
        for path in app.settings.ledger_path.parent.glob("sessions.db*"):
            path.unlink()
        await asyncio.sleep(0.1)
        with pytest.raises(StorageError, match="gone"):
            await workers.ask(begun)
        other = App({"HOME": str(tmp_path)})
        other.sessions.start("new", tmp_path, parallel=True)
        other.close()
        await asyncio.sleep(0.1)
        assert await workers.ask(begun) == ["new"]

    workers = Workers(app, threads=1, waiting=5, name="test")
    asyncio.run(ask())
    workers.close()


def test_what_a_question_raises_reaches_whoever_asked(tmp_path: Path) -> None:
    """And the thread goes on."""

    def broken(_: App) -> int:
        raise LookupError("gone")

    async def ask() -> int:
        with pytest.raises(LookupError, match="gone"):
            await workers.ask(broken)
        return await workers.ask(lambda _: 7)

    workers = Workers(App({"HOME": str(tmp_path)}), threads=1, waiting=5, name="test")
    assert asyncio.run(ask()) == 7
    workers.close()


def test_more_than_may_wait_are_sent_away(tmp_path: Path) -> None:
    """At once, while those who wait are answered."""
    hold = threading.Event()

    async def ask() -> list[object]:
        waiting = [asyncio.ensure_future(workers.ask(lambda _: hold.wait(5))) for _ in range(8)]
        await asyncio.sleep(0.1)
        hold.set()
        return await asyncio.gather(*waiting, return_exceptions=True)

    workers = Workers(App({"HOME": str(tmp_path)}), threads=1, waiting=3, name="test")
    answers = asyncio.run(ask())
    workers.close()

    assert 3 <= answers.count(True) <= 4
    assert all(answer is True or isinstance(answer, BusyError) for answer in answers)


def test_a_question_nobody_waits_for_is_not_asked(tmp_path: Path) -> None:
    """A page that was closed costs nothing."""
    hold, asked = threading.Event(), []

    async def ask() -> None:
        first = asyncio.ensure_future(workers.ask(lambda _: hold.wait(5)))
        second = asyncio.ensure_future(workers.ask(lambda _: asked.append(1)))
        await asyncio.sleep(0.05)
        second.cancel()
        hold.set()
        await first
        await workers.ask(lambda _: None)

    workers = Workers(App({"HOME": str(tmp_path)}), threads=1, waiting=5, name="test")
    asyncio.run(ask())
    workers.close()

    assert asked == []


def test_an_answer_that_comes_after_the_server_has_stopped_is_dropped(tmp_path: Path) -> None:
    """The thread that made it goes on to its end, and complains of nothing."""
    hold, began = threading.Event(), threading.Event()

    def slow(_: App) -> None:
        began.set()
        hold.wait(5)

    async def ask_and_go() -> None:
        task = asyncio.ensure_future(workers.ask(slow))
        while not began.is_set():
            await asyncio.sleep(0.01)
        task.cancel()

    workers = Workers(App({"HOME": str(tmp_path)}), threads=1, waiting=5, name="test")
    asyncio.run(ask_and_go())
    hold.set()
    workers.close()

    assert not any(thread.is_alive() for thread in workers._threads)
