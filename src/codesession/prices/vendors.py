"""Who bills a call and who made the model: provider names as tools write them, and the maker of an id."""

from __future__ import annotations

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

_MAKERS = {
    "anthropic": ("claude",),
    "openai": (
        *("gpt-", "chatgpt", "o1-", "o3-", "o4-", "codex", "text-embedding-", "text-davinci", "davinci", "tts-"),
        "computer-use",
    ),
    "google": ("gemini", "gemma", "learnlm"),
    "deepseek": ("deepseek",),
    "xai": ("grok",),
    "mistral": (
        *("mistral", "codestral", "devstral", "magistral", "ministral", "pixtral", "voxtral", "mixtral", "open-mi"),
    ),
    "moonshot": ("kimi", "moonshot"),
    "zai": ("glm",),
    "alibaba": ("qwen", "qwq", "qvq"),
    "minimax": ("minimax", "m2-her"),
    "meta": ("llama", "muse-"),
    "cohere": ("command",),
    "perplexity": ("sonar",),
}
"""How the ids of a provider's own models begin."""
_WHOLE = {"o1": "openai", "o3": "openai", "o4": "openai"}


def provider_id(name: str | None) -> str | None:
    """The one name of a provider, or None when none was given."""
    if not name or not name.strip():
        return None
    text = name.strip().lower()
    return _SAME.get(text, text)


def maker(keys: tuple[str, ...]) -> str | None:
    """The provider whose own model this is, told by the shortest spelling of its id."""
    return next((found for key in reversed(keys) if (found := _made_by(key)) is not None), None)


def _made_by(key: str) -> str | None:
    return _WHOLE.get(key) or next((name for name, begins in _MAKERS.items() if key.startswith(begins)), None)
