"""
Whether two sightings with one response id are one call.

A response id names one call, except at gateways that give every answer the same id. Logs of formats where that
was seen carry the id of the HTTP request too; copies of lines lose it or get another, but keep model and prompt.
"""

from __future__ import annotations

from codesession.domain.digests import digest
from codesession.domain.request import NO_MODEL, ModelRequest, Source, UsageStatus
from codesession.domain.sighting import Claim
from codesession.domain.usage import TokenUsage

MATCH_SLACK_MS = 5_000
"""How much later than its end a call may be logged."""
HOSTS = frozenset(("anthropic", "bedrock", "vertex"))
"""Who may bill for one answer of Anthropic's: a log may know it by an id that copies of its lines lack."""
_ORIGINAL = str(int(Claim.ORIGINAL))
_NO_USAGE = TokenUsage()


def same_call(known: ModelRequest, seen: ModelRequest) -> bool:
    """Whether a row of the ledger and a sighting in a log, both of one response id, are one call."""
    if known.request_id is not None and seen.request_id is not None:
        if known.request_id == seen.request_id:
            return True
        return (_may_be_copy(known) or _may_be_copy(seen)) and same_prompt(known, seen)
    if Source.LOG not in known.sources and (seen.request_id is not None or known.usage is None):
        return True
    told_elsewhere = Source.PROXY in known.sources or known.agent_name != seen.agent_name
    if told_elsewhere and same_prompt_size(known, seen):
        return True  # the proxy, or an agent run by another, names the model and what the cache had in its own way
    if known.usage is None or seen.usage is None:
        return _same_model(known, seen)  # nothing else could tell them apart
    return same_prompt(known, seen)


def same_prompt(known: ModelRequest, seen: ModelRequest) -> bool:
    """
    Whether model and prompt counts agree: what every copy of a line keeps.

    A log may know only the model that was asked for, where the proxy knows the one that answered too, or none at all.
    """
    return _prompt(known)[1:] == _prompt(seen)[1:] and _same_model(known, seen)


def same_prompt_size(known: ModelRequest, seen: ModelRequest) -> bool:
    """Whether the prompts agree in all their tokens, whatever of them was cached."""
    return known.usage is not None and seen.usage is not None and known.usage.input_tokens == seen.usage.input_tokens


def are_two_answers(known: ModelRequest, seen: ModelRequest) -> bool:
    """
    Whether two answers that were seen under one response id are of two calls.

    Local servers draw short ids at random, some gateways have one for all. A stored answer that is fetched,
    or one that a cache gives again, has the counts it had. Of an answer without counts, as one begun in the background
    is at first, nothing can be told.
    """
    if known.usage is None or seen.usage is None:
        return False
    if known.request_id is not None and known.request_id == seen.request_id:
        return False
    both_whole = known.usage_status is seen.usage_status is UsageStatus.COMPLETE
    return not same_prompt(known, seen) or (both_whole and known.usage.output_tokens != seen.usage.output_tokens)


def clash_key(seen: ModelRequest) -> str:
    """The identity of a call whose response id belongs to another call already."""
    return f"~{seen.response_id}#{_digest(seen.request_id or _prompt(seen))}"


def answer_key(seen: ModelRequest) -> str:
    """The same where a call with this prompt has that identity already."""
    return f"~{seen.response_id}#{_digest((*_prompt(seen), seen.usage and seen.usage.output_tokens))}"


def copy_key(seen: ModelRequest) -> str:
    """Under which such a call is found by a copy of its line."""
    return f"{seen.response_id}#{_digest(_prompt(seen))}"


def is_match(known: ModelRequest, seen: ModelRequest) -> bool:
    """
    Whether a call seen by the proxy is one that a log shows without any id.

    Model, all four token counts, the agent's conversation where both name it, and a time within the call's
    duration must agree; time alone never decides.
    """
    return (
        is_in_time(known, seen)
        and same_prompt(known, seen)
        and (known.usage or _NO_USAGE).output_tokens == (seen.usage or _NO_USAGE).output_tokens
        and _agree(known.conversation_id, seen.conversation_id)
        and _agree(known.agent_name, seen.agent_name)
    )


def is_in_time(known: ModelRequest, seen: ModelRequest) -> bool:
    """Whether a log's time is within a call that the proxy saw, or just after it."""
    delay = seen.started_at_ms - known.started_at_ms
    return -MATCH_SLACK_MS <= delay <= (known.duration_ms or 0) + MATCH_SLACK_MS


def are_two_originals(known: ModelRequest, seen: ModelRequest) -> bool:
    """
    Whether calls that agree in all that logs without ids can say are two: both logs name them themselves.

    Answers that sub-agents got side by side may be alike in everything but their conversation and the agent's name
    for them.
    """
    if not (_is_original(known) and _is_original(seen)):
        return False
    named = [row.response_id for row in (known, seen) if row.response_id.startswith("~")]
    own = [name for name in named if name not in (known.log_key, seen.log_key)]
    return not _agree(known.conversation_id, seen.conversation_id) or len(set(own)) > 1


def _agree(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other


def _may_be_copy(row: ModelRequest) -> bool:
    return row.owner_rank is not None and not row.owner_rank.startswith(_ORIGINAL)


def _is_original(row: ModelRequest) -> bool:
    return row.owner_rank is not None and row.owner_rank.startswith(_ORIGINAL)


def _same_model(known: ModelRequest, seen: ModelRequest) -> bool:
    models, others = ({row.request_model, row.model} for row in (known, seen))
    return NO_MODEL in models | others or not models.isdisjoint(others)


def _prompt(row: ModelRequest) -> tuple[str | None, int | None, int | None, int | None]:
    model, usage = row.model, row.usage
    if usage is None:
        return (model, None, None, None)
    return (model, usage.input_tokens, usage.cache_read_input_tokens, usage.cache_write_input_tokens)


def _digest(facts: object) -> str:
    return digest(repr(facts).encode("utf-8", "replace"), 10)
