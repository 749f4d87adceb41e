"""Ollama's native counts."""

from __future__ import annotations

from codesession.providers.base import RequestFacts
from codesession.providers.ollama import OllamaParser

PARSER = OllamaParser()


def test_a_body_tells_its_model_and_counts() -> None:
    """There is no id."""
    body = {"model": "llama4", "done": True, "prompt_eval_count": 26, "eval_count": 9}
    response = PARSER.parse_body(body, request=RequestFacts())
    assert response.response_model == "llama4"
    assert response.response_id is None
    assert response.provider_name == "ollama"
    assert response.usage is not None
    assert response.usage.total_tokens == 35


def test_a_stream_without_its_last_line_is_unfinished() -> None:
    """The counts come with `done`."""
    stream = PARSER.stream(RequestFacts())
    stream.feed({"model": "llama4", "message": {}, "done": False})
    response = stream.result()
    assert response is not None
    assert response.parts == ()
    assert not response.complete


def test_an_error_is_no_response() -> None:
    """The server says it in one field."""
    assert not PARSER.recognises({"error": "model not found"})
