"""Sessions for imported calls: ours if one covers the call, else one per conversation."""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter

from codesession.domain.ids import uuid7
from codesession.store import import_queries as iq
from codesession.store import rows
from codesession.store.queries import REQUEST_COLUMNS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from codesession.domain.imports import PlannedSession
    from codesession.store.database import Database, Row

_place_of = itemgetter(*(REQUEST_COLUMNS.index(name) for name in ("project", "conversation_id", "started_at_ms")))
"""What of a call's columns decides which session pays for it."""


class _Made:
    """A conversation's session while the batch stretches it over its calls."""

    __slots__ = ("changed", "ended", "id", "known_from", "name", "started")

    def __init__(self, session_id: int, started: int, ended: int, name: str) -> None:
        self.id, self.started, self.ended, self.name = session_id, started, ended, name
        self.known_from = started
        """When it began as far as the batches before this one knew."""
        self.changed = False

    def stretch(self, at_ms: int) -> None:
        if at_ms < self.started:
            self.started, self.changed = at_ms, True
        if at_ms > self.ended:
            self.ended, self.changed = at_ms, True

    def rename(self, name: str) -> None:
        if name != self.name:
            self.name, self.changed = name, True


class LogSessions:
    """Finds and makes sessions inside one transaction."""

    def __init__(
        self, database: Database, planned: Mapping[str, PlannedSession], preferred_session: int | None = None
    ) -> None:
        self._preferred = preferred_session
        self._db = database
        self._planned = {rows.text(conversation): plan for conversation, plan in planned.items()}
        self._ours: dict[str, list[tuple[int, int, int | None]]] = {}
        self._made: dict[tuple[str, str], _Made] = {}
        self._placed: dict[str | None, _Made] = {}
        """The same by the conversation of a call, sub-agents' own ones too."""

    def place(self, columns: Row) -> int | None:
        """
        The session that pays for a call.

        The only one of ours in the same repository that was open at that time (the preferred one, where several
        were); where two were, or none, the session of the agent's conversation.
        """
        project, conversation_id, at_ms = _place_of(columns)
        if ours := self._covering(project, at_ms):
            if self._preferred in ours:
                return self._preferred
            if len(ours) == 1:
                return ours[0]
        made = self._placed.get(conversation_id)
        if made is None:
            plan = self._planned.get(conversation_id or "")
            if plan is None:
                return None
            made = self._placed[conversation_id] = self._conversation(plan, at_ms)
        made.stretch(at_ms)
        return made.id

    def settle(self, left: set[int | None]) -> None:
        """Write what changed; sessions that lost calls shrink, and vanish when nothing is left of them."""
        for plan in self._planned.values():
            made = self._find(plan) if plan.titled else self._made.get((plan.agent_name, plan.conversation_id))
            if made is None:
                continue
            if plan.titled:
                made.rename(rows.text(plan.name))
            elif made.name == rows.text(plan.name_from(made.known_from)):
                made.rename(rows.text(plan.name_from(made.started)))
        changed = [made for made in self._made.values() if made.changed]
        self._db.execute_many(
            iq.UPDATE_LOG_SESSION,
            [{"id": m.id, "name": m.name, "started_at_ms": m.started, "ended_at_ms": m.ended} for m in changed],
        )
        for session_id in left - {None}:
            if self._db.execute(iq.DROP_EMPTY_SESSION, {"id": session_id}):
                continue
            ((started, ended),) = self._db.query(iq.BOUNDS_OF_SESSION, {"id": session_id})
            if started is not None:
                bounds = {"id": session_id, "started_at_ms": started, "ended_at_ms": ended}
                self._db.execute(iq.SHRINK_SESSION, bounds)

    def _covering(self, directory: str | None, at_ms: int) -> list[int]:
        if not directory:
            return []
        if directory not in self._ours:
            self._ours[directory] = [
                (found[0], found[1], found[2]) for found in self._db.query(iq.CS_SESSIONS_OF, {"directory": directory})
            ]
        found = self._ours[directory]
        return [i for i, start, end in found if start <= at_ms and (end is None or at_ms <= end)] if found else []

    def _conversation(self, plan: PlannedSession, at_ms: int) -> _Made:
        made = self._find(plan)
        if made is None:
            made = self._made[plan.agent_name, plan.conversation_id] = self._create(plan, at_ms)
        return made

    def _find(self, plan: PlannedSession) -> _Made | None:
        key = (plan.agent_name, plan.conversation_id)
        if key not in self._made:
            params = {"agent_name": rows.text(key[0]), "conversation_id": rows.text(key[1])}
            found = self._db.query(iq.SESSION_OF_CONVERSATION, params)
            if not found:
                return None
            session_id, started, ended, name = found[0]
            self._made[key] = _Made(session_id, started, started if ended is None else ended, name)
        return self._made[key]

    def _create(self, plan: PlannedSession, at_ms: int) -> _Made:
        params: dict[str, Any] = {
            "uid": uuid7(at_ms),
            "name": plan.name_from(at_ms),
            "directory": plan.directory,
            "git_root": plan.git_root,
            "git_branch": plan.git_branch,
            "started_at_ms": at_ms,
            "ended_at_ms": at_ms,
            "agent_name": plan.agent_name,
            "conversation_id": plan.conversation_id,
        }
        params = {name: rows.text(value) if isinstance(value, str) else value for name, value in params.items()}
        ((session_id,),) = self._db.query(iq.INSERT_LOG_SESSION, params)
        return _Made(session_id, at_ms, at_ms, params["name"])
