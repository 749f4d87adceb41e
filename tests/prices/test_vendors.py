"""Who made a model, by its id."""

from __future__ import annotations

import pytest

from codesession.prices.model_ids import spellings
from codesession.prices.vendors import maker


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("us.anthropic.claude-opus-4-6-v1:0", "anthropic"),
        ("openrouter/x-ai/grok-4", "xai"),
        ("o3-mini", "openai"),
        ("qwen3-coder-plus", "alibaba"),
        ("mystery", None),
    ],
)
def test_a_model_id_names_its_maker(model, name):
    """Whatever stands in front of it."""
    assert maker(spellings(model).keys) == name
