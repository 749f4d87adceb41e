"""
Who bills a call: what a host, an address or the start of a model's name says about provider and region.

The host decides, not the wire format: DeepSeek answers in OpenAI's and in Anthropic's format and bills both.
"""

from __future__ import annotations

import re
from functools import lru_cache

from codesession.domain.provider_names import known_provider

_HOSTS = (
    ("api.anthropic.com", "anthropic"),
    ("api.openai.com", "openai"),
    ("chatgpt.com", "openai"),
    ("generativelanguage.googleapis.com", "google"),
    ("cloudcode-pa.googleapis.com", "google"),
    ("aiplatform.googleapis.com", "vertex"),
    ("openai.azure.com", "azure"),
    ("services.ai.azure.com", "azure"),
    ("cognitiveservices.azure.com", "azure"),
    ("api.deepseek.com", "deepseek"),
    ("openrouter.ai", "openrouter"),
    ("api.x.ai", "xai"),
    ("api.mistral.ai", "mistral"),
    ("codestral.mistral.ai", "mistral"),
    ("api.groq.com", "groq"),
    ("api.moonshot.ai", "moonshot"),
    ("api.moonshot.cn", "moonshot"),
    ("api.kimi.com", "moonshot"),
    ("api.z.ai", "zai"),
    ("bigmodel.cn", "zai"),
    ("dashscope.aliyuncs.com", "alibaba"),
    ("dashscope-intl.aliyuncs.com", "alibaba"),
    ("dashscope-us.aliyuncs.com", "alibaba"),
    ("githubcopilot.com", "github_copilot"),
    ("api.cerebras.ai", "cerebras"),
    ("api.cloudflare.com", "cloudflare"),
    ("api.cohere.ai", "cohere"),
    ("api.cohere.com", "cohere"),
    ("api.fireworks.ai", "fireworks"),
    ("api.minimax.io", "minimax"),
    ("api.minimaxi.com", "minimax"),
    ("api.novita.ai", "novita"),
    ("api.perplexity.ai", "perplexity"),
    ("api.together.ai", "together"),
    ("api.together.xyz", "together"),
    ("inference.baseten.co", "baseten"),
    ("integrate.api.nvidia.com", "nvidia"),
    ("router.huggingface.co", "huggingface"),
)

_REGIONS = (
    r"([a-z]{2})\.api\.openai\.com$",
    r"bedrock-runtime(?:-fips)?\.([a-z]{2}(?:-[a-z]+)+-\d)\.",
    r"([a-z]+(?:-[a-z]+\d)?)-aiplatform\.googleapis\.com$",
    r"aiplatform\.([a-z]{2})\.rep\.googleapis\.com$",
    r"([a-z]{2}(?:-[a-z]+-\d)?)\.api\.x\.ai$",
    r"(?:api\.)?([a-z]{2})\.(?:api\.)?mistral\.ai$",
)
"""Hosts that name a region; compiled when first needed."""
_VERTEX_LOCATION = r"/locations/([a-z0-9-]+)/"


@lru_cache(1024)
def provider_of_model(model: str | None) -> str | None:
    """
    Who bills by what a model's name begins with, as gateways and SDKs write it; None where it begins with no provider.

    A colon may also stand before a tag of Ollama's.

    >>> [provider_of_model(name) for name in ("groq/openai/gpt-oss-120b", "openai:gpt-5", "mistral:7b", "gpt-5")]
    ['groq', 'openai', None, None]
    """
    first = re.match(r"([^/:]+)(?:/|:(?=[a-z]))", (model or "").strip().lower())
    return known_provider(first[1]) if first else None


@lru_cache(1024)
def host_of(url: str | None) -> str | None:
    """Host without user, port and path, in lower case; a bare host is accepted too."""
    if not url:
        return None
    rest = url.partition("://")[2] or url
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    return re.sub(r":\d*$", "", authority).lower() or None


@lru_cache(1024)
def origin_of(url: str | None) -> str | None:
    """Scheme, host and port, so that no path, query or password is kept."""
    if not url or "://" not in url:
        return None
    scheme, _, rest = url.partition("://")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2].lower()
    return f"{scheme.lower()}://{authority}" if authority else None


@lru_cache(1024)
def provider_of_host(host: str | None) -> str | None:
    """Who bills calls to this host; None for a gateway or a local server."""
    if not host:
        return None
    for suffix, provider in _HOSTS:
        if host == suffix or host.endswith("." + suffix):
            return provider
    if host.startswith("bedrock-runtime") and ".amazonaws.com" in host:
        return "bedrock"
    if host.endswith(("-aiplatform.googleapis.com", ".rep.googleapis.com")):
        return "vertex"
    return "mistral" if host.endswith(".mistral.ai") else None


@lru_cache(1024)
def region_of_endpoint(url: str | None) -> str | None:
    """
    The region that host or path names: `eu.api.openai.com`, `us-east5-aiplatform.googleapis.com`, …

    None where the host names none. For Vertex the path's location wins; its host without a region is the global
    endpoint.
    """
    host = host_of(url)
    if not url or not host:
        return None
    if "googleapis.com" in host and (location := re.search(_VERTEX_LOCATION, url)):
        return location[1]
    if host == "aiplatform.googleapis.com":
        return "global"
    for pattern in _REGIONS:
        if found := re.match(pattern, host):
            return found[1]
    return None
