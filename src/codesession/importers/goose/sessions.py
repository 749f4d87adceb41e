"""A database's sessions as what their running totals gained since they were last looked at: an estimate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.sighting import Sighting
from codesession.importers import sqlite
from codesession.importers.billers import named_biller
from codesession.importers.counts import Layout, Reading, answer, cut_into_calls
from codesession.importers.documents import child, decode_object
from codesession.importers.times import epoch_ms
from codesession.importers.totals import ESTIMATE, Added, Totals
from codesession.providers.counting import text

if TYPE_CHECKING:
    from codesession.importers.base import LogFile

LAYOUT = Layout(
    input="accumulated_input_tokens",
    output="accumulated_output_tokens",
    cache_read="accumulated_cache_read_tokens",
    cache_write="accumulated_cache_write_tokens",
    total="accumulated_total_tokens",
    cache_inside=True,
    reasoning_inside=True,
    total_decides_cache=True,
)
_COUNTS = (LAYOUT.input, LAYOUT.output, LAYOUT.cache_read, LAYOUT.cache_write, LAYOUT.total)
_COLUMNS = (
    *("id", "working_dir", "name", "description", "created_at", "updated_at", "provider_name", "model_config_json"),
    *("parent_session_id", "accumulated_cost", *_COUNTS),
)
_NO_SPLIT = "the agent does not split cached prompt tokens off"


def gained(log: LogFile, agent_name: str) -> Iterator[Sighting]:
    """What every session gained since the last pass."""
    return sqlite.read(log, lambda database: _sessions(log, agent_name, database))


def _sessions(log: LogFile, agent_name: str, database: sqlite.Database) -> Iterator[Sighting]:
    totals = Totals(log.state, log.booked)
    answers: Counter[str] | None = None
    for number, row in enumerate(database.rows("sessions", _COLUMNS, order="created_at, id"), 1):
        reading = LAYOUT.read({name: row[name] for name in _COUNTS})
        at_ms = epoch_ms(row["updated_at"]) or epoch_ms(row["created_at"])
        if reading.usage is None:
            continue
        if at_ms is None:
            log.bad_line("a session without a time", number)
            continue
        added = totals.added(str(row["id"]), reading.usage)
        if added is None:
            continue
        if answers is None:
            answers = _answers(database)
        yield _sighting(log, agent_name, row, reading, added, at_ms, answers[str(row["id"])])


def _answers(database: sqlite.Database) -> Counter[str]:
    rows = database.rows("messages", ("session_id", "role"))
    return Counter(str(row["session_id"]) for row in rows if row["role"] == "assistant")


def _sighting(
    log: LogFile,
    agent_name: str,
    row: dict[str, Any],
    reading: Reading,
    added: Added,
    at_ms: int,
    answers: int,
) -> Sighting:
    session, parent, directory = str(row["id"]), text(row, "parent_session_id"), text(row, "working_dir")
    log.first_ms = min(log.first_ms or at_ms, epoch_ms(row["created_at"]) or at_ms)
    log.conversation(session, title=text(row, "name", "description"), directory=directory, parent=parent)
    provider = text(row, "provider_name")
    model = text(child(decode_object(text(row, "model_config_json"))), "model_name")
    whole = row["accumulated_cost"] if added.step == "0.0" else None
    split = added.usage.cache_read_input_tokens or added.usage.cache_write_input_tokens
    response = answer(
        Reading(usage=added.usage, mismatch=reading.mismatch, warnings=reading.warnings),
        provider_name=named_biller(provider, model),
        api="goose.session_total",
        key=f"~{agent_name}:{session}:{added.step}",
        model=model,
        agent_cost=whole,
        complete=False,
        parts=cut_into_calls(added.usage, answers),
        warnings=(ESTIMATE,) if split else (ESTIMATE, _NO_SPLIT),
    )
    context = CallContext(
        source=Source.LOG,
        started_at_ms=at_ms,
        conversation_id=session,
        agent_name=agent_name,
        subagent_id=session if parent else None,
        project=directory,
    )
    return Sighting(observation=Observation(response=response, context=context), books=added.books)
