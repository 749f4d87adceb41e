"""Who bills a call, by what a log has."""

from __future__ import annotations

from codesession.importers.billers import biller_of, named_biller
from codesession.proxy.upstreams import default_upstreams


def test_the_model_tells_who_bills_where_nothing_else_does() -> None:
    """Gateways and clouds leave only the name of the model."""
    cases = {
        "claude-sonnet-4-6": "anthropic",
        "claude-sonnet-4@20250514": "vertex",
        "us.anthropic.claude-sonnet-4-20250514-v1:0": "bedrock",
        "glm-4.7": "zai",
        "kimi-k2": "moonshot",
        "my-own-model": "anthropic",
        None: "anthropic",
    }
    assert {model: biller_of(model, "anthropic") for model in cases} == cases


def test_a_name_of_the_users_own_says_nothing() -> None:
    """A provider in a configuration file may be called anything; known names are believed."""
    assert named_biller("azure-openai", "gpt-5.1-codex", "openai") == "azure"
    assert named_biller("my-proxy", "gpt-5.1-codex", "openai") == "openai"
    assert named_biller("my-proxy", "deepseek-v3", "openai") == "deepseek"
    assert named_biller("ollama", "llama3", "openai") == "ollama"
    assert named_biller(None, None, "openai") == "openai"
    assert [named_biller(name, "my-own-model") for name in ("My-Proxy", None)] == ["my-proxy", "unknown"]


def test_every_provider_with_an_address_is_believed_whatever_its_models_look_like() -> None:
    """Cloudflare's ids begin with @, as Vertex's dates do; Baseten's with the maker."""
    for name in {upstream.provider_name for upstream in default_upstreams().values()} | {"cloudflare", "baseten"}:
        assert named_biller(name, "@cf/deepseek-ai/deepseek-v3") == name
