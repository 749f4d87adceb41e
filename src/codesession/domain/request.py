"""One model call as the ledger keeps it, and how two sightings of the same call become one row."""

from __future__ import annotations

from enum import StrEnum

from codesession.domain.facts import fact, names, replace
from codesession.domain.pricing import CostStatus
from codesession.domain.usage import ModelResponse, TokenUsage


class Source(StrEnum):
    """Who saw a call."""

    PROXY = "proxy"
    LOG = "log"
    MANUAL = "manual"
    MCP = "mcp"
    API = "api"
    HOOK = "hook"


class UsageStatus(StrEnum):
    """How complete the token counts of a row are."""

    COMPLETE = "complete"
    LOWER_BOUND = "lower_bound"
    MISSING = "missing"


NO_MODEL = "unknown"
"""Stands for the model where the source of a call names none."""
_COMPLETENESS = {UsageStatus.MISSING: 0, UsageStatus.LOWER_BOUND: 1, UsageStatus.COMPLETE: 2}


_CERTAINTY = (
    CostStatus.UNKNOWN,
    CostStatus.LOWER_BOUND,
    CostStatus.MANUAL,
    CostStatus.LIST_PRICE,
    CostStatus.EXACT,
    CostStatus.REPORTED,
)
_EVIDENCE = ("billing", "price_version", "price_model", "cost_source", "response_model", "request_model", "api")


@fact(frozen=True, slots=True, kw_only=True)
class CallContext:
    """Where and when a call happened; everything about it that its response does not say."""

    source: Source
    started_at_ms: int
    """UTC epoch milliseconds."""
    duration_ms: int | None = None
    session_id: int | None = None
    """Our session; None keeps the call as unattributed."""
    conversation_id: str | None = None
    """`gen_ai.conversation.id`: the agent's own session."""
    agent_name: str | None = None
    """`gen_ai.agent.name`: claude-code, codex, …"""
    agent_version: str | None = None
    subagent_id: str | None = None
    parent_subagent_id: str | None = None
    prompt_id: str | None = None
    git_branch: str | None = None
    project: str | None = None
    """Git root or directory the call belongs to, where known without a session."""
    status_code: int | None = None
    """HTTP status, where the proxy saw it."""
    request_id: str | None = None
    """The provider's id of the HTTP request (`request-id` header), where known."""
    reservation: str | None = None
    """What a budget set aside for the call; given back in the transaction that counts it."""
    batch_id: str | None = None
    """The batch that the call was a request of; the call itself if it is of that id: then all of it is told."""


@fact(frozen=True, slots=True, kw_only=True)
class Observation:
    """A response and its context: what every source hands to the recording service."""

    response: ModelResponse
    context: CallContext


@fact(frozen=True, slots=True, kw_only=True)
class ModelRequest:
    """
    A row of the ledger. Money in pico-dollars, times in UTC epoch milliseconds.

    (`provider_name`, `response_id`) is the identity; a call whose source gives no id gets a stable derived
    one that starts with `~`.
    """

    uid: str
    """UUIDv7, made where the fact was born."""
    provider_name: str
    response_id: str
    request_model: str
    response_model: str | None = None
    api: str | None = None
    session_id: int | None = None
    project: str | None = None
    conversation_id: str | None = None
    agent_name: str | None = None
    agent_version: str | None = None
    subagent_id: str | None = None
    parent_subagent_id: str | None = None
    prompt_id: str | None = None
    git_branch: str | None = None
    started_at_ms: int
    duration_ms: int | None = None
    usage: TokenUsage | None
    """None: the source reported no usage."""
    reported_total_tokens: int | None = None
    """A bare total, where the source gave no split."""
    usage_status: UsageStatus = UsageStatus.COMPLETE
    cost_picousd: int | None = None
    cost_status: CostStatus = CostStatus.UNKNOWN
    cost_source: str | None = None
    """`built-in`, `custom`, `manual` or `reported`."""
    price_model: str | None = None
    price_version: str | None = None
    billing: str | None = None
    """Canonical JSON of the parts, billing facts and lines: enough to price the call again."""
    sources: frozenset[Source]
    request_id: str | None = None
    """The provider's id of the HTTP request, where known."""
    owner_rank: str | None = None
    """How well a log knows that its conversation made the call (`domain.sighting`); None: no log saw it."""
    log_key: str | None = None
    """What logs call this row that keep it under another `response_id`, or do not know it."""
    import_id: int | None = None
    """The log file that owns the call."""
    id: int | None = None
    """Set by the store."""
    reservation: str | None = None
    """Money a budget set aside for the call (`CallContext.reservation`); not a column."""

    @property
    def model(self) -> str:
        """The model that answered, else the one that was asked."""
        return self.response_model or self.request_model

    @property
    def provider_response_id(self) -> str | None:
        """The id the provider gave the answer; None where we had to make one up."""
        return None if self.response_id.startswith("~") else self.response_id

    @property
    def is_lower_bound(self) -> bool:
        """Whether the true cost is higher than the known one."""
        return self.usage_status is UsageStatus.LOWER_BOUND or self.cost_status is CostStatus.LOWER_BOUND

    @property
    def total_tokens(self) -> int:
        """Tokens that count for the session: the split if there is one, else the bare total."""
        if self.usage is not None:
            return self.usage.total_tokens
        return self.reported_total_tokens or 0


def merge(known: ModelRequest, seen: ModelRequest) -> ModelRequest:
    """
    Two sightings of one call as one row.

    Usage and price are taken together from the better witness: the more complete one; then the larger output,
    because logs repeat a call while it streams, and a model without a price that fell in for another is still what
    answered; then the one whose cost is better known, which is the proxy's, as it sees every billing fact; then the
    later line of a log. Nothing of this depends on who came first, nor on how often.
    Context is filled from either, the log's (branch, sub-agent, prompt) where both know it, and of two logs
    that of the conversation that made the call. That it names no sub-agent is a statement of its log, which no
    copy of the line in a side chain or a sub-agent's file takes back; and it knows best who bills. The session
    stays with who recorded it first, unless nobody had claimed it, or only a log had.
    """
    context, other = (seen, known) if _knows_context(known, seen) else (known, seen)
    only_logged = _only_log(known) and _only_log(seen)
    witness = max(known, seen, key=_weight)
    if only_logged and known.provider_name != seen.provider_name and _weight(known)[:2] == _weight(seen)[:2]:
        witness = context
    gaps = context if _both_logged(known, seen) else other
    return replace(
        known,
        provider_name=context.provider_name if only_logged else known.provider_name,
        request_model=witness.request_model,
        response_model=witness.response_model or known.response_model or seen.response_model,
        api=witness.api or known.api or seen.api,
        session_id=_session(known, seen, context),
        project=_project(known, seen, context),
        conversation_id=context.conversation_id or other.conversation_id,
        agent_name=context.agent_name or other.agent_name,
        agent_version=context.agent_version or other.agent_version,
        subagent_id=context.subagent_id or gaps.subagent_id,
        parent_subagent_id=context.parent_subagent_id or gaps.parent_subagent_id,
        prompt_id=context.prompt_id or gaps.prompt_id,
        git_branch=context.git_branch or other.git_branch,
        started_at_ms=_started(known, seen, context),
        duration_ms=known.duration_ms if known.duration_ms is not None else seen.duration_ms,
        usage=witness.usage,
        reported_total_tokens=witness.reported_total_tokens,
        usage_status=witness.usage_status,
        cost_picousd=witness.cost_picousd,
        cost_status=witness.cost_status,
        cost_source=witness.cost_source,
        price_model=witness.price_model,
        price_version=witness.price_version,
        billing=witness.billing,
        sources=known.sources | seen.sources,
        request_id=context.request_id or other.request_id,
        owner_rank=_rank(context, other, _said_ms(witness)),
        log_key=witness.log_key or context.log_key or other.log_key,
        import_id=context.import_id if context.import_id is not None else other.import_id,
    )


def _weight(row: ModelRequest) -> tuple[object, ...]:
    """
    A total order of witnesses, made of nothing but what is taken from them.

    Not of `sources`: those of a merged row say who saw the call, not whose figures it holds.
    """
    usage = row.usage or TokenUsage()
    return (
        _COMPLETENESS[row.usage_status],
        usage.output_tokens,
        _CERTAINTY.index(row.cost_status),
        _said_ms(row),
        row.usage is not None,
        tuple(getattr(usage, name) for name in names(TokenUsage)),
        *((value is not None, value or 0) for value in (row.reported_total_tokens, row.cost_picousd)),
        *(getattr(row, name) or "" for name in _EVIDENCE),
    )


def _knows_context(known: ModelRequest, seen: ModelRequest) -> bool:
    """Whether `seen` knows more about who made the call."""
    if known.owner_rank is not None and seen.owner_rank is not None:
        return _owns(seen, known)
    return Source.LOG in seen.sources and known.owner_rank is None


def _owns(seen: ModelRequest, known: ModelRequest) -> bool:
    """
    Whether the first of two rows, both of logs, has the surer owner of the call.

    A conversation that copied the call did not make it, though the copy of a copy names it.
    """
    owner, *copied_by = _owners(seen)
    other, *others = _owners(known)
    passed_on = known.conversation_id in copied_by
    if copied_by and others and passed_on != (seen.conversation_id in others):
        return passed_on
    return owner < other


def _owners(row: ModelRequest) -> list[str]:
    """What of a row's rank says who owns the call, and who copied it (`domain.sighting`)."""
    return _parted(row.owner_rank or "")[0].split("<")


def _parted(rank: str) -> tuple[str, str]:
    """A rank without its mark, and the mark of the line with the counts (`domain.sighting.said_mark`)."""
    owner, at, mark = rank.rpartition("@")
    return (owner, mark) if at and (mark == _SEEN or mark.removeprefix("-").isdecimal()) else (rank, "")


def _owned_ms(owner: str) -> int:
    """The time in a rank."""
    at_ms = owner.split(":", 2)[1:2]
    return int(at_ms[0]) if at_ms and at_ms[0].isdecimal() else 0


def _said_ms(row: ModelRequest) -> int:
    """When a log said what the call used. Who saw the call itself knows better than any log."""
    if row.owner_rank is None:
        return _LAST_MS
    owner, mark = _parted(row.owner_rank)
    return _LAST_MS if mark == _SEEN else _owned_ms(owner) + int(mark or 0)


def _rank(context: ModelRequest, other: ModelRequest, said_ms: int) -> str | None:
    """The rank of both together, of counts that were said then."""
    if context.owner_rank is None:
        context, other = other, context
    if context.owner_rank is None:
        return None
    owner, *copied_by = _owners(context)
    copy, *others = _owners(other)
    if copied_by or (others and copy[:1] == owner[:1]):
        owner = "<".join([owner, *sorted({*copied_by, *others})])
    if said_ms == _LAST_MS:
        return f"{owner}@{_SEEN}"
    after_ms = said_ms - _owned_ms(owner)
    return f"{owner}@{after_ms}" if after_ms else owner


_SEEN = "seen"
"""The mark of a row whose counts are not a log's."""
_LAST_MS = 1 << 62


def _both_logged(known: ModelRequest, seen: ModelRequest) -> bool:
    return known.owner_rank is not None and seen.owner_rank is not None


def _only_log(row: ModelRequest) -> bool:
    return row.sources == _LOG_ONLY


_LOG_ONLY = frozenset({Source.LOG})


def _session(known: ModelRequest, seen: ModelRequest, context: ModelRequest) -> int | None:
    if _only_log(known) and _only_log(seen):
        first = context
    elif _only_log(known) and seen.session_id is not None:
        first = seen
    else:
        first = known
    other = seen if first is known else known
    return first.session_id if first.session_id is not None else other.session_id


def _project(known: ModelRequest, seen: ModelRequest, context: ModelRequest) -> str | None:
    first = context if _only_log(known) and _only_log(seen) else known
    other = seen if first is known else known
    return first.project or other.project


def _started(known: ModelRequest, seen: ModelRequest, context: ModelRequest) -> int:
    """The time of the owner, because a copy may carry that of the copying; else the earlier one."""
    if _only_log(known) and _only_log(seen) and context.owner_rank is not None:
        return context.started_at_ms
    return min(known.started_at_ms, seen.started_at_ms)
