"""
A look at the ledger that costs a few milliseconds: read-only, one bare connection, no dataclass, no settings file
unless there is one. Whatever it cannot tell at once it leaves to the whole program.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Mapping

from codesession.domain.budget_rules import is_partial, is_reached, window_start_ms
from codesession.domain.spelling import spelled
from codesession.store import budget_queries as q
from codesession.store.budget_figures import figures

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SCHEMA = 15
"""The first schema number with all that is asked for here."""
_SESSION = "SELECT id, directory, cost_dollars, cost_picousd, unpriced_requests + lower_bound_requests FROM sessions"
_ACTIVE = f"{_SESSION} WHERE status = 'active' ORDER BY started_at_ms, id"
_OF_CONVERSATION = f"{_SESSION} WHERE agent_name = :agent_name AND conversation_id = :conversation_id"
_PARTIAL_SINCE = (
    "SELECT EXISTS (SELECT 1 FROM usage_rollups"
    " WHERE bucket_start_ms >= :since AND unpriced_requests + lower_bound_requests > 0)"
)


Session = tuple[int, str, int, int]
"""(id, directory, pico-dollars, calls that cost more than is known)"""


class Left:
    """What one budget that applies here leaves. Amounts in pico-dollars."""

    __slots__ = ("left", "limit", "partial", "stops")

    def __init__(self, limit: int, left: int, stops: bool, partial: bool) -> None:
        self.limit = limit
        self.left = left
        self.stops = stops
        self.partial = partial
        """Whether less than that may be left: nothing is held for some calls whose cost is not wholly known."""


class QuickLedger:
    """The ledger as a hook sees it. Every method may raise `sqlite3.Error`."""

    def __init__(self, path: str, environment: Mapping[str, str]) -> None:
        from urllib.parse import quote

        self._environment = environment
        self._connection = sqlite3.connect(f"file:{quote(os.fsencode(path))}?mode=ro", uri=True, timeout=1.0)
        self._now_ms = time.time_ns() // 1_000_000
        self._zone: Any = None

    def is_older(self) -> bool:
        """Whether an earlier version wrote it last: the whole program brings it up to date, and then knows."""
        return int(self._query("PRAGMA user_version", {})[0][0]) < _SCHEMA

    def has_budgets(self) -> bool:
        """Whether any budget could stop anything now."""
        return bool(self._query(q.ARMED, {"since_ms": self._now_ms})[0][0])

    def session(self, directory: str, agent_name: str, conversation_id: object) -> Session | None:
        """
        The session that is meant here, by the rules of `services.scopes`; where none is, the one that was made from
        the agent's own log of this conversation.
        """
        named = self._environment.get("CODESESSION_SESSION_ID", "")
        active = self._query(_ACTIVE, {})
        surrounding = next((row for row in active if str(row[0]) == named), None)
        if surrounding is not None and surrounding[1] == spelled(directory):
            return _session_of(surrounding)
        found = [row for row in active if row[1] == spelled(directory)] or ([surrounding] if surrounding else active)
        if not found and isinstance(conversation_id, str):
            found = self._query(_OF_CONVERSATION, {"agent_name": agent_name, "conversation_id": conversation_id})
        return _session_of(found[0]) if len(found) == 1 else None

    def budgets(self, directory: str, session: Session | None, agent_name: str) -> list[Left]:
        """What the budgets that hold here leave."""
        session_id = session[0] if session else None
        spender = {
            "session_id": session_id,
            "project": session[1] if session else spelled(directory),
            "agent_name": agent_name,
        }
        found = self._query(q.APPLYING, spender)
        return [self._left(dict(zip(q.BUDGET_COLUMNS, row, strict=True)), own) for *row, own in found]

    def spent_today(self) -> tuple[int, bool]:
        """Pico-dollars of everything since midnight, and whether the true figure is higher."""
        since = {"since": self._window_start("day")}
        ((dollars, rest),) = self._query(q.SPENT_SINCE, since)
        return int(dollars) * q.PICO + int(rest), bool(self._query(_PARTIAL_SINCE, since)[0][0])

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _left(self, budget: dict[str, Any], session_id: int | None) -> Left:
        found = figures(
            self._query,
            budget_id=budget["id"],
            scope=budget["scope"],
            session_id=session_id,
            project=budget["project"],
            agent_name=budget["agent_name"],
            strict=bool(budget["strict"]),
            start_ms=self._window_start(budget["period"]),
            now_ms=self._now_ms,
        )
        limit = budget["limit_picousd"] + found["extra_picousd"]
        used = found["spent_picousd"] + found["held_picousd"]
        paused = (found["paused_until_ms"] or 0) > self._now_ms
        stops = budget["action"] == "stop" and not paused and is_reached(limit, used)
        partial = is_partial(found["unpriced_requests"], found["lower_bound_requests"], found["calls_held"])
        return Left(limit, limit - used, stops, partial)

    def _window_start(self, period: str) -> int | None:
        if period == "total":
            return None
        if self._zone is None:
            from codesession.services.zones import zone_for_budgets

            self._zone = zone_for_budgets(self._environment)
        return window_start_ms(period, self._now_ms, self._zone)

    def _query(self, sql: str, params: dict[str, Any]) -> list[Any]:
        return self._connection.execute(sql, params).fetchall()


def _session_of(row: tuple[int, str, int, int, int]) -> Session:
    session_id, directory, dollars, rest, partial = row
    return session_id, directory, dollars * q.PICO + rest, partial


def scope_of(directory: str) -> str:
    """The git root of a directory, else the directory, as `services.repo.locate` finds it."""
    here = os.path.realpath(directory)
    if os.environ.get("GIT_DIR") or os.environ.get("GIT_CEILING_DIRECTORIES"):
        return _located(here)
    folder = here
    while not os.path.exists(os.path.join(folder, ".git", "HEAD")):
        if os.path.lexists(os.path.join(folder, ".git")) or os.path.exists(os.path.join(folder, "HEAD")):
            return _located(here)  # a worktree, a bare repository, something strange: git's own rules decide
        parent = os.path.dirname(folder)
        if parent == folder:
            return here
        folder = parent
    return folder


def _located(here: str) -> str:
    from pathlib import Path

    from codesession.services.repo import locate

    return str(locate(Path(here)).directory)
