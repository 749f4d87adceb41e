"""One model call as the ledger keeps it, and how two sightings of the same call become one row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

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


_COMPLETENESS = {UsageStatus.MISSING: 0, UsageStatus.LOWER_BOUND: 1, UsageStatus.COMPLETE: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """A response and its context: what every source hands to the recording service."""

    response: ModelResponse
    context: CallContext


@dataclass(frozen=True, slots=True, kw_only=True)
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
    id: int | None = None
    """Set by the store."""

    @property
    def total_tokens(self) -> int:
        """Tokens that count for the session: the split if there is one, else the bare total."""
        if self.usage is not None:
            return self.usage.total_tokens
        return self.reported_total_tokens or 0


def merge(known: ModelRequest, seen: ModelRequest) -> ModelRequest:
    """
    Two sightings of one call as one row.

    Usage and price are taken together from the better witness: the more complete one; among equals the
    proxy, which saw the final usage; then the larger output, because logs repeat a call while it streams.
    Context is filled from either, the log's (branch, sub-agent, prompt) where both know it. The session
    stays with who recorded it first, unless nobody had claimed it.
    """
    witness = seen if _weight(seen) > _weight(known) else known
    context, other = (seen, known) if _knows_context(seen) else (known, seen)
    return replace(
        known,
        request_model=witness.request_model,
        response_model=witness.response_model or known.response_model or seen.response_model,
        api=witness.api or known.api or seen.api,
        session_id=known.session_id if known.session_id is not None else seen.session_id,
        project=known.project or seen.project,
        conversation_id=context.conversation_id or other.conversation_id,
        agent_name=context.agent_name or other.agent_name,
        agent_version=context.agent_version or other.agent_version,
        subagent_id=context.subagent_id or other.subagent_id,
        parent_subagent_id=context.parent_subagent_id or other.parent_subagent_id,
        prompt_id=context.prompt_id or other.prompt_id,
        git_branch=context.git_branch or other.git_branch,
        started_at_ms=min(known.started_at_ms, seen.started_at_ms),
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
    )


def _weight(row: ModelRequest) -> tuple[int, bool, int]:
    output = row.usage.output_tokens if row.usage else 0
    return (_COMPLETENESS[row.usage_status], Source.PROXY in row.sources, output)


def _knows_context(row: ModelRequest) -> bool:
    return Source.LOG in row.sources
