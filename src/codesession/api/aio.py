"""A session of an event loop: the same, awaited. The loop never waits for the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, TypeVar, Unpack

from codesession.api import current
from codesession.api.asking import logging
from codesession.api.config import SessionConfig, SessionOptions, Usd
from codesession.api.core import SessionCore
from codesession.domain.money import dollars, to_picousd
from codesession.errors import InvalidInputError

if TYPE_CHECKING:
    from codesession.api.summary import SessionSummary
    from codesession.app import App

R = TypeVar("R")


class AsyncAgentSession:
    """
    `AgentSession` for event loops.

    `spent`, `tokens` and `budget_remaining` are as of the last call that was recorded, or of `await refresh()`.
    """

    def __init__(self, name: str, **config: Unpack[SessionConfig]) -> None:
        self._core = SessionCore(name, SessionOptions(**config))

    @property
    def name(self) -> str:
        """As it was given."""
        return self._core.name

    @property
    def id(self) -> int | None:
        """Its number in the ledger; None before the start, and when it could not be recorded."""
        return None if self._core.session is None else self._core.session.id

    @property
    def is_active(self) -> bool:
        """Started and not ended."""
        return self._core.is_active

    @property
    def spent(self) -> float:
        """Dollars."""
        return self._core.spent

    @property
    def tokens(self) -> int:
        """Tokens."""
        return self._core.tokens

    @property
    def budget_remaining(self) -> float | None:
        """Dollars of the session's own budget that are left, never below 0; None without a budget."""
        return self._core.budget_remaining

    @property
    def summary(self) -> SessionSummary | None:
        """What it came to, once it has ended."""
        return self._core.summary

    async def start(self) -> int | None:
        """As `AgentSession.start`; the session is current in this task and those created from it."""
        core = self._core
        if core.is_started:
            raise InvalidInputError(f'session "{core.name}" has been started already')
        found: int | None = None
        core.outer = current.current()
        with core.guarded():
            found = await asyncio.wrap_future(core.worker.ask(core.start))
        core.is_started = True
        current.enter(core)
        return found

    async def log_ai(
        self,
        response: object = None,
        /,
        model: str | None = None,
        tokens: int | None = None,
        cost: Usd | None = None,
        *,
        provider: str | None = None,
        prompt_tokens: int | None = None,
        completion_tokens: int | None = None,
        cache_read_tokens: int = 0,
        cache_write_tokens: int = 0,
        reasoning_tokens: int = 0,
        response_id: str | None = None,
        agent: str | None = None,
    ) -> float | None:
        """As `AgentSession.log_ai`."""
        core = self._core
        question = logging(
            core,
            response,
            model,
            tokens,
            cost,
            provider=provider,
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
            cache_read_tokens=cache_read_tokens,
            cache_write_tokens=cache_write_tokens,
            reasoning_tokens=reasoning_tokens,
            response_id=response_id,
            agent=agent,
        )
        core.told(await self._ask(question, None))
        return core.budget_remaining

    async def note(self, message: str) -> None:
        """Keep a remark with the session."""
        self._core.check_open()
        await self._ask(lambda app: self._core.note(app, message), None)

    async def can_afford(self, estimate: Usd) -> bool:
        """Whether every budget that holds here has room for so many more dollars."""
        picousd = to_picousd(dollars(estimate))
        return await self._ask(lambda app: self._core.can_afford(app, picousd), self._core.fits(picousd))

    async def refresh(self) -> None:
        """Look at the ledger: others may count calls for this session too."""
        await self._ask(self._core.refresh, None)

    def activate(self) -> AbstractContextManager[None]:
        """Make it the current session inside a block: for tasks that existed before it."""
        return current.active(self._core)

    async def end(self, notes: str | None = None) -> SessionSummary:
        """End and say what it came to. A second time it says the same again."""
        core = self._core
        if core.summary is not None:
            return core.summary
        core.check_open()
        await asyncio.to_thread(core.stop_watching)
        core.summary = await self._ask(lambda app: core.end(app, notes), core.unrecorded())
        current.leave(core)
        return core.summary

    async def _ask(self, question: Callable[[App], R], otherwise: R) -> R:
        if not self._core.is_started:
            return otherwise
        with self._core.guarded():
            return await asyncio.wrap_future(self._core.worker.ask(question))
        return otherwise
