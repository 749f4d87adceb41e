"""Tasks that begin at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest
import uvloop

from codesession.proxy.eager import begin

Told = list[str]


@pytest.fixture(autouse=True, params=[asyncio.new_event_loop, uvloop.new_event_loop])
def loops(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the standard library's event loop and on the one that the proxy has where it can."""
    monkeypatch.setattr(asyncio, "new_event_loop", request.param)


def run(work: Coroutine[Any, Any, None], then: Callable[[asyncio.Task[None]], object] = lambda _: None) -> asyncio.Task:
    """Begin in a callback of the loop, as an event does; `then` comes in the same callback."""

    async def main() -> asyncio.Task[None]:
        loop = asyncio.get_running_loop()
        begun: asyncio.Future[asyncio.Task[None]] = loop.create_future()

        def event() -> None:
            task = begin(work, loop)
            then(task)
            begun.set_result(task)

        loop.call_soon(event)
        task = await begun
        await asyncio.wait([task], timeout=5)
        return task

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(main())


def test_it_runs_up_to_its_first_wait_before_anything_else() -> None:
    """And goes on in its turn."""
    told: Told = []

    async def work() -> None:
        told.append("begins")
        await asyncio.sleep(0)
        told.append("goes on")
        await asyncio.sleep(0.01)
        told.append("ends")

    task = run(work(), lambda _: told.append("begun"))
    assert told == ["begins", "begun", "goes on", "ends"]
    assert task.done() and task.exception() is None


def test_one_that_never_waits_is_done() -> None:
    """There is a task all the same."""
    told: Told = []

    async def work() -> None:
        told.append("all")

    task = run(work(), lambda _: told.append("begun"))
    assert told == ["all", "begun"]
    assert task.exception() is None


@pytest.mark.parametrize("waits", [0, 1, 2])
def test_a_failure_is_the_tasks(waits: int) -> None:
    """Whoever begins it is not the one to catch it."""

    async def work() -> None:
        for _ in range(waits):
            await asyncio.sleep(0)
        raise ValueError("broken")

    assert str(run(work()).exception()) == "broken"


def test_it_is_told_of_a_cancellation_where_it_waits() -> None:
    """Even if that comes before the task has had a turn; what it awaits then still counts."""
    told: Told = []

    async def work() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            told.append("cancelled")
            await asyncio.sleep(0.01)
            told.append("tidied up")
            raise

    task = run(work(), lambda task: task.cancel())
    assert told == ["cancelled", "tidied up"]
    assert task.cancelled()


def test_results_and_failures_of_what_it_awaits_reach_it() -> None:
    """At the first wait and at later ones."""
    told: Told = []

    async def work() -> None:
        loop = asyncio.get_running_loop()
        for number in range(3):
            good, bad = loop.create_future(), loop.create_future()
            loop.call_soon(good.set_result, number)
            told.append(str(await good))
            loop.call_soon(bad.set_exception, OSError(f"no {number}"))
            try:
                await bad
            except OSError as error:
                told.append(str(error))

    assert run(work()).exception() is None
    assert told == ["0", "no 0", "1", "no 1", "2", "no 2"]


def test_it_is_the_current_task_from_the_beginning() -> None:
    """So that time limits hold for its first wait."""
    told: list[object] = []

    async def work() -> None:
        told.append(asyncio.current_task())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await asyncio.get_running_loop().create_future()
        told.append(asyncio.current_task())

    task = run(work(), lambda _: told.append(asyncio.current_task()))
    assert task.exception() is None
    assert told == [task, None, task]


def test_within_another_task_it_waits_for_its_turn() -> None:
    """Two cannot run at a time."""
    told: Told = []

    async def work() -> None:
        told.append("begins")

    async def main() -> None:
        task: Awaitable[None] = begin(work(), asyncio.get_running_loop())
        told.append("begun")
        await task

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(main())
    assert told == ["begun", "begins"]
