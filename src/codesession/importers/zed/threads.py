"""
A database's threads by what their totals gained since they were last looked at.

Older threads have no total, or one that began when they were there already: then each message that the user sent is
a call, with the counts of its last request.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.sighting import Sighting
from codesession.importers import sqlite
from codesession.importers.billers import named_biller
from codesession.importers.counts import Layout, Reading, answer, cut_into_calls
from codesession.importers.documents import child, decode_object
from codesession.importers.jsonl import unpacked
from codesession.importers.times import epoch_ms
from codesession.importers.totals import ESTIMATE, NO_USAGE, Totals
from codesession.providers.counting import text

if TYPE_CHECKING:
    from codesession.importers.base import LogFile

LAYOUT = Layout(
    input="input_tokens",
    output="output_tokens",
    cache_read="cache_read_input_tokens",
    cache_write="cache_creation_input_tokens",
    cache_inside=False,
    reasoning_inside=True,
)
_COLUMNS = ("id", "parent_id", "folder_paths", "summary", "updated_at", "data_type", "data")


def calls(log: LogFile, agent_name: str) -> Iterator[Sighting]:
    """The calls of a database."""
    return sqlite.read(log, lambda database: _threads(log, agent_name, database))


def _threads(log: LogFile, agent_name: str, database: sqlite.Database) -> Iterator[Sighting]:
    totals = Totals(log.state, log.booked)
    for number, row in enumerate(database.rows("threads", _COLUMNS, order="updated_at"), 1):
        thread = _content(log, number, row)
        if thread is not None and thread.get("imported") is not True:
            yield from _calls(log, agent_name, number, row, thread, totals)


def _content(log: LogFile, number: int, row: sqlite.Row) -> dict[str, Any] | None:
    """What a thread holds; None, and one unreadable line, where it cannot be read."""
    raw = row["data"]
    if row["data_type"] == "zstd" and isinstance(raw, bytes):
        try:
            raw = unpacked(raw)
        except OSError as error:
            log.bad_line(str(error), number)
            return None
    found = decode_object(raw) if isinstance(raw, bytes | str) else None
    if found is None:
        log.bad_line("a thread that is no JSON object", number)
    return found


def _calls(
    log: LogFile, agent_name: str, number: int, row: sqlite.Row, thread: dict[str, Any], totals: Totals
) -> Iterator[Sighting]:
    total, messages = _counts(thread)
    if total.usage is None and not messages:
        return
    at_ms = epoch_ms(row["updated_at"]) or epoch_ms(thread.get("updated_at"))
    if at_ms is None:
        log.bad_line("a thread without a time", number)
        return
    session, parent, directory = str(row["id"]), text(row, "parent_id"), _directory(row)
    log.first_ms = min(at_ms, log.first_ms or at_ms)
    title = text(row, "summary") or text(thread, "title")
    log.conversation(session, title=title, directory=directory, parent=parent)
    context = CallContext(
        source=Source.LOG,
        started_at_ms=at_ms,
        conversation_id=session,
        agent_name=agent_name,
        subagent_id=session if parent else None,
        project=directory,
    )
    provider, model = text(child(thread, "model"), "provider"), text(child(thread, "model"), "model")
    biller = named_biller(provider, model)

    def sighting(name: str, reading: Reading, books: tuple[str, str] | None, **more: Any) -> Sighting:
        key = f"~{agent_name}:{session}:{name}"
        response = answer(reading, provider_name=biller, api="zed", key=key, model=model, **more)
        return Sighting(observation=Observation(response=response, context=context), books=books)

    shown = sum((reading.usage for reading in messages.values() if reading.usage), NO_USAGE)
    if total.usage is not None and total.usage.total_tokens >= shown.total_tokens:
        added = totals.added(session, total.usage)
        if added is not None:
            parts = cut_into_calls(added.usage, _requests(thread))
            gain = Reading(usage=added.usage, mismatch=total.mismatch, warnings=total.warnings)
            yield sighting(added.step, gain, added.books, parts=parts, warnings=(ESTIMATE,), complete=False)
        return
    added = totals.added(session, shown)  # a total that comes to hold more adds only what these do not show
    complete = _requests(thread) <= len(messages)
    for message, reading in messages.items():
        yield sighting(message, reading, added.books if added is not None else None, complete=complete)


def _counts(thread: dict[str, Any]) -> tuple[Reading, dict[str, Reading]]:
    """What a thread used in all, and by message of the user."""
    usages = child(thread, "request_token_usage")
    readings = {message: LAYOUT.read(child(usages, message)) for message in usages}
    counted = {message: reading for message, reading in readings.items() if reading.usage is not None}
    return LAYOUT.read(child(thread, "cumulative_token_usage")), counted


def _requests(thread: dict[str, Any]) -> int:
    """About how many requests a thread made: each was answered by a message."""
    messages = thread.get("messages")
    return sum(isinstance(each, dict) and "Agent" in each for each in messages) if isinstance(messages, list) else 0


def _directory(row: sqlite.Row) -> str | None:
    """The first folder of the project, one per line."""
    paths = text(row, "folder_paths")
    return paths.splitlines()[0] if paths else None
