"""Sessions of event loops."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from api.conftest import Recorded
from codesession import AsyncAgentSession, BudgetExceededError, track
from codesession.errors import InvalidInputError
from support.shell import Shell

CALL: dict[str, Any] = {"model": "claude-sonnet-4", "prompt_tokens": 8000, "completion_tokens": 2000}
"""5.4 cents."""


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


def test_the_event_loop_never_waits_for_the_ledger(user: Shell) -> None:
    """While the ledger's thread is held up, other tasks run."""

    async def scene() -> int:
        ticks = 0
        async with track("Fix") as session:
            held = threading.Event()
            session._core.worker.ask(lambda _: held.wait(5))
            logging = asyncio.create_task(session.log_ai("p", "m", tokens=1, cost=1))
            for _ in range(20):
                await asyncio.sleep(0.001)
                ticks += 1
            assert not logging.done()
            held.set()
            await logging
        return ticks

    assert asyncio.run(scene()) == 20


def test_a_cancelled_task_ends_its_session(user: Shell, recorded: Recorded) -> None:
    """With the cancellation noted."""

    async def work(begun: asyncio.Event) -> None:
        async with track("Fix"):
            begun.set()
            await asyncio.sleep(30)

    async def scene() -> None:
        begun = asyncio.Event()
        task = asyncio.create_task(work(begun))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scene())
    assert not recorded().session.is_active
    assert recorded().session.end_notes == "CancelledError"


def test_wrong_use_is_told_as_elsewhere(user: Shell) -> None:
    """Not started, started twice, ended; a second end says the same again."""

    async def scene() -> None:
        session = AsyncAgentSession("Fix", metadata={"a": 1})
        with pytest.raises(InvalidInputError, match="not been started"):
            await session.note("too early")
        number = await session.start()
        assert (session.id, session.is_active, session.name) == (number, True, "Fix")
        with pytest.raises(InvalidInputError, match="started already"):
            await session.start()
        summary = await session.end("done")
        assert await session.end() is summary
        assert (summary.notes, summary.metadata) == ("done", {"a": 1})
        with pytest.raises(InvalidInputError, match="has ended"):
            await session.log_ai("anthropic", **CALL)

    asyncio.run(scene())
