"""
Which session a command means.

In this order: the number given; the session that the surrounding `cs run` names in the environment; the active
one of this git root or directory; the only active one anywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from codesession.domain.session import Session
from codesession.errors import AmbiguousSessionError, NoActiveSessionError, SessionNotFoundError

if TYPE_CHECKING:
    from codesession.domain.repo import Scope
    from codesession.store.base import Store


class Scopes:
    """Finds sessions for a working directory."""

    def __init__(self, store: Store, locate: Callable[[Path], Scope], surrounding_session_id: int | None) -> None:
        self._store = store
        self._locate = locate
        self._surrounding_session_id = surrounding_session_id

    def scope(self, directory: Path) -> Scope:
        """The git root of a directory, else the directory itself."""
        return self._locate(directory)

    def surrounding(self) -> Session | None:
        """The active session of the `cs run` this process was started by, if any."""
        if self._surrounding_session_id is None:
            return None
        session = self._store.session(self._surrounding_session_id)
        return session if session is not None and session.is_active else None

    def by_id(self, session_id: int) -> Session:
        """The session with this number."""
        session = self._store.session(session_id)
        if session is None:
            raise SessionNotFoundError(session_id)
        return session

    def chosen(self, session_id: int | None, directory: Path) -> Session:
        """The session a command means; raises when there is none, or no obvious one."""
        if session_id is not None:
            return self.by_id(session_id)
        if (surrounding := self.surrounding()) is not None:
            return surrounding
        here = self._store.active_sessions(str(self._locate(directory).directory))
        found = here or self._store.active_sessions()
        if not found:
            raise NoActiveSessionError
        if len(found) > 1:
            raise AmbiguousSessionError([{"id": s.id, "name": s.name, "directory": s.directory} for s in found])
        return found[0]
