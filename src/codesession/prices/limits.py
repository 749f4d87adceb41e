"""
How large a prompt and an answer a model takes at most, for upper estimates only: never for a price.

From the models' pages of their makers, 2026-11. A name that is not here gets the largest value any maker offers, so
that a new model's estimate is too high and never too low.
"""

from __future__ import annotations

import re
from functools import lru_cache

LARGEST_OUTPUT = 128_000
LARGEST_CONTEXT = 2_000_000

_OUTPUT = (
    (r"claude-(?:2|v1|instant)|claude-3-(?:opus|sonnet|haiku)", 4_096),
    (r"claude-3-5", 8_192),
    (r"gpt-3\.5|gpt-4-|gpt-4$", 4_096),
    (r"gpt-4o|chatgpt-4o", 16_384),
    (r"gpt-4\.1", 32_768),
    (r"o[134](?:-|$)", 100_000),
    (r"gemini-(?:1|2\.0)", 8_192),
    (r"gemini", 65_536),
    (r"embed", 0),
)
_CONTEXT = (
    (r"claude-(?:2|3|opus-4-[015]|opus-4$|haiku-4)", 200_000),
    (r"claude", 1_000_000),
    (r"gpt-3\.5", 16_385),
    (r"gpt-4o|chatgpt-4o|gpt-4-turbo", 128_000),
    (r"gpt-4\.1|gpt-5\.[4-9]|gpt-6", 1_050_000),
    (r"gpt-5", 400_000),
    (r"o[134](?:-|$)", 200_000),
    (r"gemini-(?:2|3|4)", 1_048_576),
)


@lru_cache(maxsize=256)
def output_limit(model: str | None) -> int:
    """Tokens one answer can have at most, reasoning included."""
    return _limit(_OUTPUT, model, LARGEST_OUTPUT)


@lru_cache(maxsize=256)
def context_limit(model: str | None) -> int:
    """Tokens one prompt can have at most."""
    return _limit(_CONTEXT, model, LARGEST_CONTEXT)


def _limit(table: tuple[tuple[str, int], ...], model: str | None, otherwise: int) -> int:
    name = (model or "").lower().rpartition("/")[2]
    return next((limit for pattern, limit in table if re.search(pattern, name)), otherwise)
