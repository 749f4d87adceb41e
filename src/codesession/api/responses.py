"""
What an SDK returned, or a provider's usage as it came, as a `ModelResponse`.

Response objects say themselves what they are; of a usage alone the caller names provider and model. Nothing of an
SDK is imported: its objects are asked for their JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from codesession.errors import InvalidInputError
from codesession.providers.base import RequestFacts
from codesession.providers.registry import parse_usage, parser_for

if TYPE_CHECKING:
    from codesession.domain.usage import ModelResponse

Json = Mapping[str, Any]

_MAKERS = {"anthropic": "anthropic", "openai": "openai", "google": "google", "mistralai": "mistral"}
"""The package an object comes from, to the provider it is at home with."""
_USAGE_KEYS = ("usage", "usageMetadata")


def understood(found: object, *, provider: str | None, model: str | None) -> ModelResponse:
    """The response; raises `InvalidInputError` when it says too little to be priced."""
    body = _json_of(found)
    maker = _MAKERS.get(type(found).__module__.partition(".")[0])
    request = RequestFacts(provider_name=provider or maker, request_model=model)
    if not any(key in body for key in _USAGE_KEYS):
        return _from_usage(body, request)
    parser = parser_for(request.provider_name, _api_of(body))
    if parser is None:
        raise InvalidInputError("it is not known whose response this is", hint='name it: provider="anthropic"')
    response = parser.parse_body(body, request=request)
    if response.model is None:
        raise InvalidInputError("the response names no model", hint='name it: model="…"')
    return response


def _from_usage(usage: Json, request: RequestFacts) -> ModelResponse:
    if request.provider_name is None or request.request_model is None:
        raise InvalidInputError(
            "a usage alone does not say whose it is", hint='log_ai(usage, provider="anthropic", model="claude-…")'
        )
    nothing: Json = {}
    response = parse_usage(usage, response=nothing, request=request)
    if not response.parts:
        raise InvalidInputError("no token counts were found in it", hint="give a response, its usage, or the counts")
    return replace(response, response_id=None)


def _api_of(body: Json) -> str | None:
    """The wire format by the marks a whole response carries."""
    kind = body.get("object")
    if body.get("type") == "message":
        return "anthropic.messages"
    if "usageMetadata" in body:
        return "gemini.generate_content"
    if kind == "response":
        return "openai.responses"
    return "openai.chat" if isinstance(kind, str) else None


def _json_of(found: object) -> Json:
    """The JSON of an SDK's object (they are pydantic models), or a mapping as it is."""
    if isinstance(found, Mapping):
        return _camel_usage(found)
    dump = getattr(found, "model_dump", None)
    body = dump(mode="json", by_alias=True, exclude_none=True, warnings=False) if callable(dump) else None
    if not isinstance(body, Mapping):
        raise InvalidInputError(
            f"{type(found).__name__} is neither a response nor a usage",
            hint="give what the SDK returned, a mapping, or provider, model and token counts",
        )
    return body


def _camel_usage(body: Json) -> Json:
    """Gemini's JSON in Python's spelling, as `model_dump()` without aliases writes it, is understood too."""
    if "usage_metadata" not in body or "usageMetadata" in body:
        return body
    usage = body["usage_metadata"]
    renamed = {_camel(key): value for key, value in usage.items()} if isinstance(usage, Mapping) else usage
    return {**{_camel(key): value for key, value in body.items()}, "usageMetadata": renamed}


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)
