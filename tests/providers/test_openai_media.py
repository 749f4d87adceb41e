"""OpenAI's pictures and sounds."""

from __future__ import annotations

from codesession.domain.usage import TokenUsage
from codesession.providers.base import RequestFacts
from codesession.providers.openai_media import IMAGES, OpenAIMediaParser

PAINTED = {
    "input_tokens": 50,
    "output_tokens": 4160,
    "total_tokens": 4210,
    "input_tokens_details": {"text_tokens": 10, "image_tokens": 40},
}
HEARD = {
    "type": "tokens",
    "input_tokens": 14,
    "input_token_details": {"text_tokens": 4, "audio_tokens": 10},
    "output_tokens": 45,
    "total_tokens": 59,
}


def test_pictures_cost_at_least_what_text_costs() -> None:
    """The prices of their tokens are not all known."""
    response = OpenAIMediaParser(IMAGES).parse_body({"data": [], "usage": PAINTED}, request=RequestFacts())
    assert response.usage == TokenUsage(input_tokens=50, output_tokens=4160)
    assert (response.api, response.complete, len(response.warnings)) == ("openai.images", False, 1)


def test_sound_is_audio_input() -> None:
    """It has a rate of its own."""
    response = OpenAIMediaParser("openai.audio").parse_body({"text": "hi", "usage": HEARD}, request=RequestFacts())
    assert response.usage == TokenUsage(input_tokens=14, audio_input_tokens=10, output_tokens=45)
    assert (response.complete, response.warnings) == (True, ())


def test_minutes_are_no_tokens() -> None:
    """What Whisper tells is unknown, not zero."""
    body = {"text": "hi", "usage": {"type": "duration", "seconds": 9}}
    assert OpenAIMediaParser("openai.audio").parse_body(body, request=RequestFacts()).usage is None
    assert not OpenAIMediaParser(IMAGES).recognises({"created": 1, "data": [{"url": "x"}]})


def test_a_stream_tells_at_its_end() -> None:
    """Pieces before it count nothing."""
    stream = OpenAIMediaParser("openai.audio").stream(RequestFacts())
    assert not stream.wants(b'{"type":"transcript.text.delta","delta":"h"}')
    stream.feed({"type": "transcript.text.delta", "delta": "h"})
    assert stream.result() is None
    assert stream.wants(b'{"type":"transcript.text.done","usage":{}}')
    stream.feed({"type": "transcript.text.done", "text": "hi", "usage": HEARD})
    response = stream.result()
    assert response is not None
    assert response.usage == TokenUsage(input_tokens=14, audio_input_tokens=10, output_tokens=45)
