"""What an import hands to the ledger: calls, the conversations they belong to, and how far each file was read."""

from __future__ import annotations

from datetime import UTC, datetime

from codesession.domain.facts import NamedTuple, fact, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@fact(slots=True, kw_only=True)
class ImportCursor:
    """How far one log file was read, and what it must still look like for reading on from there."""

    agent_name: str
    path: str
    id: int | None = None
    """Set by the store."""
    device: int = 0
    inode: int = 0
    size: int = 0
    modified_ns: int = 0
    head_length: int = 0
    """Bytes at the beginning that `head_hash` covers."""
    head_hash: str = ""
    start: int = 0
    """Where the next pass begins."""
    line_number: int = 0
    first_ms: int | None = None
    since_ms: int | None = None
    """Calls before this moment were left out."""
    state: str = ""
    """The importer's own memory, JSON."""
    lines: int = 0
    """Lines that showed a call, repetitions included."""
    bad_lines: int = 0
    bad_named: str = ""
    """The first unreadable lines as JSON pairs of number and reason."""


@fact(frozen=True, slots=True, kw_only=True)
class ImportTotals:
    """What the calls owned by one log file, or by many, sum up to."""

    lines: int = 0
    bad_lines: int = 0
    calls: int = 0
    unpriced_calls: int = 0
    lower_bound_calls: int = 0
    input_tokens: int = 0
    """The whole prompts, cache included."""
    cache_read_input_tokens: int = 0
    cache_write_input_tokens: int = 0
    cache_write_1h_input_tokens: int = 0
    output_tokens: int = 0
    total_tokens: int = 0
    cost_picousd: int = 0


@fact(frozen=True, slots=True, kw_only=True)
class AgentTotal:
    """
    What an agent itself says a conversation used so far: a check of the ledger, never a call of it.

    It is carried on when a conversation is resumed, and into its forks, so such totals are never summed.
    """

    agent_name: str
    conversation_id: str
    since_ms: int
    """When what it counts began."""
    at_ms: int
    input_tokens: int
    """Whole prompts, cache included."""
    output_tokens: int
    cost_picousd: int
    """By the agent's own price table."""
    carried_from: tuple[str, ...] = ()
    """Conversations whose calls it holds as well, as far as they came before the first call of its own."""


@fact(frozen=True, slots=True, kw_only=True)
class PlannedSession:
    """The session a conversation becomes when none of ours covers it."""

    agent_name: str
    conversation_id: str
    """The root: sub-agents' conversations share their parent's session."""
    name: str
    titled: bool
    """The name is a title that the log gave: it replaces an earlier one."""
    directory: str
    git_root: str | None
    git_branch: str | None
    dated: bool = False
    """The name stands before the day of the first call, because many conversations have it."""

    def name_from(self, at_ms: int) -> str:
        """The session's name when its first call is of this moment; days are UTC's."""
        return f"{self.name} {datetime.fromtimestamp(at_ms // 1000, UTC):%Y-%m-%d}" if self.dated else self.name


class OwnFacts(NamedTuple):
    """What calls differ in that are alike otherwise, by the names of `ModelRequest` and `TokenUsage`."""

    uid: str
    response_id: str
    started_at_ms: int
    input_tokens: int
    cache_read_input_tokens: int
    cache_write_input_tokens: int
    cache_write_1h_input_tokens: int
    output_tokens: int
    reasoning_output_tokens: int
    cost_picousd: int
    billing: str
    prompt_id: str | None
    request_id: str | None
    owner_rank: str


@fact(slots=True, kw_only=True)
class ImportBatch:
    """What goes into one transaction."""

    calls: list[tuple[Any, ...]] = field(default_factory=list)
    """As the store prepared them."""
    sessions: dict[str, PlannedSession] = field(default_factory=dict)
    """By the id of the conversation of the calls."""
    preferred_session: int | None = None
    """The session of the `cs run` around the import: decides where several of ours cover a call."""
    cursors: list[ImportCursor] = field(default_factory=list)
    """Files that have been read to their end; the calls are in this batch or an earlier one."""
    agent_totals: list[AgentTotal] = field(default_factory=list)
    booked: dict[tuple[str, str], str] = field(default_factory=dict)
    """By agent and name of a running total: what is booked of it with this batch, as JSON."""
