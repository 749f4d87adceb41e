"""What routes share: the state of the server, and answers made in a worker's thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec

from fastapi import Depends, Request
from pydantic import BaseModel
from starlette.responses import Response

from codesession.web.schemas.base import ErrorAnswer

if TYPE_CHECKING:
    import click

    from codesession.app import App
    from codesession.web.access import Access
    from codesession.web.memory import Memory
    from codesession.web.watcher import Watcher
    from codesession.web.workers import Workers

P = ParamSpec("P")

PROBLEMS: dict[int | str, dict[str, Any]] = {"4XX": {"model": ErrorAnswer}, "5XX": {"model": ErrorAnswer}}
"""Every route may answer with the error envelope."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What one server consists of."""

    access: Access
    quick: Workers
    """For questions that take milliseconds."""
    patient: Workers
    """For git, exports and whatever else may take seconds, so that they never hold up the rest."""
    watcher: Watcher
    memory: Memory
    commands: click.Group | None = None
    """The program's commands, for the help page."""


def state_of(request: Request) -> State:
    """The server a request came to."""
    state: State = request.app.state.server
    return state


StateOf = Annotated[State, Depends(state_of)]


async def answer(
    workers: Workers, question: Callable[Concatenate[App, P], BaseModel], /, *args: P.args, **kwargs: P.kwargs
) -> Response:
    """The answer of a question, written as JSON in the worker's thread too."""

    def written(app: App) -> bytes:
        return question(app, *args, **kwargs).model_dump_json(by_alias=True).encode()

    return Response(await workers.ask(written), media_type="application/json")


async def remembered(
    state: State, question: Callable[Concatenate[App, P], BaseModel], /, *args: P.args, **kwargs: P.kwargs
) -> Response:
    """The same for questions that may take long and that pages ask often."""
    return Response(await state.memory.answer(state.quick, question, *args, **kwargs), media_type="application/json")


async def changed(
    state: State,
    workers: Workers,
    question: Callable[Concatenate[App, P], BaseModel],
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> Response:
    """The answer of a question that changes something: what is remembered does not hold any more."""
    try:
        return await answer(workers, question, *args, **kwargs)
    finally:
        state.memory.forget()
