"""
Which session a command means.

In this order: the number given; the session that the surrounding `cs run` names in the environment, where it
belongs to this git root or directory; the active one of this git root or directory; the surrounding one
wherever it belongs; the only active one anywhere. So a command in another repository never ends the run's session
while one of its own is open there.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from codesession.domain.session import Session
from codesession.domain.spelling import spelled, unspelled
from codesession.errors import AmbiguousSessionError, NoActiveSessionError, SessionNotFoundError

if TYPE_CHECKING:
    from codesession.domain.scope import Scope
    from codesession.store.base import Store


_MAX_ID = 2**63 - 1


def folder_of(kept: str) -> Path:
    """The folder that the ledger names so."""
    return Path(kept if os.path.isdir(kept) else unspelled(kept))


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
        session = self.begun_in()
        return session if session is not None and session.is_active else None

    def begun_in(self) -> Session | None:
        """The session of that `cs run`, also where it was ended meanwhile: its budget holds as long as the run."""
        return None if self._surrounding_session_id is None else self._find(self._surrounding_session_id)

    def by_id(self, session_id: int) -> Session:
        """The session with this number."""
        session = self._find(session_id)
        if session is None:
            raise SessionNotFoundError(session_id)
        return session

    def _find(self, session_id: int) -> Session | None:
        """No session has a number that no ledger could hold."""
        return self._store.session(session_id) if 0 < session_id <= _MAX_ID else None

    def chosen(self, session_id: int | None, directory: Path) -> Session:
        """The session a command means; raises when there is none, or no obvious one."""
        if session_id is not None:
            return self.by_id(session_id)
        surrounding, here = self.surrounding(), spelled(str(self._locate(directory).directory))
        if surrounding is not None and surrounding.directory == here:
            return surrounding
        found = self._store.active_sessions(here) or ([surrounding] if surrounding else self._store.active_sessions())
        if not found:
            raise NoActiveSessionError
        if len(found) > 1:
            raise AmbiguousSessionError([{"id": s.id, "name": s.name, "directory": s.directory} for s in found])
        return found[0]
