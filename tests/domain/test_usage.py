"""Token counts are inclusive, and their absence is not zero."""

from __future__ import annotations

from dataclasses import fields

from hypothesis import given
from hypothesis import strategies as st

from codesession.domain.usage import ModelResponse, TokenUsage, UsagePart

names = [field.name for field in fields(TokenUsage)]
usages = st.fixed_dictionaries({name: st.integers(0, 10**12) for name in names}).map(lambda v: TokenUsage(**v))


@given(usages, usages)
def test_a_sum_adds_every_count(first: TokenUsage, second: TokenUsage) -> None:
    """No field is forgotten when one is added to the type."""
    total = first + second
    assert all(getattr(total, name) == getattr(first, name) + getattr(second, name) for name in names)
    assert first + TokenUsage() == first


def test_cached_tokens_are_part_of_the_prompt() -> None:
    """What is left of the prompt was neither read from nor written to a cache."""
    usage = TokenUsage(
        input_tokens=100,
        cache_read_input_tokens=60,
        cache_write_input_tokens=30,
        output_tokens=5,
        reasoning_output_tokens=4,
    )
    assert (usage.uncached_input_tokens, usage.total_tokens) == (10, 105)


def test_a_response_without_usage_has_none() -> None:
    """An aborted stream that reported nothing did not cost nothing."""
    assert ModelResponse(provider_name="openai", api="openai.chat").usage is None


def test_a_responses_usage_is_the_sum_of_its_parts() -> None:
    """Compactions and advisors are billed beside the message."""
    parts = tuple(UsagePart(usage=TokenUsage(input_tokens=n, output_tokens=1)) for n in (1, 10, 100))
    response = ModelResponse(provider_name="anthropic", api="anthropic.messages", parts=parts)
    assert response.usage == TokenUsage(input_tokens=111, output_tokens=3)


def test_the_model_is_the_one_that_answered() -> None:
    """Else the one that was asked, else unknown."""
    asked = ModelResponse(provider_name="x", api="y", request_model="alias")
    answered = ModelResponse(provider_name="x", api="y", request_model="alias", response_model="dated")
    assert (answered.model, asked.model) == ("dated", "alias")
    assert ModelResponse(provider_name="x", api="y").model is None
