"""`track` around a block or a function, and `run_agent_session` around a callable."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from functools import wraps
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, Unpack, overload

from codesession.api.aio import AsyncAgentSession
from codesession.api.config import SessionConfig
from codesession.api.core import error_note
from codesession.api.session import AgentSession
from codesession.api.summary import SessionSummary
from codesession.errors import BudgetExceededError, InvalidInputError

P = ParamSpec("P")
R = TypeVar("R")


class Tracker:
    """What `track` gives: a context manager, an asynchronous one, and a decorator."""

    def __init__(self, name: str | None, config: SessionConfig) -> None:
        self._name = name
        self._config = config
        self._session: AgentSession | None = None
        self._async_session: AsyncAgentSession | None = None

    @overload
    def __call__(self, function: Callable[P, Coroutine[Any, Any, R]], /) -> Callable[P, Coroutine[Any, Any, R]]: ...
    @overload
    def __call__(self, function: Callable[P, R], /) -> Callable[P, R]: ...
    def __call__(self, function: Callable[P, Any], /) -> Callable[P, Any]:
        """A session of its own for every call of the function, under its name unless another was given."""
        name = self._name or getattr(function, "__qualname__", None)
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError("track() goes on functions and coroutines; use it inside a generator")
        if inspect.iscoroutinefunction(function):

            @wraps(function)
            async def awaited(*args: P.args, **kwargs: P.kwargs) -> Any:
                async with Tracker(name, self._config):
                    return await function(*args, **kwargs)

            return awaited

        @wraps(function)
        def called(*args: P.args, **kwargs: P.kwargs) -> Any:
            with Tracker(name, self._config):
                return function(*args, **kwargs)

        return called

    def __enter__(self) -> AgentSession:
        self._session = AgentSession(self._named(), **self._config)
        self._session.start()
        return self._session

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.end(None if error is None else error_note(error))

    async def __aenter__(self) -> AsyncAgentSession:
        self._async_session = AsyncAgentSession(self._named(), **self._config)
        await self._async_session.start()
        return self._async_session

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        session, self._async_session = self._async_session, None
        if session is not None:
            await session.end(None if error is None else error_note(error))

    def _named(self) -> str:
        if self._session is not None or self._async_session is not None:
            raise InvalidInputError("this tracker is in use", hint="call track() for every block")
        if self._name is None:
            raise InvalidInputError("the session has no name", hint='track("Fix the login")')
        return self._name


@overload
def track(name: Callable[P, Coroutine[Any, Any, R]], /) -> Callable[P, Coroutine[Any, Any, R]]: ...
@overload
def track(name: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def track(name: str | None = None, **config: Unpack[SessionConfig]) -> Tracker: ...
def track(name: Any = None, **config: Unpack[SessionConfig]) -> Any:
    """
    A session around a block (`with`, `async with`) or every call of a function (`@track`, `@track("name", budget=5)`).

    It ends with the block. An error inside ends it too, is noted, and goes on its way.
    """
    return Tracker(None, {})(name) if callable(name) else Tracker(name, config)


@overload
def run_agent_session(
    name: str, config: SessionConfig, fn: Callable[[AsyncAgentSession], Awaitable[object]]
) -> Coroutine[Any, Any, SessionSummary]: ...
@overload
def run_agent_session(name: str, config: SessionConfig, fn: Callable[[AgentSession], object]) -> SessionSummary: ...
def run_agent_session(name: str, config: SessionConfig, fn: Callable[[Any], Any]) -> Any:
    """
    Run `fn(session)` in a session and return what it came to; awaited when `fn` is a coroutine function.

    A budget that is used up ends the run: the summary says so in `budget_exceeded`. Any other error is noted and
    raised.
    """
    if inspect.iscoroutinefunction(fn):
        return _run_async(name, config, fn)
    with Tracker(name, config) as session:
        try:
            fn(session)
        except BudgetExceededError as error:
            return replace(session.end(error_note(error)), budget_exceeded=True)
    return session.end()


async def _run_async(
    name: str, config: SessionConfig, fn: Callable[[AsyncAgentSession], Awaitable[object]]
) -> SessionSummary:
    async with Tracker(name, config) as session:
        try:
            await fn(session)
        except BudgetExceededError as error:
            return replace(await session.end(error_note(error)), budget_exceeded=True)
    return await session.end()
