"""
Which model call an HTTP request is: from its method, path and host, and from its JSON body.

Only paths that a provider bills are known here; everything else (`count_tokens`, model lists, files) passes
untracked. Some of their answers say nothing of a cost (sounds, films, what is done later): such calls are known all
the same, because nobody must take them for free. Prefixes do not matter: a gateway may mount the same API anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from codesession.domain.facts import fact
from codesession.providers.counting import whole_number
from codesession.providers.names import provider_of_host

Json = Mapping[str, Any]


@fact(frozen=True, slots=True, kw_only=True)
class Route:
    """A billed call, as far as its request line tells."""

    api: str
    """The wire format of its answer."""
    provider_name: str | None = None
    """By host, or by a path that only one provider has; None for a gateway."""
    model: str | None = None
    """Where the path names it: Gemini, Bedrock, Azure deployments, Vertex."""
    location: str | None = None
    """Vertex: the region in the path."""
    stream: bool | None = None
    """Where the path says it; else the body does."""
    stored: bool = False
    """A stored response that is fetched again (background processing); its id has been billed once."""
    untold: bool = False
    """Its answer may say nothing of what it used: it is a call of unknown cost then."""
    results: bool = False
    """Its answer may hold the results of a batch; each request has been billed once, when it was worked on."""
    batch_id: str | None = None
    """The batch whose results are fetched, where the path names it."""
    file_id: str | None = None
    """The file that may hold results."""
    any_shape: bool = False
    """The model's maker decides what its answer looks like: one that nobody can read is a call all the same."""
    unrecognised: bool = False
    """Nobody here knows whether it costs anything (`free.may_cost`)."""


@fact(frozen=True, slots=True, kw_only=True)
class BodyFacts:
    """What a request body says about the call; never its content."""

    model: str | None = None
    stream: bool = False
    include_usage: bool = False
    """An OpenAI chat stream that was asked to tell its usage."""
    service_tier: str | None = None
    """The tier that was asked for."""
    max_output_tokens: int | None = None
    n: int = 1
    """Answers to one prompt, also those that are made and not given."""
    background: bool = False
    completion_window: str | None = None


_GEMINI = re.compile(
    r"(?:/locations/(?P<location>[^/]+))?(?:/publishers/google)?/models/(?P<model>[^/:]+)"
    r":(?P<verb>generateContent|streamGenerateContent|embedContent|batchEmbedContents)$"
)
_GEMINI_TUNED = re.compile(
    r"/(?P<model>(?:tunedModels|endpoints)/[^/:]+):(?P<verb>generateContent|streamGenerateContent)$"
)
_CODE_ASSIST = re.compile(r"/v1internal:(?P<verb>generateContent|streamGenerateContent)$")
_VERTEX_PARTNER = re.compile(
    r"/locations/(?P<location>[^/]+)/publishers/(?P<maker>[^/]+)/models/(?P<model>[^/:]+)"
    r":(?P<verb>rawPredict|streamRawPredict)$"
)
_BEDROCK = re.compile(
    r"/model/(?P<model>[^/]+|arn.+)/(?P<verb>converse|converse-stream|invoke|invoke-with-response-stream)$"
)
_DEPLOYMENT = re.compile(r"/deployments/(?P<model>[^/]+)/")
_AZURE = re.compile(r"/deployments/(?P<model>[^/]+)/(?P<verb>chat/completions|completions|embeddings|responses)$")
_STORED = (
    (re.compile(r"/responses/[^/]+$"), "openai.responses"),
    (re.compile(r"/v1(?:beta|alpha)?\d*/(?:.+/)?interactions/[^/]+$"), "gemini.interactions"),
)
_RESULTS = tuple(
    (re.compile(pattern), api)
    for pattern, api in (
        (r"/messages/batches/(?P<batch_id>[^/]+)/results$", "anthropic.batches"),
        (r"/files/(?P<file_id>[^/]+)/content$", "openai.batches"),
        (r"/v1(?:beta|alpha)?/files/(?P<file_id>[^/:]+):download$", "gemini.batches"),
        (r"/v1(?:beta|alpha)/batches(?:/[^/]+)?$", "gemini.batches"),
        (r"(?:/v1|/openai)(?:/batches|/batch/jobs)(?:/[^/]+)?$", "openai.batches"),
    )
)
"""Results of batches, files that may hold some, and answers that say which files do."""
_INTERACTIONS = re.compile(r"/v1(?:beta|alpha)?\d*/(?:projects/[^/]+/locations/(?P<location>[^/]+)/)?interactions$")
_CONVERSATION = re.compile(r"/v1/conversations(?:/[^/]+(?:/restart)?)?$")
_VERTEX_OPENAI = re.compile(r"/locations/(?P<location>[^/]+)/endpoints/openapi/chat/completions$")

_SUFFIXES = (
    ("/chat/completions", "openai.chat"),
    ("/fim/completions", "openai.chat"),
    ("/agents/completions", "openai.chat"),
    ("/text/chatcompletion_v2", "openai.chat"),
    ("/completions", "openai.completions"),
    ("/embeddings", "openai.embeddings"),
    ("/responses", "openai.responses"),
    ("/responses/compact", "openai.responses"),
    ("/decisions", "openai.responses"),
    ("/v1/messages", "anthropic.messages"),
    ("/api/chat", "ollama.chat"),
    ("/api/generate", "ollama.chat"),
    ("/api/embed", "ollama.chat"),
)


def _ending(*apis: tuple[str, str]) -> tuple[tuple[re.Pattern[str], str], ...]:
    """What tells an API by the end of a path."""
    return tuple((re.compile(f"(?:{pattern})$"), api) for pattern, api in apis)


_UNTOLD = _ending(
    (r"/images/(?:generations|edits|variations)", "openai.images"),
    (r"/audio/(?:speech|transcriptions|translations)", "openai.audio"),
    (r"/videos(?:/generations|/edits|/extensions|/[^/]+/remix)?|/video/generations/jobs", "openai.videos"),
    (
        r"/realtime/(?:calls(?:/[^/]+/accept)?|sessions|transcription_sessions|(?:translations/)?client_secrets)",
        "openai.realtime",
    ),
    (r"/threads/(?:[^/]+/)?runs", "openai.runs"),
    (r"/evals/[^/]+/runs", "openai.evals"),
    (r"/fine_tuning/(?:jobs(?:/[^/]+/(?:resume|start))?|alpha/graders/run)", "openai.fine_tuning"),
    (r"/messages/batches", "anthropic.batches"),
    (r"/agents/sessions", "openai.sessions"),
    (r"/v1/sessions", "anthropic.sessions"),
    (r"/v1/experimental/(?:generate|improve|templatize)_prompt", "anthropic.prompts"),
    (r"/batches|/batch/jobs", "openai.batches"),
    (r":(?:batchGenerateContent|asyncBatchEmbedContent)|/batchPredictionJobs", "gemini.batches"),
    (r"/cachedContents", "gemini.caches"),
    (r"/models/(?P<model>[^/:]+):(?:predict|predictLongRunning|serverStreamingPredict)", "gemini.predict"),
    (r"/endpoints/(?P<model>[^/:]+):(?:predict|rawPredict|streamRawPredict|directPredict)", "gemini.endpoints"),
    (r"/models/(?P<model>[^/:]+):generateAnswer", "gemini.answers"),
    (r"/fileSearchStores/[^/:]+:(?:uploadToFileSearchStore|importFile)|:retrieveContexts", "gemini.file_search"),
    (r"/tunedModels|/tuningJobs", "gemini.tuning"),
    (r"/v1(?:alpha|beta)/auth_tokens", "gemini.live"),
    (r"/reasoningEngines/[^/:]+:(?:query|streamQuery)", "gemini.agents"),
    (r"/async-invoke|/model-invocation-job|/model-customization-jobs", "bedrock.jobs"),
    (r"/guardrail/[^/]+/version/[^/]+/apply|/optimize-prompt", "bedrock.tools"),
    (r"/retrieveAndGenerate(?:Stream)?|/knowledgebases/[^/]+/retrieve", "bedrock.knowledge"),
    (r"/agentAliases/[^/]+/sessions/[^/]+/text", "bedrock.agents"),
    (r"/v1/ocr", "mistral.ocr"),
)
"""Paths whose answers may say nothing of what they cost, or come before it is known."""

_UNTOLD_AT_HOME = _UNTOLD + _ending(
    (r"/fine-tunes", "openai.fine_tuning"),
    (r"/v1/containers|/chatkit/sessions", "openai.hosted"),
    (r"/live/sessions(?:/[^/]+/(?:accept|fork))?", "openai.realtime"),
    (r"/v1/complete", "anthropic.complete"),
    (r"/ocr|/layout_parsing", "mistral.ocr"),
    (r"/rerank(?:s|ing)?|/ranking", "rerank"),
    (r"^/search|/v1/search|/documents/search|/web_search|/v4/reader", "web.search"),
    (r"/v2/chat|/v[12]/embed", "cohere.native"),
    (r"/t2a(?:_async)?_v2|/(?:image|video|music)_generation|/voice_(?:clone|design)", "minimax.media"),
    (r"/v1/(?:tts|stt)", "xai.voice"),
    (r"/api/v1/services/.+", "alibaba.services"),
)
"""The same and more, where the host is a provider's: anybody may have a `/search`."""

_MODERATION = re.compile(r"/(?:chat/)?(?:moderations|classifications)$")
"""Free at OpenAI, billed by Mistral, which tells no usage."""


def match_route(method: str, path: str, host: str | None = None) -> Route | None:
    """The billed call behind a request line; None when it is none. The query string may be there or not."""
    path = path.partition("?")[0].rstrip("/")
    provider = provider_of_host((host or "").partition(":")[0].lower())
    found = _matched(method.upper(), path, provider)
    if found is None and (plain := as_servers_read(path)) != path:
        return _matched(method.upper(), plain, provider)
    return found


def _matched(method: str, path: str, provider: str | None) -> Route | None:
    if method == "GET":
        return _fetched(path, provider)
    if method == "PATCH" and (longer := re.search(r"/cachedContents(?=/[^/]+$)", path)):
        return _untold(path[: longer.end()], provider)  # kept for longer, as a new one is kept
    if method != "POST":
        return None
    if provider == "mistral" and _MODERATION.search(path):
        return Route(api="mistral.moderations", provider_name=provider, untold=True)
    if untold := _untold(path, provider):
        return untold
    if "/threads/" in path:
        return None
    return _google(path, provider) or _bedrock(path) or _azure(path, provider) or _plain(path, provider)


def _fetched(path: str, provider: str | None) -> Route | None:
    """A stored answer, or results of a batch."""
    if stored := next((api for pattern, api in _STORED if pattern.search(path)), None):
        return Route(api=stored, provider_name=provider, stored=True)
    for pattern, api in _RESULTS:
        if found := pattern.search(path):
            named = found.groupdict()
            ids = (named.get("batch_id"), named.get("file_id"))
            return Route(
                api="gemini.batches" if provider == "google" else api,
                provider_name=provider,
                stored=True,
                results=True,
                batch_id=ids[0],
                file_id=ids[1],
            )
    return None


def _untold(path: str, provider: str | None) -> Route | None:
    for pattern, api in _UNTOLD_AT_HOME if provider else _UNTOLD:
        if found := pattern.search(path):
            deployment = _DEPLOYMENT.search(path)
            named = found.groupdict().get("model") or (deployment["model"] if deployment else None)
            home = "bedrock" if api.startswith("bedrock.") else "vertex" if "/projects/" in path else None
            model = unquote(named) if named else None
            counts = api == "gemini.predict" and "embed" in (model or "")
            home = home or ("azure" if deployment else None)
            return Route(api=api, provider_name=provider or home, model=model, untold=not counts)
    return None


def as_servers_read(path: str) -> str:
    """A path whose client encoded more than it had to (`:` as `%3A`), or joined its parts with two slashes."""
    return re.sub(r"/(?:\.?/)+", "/", unquote(path))


def _google(path: str, provider: str | None) -> Route | None:
    if (found := _VERTEX_PARTNER.search(path)) and found["model"] != "count-tokens":
        api = "anthropic.messages" if found["maker"] == "anthropic" else "openai.chat"
        return _google_route(found, api, "vertex", any_shape=found["verb"] == "rawPredict")
    if found := _VERTEX_OPENAI.search(path):
        return Route(api="openai.chat", provider_name="vertex", location=found["location"])
    if found := _INTERACTIONS.search(path):
        home = "vertex" if found["location"] else "google"
        return Route(api="gemini.interactions", provider_name=provider or home, location=found["location"])
    if found := _CODE_ASSIST.search(path):
        return _google_route(found, "gemini.generate_content", "google")
    if found := _GEMINI.search(path) or _GEMINI_TUNED.search(path):
        home = "vertex" if "/projects/" in path or "/publishers/" in path else "google"
        return _google_route(found, "gemini.generate_content", provider or home)
    return None


def _google_route(found: re.Match[str], api: str, provider: str, *, any_shape: bool = False) -> Route:
    groups = found.groupdict()
    return Route(
        api=api,
        provider_name=provider,
        model=unquote(groups["model"]) if groups.get("model") else None,
        location=groups.get("location"),
        stream=groups["verb"].startswith("stream"),
        any_shape=any_shape,
    )


def _bedrock(path: str) -> Route | None:
    if not (found := _BEDROCK.search(path)):
        return None
    verb = found["verb"]
    return Route(
        api="bedrock.converse" if verb.startswith("converse") else "bedrock.invoke_model",
        provider_name="bedrock",
        model=unquote(found["model"]),
        stream=verb.endswith("stream"),
        any_shape=verb == "invoke",
    )


def _azure(path: str, provider: str | None) -> Route | None:
    if not (found := _AZURE.search(path)):
        return None
    api = dict(_SUFFIXES)["/" + found["verb"]]
    return Route(api=api, provider_name=provider or "azure", model=unquote(found["model"]))


def _plain(path: str, provider: str | None) -> Route | None:
    for suffix, api in _SUFFIXES:
        if path.endswith(suffix):
            return Route(api=api, provider_name="ollama" if api == "ollama.chat" else provider)
    if _CONVERSATION.search(path) and provider != "openai":  # there they only keep what is said
        return Route(api="openai.chat", provider_name=provider)
    return None


_NOTHING: Json = {}
_CONFIGS = ("generationConfig", "generation_config", "inferenceConfig", "options")
_NESTS = frozenset(("request", *_CONFIGS))
"""Keys of objects that say what other formats say beside them; Google takes its names in both spellings."""
_LIMITS = ("max_output_tokens", "max_completion_tokens", "max_tokens")
_CONFIGURED_LIMITS = ("maxOutputTokens", "max_output_tokens", "maxTokens", "num_predict")
_ANSWERS = ("n", "best_of")


def request_facts(body: Json) -> BodyFacts:
    """Facts of a request body in any of the known formats; invalid fields count as absent."""
    inner, config = body, _NOTHING
    if not _NESTS.isdisjoint(body):
        inner = _mapping(body, "request") or body
        config = next((found for name in _CONFIGS if (found := _mapping(inner, name))), _NOTHING)
    return BodyFacts(
        model=_string(body.get("model")) or _string(body.get("agent")),
        stream=body.get("stream") is True,
        include_usage=_mapping(body, "stream_options").get("include_usage") is True,
        service_tier=_string(inner.get("service_tier")) or _string(inner.get("serviceTier")),
        max_output_tokens=_count(inner, _LIMITS) or _count(config, _CONFIGURED_LIMITS),
        n=_count(inner, _ANSWERS) or _count(config, ("candidateCount", "candidate_count")) or 1,
        background=body.get("background") is True,
        completion_window=_window(body) or _window(_mapping(body, "background_options")),
    )


def _window(source: Json) -> str | None:
    window = _string(source.get("completion_window"))
    return None if window == "soonest" else window


def _count(source: Json, names: tuple[str, ...]) -> int | None:
    """The largest of these fields that are counts above 0."""
    found = None
    for name in names:
        value = source.get(name)
        if value is not None and (number := whole_number(value)):
            found = max(found or 0, number)
    return found


def _mapping(source: Json, name: str) -> Json:
    value = source.get(name)
    if value is None:
        return _NOTHING
    return value if type(value) is dict or isinstance(value, Mapping) else _NOTHING


def _string(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
