"""Who sells models of others, and who made a model, told by its id."""

from __future__ import annotations

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


def maker(keys: tuple[str, ...]) -> str | None:
    """The provider whose own model this is, told by the shortest spelling of its id."""
    return next((found for key in reversed(keys) if (found := _made_by(key)) is not None), None)


def _made_by(key: str) -> str | None:
    return _WHOLE.get(key) or next((name for name, begins in _MAKERS.items() if key.startswith(begins)), None)
