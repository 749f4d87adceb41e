"""
Which parser reads what: by the name of the wire format, else by the provider, else by the shape of the usage.

Parser modules load when they are first asked for, so that a command which only needs one pays for one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from codesession.domain.provider_names import canonical_provider

if TYPE_CHECKING:
    from codesession.domain.usage import ModelResponse
    from codesession.providers.base import RequestFacts, UsageParser

Json = Mapping[str, Any]

_FORMATS = (
    ("ollama.chat", ("ollama_native", "ollama_chat", "ollama_generate", "ollama_embed")),
    ("openai.responses", ("responses", "responses_stream", "compact", "compaction")),
    ("openai.embeddings", ("embedding", "embeddings")),
    ("openai.completions", ("openai_completions", "openai_completion", "text_completion", "text_completions")),
    *((f"{home}.batches", (f"{home}_batches",)) for home in ("anthropic", "openai", "gemini")),
    ("openai.images", ("images",)),
    ("openai.audio", ("audio",)),
    ("openai.chat", ("chat", "chat_completion", "chat_completions", "completions", "openai", "fim", "conversations")),
    ("anthropic.messages", ("messages", "anthropic", "raw_predict")),
    ("gemini.predict", ("predict",)),
    ("gemini.interactions", ("interactions", "interaction")),
    ("gemini.generate_content", ("generate_content", "embed_content", "embed_contents", "generative_ai", "gemini")),
    ("bedrock.converse", ("converse", "converse_stream")),
    ("bedrock.invoke_model", ("invoke_model", "invoke", "invoke_model_with_response_stream")),
)
"""Endings of format names, however others spell them: `gemini.generateContent`, `openai-completions`, `xai.chat`."""

_AT_HOME = {
    "anthropic": "anthropic.messages",
    "google": "gemini.generate_content",
    "bedrock": "bedrock.converse",
}

_SHAPES = (
    ("gemini.interactions", frozenset({"total_input_tokens", "total_output_tokens"})),
    ("gemini.generate_content", frozenset({"promptTokenCount", "candidatesTokenCount", "totalTokenCount"})),
    ("bedrock.converse", frozenset({"inputTokens", "outputTokens"})),
    ("ollama.chat", frozenset({"prompt_eval_count", "eval_count"})),
    ("openai.chat", frozenset({"prompt_tokens", "completion_tokens", "prompt_cache_hit_tokens"})),
)
_ANTHROPIC_MARKS = frozenset(
    {
        "cache_creation_input_tokens",
        "cache_read_input_tokens",
        "cache_creation",
        "server_tool_use",
        "inference_geo",
        "iterations",
    }
)
_FAMILIES = {"openai.completions": "openai.chat", "openai.embeddings": "openai.chat"}
_ALIKE = frozenset({"anthropic.messages", "openai.responses"})
"""Formats whose usage objects can look the same."""
_RESPONSES_MARKS = frozenset({"input_tokens_details", "total_tokens", "cached_input_tokens", "cost_in_usd_ticks"})


@lru_cache(1024)
def canonical_api(name: str | None) -> str | None:
    """
    The wire format behind a name, however it is spelled; None for an unknown one.

    >>> [canonical_api(n) for n in ("gemini.generateContent", "xai.chat", "vertex.anthropic", "openai-responses", "?")]
    ['gemini.generate_content', 'openai.chat', 'anthropic.messages', 'openai.responses', None]
    """
    if not name:
        return None
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip())
    key = re.sub(r"[^a-z0-9]+", "_", words.lower())
    return next((api for api, endings in _FORMATS if ("_" + key).endswith(tuple("_" + end for end in endings))), None)


def detect_api(usage: Json) -> str | None:
    """
    The wire format that a usage object alone looks like; None when it looks like none.

    `input_tokens` and `output_tokens` without further marks mean the same in both formats that use them.
    """
    for api, names in _SHAPES:
        if not names.isdisjoint(usage):
            return api
    if "input_tokens" not in usage and "output_tokens" not in usage:
        return None
    if _ANTHROPIC_MARKS.isdisjoint(usage) and not _RESPONSES_MARKS.isdisjoint(usage):
        return "openai.responses"
    return "anthropic.messages"


def parser_for(provider: str | None, api: str | None = None) -> UsageParser | None:
    """
    The parser of a wire format, or the one a provider is at home with; None when neither is known.

    Providers without a format of their own answer in OpenAI's chat format.
    """
    known = canonical_api(api)
    if known is None and api is None and (name := canonical_provider(provider)):
        known = _AT_HOME.get(name, "openai.chat")
    return _load(known) if known else None


def parse_usage(usage: Json | None, *, response: Json, request: RequestFacts) -> ModelResponse:
    """
    A usage object as a log line or a price check has it, with what else is known of its response.

    The named format is believed unless the object cannot be of it; without a name its shape decides.
    """
    named = canonical_api(request.api)
    seen = detect_api(usage) if usage else None
    api = named if named and (seen is None or _may_be(named, seen)) else seen
    parser = _load(api) if api else parser_for(request.provider_name) or _load("openai.chat")
    return parser.parse_usage(usage, response=response, request=request)


def _may_be(named: str, seen: str) -> bool:
    """Whether usage that looks like `seen` can come from the format `named`."""
    if named == seen or named == "bedrock.invoke_model":
        return True
    return _FAMILIES.get(named) == seen or (named in _ALIKE and seen in _ALIKE)


@cache
def _load(api: str) -> UsageParser:
    match api:
        case "anthropic.messages":
            from codesession.providers.anthropic import AnthropicParser

            return AnthropicParser()
        case "openai.responses":
            from codesession.providers.openai_responses import OpenAIResponsesParser

            return OpenAIResponsesParser()
        case "gemini.generate_content":
            from codesession.providers.gemini import GeminiParser

            return GeminiParser()
        case "gemini.interactions":
            from codesession.providers.gemini_interactions import InteractionsParser

            return InteractionsParser()
        case "gemini.predict":
            from codesession.providers.gemini_predict import PredictParser

            return PredictParser()
        case "openai.images" | "openai.audio":
            from codesession.providers.openai_media import OpenAIMediaParser

            return OpenAIMediaParser(api)
        case "bedrock.converse":
            from codesession.providers.bedrock import ConverseParser

            return ConverseParser()
        case "bedrock.invoke_model":
            from codesession.providers.bedrock import InvokeModelParser

            return InvokeModelParser()
        case "ollama.chat":
            from codesession.providers.ollama import OllamaParser

            return OllamaParser()
        case "anthropic.batches" | "openai.batches" | "gemini.batches":
            from codesession.providers.batches import BatchParser

            return BatchParser(api)
    from codesession.providers.openai_chat import OpenAIChatParser

    return OpenAIChatParser(api)
