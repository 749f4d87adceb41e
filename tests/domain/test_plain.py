"""Plain calls: the same calls as their sightings, in fewer words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from codesession.domain.billing import encode
from codesession.domain.plain import PlainCall, PlainCounts, plain_counts, plain_part, whole
from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.sighting import Claim, Sighting
from codesession.domain.usage import ModelResponse, TokenUsage, UsagePart

COUNT = st.sampled_from([0, 0, 1, 250_000])
LIKE = Sighting(
    observation=Observation(
        response=ModelResponse(
            provider_name="anthropic", api="a", response_id="first", parts=(UsagePart(usage=TokenUsage()),)
        ),
        context=CallContext(source=Source.LOG, started_at_ms=1, prompt_id="p1", project="/work"),
    ),
    claim=Claim.CONTINUATION,
    request_id="r1",
)


@given(st.builds(PlainCounts, COUNT, COUNT, COUNT, COUNT, COUNT, COUNT))
def test_plain_counts_are_the_usage_and_its_evidence(counts: PlainCounts) -> None:
    """By the same names, in the same order, without what is 0."""
    assert plain_counts(counts.usage) == counts
    response = ModelResponse(provider_name="x", api="a", parts=(UsagePart(usage=counts.usage),))
    assert f'"parts":[{plain_part(counts)}]' in encode(response, None)


def test_other_counts_are_not_plain() -> None:
    """Audio is billed at prices of its own."""
    assert plain_counts(TokenUsage(input_tokens=2, audio_input_tokens=1)) is None


def test_a_plain_call_is_a_sighting_of_its_kind() -> None:
    """Its own facts, all else from the call it is like, which stays as it was."""
    call = PlainCall(LIKE, "second", 7, PlainCounts(9, 1, 0, 0, 3, 0), None, "r2", 2)
    found = whole(call)
    assert (found.claim, found.request_id, found.lines) == (Claim.CONTINUATION, "r2", 2)
    context, response = found.observation.context, found.observation.response
    assert (context.started_at_ms, context.prompt_id, context.project) == (7, None, "/work")
    assert (response.response_id, response.usage) == ("second", call.counts.usage)
    assert whole(LIKE) is LIKE
    assert LIKE.observation.response.response_id == "first"
