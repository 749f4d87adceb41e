"""One name for each provider, however agents, SDKs, OpenTelemetry and price lists spell it."""

from __future__ import annotations

from functools import lru_cache

LOCAL = frozenset(("jan", "llamacpp", "lmstudio", "local", "localai", "mlx", "ollama", "sglang", "tgi", "vllm"))
"""Servers on one's own machine: what they cost is the user's to say, never a vendor's list price."""

_ALIASES = {
    **dict.fromkeys(LOCAL, ()),
    "anthropic": ("claude",),
    "openai": ("open-ai", "openai-responses", "openai-codex", "chatgpt", "codex"),
    "google": (
        *("gemini", "google-ai", "google-ai-studio", "google-genai", "google-gla", "generativelanguage"),
        *("gcp.gemini", "gcp.gen-ai"),
    ),
    "vertex": (
        *("vertex-ai", "vertexai", "google-vertex", "google-vertex-anthropic", "anthropic-vertex", "gcp.vertex-ai"),
    ),
    "bedrock": ("aws", "aws.bedrock", "aws-bedrock", "amazon-bedrock", "amazon", "bedrock-converse"),
    "azure": (
        *("azure-openai", "azure-ai", "azure-cognitive-services"),
        *("azure.ai.openai", "azure.ai.inference", "az.ai.openai", "az.ai.inference"),
    ),
    "deepseek": ("deep-seek",),
    "openrouter": ("open-router",),
    "xai": ("x-ai", "x.ai", "grok", "spacexai"),
    "mistral": ("mistralai", "mistral-ai", "codestral"),
    "groq": ("groqcloud",),
    "moonshot": ("moonshotai", "moonshot-ai", "kimi", "kimi-for-coding", "kimi-coding"),
    "alibaba": ("qwen", "dashscope", "alibaba-cloud", "modelstudio", "aliyun", "bailian"),
    "zai": ("z.ai", "z-ai", "glm", "zhipu", "zhipuai", "bigmodel", "zai-coding-plan"),
    "github_copilot": ("copilot", "github-copilot", "github.copilot"),
    "fireworks": ("fireworks-ai",),
    "together": ("together-ai", "togetherai"),
    "novita": ("novita-ai",),
    **dict.fromkeys(("baseten", "cerebras", "cloudflare", "cohere"), ()),
    **dict.fromkeys(("huggingface", "minimax", "nvidia", "perplexity"), ()),
    "lmstudio": ("lm-studio",),
    "llamacpp": ("llama.cpp", "llama-cpp"),
}
_CANONICAL = {alias: name for name, aliases in _ALIASES.items() for alias in (name.replace("_", "-"), *aliases)}


@lru_cache(1024)
def canonical_provider(name: str | None) -> str | None:
    """
    The short name of a provider, whatever spelling it came in; unknown names pass in lower case.

    >>> [canonical_provider(name) for name in ("Kimi", "x-ai", "gcp.vertex_ai", "my-gateway", "")]
    ['moonshot', 'xai', 'vertex', 'my-gateway', None]
    """
    key = (name or "").strip().lower()
    return _CANONICAL.get(key.replace("_", "-"), key) or None


@lru_cache(1024)
def known_provider(name: str | None) -> str | None:
    """The short name of a provider whose spelling is known here; None for any other."""
    return _CANONICAL.get((name or "").strip().lower().replace("_", "-"))
