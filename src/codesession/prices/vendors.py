"""Who bills a call and who made the model: provider names as tools write them, and the maker of an id."""

from __future__ import annotations

import re

_SAME = {
    "x-ai": "xai",
    "x_ai": "xai",
    "grok": "xai",
    "gemini": "google",
    "google-ai-studio": "google",
    "google-gla": "google",
    "google_genai": "google",
    "gcp.gemini": "google",
    "gcp.gen_ai": "google",
    "vertex_ai": "vertex",
    "vertex-ai": "vertex",
    "vertexai": "vertex",
    "google-vertex": "vertex",
    "google-vertex-anthropic": "vertex",
    "gcp.vertex_ai": "vertex",
    "moonshotai": "moonshot",
    "moonshot-ai": "moonshot",
    "kimi": "moonshot",
    "z-ai": "zai",
    "z.ai": "zai",
    "zhipu": "zai",
    "aws": "bedrock",
    "amazon": "bedrock",
    "amazon-bedrock": "bedrock",
    "aws.bedrock": "bedrock",
    "bedrock_converse": "bedrock",
    "azure-openai": "azure",
    "azure_openai": "azure",
    "azure_ai": "azure",
    "azure.ai.openai": "azure",
    "azure.ai.inference": "azure",
    "mistralai": "mistral",
    "mistral_ai": "mistral",
    "qwen": "alibaba",
    "dashscope": "alibaba",
    "together_ai": "together",
    "together-ai": "together",
    "fireworks_ai": "fireworks",
    "fireworks-ai": "fireworks",
    "meta-llama": "meta",
    "copilot": "github_copilot",
    "github-copilot": "github_copilot",
}

LOCAL = frozenset(
    (
        *("jan", "llama-cpp", "llama.cpp", "llamacpp", "lm-studio", "lm_studio", "lmstudio", "local", "localai"),
        *("mlx", "ollama", "sglang", "tgi", "vllm"),
    )
)
"""Servers on one's own machine: what they cost is the user's to say, never a vendor's list price."""

CLOUDS = frozenset({"bedrock", "vertex", "azure"})
"""Who sells other makers' models at the makers' prices, give or take a regional premium."""

RESELLERS = frozenset({"openrouter", "github_copilot"})
"""Who passes other makers' list prices on, and lists only the models of the day."""

_MAKERS = r"""
    (?P<anthropic>claude)
    |(?P<openai>gpt-|chatgpt|o[134](?:-|$)|codex|text-embedding-|text-davinci|davinci|tts-|computer-use)
    |(?P<google>gemini|gemma|learnlm)
    |(?P<deepseek>deepseek)
    |(?P<xai>grok)
    |(?P<mistral>mistral|codestral|devstral|magistral|ministral|pixtral|voxtral|mixtral|open-mi)
    |(?P<moonshot>kimi|moonshot)
    |(?P<zai>glm)
    |(?P<alibaba>qwen|qwq|qvq)
    |(?P<minimax>minimax|m2-her)
    |(?P<meta>llama|muse-)
    |(?P<cohere>command)
    |(?P<perplexity>sonar)
    """
"""Compiled when first needed: most calls name their provider."""


def provider_id(name: str | None) -> str | None:
    """The one name of a provider, or None when none was given."""
    if not name or not name.strip():
        return None
    text = name.strip().lower()
    return _SAME.get(text, text)


def maker(keys: tuple[str, ...]) -> str | None:
    """The provider whose own model this is, told by the shortest spelling of its id."""
    for key in reversed(keys):
        found = re.match(_MAKERS, key, re.VERBOSE)
        if found is not None:
            return found.lastgroup
    return None
