"""Vertex's `:predict`: embeddings count, pictures do not."""

from __future__ import annotations

from codesession.domain.usage import TokenUsage
from codesession.providers.base import RequestFacts
from codesession.providers.gemini_predict import PredictParser

PARSER = PredictParser()


def test_embeddings_count_each_text() -> None:
    """Together they are one call."""
    texts = [{"embeddings": {"values": [0.1], "statistics": {"truncated": False, "token_count": n}}} for n in (6, 5)]
    assert PARSER.recognises({"predictions": texts})
    response = PARSER.parse_body({"predictions": texts}, request=RequestFacts(provider_name="vertex"))
    assert (response.usage, response.api) == (TokenUsage(input_tokens=11), "gemini.predict")


def test_pictures_count_nothing() -> None:
    """They are billed by piece."""
    assert not PARSER.recognises({"predictions": [{"bytesBase64Encoded": "aGk=", "mimeType": "image/png"}]})
    assert not PARSER.recognises({"error": {"message": "no"}})
    assert PARSER.stream(RequestFacts()).result() is None
