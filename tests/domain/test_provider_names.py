"""One name for each provider."""

from __future__ import annotations

import pytest

from codesession.domain.provider_names import canonical_provider, known_provider


@pytest.mark.parametrize(
    ("spelling", "name"),
    [("Gemini", "google"), ("gcp.vertex_ai", "vertex"), ("vertex_ai", "vertex"), ("aws.bedrock", "bedrock"),
     ("azure_openai", "azure"), ("moonshotai", "moonshot"), ("KIMI", "moonshot"), ("dashscope", "alibaba"),
     ("qwen", "alibaba"), ("z.ai", "zai"), ("glm", "zai"), ("x_ai", "xai"), ("x-ai", "xai"), ("mistral_ai", "mistral"),
     ("github-copilot", "github_copilot"), ("github_copilot", "github_copilot"), ("My-Gateway", "my-gateway"),
     ("lm_studio", "lmstudio"), ("azure.ai.openai", "azure"),
     ("zhipuai", "zai"), ("google-ai-studio", "google"), (" AWS ", "bedrock"), ("", None), (" ", None), (None, None)],
)  # fmt: skip
def test_providers_have_one_name(spelling: str | None, name: str | None) -> None:
    """OpenTelemetry, SDKs and agents all spell them differently."""
    assert canonical_provider(spelling) == name


def test_a_name_nobody_knows_is_told_from_a_spelling() -> None:
    """What the user made up is to be kept as it was written."""
    assert [known_provider(name) for name in (" Anthropic", "together_ai", "My-Gateway", "", None)] == [
        *("anthropic", "together"),
        *(None, None, None),
    ]
