"""
OpenCode's messages as calls, and the test that tells a copy from the original.

The identity of a call is the message's id. A fork copies messages under new ids and keeps everything else. An id
begins with the moment it was made: where that is later than the message's own time, the message is a copy. What a
copy shares with its original is all that it knows of the call, and what the original is known by beside its id: the
ledger joins them, whichever it sees first, wherever they are, and whether or not the original is still there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from codesession.domain.digests import digest
from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.sighting import Claim, Sighting
from codesession.importers.billers import named_biller
from codesession.importers.counts import Reading, answer
from codesession.importers.documents import child, children
from codesession.importers.opencode import early
from codesession.importers.times import epoch_ms
from codesession.providers.counting import text

_COPIED_MS = 1000
"""An id made this much later than its message is a copy's; originals differ by a millisecond."""
_CLOCK_BITS = 36
"""What an id keeps of its moment in milliseconds."""
ABORTED = "MessageAbortedError"
STEP = "step-finish"


def moment(message_id: str) -> int | None:
    """When an id was made, in milliseconds as far as it keeps them; None for an id of another form."""
    try:
        return int(message_id.split("_", 1)[1][:12], 16) >> (48 - _CLOCK_BITS)
    except (IndexError, ValueError):
        return None


def moments(created_ms: int) -> Iterator[int]:
    """The moments that ids of messages created then were seen to have."""
    return ((created_ms + late) % (1 << _CLOCK_BITS) for late in (-1, 0, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What is known of a session beside its messages."""

    id: str
    parent: str | None = None
    directory: str | None = None
    version: str | None = None
    title: str | None = None

    @property
    def has_steps(self) -> bool:
        """Whether a version made it whose messages may hold several answers, and count only the last."""
        return early.has_steps(self.version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One of several answers of a message."""

    reading: Reading
    cost: object
    ended_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """An answer with counts, or one that was cut before it had any."""

    id: str
    data: dict[str, Any]
    created_ms: int
    reading: Reading
    steps: tuple[Step, ...] = ()
    """All answers, where there are several; the last one's counts are the message's."""
    is_last_of_more: bool = False
    """There were answers before whose counts nothing holds."""

    @property
    def lateness_ms(self) -> int | None:
        """How much later than the message its id was made; None for an id of another form."""
        made = moment(self.id)
        if made is None:
            return None
        half = 1 << (_CLOCK_BITS - 1)
        return (made - self.created_ms + half) % (2 * half) - half

    @property
    def is_copy(self) -> bool:
        """Whether its id is that of a copy: a later one's, or from 2.0 on one with a number behind it."""
        lateness_ms = self.lateness_ms
        return self.id.count("_") > 1 or (lateness_ms is not None and lateness_ms > _COPIED_MS)

    @property
    def twin(self) -> str:
        """What a copy shares with its original, as a digest: both moments, the model, the counts."""
        data, usage = self.data, child(self.data, "tokens")
        cache = child(usage, "cache")
        counts = [usage.get(name) for name in ("input", "output", "reasoning")]
        completed = child(data, "time").get("completed")
        said = repr((self.created_ms, completed, data.get("modelID"), *counts, cache.get("read"), cache.get("write")))
        return digest(said.encode("utf-8", "replace"), 12)


def message_of(
    message_id: str, data: dict[str, Any], session: Session | None = None, parts: Sequence[dict[str, Any]] = ()
) -> Message | None:
    """
    An answer that is to be counted; None for prompts, for answers on their way, and for those that failed.

    `parts` are what ended its steps, where a version wrote several answers into one message.
    """
    begun = sum(part.get("type") == "step-start" for part in children(data, "parts"))
    data = early.flat(data)
    created_ms = epoch_ms(child(data, "time").get("created"))
    if data.get("role") != "assistant" or created_ms is None:
        return None
    version = None if session is None else session.version
    reading = early.read(data, data, version)
    if reading.usage is None:
        error = child(data, "error").get("name")
        if child(data, "time").get("completed") is None or error not in (None, ABORTED):
            return None
    return Message(
        id=message_id,
        data=data,
        created_ms=created_ms,
        reading=reading,
        steps=tuple(_steps(data, created_ms, version, parts)) if len(parts) > 1 else (),
        is_last_of_more=begun > 1,
    )


def _steps(
    data: dict[str, Any], created_ms: int, version: str | None, parts: Sequence[dict[str, Any]]
) -> Iterator[Step]:
    for part in sorted(parts, key=lambda part: str(part.get("id"))):
        made = moment(str(part.get("id")))
        late_ms = 0 if made is None else (made - created_ms) % (1 << _CLOCK_BITS)
        yield Step(reading=early.read(part, data, version), cost=part.get("cost"), ended_ms=created_ms + late_ms)


def sightings(
    agent_name: str, found: Iterable[tuple[Session, Message]], decided: Mapping[str, str]
) -> Iterator[Sighting]:
    """
    Messages of one database, originals before copies.

    Different answers may agree in all that copies keep, when sub-agents run side by side: originals are told by their
    order, and copies by theirs in their session.
    """
    ordered = sorted(found, key=lambda pair: (pair[1].is_copy, pair[1].id))
    alike: Counter[tuple[str, str | None]] = Counter()
    for session, message in ordered:
        twin = message.twin
        group = twin, session.id if message.is_copy else None
        yield from answers(agent_name, session, message, log_key(agent_name, twin, alike[group]), decided)
        alike[group] += 1


def log_key(agent_name: str, twin: str, number: int) -> str:
    """What a copy and its original are known by, where so many before them are alike in all that copies keep."""
    return f"~{agent_name}:{twin}:{number}" if number else f"~{agent_name}:{twin}"


def answers(
    agent_name: str, session: Session, message: Message, shared: str, decided: Mapping[str, str]
) -> Iterator[Sighting]:
    """
    The answer of a message, or several of early versions, and what each is known by together with its copies.

    `decided` says what copies were taken for by imports that looked for their originals.
    """
    name = decided.get(message.id) if message.is_copy else message.id
    key = shared if name is None else f"~{agent_name}:{name}"
    for number, step in enumerate(message.steps[:-1], 1):
        if step.reading.usage is not None:
            yield _sighting(agent_name, session, message, f"{key}#{number}", f"{shared}#{number}", step)
    last = message.steps[-1] if message.steps else None
    yield _sighting(agent_name, session, message, key, shared, replace(last, reading=message.reading) if last else None)


def _sighting(
    agent_name: str, session: Session, message: Message, key: str, shared: str, step: Step | None
) -> Sighting:
    data = message.data
    provider, model = text(data, "providerID"), text(data, "modelID")
    completed_ms = epoch_ms(child(data, "time").get("completed"))
    response = answer(
        message.reading if step is None else step.reading,
        provider_name=named_biller(provider, model),
        api="opencode",
        key=key,
        model=model,
        agent_cost=data.get("cost") if step is None else step.cost,
        complete=not child(data, "error") and not message.is_last_of_more,
    )
    context = CallContext(
        source=Source.LOG,
        started_at_ms=message.created_ms if step is None else step.ended_ms,
        duration_ms=max(0, completed_ms - message.created_ms) if completed_ms is not None and step is None else None,
        conversation_id=session.id,
        agent_name=agent_name,
        agent_version=session.version,
        subagent_id=session.id if session.parent else None,
        project=text(child(data, "path"), "cwd") or session.directory,
    )
    claim = Claim.UNMARKED if message.is_copy else Claim.ORIGINAL
    return Sighting(observation=Observation(response=response, context=context), claim=claim, log_key=shared)
