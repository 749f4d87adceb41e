"""How large prompts and answers get, for upper estimates."""

from __future__ import annotations

import pytest

from codesession.prices.limits import LARGEST_CONTEXT, LARGEST_OUTPUT, context_limit, output_limit


@pytest.mark.parametrize(
    ("model", "output", "context"),
    [
        ("claude-3-haiku-20240307", 4_096, 200_000),
        ("claude-opus-5-5", LARGEST_OUTPUT, 1_000_000),
        ("gpt-4o-mini", 16_384, 128_000),
        ("gpt-5.1-codex", LARGEST_OUTPUT, 400_000),
        ("openai/o3", 100_000, 200_000),
        ("gemini-2.5-pro", 65_536, 1_048_576),
        ("text-embedding-3-small", 0, LARGEST_CONTEXT),
        ("nobody-knows-7", LARGEST_OUTPUT, LARGEST_CONTEXT),
        (None, LARGEST_OUTPUT, LARGEST_CONTEXT),
    ],
)
def test_a_model_that_is_not_known_gets_the_largest_limits(model: str | None, output: int, context: int) -> None:
    """An estimate may be too high, never too low."""
    assert (output_limit(model), context_limit(model)) == (output, context)
