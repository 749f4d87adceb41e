"""
Which session is meant where: the innermost one that was begun in this context.

Tasks inherit what was open when they were created; a thread starts with none, and takes one up with
`session.activate()`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codesession.api.core import SessionCore

_open: ContextVar[tuple[SessionCore, ...]] = ContextVar("codesession_open", default=())


def current() -> SessionCore | None:
    """The session that a call made here belongs to."""
    return next((core for core in reversed(_open.get()) if core.is_active), None)


def enter(core: SessionCore) -> None:
    """From now on `core` is meant here."""
    _open.set((*_open.get(), core))


def leave(core: SessionCore) -> None:
    """`core` is meant here no longer, whichever was begun after it."""
    _open.set(tuple(each for each in _open.get() if each is not core))


@contextmanager
def active(core: SessionCore) -> Iterator[None]:
    """`core` is meant inside the block, also in a thread that did not begin it."""
    before = _open.get()
    _open.set((*before, core))
    try:
        yield
    finally:
        _open.set(before)
