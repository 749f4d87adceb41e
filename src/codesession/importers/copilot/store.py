"""
Calls that only the database shows: of sessions whose events are gone, or from before events had records of calls.

Rows have no id of the API. What the events showed once is remembered, so that deleting them changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from codesession.domain.facts import replace
from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.sighting import Sighting
from codesession.importers import sqlite
from codesession.importers.copilot.calls import STORED, LogKeys, api_of, biller, reported_usd
from codesession.importers.counts import answer
from codesession.importers.times import epoch_ms
from codesession.providers.counting import exact_decimal, text, whole_number

if TYPE_CHECKING:
    from codesession.importers.base import LogFile
    from codesession.importers.copilot.relatives import Relatives

_COLUMNS = (
    *("id", "session_id", "agent_id", "model", "total_nano_aiu", "request_multiplier", "duration_ms", "api_endpoint"),
    *("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens", "created_at"),
)


def calls(log: LogFile, agent_name: str, relatives: Relatives) -> Iterator[Sighting]:
    """The calls of a database that no events show."""
    return sqlite.read(log, lambda database: _Store(log, agent_name, relatives).calls(database))


class _Store:
    """Reads one database."""

    def __init__(self, log: LogFile, agent_name: str, relatives: Relatives) -> None:
        self._log = log
        self._agent_name = agent_name
        self._relatives = relatives
        self._logged = LogKeys(agent_name)
        self._recorded: dict[str, int] = log.state.setdefault("recorded", {})
        """Since when a session's events showed its calls, also when they are gone by now."""

    def calls(self, database: sqlite.Database) -> Iterator[Sighting]:
        places = {row["id"]: row for row in database.rows("sessions", ("id", "cwd", "branch"))}
        for number, row in enumerate(database.rows("assistant_usage_events", _COLUMNS, order="id"), 1):
            session, at_ms = str(row["session_id"]), epoch_ms(row["created_at"])
            if at_ms is None:
                self._log.bad_line("a call without a time", number)
            elif not self._is_recorded(session, at_ms):
                yield self._sighting(session, at_ms, row, places.get(row["session_id"], {}))

    def _is_recorded(self, session: str, at_ms: int) -> bool:
        since = self._relatives.first_record_ms(session)
        if since is not None:
            self._recorded[session] = min(since, self._recorded.get(session, since))
        if session in self._recorded:
            since = self._recorded[session]
            return at_ms >= (since - since % 1000 if at_ms % 1000 == 0 else since)  # SQL's own clock has whole seconds
        return self._relatives.may_be_recorded_yet(session)

    def _sighting(self, session: str, at_ms: int, row: dict[str, Any], place: dict[str, Any]) -> Sighting:
        self._log.first_ms = min(at_ms, self._log.first_ms or at_ms)
        directory, branch, model = text(place, "cwd"), text(place, "branch"), text(row, "model")
        nano = exact_decimal(row["total_nano_aiu"])
        self._log.conversation(session, directory=directory, git_branch=branch)
        response = answer(
            STORED.read(row),
            provider_name=biller(model, own_key=not (nano or row["request_multiplier"])),
            api=api_of(row["api_endpoint"]),
            key="",
            model=model,
            reported_cost_usd=reported_usd(nano, at_ms) if nano else None,
        )
        key = self._logged.of(session, at_ms, response)
        context = CallContext(
            source=Source.LOG,
            started_at_ms=at_ms,
            duration_ms=whole_number(row["duration_ms"]),
            conversation_id=session,
            agent_name=self._agent_name,
            subagent_id=text(row, "agent_id"),
            git_branch=branch,
            project=directory,
        )
        observation = Observation(response=replace(response, response_id=key), context=context)
        return Sighting(observation=observation, log_key=key)
