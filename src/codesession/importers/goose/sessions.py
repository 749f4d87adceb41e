"""
A database's calls, as its ledger of usage tells them, and what its running totals hold beyond.

That was not written call by call: an estimate, booked by what it gained since it was last looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.sighting import Sighting
from codesession.importers import sqlite
from codesession.importers.billers import named_biller
from codesession.importers.counts import Layout, Reading, answer, cut_into_calls
from codesession.importers.documents import child, decode_object
from codesession.importers.times import epoch_ms
from codesession.importers.totals import ESTIMATE, Added, Totals
from codesession.providers.counting import exact_usd, text, whole_number

if TYPE_CHECKING:
    from codesession.domain.usage import ModelResponse
    from codesession.importers.base import LogFile

LAYOUT = Layout(
    input="input_tokens",
    output="output_tokens",
    cache_read="cache_read_tokens",
    cache_write="cache_write_tokens",
    total="total_tokens",
    cache_inside=True,
    reasoning_inside=True,
    total_decides_cache=True,
)
_COUNTS = (LAYOUT.input, LAYOUT.output, LAYOUT.cache_read, LAYOUT.cache_write, LAYOUT.total)
_TOTALS = {name: f"accumulated_{name}" for name in _COUNTS}
_COLUMNS = (
    *("id", "working_dir", "name", "description", "created_at", "updated_at", "provider_name", "model_config_json"),
    *("parent_session_id", "accumulated_cost", *_TOTALS.values()),
)
_LEDGER = ("id", "session_id", "created_timestamp", "model", "cost", "cost_source", *_COUNTS)
_CARRIED = "carried_forward"
"""The source of rows that hold what a total had before its first call was written down."""
_AGENTS = frozenset(
    (
        *("claude-code", "claude-acp", "claude-code-acp", "codex", "codex-acp"),
        *("gemini-cli", "gemini-acp", "copilot-acp", "pi-acp", "hermes-acp"),
    )
)
"""Providers that are other agents on this machine, whose own logs tell."""
_OLDER_MS = 60_000
"""A first message this much older than its session came with it from elsewhere."""
_NO_SPLIT = "the agent does not split cached prompt tokens off"


def gained(log: LogFile, agent_name: str) -> Iterator[Sighting]:
    """The calls of every session, and what else it gained since the last pass."""
    return sqlite.read(log, lambda database: _sessions(log, agent_name, database))


def _sessions(log: LogFile, agent_name: str, database: sqlite.Database) -> Iterator[Sighting]:
    totals = Totals(log.state, log.booked)
    calls = _calls(database)
    talks: dict[str, list[tuple[str, int]]] | None = None
    for number, row in enumerate(database.rows("sessions", _COLUMNS, order="created_at, id"), 1):
        if row["provider_name"] in _AGENTS:
            continue
        session = _Session(log, agent_name, row)
        own = calls.get(session.id, ())
        yield from session.calls(own)
        reading = LAYOUT.read(_beyond(row, own))
        if reading.usage is None:
            continue
        if talks is None:
            talks = _talks(database)
        talk = talks.get(session.id, [])
        if _is_brought(row, own, talk):
            continue
        if session.changed_ms is None:
            log.bad_line("a session without a time", number)
            continue
        added = totals.added(session.id, reading.usage)
        if added is not None:
            yield session.addition(reading, added, session.changed_ms, sum(role == "assistant" for role, _ in talk))


def _calls(database: sqlite.Database) -> dict[str, list[dict[str, Any]]]:
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in database.rows("usage_ledger", _LEDGER, order="id"):
        if row["cost_source"] != _CARRIED:
            found[str(row["session_id"])].append(row)
    return found


def _talks(database: sqlite.Database) -> dict[str, list[tuple[str, int]]]:
    """Who spoke when, by session; 0 where a schema does not say when."""
    found: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for row in database.rows("messages", ("session_id", "role", "created_timestamp")):
        found[str(row["session_id"])].append((str(row["role"]), epoch_ms(row["created_timestamp"]) or 0))
    return found


def _beyond(row: dict[str, Any], calls: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What a session's totals hold beside its calls."""
    totals = {name: row[total] for name, total in _TOTALS.items()}
    if not calls:
        return totals
    told = {name: sum(whole_number(call[name]) or 0 for call in calls) for name in _COUNTS}
    return {name: max(0, (whole_number(total) or 0) - told[name]) for name, total in totals.items()}


def _is_brought(row: dict[str, Any], calls: Sequence[dict[str, Any]], talk: list[tuple[str, int]]) -> bool:
    """
    Whether a total came with an imported conversation: calls that another agent, or session, has made.

    Such a conversation is older than its session, and nothing was asked before the first call that was written down.
    A fork is older as well, but its total began at zero: it grew by what was asked.
    """
    began = epoch_ms(row["created_at"]) or 0
    if not any(0 < at < began - _OLDER_MS for _, at in talk):
        return False
    first = epoch_ms(calls[0]["created_timestamp"]) if calls else None
    asked = sum(role == "user" and at >= began and (first is None or at <= first) for role, at in talk)
    return asked <= bool(calls)


class _Session:
    """One session's row, and what it makes of calls."""

    def __init__(self, log: LogFile, agent_name: str, row: dict[str, Any]) -> None:
        self.id = str(row["id"])
        self.changed_ms = epoch_ms(row["updated_at"]) or epoch_ms(row["created_at"])
        self._log = log
        self._agent_name = agent_name
        self._row = row
        self._model = text(child(decode_object(text(row, "model_config_json"))), "model_name")

    def calls(self, rows: Sequence[dict[str, Any]]) -> Iterator[Sighting]:
        """Calls that were written down, each as one."""
        for row in rows:
            at_ms = epoch_ms(row["created_timestamp"])
            if at_ms is None:
                self._log.bad_line("a call without a time", row["id"])
                continue
            is_reported = row["cost_source"] == "provider_reported"
            response = self._answer(
                LAYOUT.read({name: row[name] for name in _COUNTS}),
                api="goose",
                key=f"~{self._agent_name}:{self.id}:{at_ms}.{row['id']}",
                model=text(row, "model") or self._model,
                agent_cost=None if is_reported else row["cost"],
                reported_cost_usd=exact_usd(row["cost"]) if is_reported else None,
            )
            yield Sighting(observation=self._observed(response, at_ms))

    def addition(self, reading: Reading, added: Added, at_ms: int, answers: int) -> Sighting:
        """What the total gained, which is of some of the session's answers."""
        split = added.usage.cache_read_input_tokens or added.usage.cache_write_input_tokens
        response = self._answer(
            Reading(usage=added.usage, mismatch=reading.mismatch, warnings=reading.warnings),
            api="goose.session_total",
            key=f"~{self._agent_name}:{self.id}:{added.step}",
            model=self._model,
            agent_cost=self._row["accumulated_cost"] if added.step == "0.0" else None,
            complete=False,
            parts=cut_into_calls(added.usage, answers),
            warnings=(ESTIMATE,) if split else (ESTIMATE, _NO_SPLIT),
        )
        return Sighting(observation=self._observed(response, at_ms), books=added.books)

    def _answer(self, reading: Reading, *, model: str | None, **facts: Any) -> ModelResponse:
        provider = text(self._row, "provider_name")
        biller = named_biller(provider, model)
        return answer(reading, provider_name=biller, model=model, **facts)

    def _observed(self, response: ModelResponse, at_ms: int) -> Observation:
        row = self._row
        parent, directory = text(row, "parent_session_id"), text(row, "working_dir")
        self._log.first_ms = min(self._log.first_ms or at_ms, epoch_ms(row["created_at"]) or at_ms)
        title = text(row, "name", "description")
        self._log.conversation(self.id, title=title, directory=directory, parent=parent)
        context = CallContext(
            source=Source.LOG,
            started_at_ms=at_ms,
            conversation_id=self.id,
            agent_name=self._agent_name,
            subagent_id=self.id if parent else None,
            project=directory,
        )
        return Observation(response=response, context=context)
