"""Who owns a call that several conversations show."""

from __future__ import annotations

from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.sighting import Claim, Sighting, owner_rank
from codesession.domain.usage import ModelResponse


def rank(claim: Claim, at_ms: int, file_ms: int, conversation: str, subagent: str | None = None) -> str:
    """The rank of one sighting."""
    response = ModelResponse(provider_name="anthropic", api="anthropic.messages")
    context = CallContext(source=Source.LOG, started_at_ms=at_ms, conversation_id=conversation, subagent_id=subagent)
    return owner_rank(Sighting(observation=Observation(response=response, context=context), claim=claim), file_ms)


def test_the_surest_claim_wins_then_the_earliest_then_the_oldest_file() -> None:
    """Every tie is broken, so that no order of reading matters."""
    ordered = [
        rank(Claim.ORIGINAL, 9, 0, "z"),
        rank(Claim.CONTINUATION, 8, 0, "z"),
        rank(Claim.CONTINUATION, 8, 0, "z", "a"),
        rank(Claim.CONTINUATION, 8, 0, "z", "b"),
        rank(Claim.NAMED_COPY, 7, 0, "z"),
        rank(Claim.UNMARKED, 5, 4, "z"),
        rank(Claim.UNMARKED, 6, 3, "z"),
        rank(Claim.UNMARKED, 6, 10, "a"),
        rank(Claim.UNMARKED, 6, 10, "b"),
        rank(Claim.UNMARKED_CONTINUATION, 4, 0, "a"),
    ]
    assert sorted(set(ordered)) == ordered
    assert rank(Claim.ORIGINAL, -5, -1, "a") < rank(Claim.ORIGINAL, 1, 0, "a")
