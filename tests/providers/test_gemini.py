"""Gemini: wrapping, grounding, ends. The plain buckets are in the shared samples."""

from __future__ import annotations

from codesession.providers.base import RequestFacts
from codesession.providers.gemini import GeminiParser

PARSER = GeminiParser()
USAGE = {"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15}


def test_code_assist_wraps_its_answers() -> None:
    """`/v1internal:` has the usual body inside `response`."""
    body = {"response": {"candidates": [], "usageMetadata": USAGE, "modelVersion": "gemini-3-pro"}, "traceId": "trace"}
    assert PARSER.recognises(body)
    response = PARSER.parse_body(body, request=RequestFacts())
    assert response.usage is not None
    assert response.response_model == "gemini-3-pro"
    assert response.response_id == "trace"


def test_grounding_is_mentioned() -> None:
    """Its price is not in the counts."""
    grounded = [{"groundingMetadata": {"webSearchQueries": ["a", "b"]}}]
    response = PARSER.parse_body({"candidates": grounded, "usageMetadata": USAGE}, request=RequestFacts())
    assert len(response.warnings) == 1
    mapped = [{"groundingMetadata": {"groundingChunks": [{"web": {}}, {"maps": {"placeId": "places/1"}}]}}]
    response = PARSER.parse_body({"candidates": mapped, "usageMetadata": USAGE}, request=RequestFacts())
    assert response.warnings == ("grounding with Google Maps is billed apart and is not in this cost",)
    plain = PARSER.parse_body({"candidates": [{}], "usageMetadata": USAGE}, request=RequestFacts())
    assert not plain.warnings


def test_generated_images_are_mentioned() -> None:
    """Their tokens cost more than text."""
    usage = {**USAGE, "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 5}]}
    assert len(PARSER.parse_usage(usage, response={}, request=RequestFacts()).warnings) == 1


def test_totals_that_fit_nothing_are_doubted() -> None:
    """Thoughts are then counted as output, which is the dearer reading."""
    usage = {**USAGE, "thoughtsTokenCount": 7, "totalTokenCount": 100}
    response = PARSER.parse_usage(usage, response={}, request=RequestFacts())
    assert response.usage is not None
    assert response.usage.output_tokens == 12
    assert response.mismatch


def test_a_blocked_prompt_is_final() -> None:
    """It has no candidates and no finish reason."""
    stream = PARSER.stream(RequestFacts())
    stream.feed({"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 10}})
    response = stream.result()
    assert response is not None
    assert response.complete


def test_vertex_traffic_has_the_names_of_tiers() -> None:
    """One word for one thing, wherever it is served."""
    served = {
        traffic: PARSER.parse_usage({**USAGE, "trafficType": traffic}, response={}, request=RequestFacts()).facts
        for traffic in ("ON_DEMAND", "ON_DEMAND_FLEX", "ON_DEMAND_PRIORITY", "PROVISIONED_THROUGHPUT", "NEW_KIND")
    }
    assert [facts.service_tier for facts in served.values()] == [
        "default", "flex", "priority", "provisioned_throughput", "new_kind",
    ]  # fmt: skip


def test_a_bare_total_is_no_usage() -> None:
    """Nothing can be priced from it."""
    assert PARSER.parse_usage({"totalTokenCount": 5}, response={}, request=RequestFacts()).parts == ()


def test_an_error_is_no_response() -> None:
    """Neither as a body nor as the only chunk."""
    error = {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}
    assert not PARSER.recognises(error)
    stream = PARSER.stream(RequestFacts())
    stream.feed(error)
    assert stream.result() is None
