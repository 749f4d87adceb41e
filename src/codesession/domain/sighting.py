"""
A model call as an agent's own log shows it, and who is to pay for it.

Logs repeat calls: per content block, when a conversation is resumed, forked or branched, in side chains and in
files of sub-agents. A sighting therefore says beside the call how sure it is that its conversation made it.
"""

from __future__ import annotations

from enum import IntEnum

from codesession.domain.facts import fact
from codesession.domain.request import Observation


class Claim(IntEnum):
    """How well a sighting knows that its conversation made the call. The smallest one owns the call."""

    ORIGINAL = 0
    """Written by the conversation that made the call."""
    CONTINUATION = 1
    """Written by a side chain or a background continuation: its own call, unless a main one shows the same."""
    NAMED_COPY = 2
    """A copy that names the conversation it was copied from; `conversation_id` is that one."""
    UNMARKED = 3
    """May be a copy without any mark, its time may be that of the copying."""
    UNMARKED_CONTINUATION = 4
    """The same of a side chain or a background continuation."""


@fact(frozen=True, slots=True, kw_only=True)
class Sighting:
    """
    One call as one log file shows it.

    `observation.response.response_id` is its identity: the API's own id, else a key that starts with `~` and is
    made of facts that every copy of the call keeps, so that the order of reading does not matter.
    """

    observation: Observation
    claim: Claim = Claim.ORIGINAL
    request_id: str | None = None
    """The provider's id of the HTTP request, where logged: tells calls apart whose response ids clash."""
    ids_may_clash: bool = False
    """The format is known for gateways that give different calls one response id (`same_call` decides)."""
    log_key: str | None = None
    """What every log of the agent can say of the call, where some lack its id: made like a derived identity.

    A sighting without an id has it as its `response_id`.
    """
    copied_by: str | None = None
    """The conversation that wrote a `NAMED_COPY`."""
    said_after_ms: int = 0
    """How much later than the call's own time the line was written that says what it used: of two such lines that
    agree in the output, the later one counts."""
    lines: int = 1
    """How many lines of the file said this; all but the first are duplicates."""
    books: tuple[str, str] | None = None
    """For an addition to a running total: the total's name, and what is booked of it with this one, as JSON."""


@fact(frozen=True, slots=True, kw_only=True)
class Conversation:
    """What a log says about an agent's session. None where it does not say."""

    id: str
    title: str | None = None
    """A title the agent or the user gave; never text of a prompt."""
    first_prompt: str | None = None
    """The first prompt, shortened; only filled where the user allowed it (`import.titles`)."""
    directory: str | None = None
    git_branch: str | None = None
    parent: str | None = None
    """The conversation that a sub-agent's one belongs to."""


def owner_rank(sighting: Sighting, file_started_at_ms: int) -> str:
    """
    Sorts the sightings of one call: the smallest owns it, whatever the order they were read in.

    The claim first, then the time of the call; copies that keep the time of their original are told apart by
    the age of their file, and by whether they name an origin; at last by name, the conversation itself before its
    sub-agents. Behind that stand who copied it, and when its counts were said, if not at that time (`domain.request`
    knows what they mean).
    """
    context = sighting.observation.context
    claim, owner = rank_frame(sighting, file_started_at_ms)
    return f"{claim}{max(0, context.started_at_ms):014d}{owner}{said_mark(sighting.said_after_ms)}"


def rank_frame(sighting: Sighting, file_started_at_ms: int) -> tuple[str, str]:
    """What stands before and after the time of the call in its rank."""
    context = sighting.observation.context
    subagent = f"~{context.subagent_id}" if context.subagent_id else ""
    copied = f"<{sighting.copied_by}" if sighting.copied_by else ""
    maker = f"{context.conversation_id or ''}{subagent}{copied}"
    return f"{int(sighting.claim)}:", f":{max(0, file_started_at_ms):014d}{'~' if copied else ''}:{maker}"


def said_mark(said_after_ms: int) -> str:
    """What the end of a rank says of the line with the counts."""
    return f"@{said_after_ms}" if said_after_ms else ""
