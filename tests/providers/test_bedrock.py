"""Bedrock's own shape, and the shapes of makers behind InvokeModel."""

from __future__ import annotations

import json

from codesession.providers.base import RequestFacts
from codesession.providers.bedrock import ConverseParser, InvokeModelParser

REQUEST = RequestFacts(request_model="us.anthropic.claude-opus-5-v1:0", response_id="header-id")


def test_the_total_may_or_may_not_hold_the_cache() -> None:
    """Both readings occur; anything else is doubted."""
    usage = {"inputTokens": 10, "outputTokens": 5, "cacheReadInputTokens": 100}
    for total, mismatch in ((15, False), (115, False), (116, True)):
        response = ConverseParser().parse_usage({**usage, "totalTokens": total}, response={}, request=REQUEST)
        assert response.mismatch is mismatch
        assert response.usage is not None
        assert response.usage.input_tokens == 110


def test_writes_without_a_split_are_five_minute_writes() -> None:
    """And it is mentioned; unknown times-to-live too."""
    usage = {"inputTokens": 1, "outputTokens": 1, "cacheWriteInputTokens": 30}
    response = ConverseParser().parse_usage(usage, response={}, request=REQUEST)
    assert len(response.warnings) == 1
    assert not response.mismatch
    odd = {**usage, "cacheDetails": [{"ttl": "9h", "inputTokens": 30}]}
    assert len(ConverseParser().parse_usage(odd, response={}, request=REQUEST).warnings) == 1


def test_identity_comes_from_the_request() -> None:
    """Path and header know what the body does not."""
    response = ConverseParser().parse_body({"output": {}, "usage": {"inputTokens": 1}}, request=REQUEST)
    assert response.response_id == "header-id"
    assert response.model == "us.anthropic.claude-opus-5-v1:0"
    assert response.provider_name == "bedrock"


def test_amazon_bills_whatever_the_shape() -> None:
    """Claude, Llama and others behind InvokeModel."""
    bodies = [
        {"type": "message", "usage": {"input_tokens": 7, "output_tokens": 2}},
        {"generation": "x", "prompt_token_count": 7, "generation_token_count": 2},
        {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}},
        {"output": {}, "usage": {"inputTokens": 7, "outputTokens": 2}},
    ]
    parser = InvokeModelParser()
    for body in bodies:
        assert parser.recognises(body)
        response = parser.parse_body(body, request=REQUEST)
        assert response.provider_name == "bedrock"
        assert response.usage is not None
        assert (response.usage.input_tokens, response.usage.output_tokens) == (7, 2)


def test_amazons_counts_end_a_stream_that_counts_nothing() -> None:
    """In whatever shape its maker answers."""
    metrics = {"inputTokenCount": 7, "outputTokenCount": 2, "invocationLatency": 5}
    for piece in ({"outputs": [{"text": "Hi"}]}, {"choices": [{"delta": {"content": "Hi"}}]}, {"text": "Hi"}):
        last = {**piece, "amazon-bedrock-invocationMetrics": metrics}
        stream = InvokeModelParser().stream(REQUEST)
        for event in (piece, last):
            assert stream.wants(json.dumps(event).encode()) or event is piece
            stream.feed(event)
        response = stream.result()
        assert response is not None and response.usage is not None
        assert (response.api, response.provider_name, response.complete) == ("bedrock.invoke_model", "bedrock", True)
        assert (response.usage.input_tokens, response.usage.output_tokens) == (7, 2)


def test_an_exception_is_no_response() -> None:
    """A stream that only holds one, and an error body."""
    for parser in (ConverseParser(), InvokeModelParser()):
        assert not parser.recognises({"message": "denied", "__type": "AccessDeniedException"})
        stream = parser.stream(REQUEST)
        stream.feed({"throttlingException": {"message": "later"}})
        assert stream.result() is None
