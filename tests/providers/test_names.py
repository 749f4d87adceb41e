"""Provider names, hosts and regions."""

from __future__ import annotations

import pytest

from codesession.providers.names import (
    host_of,
    origin_of,
    provider_of_host,
    provider_of_model,
    region_of_endpoint,
)


@pytest.mark.parametrize(
    ("model", "name"),
    [("groq/openai/gpt-oss-120b", "groq"), ("azure_ai/gpt-5", "azure"), ("github_copilot/gpt-5", "github_copilot"),
     ("lm_studio/gpt-oss-20b", "lmstudio"), ("Ollama/gpt-oss:20b", "ollama"), ("openai:gpt-5.4", "openai"),
     ("mistral:7b", None), ("arn:aws:bedrock:eu-west-1:1:x/y", None), ("meta-llama/llama-3.3", None),
     ("models/gemini-2.5-pro", None), ("gpt-5", None), ("", None), (None, None)],
)  # fmt: skip
def test_a_model_may_begin_with_who_bills_it(model: str | None, name: str | None) -> None:
    """Gateways and SDKs write it in front; a maker that bills nobody is no provider."""
    assert provider_of_model(model) == name


@pytest.mark.parametrize(
    ("host", "name"),
    [("api.anthropic.com", "anthropic"), ("eu.api.openai.com", "openai"), ("chatgpt.com", "openai"),
     ("cloudcode-pa.googleapis.com", "google"), ("us-east5-aiplatform.googleapis.com", "vertex"),
     ("aiplatform.eu.rep.googleapis.com", "vertex"), ("bedrock-runtime.eu-west-1.amazonaws.com", "bedrock"),
     ("acme.openai.azure.com", "azure"), ("api.deepseek.com", "deepseek"), ("us-east-1.api.x.ai", "xai"),
     ("api.individual.githubcopilot.com", "github_copilot"), ("evil-api.openai.com.example", None),
     ("not-openrouter.ai", None), ("localhost", None), ("", None), (None, None)],
)  # fmt: skip
def test_hosts_name_who_bills(host: str | None, name: str | None) -> None:
    """A gateway or a local server names nobody."""
    assert provider_of_host(host) == name


@pytest.mark.parametrize(
    ("url", "region"),
    [("https://eu.api.openai.com/v1", "eu"), ("https://api.openai.com/v1", None),
     ("https://bedrock-runtime.us-east-1.amazonaws.com", "us-east-1"),
     ("https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
     ("https://europe-west1-aiplatform.googleapis.com/v1/projects/p/locations/europe-west1/x", "europe-west1"),
     ("https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/x", "global"),
     ("https://aiplatform.googleapis.com", "global"), ("https://aiplatform.us.rep.googleapis.com", "us"),
     ("us-east-1.api.x.ai", "us-east-1"), ("http://localhost:8080/locations/eu/", None), (None, None)],
)  # fmt: skip
def test_endpoints_name_their_region(url: str | None, region: str | None) -> None:
    """It decides residency and regional prices."""
    assert region_of_endpoint(url) == region


def test_hosts_and_origins_keep_no_secrets() -> None:
    """User, password, path and query are cut off."""
    assert host_of("https://user:pw@API.OpenAI.com:8443/v1?key=1") == "api.openai.com"
    assert host_of("api.openai.com/v1") == "api.openai.com"
    assert origin_of("https://user:pw@API.OpenAI.com:8443/v1?key=1") == "https://api.openai.com:8443"
    assert origin_of("https://api.openai.com?key=1") == "https://api.openai.com"
    assert origin_of("api.openai.com") is None
    assert host_of("") is None
