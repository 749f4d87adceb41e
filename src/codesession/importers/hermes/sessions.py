"""A database's totals, by session, model and task, as what they gained since they were last looked at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from codesession.domain.digests import digest
from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.sighting import Sighting
from codesession.importers import sqlite
from codesession.importers.billers import named_biller
from codesession.importers.counts import Layout, Reading, answer, cut_into_calls
from codesession.importers.times import epoch_ms
from codesession.importers.totals import ESTIMATE, Added, Totals
from codesession.providers.counting import text, whole_number

if TYPE_CHECKING:
    from codesession.importers.base import LogFile

LAYOUT = Layout(
    input="input_tokens",
    output="output_tokens",
    cache_read="cache_read_tokens",
    cache_write="cache_write_tokens",
    reasoning="reasoning_tokens",
    cache_inside=False,
    reasoning_inside=True,
)
_COUNTS = (LAYOUT.input, LAYOUT.output, LAYOUT.cache_read, LAYOUT.cache_write, LAYOUT.reasoning)
_SHARED = ("model", "billing_provider", "billing_base_url", "billing_mode", "api_call_count", "estimated_cost_usd")
_USAGE = ("session_id", "task", "first_seen", "last_seen", *_SHARED, *_COUNTS)
_SESSION = ("id", "parent_session_id", "title", "cwd", "git_branch", "started_at", "ended_at", *_SHARED, *_COUNTS)
_NAMED = ("session_id", "model", "billing_provider", "billing_base_url", "billing_mode", "task")


def gained(log: LogFile, agent_name: str) -> Iterator[Sighting]:
    """What every total gained since the last pass."""
    return sqlite.read(log, lambda database: _gained(log, agent_name, database))


def _gained(log: LogFile, agent_name: str, database: sqlite.Database) -> Iterator[Sighting]:
    totals = Totals(log.state, log.booked)
    sessions = {str(row["id"]): row for row in database.rows("sessions", _SESSION)}
    for number, row in enumerate(_totals(database, sessions), 1):
        reading = LAYOUT.read({name: row[name] for name in _COUNTS})
        at_ms = epoch_ms(row["last_seen"]) or epoch_ms(row["first_seen"])
        if reading.usage is None:
            continue
        if at_ms is None:
            log.bad_line("a total without a time", number)
            continue
        name = digest(repr([row[name] for name in _NAMED]).encode(), 12)
        added = totals.added(name, reading.usage)
        if added is not None:
            session = sessions.get(str(row["session_id"]), {})
            yield _sighting(log, agent_name, row, session, f"~{agent_name}:{name}:{added.step}", reading, added, at_ms)


def _totals(database: sqlite.Database, sessions: dict[str, sqlite.Row]) -> Iterator[dict[str, Any]]:
    """Totals by model and task; of older sessions, which have none, the session's own."""
    split = set()
    for row in database.rows("session_model_usage", _USAGE, order="last_seen"):
        split.add(str(row["session_id"]))
        yield row
    for session_id, session in sessions.items():
        if session_id not in split:
            times = {"first_seen": session["started_at"], "last_seen": session["ended_at"]}
            yield {**session, "session_id": session_id, "task": "", **times}


def _sighting(
    log: LogFile,
    agent_name: str,
    row: dict[str, Any],
    session: dict[str, Any],
    key: str,
    reading: Reading,
    added: Added,
    at_ms: int,
) -> Sighting:
    conversation, parent = str(row["session_id"]), text(session, "parent_session_id")
    directory, branch = text(session, "cwd"), text(session, "git_branch")
    log.first_ms = min(log.first_ms or at_ms, at_ms)
    log.conversation(conversation, title=text(session, "title"), directory=directory, git_branch=branch, parent=parent)
    provider, model = text(row, "billing_provider"), text(row, "model")
    response = answer(
        Reading(usage=added.usage, mismatch=reading.mismatch, warnings=reading.warnings),
        provider_name=named_biller(provider, model),
        api="hermes.session_total",
        key=key,
        model=model,
        agent_cost=row["estimated_cost_usd"] if added.step == "0.0" else None,
        complete=False,
        parts=cut_into_calls(added.usage, whole_number(row["api_call_count"]) or 0),
        warnings=(ESTIMATE,),
    )
    context = CallContext(
        source=Source.LOG,
        started_at_ms=at_ms,
        conversation_id=conversation,
        agent_name=agent_name,
        subagent_id=conversation if parent else None,
        git_branch=branch,
        project=directory,
    )
    return Sighting(observation=Observation(response=response, context=context), books=added.books)
