"""One thread as calls: messages with usage, and what only the ledger of older versions has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.sighting import Sighting
from codesession.importers.billers import biller_of
from codesession.importers.counts import Layout, Reading, answer
from codesession.importers.documents import child, children, read_document
from codesession.importers.times import epoch_ms
from codesession.providers.counting import exact_usd, text, whole_number

if TYPE_CHECKING:
    from codesession.importers.base import LogFile

MESSAGE = Layout(
    input="inputTokens",
    output="outputTokens",
    cache_read="cacheReadInputTokens",
    cache_write="cacheCreationInputTokens",
    cache_inside=False,
    reasoning_inside=True,
)
LEDGER = Layout(input="input", output="output", cache_inside=True, reasoning_inside=True)
_CREDITS_EXPONENT = -2
"""A credit is a cent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Thread:
    """What a thread says about all its calls."""

    id: str
    title: str | None
    directory: str | None
    began_ms: int | None


def calls(log: LogFile, agent_name: str) -> Iterator[Sighting]:
    """The calls of a thread file."""
    document = read_document(log)
    if not isinstance(document, dict):
        return
    thread = _Thread(
        id=text(document, "id") or log.path.stem,
        title=text(document, "title"),
        directory=_directory(document),
        began_ms=epoch_ms(document.get("created")),
    )
    log.first_ms = thread.began_ms
    events = children(child(document, "usageLedger"), "events")
    ledger = {_id(event, "toMessageId"): event for event in events}
    counted: set[str | None] = set()
    for number, message in enumerate(children(document, "messages"), 1):
        usage, message_id = child(message, "usage"), _id(message, "messageId", "id")
        reading = MESSAGE.read(_plain(usage))
        if message.get("role") not in (None, "assistant") or reading.usage is None:
            continue
        event = ledger.get(message_id, {}) if message_id else {}
        counted.add(message_id)
        at_ms = epoch_ms(usage.get("timestamp")) or epoch_ms(event.get("timestamp")) or thread.began_ms
        key = message_id or f"{at_ms}:{number}"
        yield from _sighting(log, agent_name, thread, key, text(usage, "model"), reading, at_ms, event)
    for event in events:
        message_id = _id(event, "toMessageId")
        reading = LEDGER.read(child(event, "tokens"))
        if reading.usage is None or (message_id is not None and message_id in counted):
            continue
        at_ms = epoch_ms(event.get("timestamp")) or thread.began_ms
        key = message_id or text(event, "id") or f"{at_ms}"
        yield from _sighting(log, agent_name, thread, key, text(event, "model"), reading, at_ms, event)


def _id(source: dict[str, Any], *names: str) -> str | None:
    """The id of a message: a number in most versions."""
    value = next((source[name] for name in names if source.get(name) is not None), None)
    return str(value) if isinstance(value, int | str) else None


def _plain(usage: dict[str, Any]) -> dict[str, Any]:
    """For `gpt-*` the part of the prompt that no cache had is called cache creation, and is plain input."""
    written, model = whole_number(usage.get(MESSAGE.cache_write)), text(usage, "model") or ""
    plain = whole_number(usage.get(MESSAGE.input) or 0)
    if not written or plain is None or not model.startswith("gpt-"):
        return usage
    return {**usage, MESSAGE.input: plain + written, MESSAGE.cache_write: 0}


def _sighting(
    log: LogFile,
    agent_name: str,
    thread: _Thread,
    key: str,
    model: str | None,
    reading: Reading,
    at_ms: int | None,
    event: dict[str, Any],
) -> Iterator[Sighting]:
    if at_ms is None:
        log.bad_line("a call without a time", 1)
        return
    log.conversation(thread.id, title=thread.title, directory=thread.directory)
    credits = exact_usd(event.get("credits"))
    response = answer(
        reading,
        provider_name=biller_of(model, "unknown"),
        api="amp",
        key=f"~{agent_name}:{thread.id}:{key}",
        model=model,
        agent_cost=None if credits is None else credits.scaleb(_CREDITS_EXPONENT),
    )
    context = CallContext(
        source=Source.LOG,
        started_at_ms=at_ms,
        conversation_id=thread.id,
        agent_name=agent_name,
        project=thread.directory,
    )
    yield Sighting(observation=Observation(response=response, context=context))


def _directory(document: dict[str, Any]) -> str | None:
    """The first tree the thread began in."""
    for tree in children(child(document, "env", "initial"), "trees"):
        uri = text(tree, "uri")
        if uri is not None:
            return unquote(uri.removeprefix("file://"))
    return None
