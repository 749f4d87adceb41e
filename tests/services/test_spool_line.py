"""A call as a line: everything the ledger keeps of it comes back, and what is no call is told apart."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.usage import BillingFacts, ModelResponse, TokenUsage, UsagePart
from codesession.services.spool_line import from_line, to_line

FULL = Observation(
    response=ModelResponse(
        provider_name="anthropic",
        api="anthropic.messages",
        request_model="claude-sonnet-4-5",
        response_model="claude-sonnet-4-5-20250929",
        response_id="msg_1",
        parts=(
            UsagePart(usage=TokenUsage(input_tokens=10, cache_read_input_tokens=3, output_tokens=7)),
            UsagePart(usage=TokenUsage(output_tokens=2), kind="advisor_message", model="claude-opus-4-5"),
        ),
        facts=BillingFacts(service_tier="priority", web_search_requests=2, reported_cost_usd=Decimal("0.0123")),
        complete=False,
        mismatch=True,
        warnings=("one event could not be read",),
    ),
    context=CallContext(
        source=Source.PROXY,
        started_at_ms=1_795_312_800_000,
        duration_ms=0,
        session_id=7,
        conversation_id="c-1",
        agent_name="claude-code",
        project="/wörk/\udcff",
        status_code=200,
        reservation="r-1",
    ),
)
EMPTY = Observation(
    response=ModelResponse(provider_name="x", api="openai.chat", response_id="~proxy:1"),
    context=CallContext(source=Source.PROXY, started_at_ms=0),
)


@pytest.mark.parametrize("call", [FULL, EMPTY], ids=["full", "without usage"])
def test_a_call_comes_back_as_it_went(call: Observation) -> None:
    """Usage by part, billing facts, context, the reservation of a budget; unknown stays unknown."""
    line = to_line(call)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert from_line(line) == call


def test_every_cut_of_a_line_is_told_from_a_call() -> None:
    """A loss of power may leave any part of it."""
    line = to_line(FULL)
    for end in range(len(line) - 1):
        with pytest.raises(ValueError):
            from_line(line[:end])


@pytest.mark.parametrize(
    "change",
    [
        {"response_id": None},
        {"billing": {}},
        {"billing": []},
        {"billing": {"api": "x", "parts": [{"usage": {"no_such_count": 1}}]}},
        {"billing": {"api": "x", "parts": [], "facts": {"reported_cost_usd": "much"}}},
        {"context": {"source": "proxy"}},
        {"context": {"source": "rumour", "started_at_ms": 1}},
        {"context": {"source": "proxy", "started_at_ms": 1, "of_a_later_version": 1}},
    ],
)
def test_what_is_no_call_is_a_value_error(change: dict[str, object]) -> None:
    """Damaged, or of a version to come: never half a call."""
    line = json.dumps({**json.loads(to_line(FULL)), **change}).encode()
    with pytest.raises(ValueError):
        from_line(line)


@pytest.mark.parametrize("line", [b"", b"null", b"[]", b'"x"', b"\xff\xfe", b"[" * 100_000])
def test_any_other_bytes_are_a_value_error(line: bytes) -> None:
    """Whatever somebody wrote into the file."""
    with pytest.raises(ValueError):
        from_line(line)
