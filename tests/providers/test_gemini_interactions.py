"""Google's Interactions: the counts of `generateContent` under other names."""

from __future__ import annotations

from typing import Any

import pytest

from codesession.domain.usage import TokenUsage
from codesession.providers.base import RequestFacts
from codesession.providers.gemini_interactions import InteractionsParser

PARSER = InteractionsParser()
USAGE = {
    "total_input_tokens": 500,
    "input_tokens_by_modality": [{"modality": "text", "tokens": 440}, {"modality": "audio", "tokens": 60}],
    "total_cached_tokens": 400,
    "total_output_tokens": 30,
    "total_thought_tokens": 10,
    "total_tool_use_tokens": 7,
    "total_tokens": 547,
}
COUNTED = TokenUsage(
    input_tokens=507,
    cache_read_input_tokens=400,
    audio_input_tokens=60,
    tool_input_tokens=7,
    output_tokens=40,
    reasoning_output_tokens=10,
)
DONE = {"id": "v1_a", "object": "interaction", "model": "gemini-3.8-flash", "status": "completed", "usage": USAGE}


def test_an_interaction_counts_like_a_generation() -> None:
    """Thoughts stand beside the answer, results of tools beside the prompt."""
    assert PARSER.recognises(DONE)
    response = PARSER.parse_body({**DONE, "service_tier": "flex"}, request=RequestFacts())
    assert response.usage == COUNTED
    assert (response.provider_name, response.api, response.response_id) == ("google", "gemini.interactions", "v1_a")
    assert (response.response_model, response.facts.service_tier) == ("gemini-3.8-flash", "flex")
    assert (response.complete, response.mismatch, response.warnings) == (True, False, ())


def test_google_clouds_spelling_is_the_same() -> None:
    """Its documents have the names in camel case."""
    spelled = {
        "totalInputTokens": 500, "totalCachedTokens": 400, "totalOutputTokens": 30, "totalThoughtTokens": 10,
        "totalToolUseTokens": 7, "totalTokens": 547,
        "inputTokensByModality": [{"modality": "AUDIO", "tokens": 60}],
    }  # fmt: skip
    assert PARSER.parse_usage(spelled, response={}, request=RequestFacts()).usage == COUNTED


def test_work_in_the_background_has_no_usage_yet() -> None:
    """It is unknown, not zero, until somebody fetches it; an agent names itself."""
    begun = {"id": "v1_a", "object": "interaction", "agent": "deep-research", "status": "in_progress"}
    response = PARSER.parse_body(begun, request=RequestFacts())
    assert (response.usage, response.complete, response.model) == (None, False, "deep-research")


def test_grounding_is_mentioned() -> None:
    """Its price is not in the counts."""
    grounded = {**USAGE, "grounding_tool_count": [{"type": "google_search", "count": 2}, {"type": "x", "count": 0}]}
    response = PARSER.parse_usage(grounded, response={}, request=RequestFacts())
    assert response.warnings == ("grounding with Google Search is billed apart and is not in this cost",)


def stream_of(*events: dict[str, Any]) -> Any:
    """What a stream of these events says."""
    stream = PARSER.stream(RequestFacts())
    for event in events:
        stream.feed(event)
    return stream.result()


CREATED = {"event_type": "interaction.created", "interaction": {"id": "v1_a", "model": "m", "status": "in_progress"}}
DELTA = {"event_type": "step.delta", "index": 0, "delta": {"type": "text", "text": "hi"}}


@pytest.mark.parametrize("status", ["completed", "requires_action", "incomplete", "failed"])
def test_a_stream_tells_its_usage_at_the_end(status: str) -> None:
    """Whatever it ends with."""
    end = {"event_type": "interaction.completed", "interaction": {"id": "v1_a", "status": status, "usage": USAGE}}
    response = stream_of(CREATED, DELTA, end)
    assert (response.usage, response.complete, response.response_model) == (COUNTED, True, "m")


def test_a_stream_that_was_cut_is_a_lower_bound() -> None:
    """Of what the events have counted by then; without any it is unknown."""
    assert (stream_of(CREATED, DELTA).usage, stream_of(CREATED).complete) == (None, False)
    response = stream_of(CREATED, {**DELTA, "metadata": {"total_usage": USAGE}})
    assert (response.usage, response.complete) == (COUNTED, False)
    assert stream_of({"event_type": "error", "error": {"message": "no"}}) is None


def test_deltas_need_not_be_read() -> None:
    """They are nearly all events."""
    stream = PARSER.stream(RequestFacts())
    assert not stream.wants(b'{"event_type":"step.delta","delta":{"type":"text","text":"hi"}}')
    assert stream.wants(b'{"event_type":"interaction.completed","interaction":{}}')
