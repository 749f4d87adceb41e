"""Names of wire formats, guesses by shape, and every sample usage through the parser it belongs to."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codesession.domain.usage import ModelResponse
from codesession.providers.base import RequestFacts
from codesession.providers.registry import canonical_api, detect_api, parse_usage, parser_for


def test_every_sample_usage_means_its_buckets(
    usage_case: dict[str, Any], request_of: Callable, check: Callable
) -> None:
    """The usage object alone, as a log line has it."""
    response = parse_usage(usage_case["usage"], response=usage_case.get("response", {}), request=request_of(usage_case))
    check(usage_case, response)


def test_a_missing_api_is_guessed_from_the_shape(usage_case: dict[str, Any], request_of: Callable) -> None:
    """Without a format name the totals are the same, wherever the shape is not shared by two formats."""
    named = parse_usage(usage_case["usage"], response={}, request=request_of(usage_case))
    guessed = parse_usage(usage_case["usage"], response={}, request=request_of({**usage_case, "api": None}))
    assert guessed.usage == named.usage


@pytest.mark.parametrize(
    ("name", "api"),
    [
        ("anthropic.messages", "anthropic.messages"),
        ("deepseek.anthropic", "anthropic.messages"),
        ("anthropic-messages", "anthropic.messages"),
        ("openai.chat", "openai.chat"),
        ("chat_completions", "openai.chat"),
        ("xai.chat", "openai.chat"),
        ("openai-completions", "openai.completions"),
        ("openai.embeddings", "openai.embeddings"),
        ("openai-codex-responses", "openai.responses"),
        ("openai.responses.compact", "openai.responses"),
        ("gemini.generateContent", "gemini.generate_content"),
        ("vertex.streamGenerateContent", "gemini.generate_content"),
        ("google-generative-ai", "gemini.generate_content"),
        ("bedrock-converse-stream", "bedrock.converse"),
        ("bedrock.invoke_model", "bedrock.invoke_model"),
        ("ollama.chat", "ollama.chat"),
        ("telepathy", None),
        ("", None),
        (None, None),
    ],
)
def test_format_names_are_known_in_every_spelling(name: str | None, api: str | None) -> None:
    """Logs, SDKs and agents spell the same format differently."""
    assert canonical_api(name) == api


def test_a_provider_without_a_format_name_gets_its_own() -> None:
    """Anthropic, Google and Bedrock have formats of their own; the others answer in OpenAI's."""
    apis = {name: parser.api for name in ("claude", "gemini", "bedrock", "groq") if (parser := parser_for(name))}
    assert apis == {
        "claude": "anthropic.messages",
        "gemini": "gemini.generate_content",
        "bedrock": "bedrock.converse",
        "groq": "openai.chat",
    }
    assert parser_for("groq", "telepathy") is None
    assert parser_for(None) is None


def test_no_usage_is_no_zero() -> None:
    """A provider that reported nothing leaves the cost unknown."""
    for provider in ("anthropic", "openai", "google", "bedrock", "ollama", None):
        response = parse_usage(None, response={}, request=RequestFacts(provider_name=provider))
        assert response.usage is None
        assert response.parts == ()


def test_shapes_that_say_nothing_are_not_guessed() -> None:
    """An empty object or other people's fields have no format."""
    assert detect_api({}) is None
    assert detect_api({"tokens": 5}) is None
    assert detect_api({"input_tokens": 5, "total_tokens": 5}) == "openai.responses"
    assert detect_api({"input_tokens": 5, "total_tokens": 5, "cache_read_input_tokens": 0}) == "anthropic.messages"


FIELDS = [
    "input_tokens", "output_tokens", "total_tokens", "prompt_tokens", "completion_tokens", "cached_tokens",
    "cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation", "ephemeral_1h_input_tokens",
    "iterations", "model", "type", "service_tier", "speed", "server_tool_use", "prompt_tokens_details",
    "completion_tokens_details", "input_tokens_details", "output_tokens_details", "reasoning_tokens", "audio_tokens",
    "promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount", "cachedContentTokenCount", "totalTokenCount",
    "promptTokensDetails", "modality", "tokenCount", "trafficType", "inputTokens", "outputTokens", "cacheDetails",
    "cost", "cost_details", "is_byok", "cost_in_usd_ticks", "copilot_usage", "total_nano_aiu", "eval_count",
    "num_server_side_tools_used", "output", "tool_usage", "fallback_credit", "status", "id", "choices", "usage",
]  # fmt: skip
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.sampled_from(["", "12", "auto", "message", "NaN", "1e999999999", "AUDIO"])
)
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6),
    max_leaves=15,
)  # fmt: skip
OBJECTS = st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=10)


APIS = [
    "anthropic.messages", "openai.chat", "openai.responses", "gemini.generate_content", "bedrock.converse",
    "bedrock.invoke_model", "ollama.chat", None,
]  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(usage=OBJECTS, response=OBJECTS, provider=st.sampled_from(["anthropic", "openrouter", "xai", "google"]))
def test_garbage_never_crashes_a_parser(provider: str, usage: Any, response: Any) -> None:
    """Whatever JSON comes, the counts stay whole, not negative, and parts fit into totals."""
    for api in APIS:
        for result in everything_from(RequestFacts(provider_name=provider, api=api), usage, response):
            for part in result.parts if result else ():
                assert isinstance(part.usage.input_tokens, int)
                assert part.usage.uncached_input_tokens >= 0
                assert 0 <= part.usage.reasoning_output_tokens <= part.usage.output_tokens
                assert 0 <= part.usage.cache_read_audio_input_tokens <= part.usage.cache_read_input_tokens


def everything_from(request: RequestFacts, usage: Any, response: Any) -> list[ModelResponse | None]:
    """What all entry points of a format's parser make of two objects."""
    parser = parser_for(request.provider_name, request.api)
    assert parser is not None
    stream = parser.stream(request)
    for event in (response, usage, {"type": "message_start", "message": response}, {"metadata": usage}, None, [1], "x"):
        stream.feed(event)
    parser.recognises(response)
    whole = {**response, "usage": usage, "usageMetadata": usage}
    return [
        parse_usage(usage, response=response, request=request),
        parser.parse_body(whole, request=request),
        stream.result(),
    ]


def test_parsers_load_only_what_is_asked_for() -> None:
    """Hot commands import no parser they do not use and no framework at all."""
    code = (
        "import sys; from codesession.providers.registry import parser_for; parser_for('anthropic')\n"
        "loaded = [m for m in sys.modules if m.startswith('codesession.providers.')]\n"
        "assert 'codesession.providers.gemini' not in loaded, loaded\n"
        "slow = {'asyncio', 'msgspec', 'pydantic', 'rich', 'aiohttp', 'urllib.parse', 'json'} & set(sys.modules)\n"
        "assert not slow, slow\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
