"""When two sightings with one response id are one call."""

from __future__ import annotations

from dataclasses import replace

import pytest

from codesession.domain.request import NO_MODEL, ModelRequest, Source, UsageStatus
from codesession.domain.sameness import (
    MATCH_SLACK_MS,
    answer_key,
    are_two_answers,
    clash_key,
    copy_key,
    is_match,
    same_call,
)
from codesession.domain.usage import TokenUsage
from support.ledger import NOW_MS, make_request

LOG = frozenset({Source.LOG})
ORIGINAL, COPY = "0:1:1:a", "3:1:1:a"
OTHER = TokenUsage(input_tokens=5, output_tokens=5)


def seen(request_id: str | None = "r1", rank: str = ORIGINAL, **changes: object) -> ModelRequest:
    """A sighting in a log."""
    return make_request(response_id="m", request_id=request_id, owner_rank=rank, sources=LOG, **changes)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (seen(), seen(usage=OTHER), True),
        (seen(), seen("r2"), False),
        (seen(), seen("r2", COPY), True),
        (seen(), seen("r2", COPY, usage=OTHER), False),
        (seen(), seen(None), True),
        (seen(None), seen(None, usage=OTHER), False),
        (seen(None), seen(None, request_model=NO_MODEL), True),
        (seen(None), seen(None, request_model=NO_MODEL, usage=OTHER), False),
        (seen(), seen(None, request_model="another"), False),
        (seen(None, usage=None), seen(None, usage=None), True),
        (seen(None, usage=None), seen(None), True),
        (seen(None, usage=None), seen(None, request_model="another"), False),
        (make_request(response_id="m"), seen(usage=OTHER), True),
        (make_request(response_id="m"), seen(None, usage=OTHER), False),
        (make_request(response_id="m", usage=None), seen(None, usage=OTHER), True),
        (make_request(response_id="m"), seen(None, request_model="another"), True),
        (seen(None, agent_name="openclaw"), seen(None, agent_name="codex", request_model="another"), True),
    ],
    ids=[
        "one request, another model after a fallback",
        "two requests",
        "a side chain replays a call under a request id of its own",
        "a side chain's own call",
        "a copy lost its request id",
        "a gateway's constant id",
        "a copy does not know the model",
        "a gateway's constant id, and no model",
        "another model",
        "nothing is known of either",
        "nothing is known of one",
        "nothing is known of one but its model",
        "the proxy saw it and knows no request id",
        "the proxy saw another call of a gateway",
        "the proxy saw no usage",
        "the proxy knows the model by another name",
        "an agent that was run by another",
    ],
)
def test_requests_and_prompts_decide(one: ModelRequest, other: ModelRequest, same: bool) -> None:
    """By the id of the request where both have one that counts, else by model and prompt; in either order."""
    assert same_call(one, other) is same
    if Source.LOG in one.sources:
        assert same_call(other, one) is same


def answer(prompt: int = 9, tokens: int = 9, **changes: object) -> ModelRequest:
    """What the proxy saw."""
    return make_request(response_id="m", usage=TokenUsage(input_tokens=prompt, output_tokens=tokens), **changes)


@pytest.mark.parametrize(
    ("other", "two"),
    [
        (answer(), False),
        (answer(prompt=8), True),
        (answer(tokens=8), True),
        (answer(request_model="another"), True),
        (answer(tokens=8, usage_status=UsageStatus.LOWER_BOUND), False),
        (answer(prompt=8, usage_status=UsageStatus.LOWER_BOUND), True),
        (make_request(response_id="m", usage=None, usage_status=UsageStatus.MISSING), False),
        (answer(prompt=8, request_id="r1"), False),
        (answer(prompt=8, request_id="r2"), True),
    ],
    ids=[
        "fetched again, or from a cache",
        "another prompt",
        "another answer",
        "another model",
        "another proxy saw it cut",
        "another prompt, cut",
        "begun in the background",
        "one request",
        "two requests",
    ],
)
def test_the_counts_of_whole_answers_tell_calls_apart(other: ModelRequest, two: bool) -> None:
    """That the proxy saw under one id; in either order."""
    known = answer(request_id="r1")
    assert are_two_answers(known, other) is are_two_answers(other, known) is two


def test_answers_to_one_prompt_have_keys_of_their_own() -> None:
    """Which depend on nothing but the answer's counts."""
    assert answer_key(answer()) == answer_key(answer(started_at_ms=1)) != answer_key(answer(tokens=8))


def test_keys_of_clashing_calls_depend_on_the_call_alone() -> None:
    """By its request, else by its prompt; copies find it by the prompt."""
    assert clash_key(seen()) == clash_key(seen(usage=OTHER)) != clash_key(seen("r2"))
    assert clash_key(seen(None)) != clash_key(seen(None, usage=OTHER))
    assert clash_key(seen()).startswith("~m#")
    assert copy_key(seen()) == copy_key(seen(None)) != copy_key(seen(usage=OTHER))


def test_a_match_needs_everything_but_an_id() -> None:
    """Time alone never decides, and nothing else without it."""
    known = make_request(duration_ms=1000, agent_name="codex", conversation_id="c")
    log = replace(known, sources=LOG, started_at_ms=NOW_MS + 900)
    assert is_match(known, log)
    assert is_match(known, replace(log, conversation_id=None))
    assert is_match(replace(known, response_model="claude-sonnet-4-5-20250929"), log)
    assert is_match(known, replace(log, request_model=NO_MODEL))
    usage = known.usage
    assert usage is not None
    for different in (
        replace(log, conversation_id="d"),
        replace(log, agent_name="gemini"),
        replace(log, request_model="another"),
        replace(log, usage=replace(usage, output_tokens=101)),
        replace(log, usage=replace(usage, cache_read_input_tokens=201)),
        replace(log, started_at_ms=NOW_MS + 1001 + MATCH_SLACK_MS),
        replace(log, started_at_ms=NOW_MS - 1 - MATCH_SLACK_MS),
    ):
        assert not is_match(known, different)
