"""How ids are read: every spelling of a known model, and no near match."""

from __future__ import annotations

import pytest

from codesession.prices.catalog import Catalog
from codesession.prices.keys import canonical
from codesession.prices.model_ids import spellings

CATALOG = Catalog()


@pytest.mark.parametrize(
    ("provider", "written", "model"),
    [
        ("anthropic", "claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
        ("anthropic", "claude-sonnet-4-5[1m]", "claude-sonnet-4-5"),
        ("anthropic", "claude-opus-5-5[1m]", "claude-opus-5-5"),
        ("anthropic", "claude-opus-4.6", "claude-opus-4-6"),
        ("anthropic", "Claude-Opus-4-6", "claude-opus-4-6"),
        ("anthropic", "anthropic/claude-opus-4-6", "claude-opus-4-6"),
        ("anthropic", "claude-4.6-opus", "claude-opus-4-6"),
        ("anthropic", "claude-4-opus-20250514", "claude-opus-4"),
        ("anthropic", "claude-4-sonnet", "claude-sonnet-4"),
        ("anthropic", "claude-sonnet-4-0", "claude-sonnet-4"),
        ("anthropic", "claude-sonnet-4", "claude-sonnet-4"),
        ("anthropic", "claude-3-7-sonnet-latest", "claude-3-7-sonnet-latest"),
        ("anthropic", "claude-3-5-sonnet-20241022", "claude-3-5-sonnet"),
        ("anthropic", "claude-opus-5", "claude-opus-5"),
        ("anthropic", "claude-opus-5-20260801", "claude-opus-5"),
        ("anthropic", "claude-opus-4-6-thinking", "claude-opus-4-6"),
        ("anthropic", "claude-4.6-opus-high-thinking", "claude-opus-4-6"),
        ("anthropic", "claude-opus-5-low", "claude-opus-5"),
        ("anthropic", "claude-3.7-sonnet:thinking", "claude-3-7-sonnet-latest"),
        (None, "anthropic:claude-opus-5", "claude-opus-5"),
        (None, "openai:gpt-5.4", "gpt-5.4"),
        (None, "bedrock:eu.anthropic.claude-opus-4-6-v1:0", "claude-opus-4-6"),
        ("google", "gemini-3-pro-high", "gemini-3-pro-preview"),
        ("bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5"),
        ("bedrock", "anthropic.claude-3-5-sonnet-20241022-v2:0", "claude-3-5-sonnet"),
        ("bedrock", "global.anthropic.claude-opus-5-5", "claude-opus-5-5"),
        ("bedrock", "arn:aws:bedrock:us-east-1:1:inference-profile/eu.anthropic.claude-opus-4-6-v1", "claude-opus-4-6"),
        ("bedrock", "us.amazon.nova-pro-v1:0", "amazon.nova-pro-v1:0"),
        ("bedrock", "openai.gpt-5.6-sol", "gpt-5.6-sol"),
        ("vertex", "claude-sonnet-4-5@20250929", "claude-sonnet-4-5"),
        ("vertex", "publishers/anthropic/models/claude-opus-4-6@default", "claude-opus-4-6"),
        ("vertex", "gemini-2.5-pro", "gemini-2.5-pro"),
        ("vertex", "projects/p/locations/global/publishers/google/models/gemini-2.5-flash", "gemini-2.5-flash"),
        ("google", "models/gemini-2.5-pro", "gemini-2.5-pro"),
        ("google", "gemini-2.0-flash-001", "gemini-2.0-flash"),
        ("google", "gemini-2.5-pro-preview-06-05", "gemini-2.5-pro"),
        ("google", "gemini-2.5-flash-preview-05-20", "gemini-2.5-flash-preview"),
        ("google", "gemini-2.5-flash-preview-09-2025", "gemini-2.5-flash"),
        ("google", "gemini-3-pro", "gemini-3-pro-preview"),
        ("openai", "openai/gpt-5", "gpt-5"),
        ("openai", "gpt-5-2025-08-07", "gpt-5"),
        ("openai", "gpt-5.2-20251211", "gpt-5.2"),
        ("openai", "gpt-5-1", "gpt-5.1"),
        ("openai", "gpt-5-codex-high", "gpt-5"),
        ("openai", "gpt-5.1-codex-max-xhigh", "gpt-5.1"),
        ("openai", "gpt-6.1-sol-2026-09-29", "gpt-6.1-sol"),
        ("openai", "gpt-6.2-sol", "gpt-6.2-sol"),
        ("openai", "gpt-4o-2024-05-13", "gpt-4o-2024-05-13"),
        ("openai", "gpt-4o-2024-08-06", "gpt-4o"),
        ("openai", "gpt-4-0613", "gpt-4"),
        ("openai", "ft:gpt-4o-mini-2024-07-18:acme::abc123", "ft:gpt-4o-mini"),
        ("groq", "openai/gpt-oss-120b", "openai/gpt-oss-120b"),
        ("openrouter", "anthropic/claude-sonnet-4.5", "anthropic/claude-sonnet-4.5"),
        ("zai", "glm-4.6", "GLM-4.6"),
        ("x-ai", "grok-4.7", "grok-4.7"),
        ("xai", "grok-4.20-non-reasoning", "grok-4.20"),
        ("xai", "grok-4.20-beta-0309-reasoning", "grok-4.20"),
        ("moonshotai", "kimi-k2.6", "kimi-k2.6"),
        ("deepseek", "deepseek-v3.2-exp", "deepseek-v3.2"),
        ("mistral", "mistral-large-latest", "mistral-large"),
        (None, "bedrock/us.anthropic.claude-opus-4-6-v1:0", "claude-opus-4-6"),
        (None, "gemini/gemini-2.5-pro", "gemini-2.5-pro"),
        (None, "claude-opus-4-6", "claude-opus-4-6"),
        (None, "llama-3.1-8b-instant", "llama-3.1-8b-instant"),
    ],
)
def test_every_spelling_of_a_model_is_found(provider, written, model):
    """Dates, vendors, clouds, marks and efforts are decoration."""
    match = CATALOG.find(provider, written)
    assert match is not None
    assert match.table.model == model


@pytest.mark.parametrize(
    ("provider", "written"),
    [
        ("anthropic", "claude-opus-5-6"),
        ("anthropic", "claude-opus-55"),
        ("anthropic", "claude-opus"),
        ("anthropic", "claude-opus-4-8-fast"),
        ("anthropic", "gpt-5"),
        ("openai", "gpt-5.3-codex-spark"),
        ("openai", "gpt-5-turbo"),
        ("openai", "gpt-7"),
        ("openai", "my-gpt-5"),
        ("openai", "gpt-5.2-max"),
        ("google", "gemini-2.5-pro-ultra"),
        ("google", "gemini-9-pro"),
        ("moonshot", "kimi-for-coding"),
        ("ollama", "llama-3.1-8b-instant"),
        ("groq", "gpt-5"),
        ("x", "y"),
        (None, ""),
        (None, "/"),
    ],
)
def test_an_unknown_model_is_never_a_known_one(provider, written):
    """A name that only resembles a model may cost anything."""
    assert CATALOG.find(provider, written) is None


def test_a_successor_is_not_its_predecessor():
    """`claude-opus-5` and `claude-opus-5-5` cost differently."""
    five, five_five = (CATALOG.find("anthropic", name) for name in ("claude-opus-5", "claude-opus-5-5"))
    assert five is not None
    assert five_five is not None
    assert five.table is not five_five.table


@pytest.mark.parametrize(
    ("written", "scope"),
    [
        ("us.anthropic.claude-opus-4-6-v1:0", "us"),
        ("global.anthropic.claude-opus-4-6-v1", "global"),
        ("anthropic.claude-opus-4-6-v1", "regional"),
        ("claude-opus-4-6", None),
        ("gpt-4.1", None),
    ],
)
def test_a_bedrock_id_says_where_it_runs(written, scope):
    """Its prefix decides about the regional premium."""
    assert spellings(written).cloud_scope == scope


def test_the_literal_spelling_comes_first():
    """A dated id that has its own price must not lose its date before it is looked up."""
    assert spellings("gpt-4o-2024-05-13").keys[0] == canonical("gpt-4o-2024-05-13")
