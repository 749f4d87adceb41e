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
         Route(api="openai.chat", provider_name="vertex", model="codestral", location="eu", stream=False,
               any_shape=True)),
        ("/v1/projects/p/locations/eu/endpoints/openapi/chat/completions", None,
         Route(api="openai.chat", provider_name="vertex", location="eu")),
        ("/model/us.anthropic.claude-opus-5-v1%3A0/converse-stream", "bedrock-runtime.us-east-1.amazonaws.com",
         Route(api="bedrock.converse", provider_name="bedrock", model="us.anthropic.claude-opus-5-v1:0", stream=True)),
        ("/model/amazon.nova-pro-v1:0/invoke", None,
         Route(api="bedrock.invoke_model", provider_name="bedrock", model="amazon.nova-pro-v1:0", stream=False,
               any_shape=True)),
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
        ("POST", "/v1/messages/batches/b_1/cancel"),
        ("GET", "/v1/messages/batches"),
        ("GET", "/v1/messages/batches/b_1"),
        ("GET", "/v1/files/file-1"),
        ("GET", "/v1/vector_stores/vs_1/file_batches/b_1"),
        ("POST", "/v1/files/file-1/content"),
        ("GET", "/v1/videos/video_1"),
        ("POST", "/v1/realtime/calls/c_1/hangup"),
        ("POST", "/v1beta/interactions/v1_a/cancel"),
        ("POST", "/v1beta/interactions/v1_a/auth_tokens"),
        ("GET", "/v1beta/interactions/v1_a/auth_tokens/t"),
        ("POST", "/v1/moderations"),
        ("POST", "/v1/sessions/s_1/events"),
        ("POST", "/api/event_logging/batch"),
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


@pytest.mark.parametrize(
    "path", ["/v1/search", "/search", "/ocr", "/v1/rerank", "/v1/containers", "/api/v1/services/x"]
)
def test_what_anybody_may_call_so_is_a_call_of_a_provider_only(path: str) -> None:
    """An instrumented program asks other servers than models, too."""
    assert match_route("POST", path, "my.app") is None


def test_a_cache_that_is_kept_for_longer_is_paid_for() -> None:
    """As a new one is."""
    route = Route(api="gemini.caches", provider_name="google", untold=True)
    assert match_route("PATCH", "/v1beta/cachedContents/c1", "generativelanguage.googleapis.com") == route


@pytest.mark.parametrize(
    ("path", "host", "route"),
    [
        ("/v1/images/edits", "api.openai.com", Route(api="openai.images", provider_name="openai", untold=True)),
        ("/openai/deployments/d/images/generations", "a.openai.azure.com",
         Route(api="openai.images", provider_name="azure", model="d", untold=True)),
        ("/v1/audio/speech", None, Route(api="openai.audio", untold=True)),
        ("/v1/videos", None, Route(api="openai.videos", untold=True)),
        ("/v1/videos/video_1/remix", None, Route(api="openai.videos", untold=True)),
        ("/v1/realtime/client_secrets", None, Route(api="openai.realtime", untold=True)),
        ("/v1/threads/t_1/runs", None, Route(api="openai.runs", untold=True)),
        ("/v1/threads/runs", None, Route(api="openai.runs", untold=True)),
        ("/v1/fine_tuning/jobs", None, Route(api="openai.fine_tuning", untold=True)),
        ("/v1/evals/e_1/runs", None, Route(api="openai.evals", untold=True)),
        ("/v1/batches", None, Route(api="openai.batches", untold=True)),
        ("/v1/messages/batches?beta=true", None, Route(api="anthropic.batches", untold=True)),
        ("/v1/sessions?beta=true", None, Route(api="anthropic.sessions", untold=True)),
        ("/v1/agents/sessions", None, Route(api="openai.sessions", untold=True)),
        ("/v1/batch/jobs", "api.mistral.ai", Route(api="openai.batches", provider_name="mistral", untold=True)),
        ("/v1/ocr", "api.mistral.ai", Route(api="mistral.ocr", provider_name="mistral", untold=True)),
        ("/v1beta/models/gemini-3-pro:batchGenerateContent", None, Route(api="gemini.batches", untold=True)),
        ("/v1beta/cachedContents", None, Route(api="gemini.caches", untold=True)),
        ("/v1beta/models/veo-3:predictLongRunning", None,
         Route(api="gemini.predict", model="veo-3", untold=True)),
        ("/v1/projects/p/locations/eu/publishers/google/models/imagen-4:predict", None,
         Route(api="gemini.predict", provider_name="vertex", model="imagen-4", untold=True)),
        ("/async-invoke", None, Route(api="bedrock.jobs", provider_name="bedrock", untold=True)),
        ("/guardrail/g/version/1/apply", None, Route(api="bedrock.tools", provider_name="bedrock", untold=True)),
        ("/v1/complete", "api.anthropic.com",
         Route(api="anthropic.complete", provider_name="anthropic", untold=True)),
        ("/v1/experimental/improve_prompt", None, Route(api="anthropic.prompts", untold=True)),
        ("/v1/videos/generations", "api.x.ai", Route(api="openai.videos", provider_name="xai", untold=True)),
        ("/v1/realtime/calls/c_1/accept", None, Route(api="openai.realtime", untold=True)),
        ("/v1/fine_tuning/alpha/graders/run", None, Route(api="openai.fine_tuning", untold=True)),
        ("/v1/live/sessions", "api.openai.com", Route(api="openai.realtime", provider_name="openai", untold=True)),
        ("/v1/containers", "api.openai.com", Route(api="openai.hosted", provider_name="openai", untold=True)),
        ("/v1/chat/moderations", "api.mistral.ai",
         Route(api="mistral.moderations", provider_name="mistral", untold=True)),
        ("/v1beta/models/aqa:generateAnswer", None, Route(api="gemini.answers", model="aqa", untold=True)),
        ("/upload/v1beta/fileSearchStores/s:uploadToFileSearchStore", None,
         Route(api="gemini.file_search", untold=True)),
        ("/v1/projects/p/locations/eu/endpoints/7:predict", None,
         Route(api="gemini.endpoints", provider_name="vertex", model="7", untold=True)),
        ("/v2/chat", "api.cohere.com", Route(api="cohere.native", provider_name="cohere", untold=True)),
        ("/api/v1/rerank", "openrouter.ai", Route(api="rerank", provider_name="openrouter", untold=True)),
        ("/search", "api.perplexity.ai", Route(api="web.search", provider_name="perplexity", untold=True)),
    ],
)  # fmt: skip
def test_what_tells_no_cost_is_known_all_the_same(path: str, host: str | None, route: Route) -> None:
    """Pictures, sounds, films, and what is done later."""
    assert match_route("POST", path, host) == route


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/v1beta/interactions", Route(api="gemini.interactions", provider_name="google")),
        ("/v1beta1/projects/p/locations/global/interactions",
         Route(api="gemini.interactions", provider_name="vertex", location="global")),
        ("/v1/projects/p/locations/eu/publishers/google/models/gemini-embedding-001:predict",
         Route(api="gemini.predict", provider_name="vertex", model="gemini-embedding-001")),
        ("/v1/decisions", Route(api="openai.responses")),
    ],
)  # fmt: skip
def test_later_ways_to_ask_a_model(path: str, route: Route) -> None:
    """They tell their usage as the older ones do."""
    assert match_route("POST", path) == route


def test_a_stored_response_is_fetched_not_made() -> None:
    """Background processing tells its usage only when it is fetched."""
    assert match_route("GET", "/v1beta/interactions/v1_a") == Route(api="gemini.interactions", stored=True)
    stored = Route(api="openai.responses", stored=True)
    route = match_route("get", "/v1/responses/resp_1?include=x", "api.openai.com")
    assert route == replace(stored, provider_name="openai")
    azure = match_route("GET", "/openai/responses/resp_1?api-version=1", "acme.openai.azure.com")
    assert azure == replace(stored, provider_name="azure")


@pytest.mark.parametrize(
    ("path", "host", "route"),
    [
        ("/v1/messages/batches/b_1/results", None, Route(api="anthropic.batches", batch_id="b_1")),
        ("/v1/files/file-1/content?x=1", None, Route(api="openai.batches", file_id="file-1")),
        ("/openai/files/file-1/content?api-version=1", "acme.openai.azure.com",
         Route(api="openai.batches", provider_name="azure", file_id="file-1")),
        ("/download/v1beta/files/abc:download?alt=media", None, Route(api="gemini.batches", file_id="abc")),
        ("/v1/batches", None, Route(api="openai.batches")),
        ("/v1/batches/batch_1", "api.openai.com", Route(api="openai.batches", provider_name="openai")),
        ("/v1/batch/jobs/job_1", "api.mistral.ai", Route(api="openai.batches", provider_name="mistral")),
        ("/v1beta/batches/b1", None, Route(api="gemini.batches")),
        ("/v1/batches/b1", "generativelanguage.googleapis.com",
         Route(api="gemini.batches", provider_name="google")),
    ],
)  # fmt: skip
def test_results_of_batches_and_what_says_where_they_are(path: str, host: str | None, route: Route) -> None:
    """Whoever fetches them pays nothing for that."""
    assert match_route("GET", path, host) == replace(route, stored=True, results=True)


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
