"""`track` in all its forms, and `run_agent_session`."""

from __future__ import annotations

import asyncio
import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import pytest

from api.conftest import Recorded
from codesession import AgentSession, AsyncAgentSession, BudgetExceededError, run_agent_session, track
from codesession.api.current import current
from codesession.errors import InvalidInputError
from support.shell import Shell

CALL: dict[str, Any] = {"model": "claude-sonnet-4", "prompt_tokens": 8000, "completion_tokens": 2000}
"""5.4 cents."""


def test_every_call_of_a_decorated_function_is_a_session(user: Shell) -> None:
    """With a name of its own, or the function's."""

    @track("Nightly", budget=1)
    def named(number: int) -> int:
        """Doubled."""
        return number * 2

    @track
    def bare() -> str:
        return "x"

    assert (named(2), named(number=3), bare()) == (4, 6, "x")
    assert named.__doc__ == "Doubled."
    names = [session["name"] for session in user.ok("list", "--json")]
    assert names[1:] == ["Nightly", "Nightly"]
    assert names[0].endswith("bare")


def test_coroutines_are_decorated_alike(user: Shell, recorded: Recorded) -> None:
    """An error inside is noted and raised."""

    @track("Fetch")
    async def fetch(fails: bool) -> int:
        if fails:
            raise LookupError("not there")
        return 1

    assert asyncio.run(fetch(False)) == 1
    with pytest.raises(LookupError):
        asyncio.run(fetch(True))
    assert recorded().session.end_notes == "LookupError: not there"


def test_generators_are_refused(user: Shell) -> None:
    """Their block would end before they run."""
    with pytest.raises(TypeError, match="generator"):

        @track("Stream")
        def stream() -> Any:
            yield 1


def test_the_asynchronous_block_awaits_everything(user: Shell) -> None:
    """The same methods; figures as of the last recorded call, or of `refresh`."""

    async def scene() -> None:
        async with track("Fix", budget=0.06) as session:
            assert isinstance(session, AsyncAgentSession)
            assert await session.log_ai("anthropic", **CALL) == 0.006
            await session.note("half way")
            assert (session.spent, session.tokens) == (0.054, 10_000)
            assert not await session.can_afford(0.01)
            with pytest.raises(BudgetExceededError):
                await session.log_ai("anthropic", **CALL)
            user.ok("log-ai", "-p", "x", "-m", "y", "-t", "5", "-c", "0.001", "-s", str(session.id), "--json")
            assert session.spent == 0.054
            await session.refresh()
            assert session.spent == 0.055
        assert session.summary is not None
        assert session.summary.ai_calls == 2

    asyncio.run(scene())


def test_parallel_tasks_keep_apart(user: Shell) -> None:
    """Each in the session that was begun around it."""

    async def work(cost: float) -> float:
        async with track(f"task {cost}") as session:
            for _ in range(3):
                await asyncio.sleep(0)
                core = current()
                assert core is not None
                assert core.name == f"task {cost}"
                await session.log_ai("p", "m", tokens=1, cost=cost)
            return session.spent

    async def scene() -> list[float]:
        return await asyncio.gather(*(work(cost) for cost in (0.1, 0.2, 0.3)))

    assert asyncio.run(scene()) == [0.3, 0.6, 0.9]
    assert current() is None


def test_parallel_threads_keep_apart(user: Shell) -> None:
    """A thread starts with no session; one of its own, or one it takes up, is only its own."""

    def work(cost: float) -> float:
        assert current() is None
        with track(f"thread {cost}") as session:
            for _ in range(3):
                session.log_ai("p", "m", tokens=1, cost=cost)
            return session.spent

    with track("outer") as outer, ThreadPoolExecutor(3) as pool:
        assert list(pool.map(work, (0.1, 0.2, 0.3))) == [0.3, 0.6, 0.9]

        def helping() -> str:
            with outer.activate():
                core = current()
            assert core is not None
            return core.name

        assert pool.submit(helping).result() == "outer"
        inherited = pool.submit(copy_context().run, current).result()
        assert inherited is not None
        assert inherited.name == "outer"


def test_the_event_loop_never_waits_for_the_ledger(user: Shell) -> None:
    """While the ledger's thread is held up, other tasks run."""

    async def scene() -> int:
        ticks = 0
        async with track("Fix") as session:
            gate = asyncio.Event()
            import threading

            held = threading.Event()
            session._core.worker.ask(lambda _: held.wait(5))
            logging = asyncio.create_task(session.log_ai("p", "m", tokens=1, cost=1))
            for _ in range(20):
                await asyncio.sleep(0.001)
                ticks += 1
            assert not logging.done()
            held.set()
            await logging
            gate.set()
        return ticks

    assert asyncio.run(scene()) == 20


def test_a_forked_child_has_a_ledger_of_its_own(user: Shell) -> None:
    """The parent's thread did not come along; a session of the child is recorded all the same."""
    with track("parent"):
        child = multiprocessing.get_context("fork").Process(target=_child)
        child.start()
        child.join(20)
        assert child.exitcode == 0
    assert {session["name"] for session in user.ok("list", "--json")} == {"parent", "child"}


def _child() -> None:
    with track("child") as session:
        session.log_ai("p", "m", tokens=1, cost=1)
        assert session.spent == 1


def test_a_run_returns_what_it_came_to(user: Shell) -> None:
    """A budget that is used up ends it without an error; another error is raised."""

    def agent(session: AgentSession) -> None:
        while True:
            session.log_ai("anthropic", **CALL)

    summary = run_agent_session("Fix", {"budget": 0.2, "metadata": {"a": 1}}, agent)
    assert (summary.ai_calls, summary.budget_exceeded, summary.budget_remaining) == (3, True, 0.038)
    assert summary.metadata == {"a": 1}

    def fails(session: AgentSession) -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        run_agent_session("Fix", {}, fails)


def test_a_run_of_a_coroutine_is_awaited(user: Shell) -> None:
    """With the session for event loops; one that the function ended itself stays ended."""

    async def agent(session: AsyncAgentSession) -> None:
        await session.log_ai("anthropic", **CALL)
        await session.end("early")

    async def scene() -> None:
        summary = await run_agent_session("Fix", {"budget": 1}, agent)
        assert (summary.ai_cost, summary.notes, summary.budget_exceeded) == (0.054, "early", False)

    asyncio.run(scene())


def test_a_tracker_needs_a_name_and_serves_one_block_at_a_time(user: Shell) -> None:
    """Otherwise the wrong session would be ended."""
    with pytest.raises(InvalidInputError, match="no name"), track():
        pass
    tracker = track("Fix")
    with tracker, pytest.raises(InvalidInputError, match="in use"), tracker:
        pass
