"""A database's threads as calls: one per message that the user sent, with the counts of its last request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.sighting import Sighting
from codesession.importers import sqlite
from codesession.importers.billers import named_biller
from codesession.importers.counts import Layout, Reading, answer
from codesession.importers.documents import child, decode_object
from codesession.importers.jsonl import unpacked
from codesession.importers.times import epoch_ms
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
    for number, row in enumerate(database.rows("threads", _COLUMNS, order="updated_at"), 1):
        thread = _content(log, number, row)
        if thread is not None and thread.get("imported") is not True:
            yield from _calls(log, agent_name, number, row, thread)


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


def _calls(log: LogFile, agent_name: str, number: int, row: sqlite.Row, thread: dict[str, Any]) -> Iterator[Sighting]:
    usages = child(thread, "request_token_usage")
    readings = {message: LAYOUT.read(child(usages, message)) for message in usages}
    counted = {message: reading for message, reading in readings.items() if reading.usage is not None}
    if not counted:
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
    complete = not _holds_more(LAYOUT.read(child(thread, "cumulative_token_usage")), counted)
    for message, reading in counted.items():
        response = answer(
            reading,
            provider_name=named_biller(provider, model),
            api="zed",
            key=f"~{agent_name}:{session}:{message}",
            model=model,
            complete=complete,
        )
        yield Sighting(observation=Observation(response=response, context=context))


def _holds_more(total: Reading, counted: dict[str, Reading]) -> bool:
    """Whether a thread used more than its messages show."""
    shown = sum(reading.usage.total_tokens for reading in counted.values() if reading.usage is not None)
    return total.usage is not None and total.usage.total_tokens > shown


def _directory(row: sqlite.Row) -> str | None:
    """The first folder of the project, one per line."""
    paths = text(row, "folder_paths")
    return paths.splitlines()[0] if paths else None
