"""A task that begins at once, not when the loop comes round to it: that is after all else that is due."""

from __future__ import annotations

import asyncio
import sys
import types
from collections.abc import Coroutine, Generator
from functools import partial
from typing import Any

Work = Coroutine[Any, Any, None]


def begin(work: Work, loop: asyncio.AbstractEventLoop) -> asyncio.Task[None]:
    """Run `work` up to its first wait, and have a task do the rest; within another task it has to wait for its turn."""
    if asyncio.current_task(loop) is not None:
        return loop.create_task(work)
    if sys.version_info >= (3, 12):
        return asyncio.Task(work, loop=loop, eager_start=True)
    driven = _driven(work)
    task = loop.create_task(driven)
    asyncio.tasks._enter_task(loop, task)  # offered to those who run tasks themselves (asyncio, "Extending")
    try:
        driven.send(None)
    finally:
        asyncio.tasks._leave_task(loop, task)
    return task


async def _driven(work: Work) -> None:
    await _steps(work)


@types.coroutine
def _steps(work: Work) -> Generator[Any, None, None]:
    """The steps of `work`. After the first one there is a pause: from then on the task drives."""
    step, is_first = partial(work.send, None), True
    failure: BaseException | None = None
    while True:
        try:
            waits_for = step()
        except StopIteration:
            break
        except BaseException as error:  # whatever it is: raised on in the task, whose failure it is
            failure = error
            break
        try:
            if is_first:
                is_first = False
                yield
            yield waits_for
        except BaseException as error:  # a cancelled task: `work` is told where it waits
            step = partial(work.throw, error)
        else:
            step = partial(work.send, None)
    if is_first:
        yield
    try:
        if failure is not None:
            raise failure
    finally:
        failure = None  # it knows this frame
