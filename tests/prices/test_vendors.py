"""Names of billers and makers."""

from __future__ import annotations

import pytest

from codesession.prices.model_ids import spellings
from codesession.prices.vendors import maker, provider_id


@pytest.mark.parametrize(
    ("written", "name"),
    [("x-ai", "xai"), ("Gemini", "google"), ("vertex_ai", "vertex"), (" AWS ", "bedrock"), ("acme", "acme")],
)
def test_a_provider_has_one_name(written, name):
    """However a tool or a convention spells it."""
    assert provider_id(written) == name


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_no_name_is_no_provider(nothing):
    """An empty string is not a provider called nothing."""
    assert provider_id(nothing) is None


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
