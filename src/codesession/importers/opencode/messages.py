"""
OpenCode's messages as calls, and the test that tells a copy from the original.

A fork copies messages under new ids and keeps everything else. An id begins with the moment it was made: where that
is later than the message's own time, the message is a copy. The identity of a call is made of what copies keep.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.sighting import Claim, Sighting
from codesession.importers.billers import named_biller
from codesession.importers.counts import Layout, Reading, answer
from codesession.importers.documents import child
from codesession.importers.times import epoch_ms
from codesession.providers.counting import text
from codesession.providers.names import canonical_provider

LAYOUT = Layout(
    input="input",
    output="output",
    cache_read="cache_read",
    cache_write="cache_write",
    reasoning="reasoning",
    total="total",
    cache_inside=False,
    reasoning_inside=False,
)
_COPIED_MS = 1000
"""An id made this much later than its message is a copy's; originals differ by a millisecond."""
_SAME_MOMENT_MS = 20
_CLOCK_BITS = 36
"""What an id keeps of its moment in milliseconds."""
_ABORTED = "MessageAbortedError"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What is known of a session beside its messages."""

    id: str
    parent: str | None = None
    directory: str | None = None
    version: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """An answer with counts, or one that was cut before it had any."""

    id: str
    data: dict[str, Any]
    created_ms: int
    reading: Reading

    @property
    def lateness_ms(self) -> int | None:
        """How much later than the message its id was made; None for an id of another form."""
        try:
            made = int(self.id.split("_", 1)[1][:12], 16) >> (48 - _CLOCK_BITS)
        except (IndexError, ValueError):
            return None
        half = 1 << (_CLOCK_BITS - 1)
        return (made - self.created_ms + half) % (2 * half) - half

    @property
    def facts(self) -> str:
        """What every copy of the message keeps, as a digest."""
        data = self.data
        kept = (self.created_ms, data.get("providerID"), data.get("modelID"), data.get("agent") or data.get("mode"))
        usage = child(data, "tokens")
        counts = [usage.get(name) for name in ("input", "output", "reasoning")]
        cache = child(usage, "cache")
        said = repr((*kept, child(data, "path").get("cwd"), *counts, cache.get("read"), cache.get("write")))
        return hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=12).hexdigest()


def message_of(message_id: str, data: dict[str, Any]) -> Message | None:
    """An answer that is to be counted; None for prompts, for answers on their way, and for those that failed."""
    created_ms = epoch_ms(child(data, "time").get("created"))
    if data.get("role") != "assistant" or created_ms is None:
        return None
    tokens = child(data, "tokens")
    cache = child(tokens, "cache")
    reading = LAYOUT.read({**tokens, "cache_read": cache.get("read"), "cache_write": cache.get("write")})
    if reading.usage is None:
        error = child(data, "error").get("name")
        if child(data, "time").get("completed") is None or error not in (None, _ABORTED):
            return None
    return Message(id=message_id, data=data, created_ms=created_ms, reading=reading)


def sightings(agent_name: str, found: Iterable[tuple[Session, Message]]) -> Iterator[Sighting]:
    """
    Messages of one database (or one file), originals before copies.

    Different answers may agree in all that copies keep, when sub-agents run side by side: those that are sure to
    be originals are numbered, and the copies in one session after them.
    """
    ordered = sorted(found, key=lambda pair: (abs(pair[1].lateness_ms or 0), pair[1].id))
    originals: Counter[str] = Counter()
    copies: Counter[tuple[str, str]] = Counter()
    for session, message in ordered:
        facts, lateness = message.facts, message.lateness_ms
        if lateness is None or abs(lateness) <= _SAME_MOMENT_MS:
            number = originals[facts]
            originals[facts] += 1
        else:
            number = copies[facts, session.id]
            copies[facts, session.id] += 1
        key = f"~{agent_name}:{facts}" + (f":{number}" if number else "")
        copied = lateness is not None and lateness > _COPIED_MS
        yield _sighting(agent_name, session, message, key, Claim.UNMARKED if copied else Claim.ORIGINAL)


def _sighting(agent_name: str, session: Session, message: Message, key: str, claim: Claim) -> Sighting:
    data = message.data
    provider, model = text(data, "providerID"), text(data, "modelID")
    completed_ms = epoch_ms(child(data, "time").get("completed"))
    response = answer(
        message.reading,
        provider_name=named_biller(provider, model, canonical_provider(provider) or "unknown"),
        api="opencode",
        key=key,
        model=model,
        agent_cost=data.get("cost"),
        complete=not child(data, "error"),
    )
    context = CallContext(
        source=Source.LOG,
        started_at_ms=message.created_ms,
        duration_ms=max(0, completed_ms - message.created_ms) if completed_ms is not None else None,
        conversation_id=session.id,
        agent_name=agent_name,
        agent_version=session.version,
        subagent_id=session.id if session.parent else None,
        project=text(child(data, "path"), "cwd") or session.directory,
    )
    return Sighting(observation=Observation(response=response, context=context), claim=claim)
