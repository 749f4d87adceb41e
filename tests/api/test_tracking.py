"""`track` in all its forms, and `run_agent_session`."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import pytest

from api.conftest import Recorded
from codesession import AgentSession, AsyncAgentSession, run_agent_session, track
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
