"""From an HTTP request to the model call it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from codesession.providers.routes import BodyFacts, Route, match_route, request_facts


@pytest.mark.parametrize(
    ("path", "host", "route"),
    [
        ("/v1/messages?beta=true", "api.anthropic.com", Route(api="anthropic.messages", provider_name="anthropic")),
        ("/anthropic/v1/messages", "api.deepseek.com", Route(api="anthropic.messages", provider_name="deepseek")),
        ("/v1/chat/completions", "api.openai.com", Route(api="openai.chat", provider_name="openai")),
        ("/api/v1/chat/completions", "openrouter.ai:443", Route(api="openai.chat", provider_name="openrouter")),
        ("/api/coding/paas/v4/chat/completions", "api.z.ai", Route(api="openai.chat", provider_name="zai")),
        ("/v1/chat/completions/", "localhost:8000", Route(api="openai.chat")),
        ("/v1/chat/completions", None, Route(api="openai.chat")),
        ("/v1/responses", "eu.api.openai.com", Route(api="openai.responses", provider_name="openai")),
        ("/v1/responses/compact", "api.openai.com", Route(api="openai.responses", provider_name="openai")),
        ("/backend-api/codex/responses", "chatgpt.com", Route(api="openai.responses", provider_name="openai")),
        ("/v1/completions", "api.openai.com", Route(api="openai.completions", provider_name="openai")),
        ("/v1/embeddings", "api.openai.com", Route(api="openai.embeddings", provider_name="openai")),
        ("/v1/fim/completions", "codestral.mistral.ai", Route(api="openai.chat", provider_name="mistral")),
        ("/api/chat", "localhost:11434", Route(api="ollama.chat", provider_name="ollama")),
        ("/v1beta/models/gemini-3-pro:generateContent", "generativelanguage.googleapis.com",
         Route(api="gemini.generate_content", provider_name="google", model="gemini-3-pro", stream=False)),
        ("/v1beta/models/gemini-3-pro:streamGenerateContent?alt=sse", None,
         Route(api="gemini.generate_content", provider_name="google", model="gemini-3-pro", stream=True)),
        ("/v1internal:streamGenerateContent?alt=sse", "cloudcode-pa.googleapis.com",
         Route(api="gemini.generate_content", provider_name="google", stream=True)),
        ("/v1/projects/p/locations/us-east5/publishers/google/models/gemini-3-pro:generateContent", None,
         Route(api="gemini.generate_content", provider_name="vertex", model="gemini-3-pro",
               location="us-east5", stream=False)),
        ("/v1/projects/p/locations/global/publishers/anthropic/models/claude-opus-5@20260401:streamRawPredict", None,
         Route(api="anthropic.messages", provider_name="vertex", model="claude-opus-5@20260401",
               location="global", stream=True)),
        ("/v1/projects/p/locations/eu/publishers/mistralai/models/codestral:rawPredict", None,
         Route(api="openai.chat", provider_name="vertex", model="codestral", location="eu", stream=False)),
        ("/v1/projects/p/locations/eu/endpoints/openapi/chat/completions", None,
         Route(api="openai.chat", provider_name="vertex", location="eu")),
        ("/model/us.anthropic.claude-opus-5-v1%3A0/converse-stream", "bedrock-runtime.us-east-1.amazonaws.com",
         Route(api="bedrock.converse", provider_name="bedrock", model="us.anthropic.claude-opus-5-v1:0", stream=True)),
        ("/model/amazon.nova-pro-v1:0/invoke", None,
         Route(api="bedrock.invoke_model", provider_name="bedrock", model="amazon.nova-pro-v1:0", stream=False)),
        ("/model/arn:aws:bedrock:us-east-1:1:inference-profile/us.x/converse", None,
         Route(api="bedrock.converse", provider_name="bedrock",
               model="arn:aws:bedrock:us-east-1:1:inference-profile/us.x", stream=False)),
        ("/openai/deployments/my-gpt/chat/completions?api-version=2026-01-01", "acme.openai.azure.com",
         Route(api="openai.chat", provider_name="azure", model="my-gpt")),
        ("/openai/deployments/emb/embeddings", "localhost",
         Route(api="openai.embeddings", provider_name="azure", model="emb")),
        ("/openai/v1/responses", "acme.openai.azure.com", Route(api="openai.responses", provider_name="azure")),
        ("/v1beta/models/gemini-3-pro%3AgenerateContent", None,
         Route(api="gemini.generate_content", provider_name="google", model="gemini-3-pro", stream=False)),
        ("/v1//messages", None, Route(api="anthropic.messages")),
        ("/v1/./chat/%63ompletions", None, Route(api="openai.chat")),
        ("/v1/conversations", "api.mistral.ai", Route(api="openai.chat", provider_name="mistral")),
        ("/v1/conversations/conv_1", "api.mistral.ai", Route(api="openai.chat", provider_name="mistral")),
        ("/v1/conversations/conv_1/restart", None, Route(api="openai.chat")),
    ],
)  # fmt: skip
def test_billed_calls_are_known(path: str, host: str | None, route: Route) -> None:
    """By path, whatever stands before it; by host, where it is known."""
    assert match_route("POST", path, host) == route


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/messages/count_tokens"),
        ("POST", "/v1/messages/batches"),
        ("POST", "/v1beta/models/gemini-3-pro:countTokens"),
        ("POST", "/v1internal:loadCodeAssist"),
        ("POST", "/v1/projects/p/locations/global/publishers/anthropic/models/count-tokens:rawPredict"),
        ("POST", "/v1/responses/input_tokens"),
        ("POST", "/v1/responses/resp_1/cancel"),
        ("POST", "/v1/conversations/conv_1"),
        ("POST", "/v1/messages%2Fcount_tokens"),
        ("POST", "/v1/threads/t/messages"),
        ("POST", "/v1/threads/v1/messages"),
        ("POST", "/model/x/apply"),
        ("POST", "/v1/files"),
        ("POST", "/"),
        ("POST", ""),
        ("GET", "/v1/models"),
        ("GET", "/v1/responses"),
        ("GET", "/v1/responses/resp_1/input_items"),
        ("HEAD", "/v1/messages"),
        ("OPTIONS", "/v1/chat/completions"),
    ],
)
def test_what_is_not_billed_is_not_tracked(method: str, path: str) -> None:
    """Counting tokens is free; lists, files and probes are no calls."""
    assert match_route(method, path, "api.openai.com") is None


def test_a_stored_response_is_fetched_not_made() -> None:
    """Background processing tells its usage only when it is fetched."""
    stored = Route(api="openai.responses", stored=True)
    route = match_route("get", "/v1/responses/resp_1?include=x", "api.openai.com")
    assert route == replace(stored, provider_name="openai")
    azure = match_route("GET", "/openai/responses/resp_1?api-version=1", "acme.openai.azure.com")
    assert azure == replace(stored, provider_name="azure")


def test_facts_of_an_openai_request() -> None:
    """Chat and Responses name their limits differently."""
    chat = {"model": "gpt-6", "stream": True, "stream_options": {"include_usage": True}, "n": 2,
            "max_completion_tokens": 100, "service_tier": "flex", "messages": [{"content": "secret"}]}  # fmt: skip
    assert request_facts(chat) == BodyFacts(
        model="gpt-6", stream=True, include_usage=True, service_tier="flex", max_output_tokens=100, n=2
    )
    background = {"model": "gpt-6", "background": True, "completion_window": "8h", "max_output_tokens": 7}
    facts = BodyFacts(model="gpt-6", background=True, completion_window="8h", max_output_tokens=7)
    assert request_facts(background) == facts
    nested = {**background, "background_options": {"completion_window": background.pop("completion_window")}}
    assert request_facts({**nested, "completion_window": None}) == facts
    at_once = {**background, "background_options": {"completion_window": "soonest"}}
    assert request_facts(at_once) == replace(facts, completion_window=None)
    assert request_facts({"n": 2, "best_of": 5, "max_tokens": 1, "max_completion_tokens": 9}) == BodyFacts(
        n=5, max_output_tokens=9
    )


def test_facts_of_other_requests() -> None:
    """Gemini, Code Assist, Bedrock and Ollama keep them deeper."""
    gemini = {"generationConfig": {"maxOutputTokens": 50, "candidateCount": 3}, "serviceTier": "priority"}
    assert request_facts(gemini) == BodyFacts(service_tier="priority", max_output_tokens=50, n=3)
    assert request_facts({"model": "gemini-3", "request": gemini}) == BodyFacts(
        model="gemini-3", service_tier="priority", max_output_tokens=50, n=3
    )
    spelled = {"generation_config": {"max_output_tokens": 50, "candidate_count": 3}}
    assert request_facts(spelled) == BodyFacts(max_output_tokens=50, n=3)
    assert request_facts({"inferenceConfig": {"maxTokens": 9}}).max_output_tokens == 9
    assert request_facts({"options": {"num_predict": 9}}).max_output_tokens == 9


def test_invalid_fields_count_as_absent() -> None:
    """A request that the provider will refuse is no reason to fail."""
    odd = {"model": 5, "stream": "yes", "stream_options": [], "max_tokens": -1, "n": "two", "generationConfig": 3}
    assert request_facts(odd) == BodyFacts()
    assert request_facts({}) == BodyFacts()
