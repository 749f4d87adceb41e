"""The chat shape and its dialects. The plain buckets are in the shared samples."""

from __future__ import annotations

from typing import Any

from codesession.providers.base import RequestFacts
from codesession.providers.openai_chat import OpenAIChatParser

PARSER = OpenAIChatParser()


def parse(usage: Any, provider: str = "openai", **body: Any):
    return PARSER.parse_body({**body, "usage": usage}, request=RequestFacts(provider_name=provider))


def test_a_bare_total_is_no_usage() -> None:
    """Prompt and completion cost differently, so nothing can be priced."""
    response = parse({"total_tokens": 500})
    assert response.parts == ()
    assert len(response.warnings) == 1


def test_the_total_decides_whether_reasoning_is_inside() -> None:
    """Whoever the provider is."""
    details = {"completion_tokens_details": {"reasoning_tokens": 30}}
    outside = parse({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 45, **details}, "my-gateway")
    inside = parse({"prompt_tokens": 10, "completion_tokens": 40, "total_tokens": 50, **details}, "xai")
    assert outside.usage is not None and outside.usage.output_tokens == 35
    assert inside.usage is not None and inside.usage.output_tokens == 40
    assert not outside.mismatch and not inside.mismatch


def test_more_reasoning_than_completion_is_outside() -> None:
    """Even where the total fits nothing."""
    response = parse(
        {
            "prompt_tokens": 1,
            "completion_tokens": 5,
            "total_tokens": 9,
            "completion_tokens_details": {"reasoning_tokens": 30},
        }
    )
    assert response.usage is not None
    assert response.usage.output_tokens == 35
    assert response.mismatch


def test_hits_and_misses_that_do_not_add_up_are_doubted() -> None:
    """DeepSeek's prompt is their sum."""
    usage = {"prompt_tokens": 10, "completion_tokens": 0, "prompt_cache_hit_tokens": 5, "prompt_cache_miss_tokens": 6}
    assert parse(usage, "deepseek").mismatch


def test_two_different_cached_counts_are_doubted() -> None:
    """A zero beside a number is only an older field."""
    usage = {
        "prompt_tokens": 10,
        "completion_tokens": 0,
        "cached_tokens": 4,
        "prompt_tokens_details": {"cached_tokens": 0},
    }
    response = parse(usage, "moonshot")
    assert response.usage is not None
    assert response.usage.cache_read_input_tokens == 4
    assert not response.mismatch
    assert parse({**usage, "prompt_tokens_details": {"cached_tokens": 3}}, "moonshot").mismatch


def test_live_search_sources_are_mentioned_unless_the_price_is_reported() -> None:
    """They are billed per source, which no token count tells."""
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2, "num_sources_used": 3}
    assert parse(usage, "xai").warnings
    assert not parse({**usage, "cost_in_usd_ticks": 5}, "xai").warnings


def test_searches_that_a_model_or_a_connector_always_makes_are_mentioned() -> None:
    """A fee per call, larger than what the tokens of a short answer cost."""
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    assert PARSER.parse_usage(usage, response={"model": "gpt-5-search-api"}, request=RequestFacts()).warnings
    assert parse({**usage, "connectors": {"web_search": 1}}, "mistral").warnings
    assert not parse({**usage, "connectors": {}, "connector_tokens": None}, "mistral").warnings


def test_what_connectors_read_is_part_of_the_prompt() -> None:
    """Mistral's total has it, its prompt does not."""
    usage = {"prompt_tokens": 188, "completion_tokens": 55, "connector_tokens": 7112, "total_tokens": 7355}
    for each in (usage, {**usage, "prompt_tokens": 7300}):
        response = parse(each, "mistral")
        assert response.usage is not None
        assert not response.mismatch
        assert (response.usage.input_tokens, response.usage.tool_input_tokens) == (7300, 7112)


def test_the_last_usage_wins_and_an_error_chunk_changes_nothing() -> None:
    """A chunk with an error and no choices is no chunk."""
    stream = PARSER.stream(RequestFacts())
    stream.feed(
        {"id": "c", "choices": [{"finish_reason": None}], "usage": {"prompt_tokens": 1, "completion_tokens": 1}}
    )
    stream.feed(
        {"id": "c", "choices": [{"finish_reason": "stop"}], "usage": {"prompt_tokens": 1, "completion_tokens": 8}}
    )
    stream.feed({"error": {"message": "late"}})
    response = stream.result()
    assert response is not None
    assert response.usage is not None
    assert response.usage.output_tokens == 8
    assert response.complete


def test_copilot_credits_may_come_after_the_usage() -> None:
    """In a chunk of their own."""
    stream = PARSER.stream(RequestFacts(provider_name="copilot"))
    stream.feed({"id": "c", "choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1}})
    stream.feed({"copilot_usage": {"total_nano_aiu": 500}})
    response = stream.result()
    assert response is not None
    assert response.facts.reported_cost_usd is not None


def test_errors_and_lists_of_models_are_no_response() -> None:
    """Only an answer or its usage is."""
    assert not PARSER.recognises({"error": {"message": "no"}})
    assert not PARSER.recognises({"object": "list", "error": "no"})
    assert PARSER.recognises({"choices": []})
    stream = PARSER.stream(RequestFacts())
    stream.feed({"error": {"message": "no"}})
    stream.feed("[DONE]")
    assert stream.result() is None


def test_plain_chunks_are_not_decoded() -> None:
    """Only the first chunk, ends, usage and errors are worth it; text that looks like usage is not."""
    stream = PARSER.stream(RequestFacts())
    plain = rb'{"id":"c","choices":[{"delta":{"content":"\"usage\":{}"},"finish_reason":null}],"usage":null}'
    assert stream.wants(plain)
    stream.feed({"id": "c", "choices": []})
    assert not stream.wants(plain)
    assert stream.wants(b'{"choices": [], "usage": {"prompt_tokens": 1}}')
    assert stream.wants(b'{"choices":[{"finish_reason":null}],"x_groq":{"usage":{"prompt_tokens":1}}}')
    assert stream.wants(b'{"choices":[{"finish_reason":"stop"}],"usage":null}')


def test_usage_that_stands_elsewhere_in_the_answer_is_found():
    """Groq's streams keep it under `x_groq`; a record of the last chunk has nothing at the usual place."""
    counts = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    response = OpenAIChatParser().parse_usage(
        None, response={"x_groq": {"usage": counts}}, request=RequestFacts(provider_name="groq")
    )
    assert response.usage is not None
    assert (response.usage.input_tokens, response.usage.output_tokens) == (10, 5)


def test_a_conversation_of_mistral_names_its_model_in_its_outputs() -> None:
    """The request that goes on with one does not; whole, and as events, of which the last one has the usage."""
    usage = {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}
    outputs = [{"type": "tool.execution"}, {"type": "message.output", "model": "mistral-medium-latest"}]
    whole = parse(usage, "mistral", object="conversation.response", conversation_id="conv_1", outputs=outputs)
    stream = PARSER.stream(RequestFacts(provider_name="mistral"))
    for event in (
        {"type": "conversation.response.started", "conversation_id": "conv_1"},
        {"type": "message.output.delta", "model": "mistral-medium-latest", "content": "Hi"},
        {"type": "conversation.response.done", "usage": usage},
    ):
        stream.feed(event)
    for response in (whole, stream.result()):
        assert response is not None and response.usage is not None
        assert (response.response_model, response.complete) == ("mistral-medium-latest", True)
        assert (response.usage.input_tokens, response.usage.output_tokens) == (9, 4)


def test_a_prompt_that_is_not_told_is_not_zero() -> None:
    """So much at least; embeddings tell no completion, and have none."""
    assert not parse({"prompt_tokens": None, "completion_tokens": 9}).complete
    assert parse({"prompt_tokens": 9}).complete
