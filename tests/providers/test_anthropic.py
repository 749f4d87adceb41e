"""Anthropic Messages: iterations, cache splits, streams. The plain buckets are in the shared samples."""

from __future__ import annotations

from typing import Any

import pytest

from codesession.providers.anthropic import AnthropicParser
from codesession.providers.base import RequestFacts

REQUEST = RequestFacts(provider_name="anthropic", request_model="claude-asked")
PARSER = AnthropicParser()


def parse(usage: dict[str, Any], **body: Any):
    return PARSER.parse_body({"type": "message", "id": "msg_1", **body, "usage": usage}, request=REQUEST)


def turn(kind: str, output: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "input_tokens": 10, "output_tokens": output, "cache_read_input_tokens": 5, **more}


def test_iterations_are_billed_instead_of_the_totals() -> None:
    """Compaction and advice are not in the top-level counts; each entry has its own model."""
    response = parse(
        {
            "input_tokens": 10,
            "cache_read_input_tokens": 5,
            "output_tokens": 7,
            "iterations": [
                turn("compaction", 100),
                turn("advisor_message", 50, model="claude-adviser"),
                turn("message", 7),
            ],
        },
        model="claude-asked",
    )
    assert [(part.kind, part.model, part.usage.output_tokens) for part in response.parts] == [
        ("compaction", None, 100),
        ("advisor_message", "claude-adviser", 50),
        ("message", None, 7),
    ]
    assert response.usage is not None
    assert response.usage.input_tokens == 45
    assert not response.mismatch


def test_a_container_tells_that_code_ran() -> None:
    """The counts of server tools do not always have it; beside web tools it is free."""
    container = {"id": "container_1", "expires_at": "2026-11-01T12:00:00Z"}
    usage = {"input_tokens": 7, "output_tokens": 1}
    assert len(parse(usage, container=container).warnings) == 1
    assert not parse({**usage, "server_tool_use": {"web_fetch_requests": 1}}, container=container).warnings
    assert not parse(usage, container=None).warnings
    stream = PARSER.stream(REQUEST)
    stream.feed({"type": "message_start", "message": {"id": "m", "usage": usage, "container": None}})
    stream.feed({"type": "message_delta", "delta": {"stop_reason": "end_turn", "container": container}, "usage": usage})
    response = stream.result()
    assert response is not None
    assert len(response.warnings) == 1


def test_a_declined_turn_is_billed_to_the_model_that_was_asked() -> None:
    """The response names the fallback model; the turn before it belonged to the first one."""
    response = parse(
        {
            "input_tokens": 10,
            "output_tokens": 9,
            "iterations": [turn("message", 2), turn("fallback_message", 9, model="claude-b")],
        },
        model="claude-b",
    )
    assert [part.model for part in response.parts] == ["claude-asked", "claude-b"]
    assert not response.mismatch


def test_an_adviser_without_a_model_is_doubted() -> None:
    """It would be billed at the wrong price."""
    assert parse({"output_tokens": 1, "iterations": [turn("advisor_message", 1)]}).mismatch


def test_a_list_older_than_the_totals_is_not_believed() -> None:
    """Logs may keep the placeholder of the stream's beginning."""
    response = parse({"input_tokens": 10, "output_tokens": 500, "iterations": [turn("message", 1)]})
    assert response.usage is not None
    assert response.usage.output_tokens == 500
    assert response.mismatch


@pytest.mark.parametrize(
    "totals",
    [
        {"input_tokens": 20, "cache_read_input_tokens": 10, "output_tokens": 12},
        {"input_tokens": 10, "cache_read_input_tokens": 5, "output_tokens": 12},
        {"output_tokens": 12},
    ],
)
def test_totals_are_of_the_own_turns(totals: dict[str, int]) -> None:
    """All their output; their prompts added up, or that of one turn, which holds the earlier ones."""
    turns = [turn("compaction", 100), turn("message", 7), turn("advisor_message", 50, model="a"), turn("message", 5)]
    response = parse({**totals, "iterations": turns})
    assert (len(response.parts), response.mismatch, response.warnings) == (4, False, ())


@pytest.mark.parametrize(
    "wrong",
    [
        {"output_tokens": 11},
        {"output_tokens": 112},
        {"output_tokens": 12, "input_tokens": 30},
        {"output_tokens": 12, "cache_read_input_tokens": 0},
        {"output_tokens": 12, "cache_creation_input_tokens": 1, "cache_creation": {"ephemeral_5m_input_tokens": 1}},
    ],
)
def test_totals_that_no_turns_can_have_are_doubted(wrong: dict[str, Any]) -> None:
    """The list is billed all the same; nobody can say which of both is right."""
    turns = [turn("compaction", 100), turn("message", 7), turn("message", 5)]
    response = parse({**wrong, "iterations": turns})
    assert [part.usage.output_tokens for part in response.parts] == [100, 7, 5]
    assert response.mismatch
    assert response.warnings == ("the list of iterations does not add up to the totals",)


def test_more_output_in_the_list_than_in_the_totals_is_doubted() -> None:
    """One own turn, as nearly every list has."""
    response = parse({"input_tokens": 10, "output_tokens": 5, "iterations": [turn("message", 500)]})
    assert response.usage is not None
    assert (response.usage.output_tokens, response.mismatch) == (500, True)


def test_an_empty_list_of_iterations_means_the_totals() -> None:
    """Null and empty are the same."""
    for nothing in (None, []):
        response = parse({"input_tokens": 10, "output_tokens": 5, "iterations": nothing})
        assert len(response.parts) == 1
        assert not response.warnings


def test_writes_beyond_their_split_are_five_minute_writes() -> None:
    """And the contradiction shows."""
    response = parse(
        {"input_tokens": 0, "output_tokens": 0, "cache_creation_input_tokens": 50,
         "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20}}
    )  # fmt: skip
    assert response.usage is not None
    assert response.usage.cache_write_input_tokens == 50
    assert response.usage.cache_write_1h_input_tokens == 20
    assert response.mismatch


@pytest.mark.parametrize(
    "usage", [{"input_tokens": None, "output_tokens": 9}, {"output_tokens": 9}, {"input_tokens": 9}]
)
def test_a_count_that_is_not_told_is_not_zero(usage: dict[str, Any]) -> None:
    """What is told is a lower bound; totals beside complete turns may be shorter, as the turns are billed."""
    response = parse(usage)
    assert not response.complete
    assert any("is not told" in warning for warning in response.warnings)
    assert parse({**usage, "iterations": [turn("message", 9)]}).complete


def test_a_redeemed_fallback_credit_is_mentioned() -> None:
    """It lowers the bill by an amount nobody tells."""
    counts = {"input_tokens": 1, "output_tokens": 1}
    assert parse({**counts, "fallback_credit": {"status": {"type": "redeemed"}}}).warnings
    assert not parse({**counts, "fallback_credit": {"status": {"type": "not_applied"}}}).warnings


def test_a_delta_replaces_only_what_it_names() -> None:
    """Counts are cumulative; the write split, speed and geography are only in the start."""
    stream = PARSER.stream(REQUEST)
    stream.feed(
        {"type": "message_start", "message": {"id": "m", "model": "c", "usage": {
            "input_tokens": 1, "cache_creation_input_tokens": 9, "output_tokens": 1, "speed": "fast",
            "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 9}}}}
    )  # fmt: skip
    stream.feed(
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"},
         "usage": {"input_tokens": 4, "output_tokens": 30,
                   "server_tool_use": {"web_search_requests": 1}, "iterations": None}}
    )  # fmt: skip
    response = stream.result()
    assert response is not None
    assert response.usage is not None
    assert (response.usage.input_tokens, response.usage.output_tokens) == (13, 30)
    assert response.usage.cache_write_1h_input_tokens == 9
    assert response.facts.speed == "fast"
    assert response.facts.web_search_requests == 1
    assert response.complete


def test_bedrock_metrics_fill_a_stream_without_deltas() -> None:
    """Without a delta they are the only final counts."""
    stream = PARSER.stream(REQUEST)
    stream.feed({"type": "message_start", "message": {"id": "m", "usage": {"input_tokens": 7, "output_tokens": 1}}})
    metrics = {"inputTokenCount": 7, "outputTokenCount": 9, "cacheReadInputTokenCount": 2}
    stream.feed({"type": "message_stop", "amazon-bedrock-invocationMetrics": metrics})
    response = stream.result()
    assert response is not None
    assert response.usage is not None
    assert (response.usage.input_tokens, response.usage.output_tokens) == (9, 9)
    assert response.complete


def test_a_stop_without_any_delta_leaves_a_lower_bound() -> None:
    """The output in the start is a placeholder."""
    stream = PARSER.stream(REQUEST)
    stream.feed({"type": "message_start", "message": {"id": "m", "usage": {"input_tokens": 7, "output_tokens": 1}}})
    stream.feed({"type": "message_stop"})
    response = stream.result()
    assert response is not None
    assert not response.complete


def test_an_error_is_no_response() -> None:
    """Neither as a body nor as the only event."""
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "later"}}
    assert not PARSER.recognises(error)
    stream = PARSER.stream(REQUEST)
    stream.feed(error)
    assert stream.result() is None


def test_content_is_not_worth_decoding() -> None:
    """What carries text carries no usage."""
    stream = PARSER.stream(REQUEST)
    assert not stream.wants(b'{"type":"content_block_delta","delta":{"text":"hi"}}')
    assert stream.wants(b'{"type": "message_delta", "usage": {}}')
