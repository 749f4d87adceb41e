"""A session of a program that waits."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
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


class AgentSession:
    """
    A session from `start()` to `end()`; `track` does both around a block.

    All methods may be called from any thread. Money is in dollars, rounded to 1e-10.
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
        """Dollars so far, whoever counted them."""
        return self._looked().spent

    @property
    def tokens(self) -> int:
        """Tokens so far."""
        return self._looked().tokens

    @property
    def budget_remaining(self) -> float | None:
        """Dollars of the session's own budget that are left, never below 0; None without a budget."""
        return self._looked().budget_remaining

    @property
    def summary(self) -> SessionSummary | None:
        """What it came to, once it has ended."""
        return self._core.summary

    def start(self) -> int | None:
        """
        Begin; returns the session's number. From now on it is the current session of this thread or task.

        Raises `InvalidInputError` for an empty name, a wrong amount or directory. A ledger that cannot be used is
        only warned about: the program runs without.
        """
        core = self._core
        if core.is_started:
            raise InvalidInputError(f'session "{core.name}" has been started already')
        found: int | None = None
        core.outer = current.current()
        with core.guarded():
            found = core.worker.run(core.start)
        core.is_started = True
        current.enter(core)
        return found

    def log_ai(
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
        """
        Record a model call; returns what is left of the session's budget, None without one.

        `log_ai(response)` takes what the SDK of Anthropic, OpenAI, Google or Mistral returned and prices it exactly;
        a response seen twice counts once. `log_ai(usage, provider=…, model=…)` takes the usage alone.
        `log_ai("anthropic", "claude-sonnet-5", prompt_tokens=…, completion_tokens=…)` takes the counts: the prompt with
        its cached parts, the answer with its reasoning, or only `tokens`; `cost` wins over the price list.

        Raises `BudgetExceededError` before counts are recorded that would exceed a budget; a response has been paid
        for, so it is recorded first. Raises `InvalidInputError` for what cannot be understood.
        """
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
        core.told(self._ask(question, None))
        return core.budget_remaining

    def note(self, message: str) -> None:
        """Keep a remark with the session."""
        self._core.check_open()
        self._ask(lambda app: self._core.note(app, message), None)

    def can_afford(self, estimate: Usd) -> bool:
        """Whether every budget that holds here has room for so many more dollars."""
        picousd = to_picousd(dollars(estimate))
        return self._ask(lambda app: self._core.can_afford(app, picousd), self._core.fits(picousd))

    def activate(self) -> AbstractContextManager[None]:
        """Make it the current session inside a block: for threads that did not begin it."""
        return current.active(self._core)

    def end(self, notes: str | None = None) -> SessionSummary:
        """End and say what it came to. A second time it says the same again."""
        core = self._core
        if core.summary is not None:
            return core.summary
        core.check_open()
        core.stop_watching()
        core.summary = self._ask(lambda app: core.end(app, notes), core.unrecorded())
        current.leave(core)
        return core.summary

    def _looked(self) -> SessionCore:
        self._ask(self._core.refresh, None)
        return self._core

    def _ask(self, question: Callable[[App], R], otherwise: R) -> R:
        if not self._core.is_started:
            return otherwise
        with self._core.guarded():
            answer: Future[R] = self._core.worker.ask(question)
            return answer.result()
        return otherwise
