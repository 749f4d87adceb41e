"""The typed lines of a transcript."""

from __future__ import annotations

import msgspec
import pytest

from codesession.importers.claude_code.lines import UNSET, decode, prompt_text, text_length, usage_of


def test_fields_of_unexpected_types_are_missing() -> None:
    """A line is as good as the fields that can be read."""
    line = decode(
        b'{"timestamp":5,"sessionId":"s","isSidechain":"yes","forkedFrom":{"sessionId":"p"},'
        b'"message":{"id":7,"model":"m","usage":{"input_tokens":1}}}'
    )
    assert line is not None
    assert (line.timestamp, line.conversation, line.isSidechain) == (None, "s", None)
    assert line.forkedFrom is not None
    assert line.forkedFrom.sessionId == "p"
    assert line.message is not None
    assert (line.message.id, line.message.model, usage_of(line.message)) == ("~7", "m", {"input_tokens": 1})


@pytest.mark.parametrize("odd", [b'"\\ud83d"', b"NaN", b"1e999", b'"\xff"'])
@pytest.mark.parametrize("place", [b'"content":', b'"cwd":', b'"usage":{"output_tokens":2,"x":'])
def test_what_other_decoders_refuse_is_read(place: bytes, odd: bytes) -> None:
    """A text that was cut inside an emoji, for one: the call beside it is billed."""
    usage = b"" if place.startswith(b'"usage"') else b',"usage":{"output_tokens":2}'
    end = b"}" if not usage else b""
    line = decode(b'{"message":{"id":"m"%b,%b%b%b}}' % (usage, place, odd, end))
    assert line is not None
    assert line.message is not None
    assert (line.message.id, (usage_of(line.message) or {}).get("output_tokens")) == ("m", 2)
    assert text_length(line.message.content) in (0, 1)


def test_a_missing_field_differs_from_null() -> None:
    """`stop_details: null` is written with the final count; it is missing in a cut stream."""
    for raw, missing in ((b'{"message":{}}', True), (b'{"message":{"stop_details":null}}', False)):
        line = decode(raw)
        assert line is not None
        assert line.message is not None
        assert (line.message.stop_details is UNSET) is missing


def test_errors_of_the_client_are_told_apart() -> None:
    """Whatever form the error takes."""
    for raw, is_error in (
        (b'{"error":null}', False),
        (b'{"error":{"x":1}}', True),
        (b'{"apiError":"x"}', True),
        (b'{"isApiErrorMessage":true}', True),
    ):
        line = decode(raw)
        assert line is not None
        assert line.is_error is is_error


def test_only_what_the_model_wrote_has_length() -> None:
    """Signatures and encrypted thinking are no writing."""
    blocks = [
        {"type": "text", "text": "abc"},
        {"type": "thinking", "thinking": "abcd", "signature": "x" * 999},
        {"type": "tool_use", "input": {"a": 1}},
        {"type": "redacted_thinking", "data": "x" * 999},
        7,
    ]
    assert text_length(msgspec.json.encode(blocks)) == 3 + 4 + len(str({"a": 1}))
    assert text_length(b'"abc"') == 3
    assert text_length(b"{") == 0


def test_a_prompt_is_what_a_person_typed() -> None:
    """Commands, tool results and what programs say are not."""
    assert prompt_text(b'{"message":{"content":"  Why\\n is it slow? "}}') == "Why is it slow?"
    for raw in (
        b'{"isMeta":true,"message":{"content":"x"}}',
        b'{"message":{"content":"<command-name>x"}}',
        b'{"message":{"content":[{"type":"tool_result"}]}}',
        b"{",
    ):
        assert prompt_text(raw) is None
