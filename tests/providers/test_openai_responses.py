"""OpenAI Responses: searches, compaction, ends of streams. The plain buckets are in the shared samples."""

from __future__ import annotations

from typing import Any

from codesession.providers.base import RequestFacts
from codesession.providers.openai_responses import OpenAIResponsesParser

PARSER = OpenAIResponsesParser()
USAGE = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}


def parse(usage: Any = USAGE, **body: Any):
    return PARSER.parse_body({"object": "response", "id": "resp_1", **body, "usage": usage}, request=RequestFacts())


def search(kind: str = "search", status: str = "completed") -> dict[str, Any]:
    return {"type": "web_search_call", "status": status, "action": {"type": kind}}


def test_searches_are_counted_from_the_output() -> None:
    """Opening pages is free, failed calls and text are no searches, old items name no action."""
    output = [search(), search("open_page"), search("find_in_page"), search(status="failed"),
              {"type": "web_search_call", "status": "completed"}, {"type": "message"},
              {"type": "file_search_call"}]  # fmt: skip
    facts = parse(output=output).facts
    assert facts.web_search_requests == 2
    assert facts.file_search_requests == 1


def test_the_reported_number_of_searches_beats_counting() -> None:
    """One call may search several times."""
    facts = parse(output=[search()], tool_usage={"web_search": {"num_requests": 4}}).facts
    assert facts.web_search_requests == 4
    assert parse(output=[search()], tool_usage={"web_search": {"num_requests": 0}}).facts.web_search_requests == 0


def test_generated_images_are_mentioned() -> None:
    """Their tokens are billed at another model's price."""
    assert parse(tool_usage={"image_gen": {"total_tokens": 100}}).warnings
    assert not parse(tool_usage={"image_gen": {"total_tokens": 0}}).warnings
    assert parse(output=[{"type": "image_generation_call"}]).warnings


def test_a_code_container_is_mentioned() -> None:
    """It is billed by the session, whatever the tokens were."""
    assert len(parse(output=[{"type": "code_interpreter_call"}, {"type": "code_interpreter_call"}]).warnings) == 1
    assert not parse(output=[{"type": "message"}, search()]).warnings


def test_a_compaction_is_a_billed_call() -> None:
    """Its body names no model: the one that was asked for is billed."""
    body = {"object": "response.compaction", "id": "cmp_1", "output": [], "usage": USAGE}
    assert PARSER.recognises(body)
    response = PARSER.parse_body(body, request=RequestFacts(request_model="gpt-6-sol"))
    assert response.model == "gpt-6-sol"
    assert response.usage is not None


def test_a_response_still_in_the_background_has_no_usage_yet() -> None:
    """Its cost is unknown until it is fetched."""
    assert parse(None, status="queued").parts == ()


def test_writes_by_time_to_live_stand_in_for_a_missing_total() -> None:
    """And contradictions show."""
    split = {"cache_write_tokens_details": {"ttl_30m_tokens": 2, "ttl_12h_tokens": 3}}
    response = parse({**USAGE, "input_tokens_details": split})
    assert response.usage is not None
    assert response.usage.cache_write_input_tokens == 5
    assert response.usage.cache_write_12h_input_tokens == 3
    assert parse({**USAGE, "input_tokens_details": {**split, "cache_write_tokens": 9}}).mismatch


def test_a_failed_response_is_final() -> None:
    """Even when it reports no usage."""
    stream = PARSER.stream(RequestFacts())
    stream.feed({"type": "response.created", "response": {"id": "r", "model": "m"}})
    stream.feed({"type": "response.failed", "response": {"id": "r", "usage": None, "error": {"code": "server_error"}}})
    response = stream.result()
    assert response is not None
    assert response.parts == ()
    assert response.complete


def test_the_wish_for_a_tier_is_not_the_tier() -> None:
    """`response.created` says what was asked; a cut stream says nothing about what served it."""
    stream = PARSER.stream(RequestFacts())
    stream.feed({"type": "response.created", "response": {"id": "r", "service_tier": "priority"}})
    response = stream.result()
    assert response is not None
    assert response.facts.service_tier is None
    assert not response.complete


def test_text_is_not_worth_decoding() -> None:
    """Only beginnings, ends and searches are."""
    stream = PARSER.stream(RequestFacts())
    assert not stream.wants(b'{"type":"response.output_text.delta","delta":"hi"}')
    assert stream.wants(b'{"type":"response.completed","response":{}}')
    assert stream.wants(b'{"type":"response.output_item.done","item":{"type":"web_search_call"}}')


def test_an_error_is_no_response() -> None:
    """Neither as a body nor as the only event."""
    assert not PARSER.recognises({"error": {"message": "no"}})
    stream = PARSER.stream(RequestFacts())
    stream.feed({"type": "error", "message": "no"})
    assert stream.result() is None


def test_a_count_that_is_not_told_is_not_zero() -> None:
    """So much at least."""
    assert not parse({"input_tokens": None, "output_tokens": 9}).complete
    assert not parse({"input_tokens": 9}).complete
