"""
Price records without recording them.

A record is what a provider sent and what only its caller knows:

    {"id": "…", "provider": "anthropic", "model": "claude-opus-5-5", "api": "anthropic.messages",
     "at": "2026-11-01T12:00:00Z", "usage": {…}, "response": {…}, "request": {"batch": true}}

with `events` (the decoded events of a stream) instead of `usage`. `usage: null` says that none was reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from codesession.domain.pricing import Cost
from codesession.domain.usage import ModelResponse
from codesession.errors import InvalidInputError
from codesession.importers.times import epoch_ms
from codesession.providers.base import RequestFacts
from codesession.providers.counting import text
from codesession.providers.registry import parse_usage, parser_for

if TYPE_CHECKING:
    from codesession.services.recording import Pricer

Json = Mapping[str, Any]

_NOTHING: Json = {}
_TEXTS = (
    *("provider", "provider_name", "api", "model", "request_model", "base_url"),
    *("location", "region", "endpoint_region", "completion_window"),
)
"""Facts of a request that move the price, so that they are not passed over because of their type."""
_FIRST_MS = 1_577_836_800_000
"""2020-01-01: nobody sold models by the token before, so an earlier time is a slip."""


def calculate(record: object, prices: Pricer, *, now_ms: int) -> Cost:
    """The cost of one record; `InvalidInputError` says what is wrong with it."""
    if not isinstance(record, dict):
        raise InvalidInputError("a record must be a JSON object")
    facts = _facts(record)
    response, at_ms, undated = _response_of(record, facts), _moment(record, now_ms), record.get("at") is None
    cost = prices.price(response, at_ms)
    if cost.usd is None and response.parts and facts.named_biller is None:
        # The wire format's home was taken for the provider and does not sell this model: perhaps one does.
        cost = prices.price(replace(response, provider_name=""), at_ms)
    return cost._replace(warnings=(*cost.warnings, "no time is given: priced as of now")) if undated else cost


def _facts(record: Json) -> RequestFacts:
    request = _mapping(record, "request")
    for name in _TEXTS:
        _text(request, name)
    batch = request.get("batch")
    if batch is not None and not isinstance(batch, bool):
        raise InvalidInputError(f"batch is {batch!r}; true or false is needed")
    return RequestFacts.from_mapping(
        request,
        provider_name=_text(record, "provider"),
        api=_text(record, "api"),
        request_model=_text(record, "model") or text(_mapping(record, "response"), "model"),
    )


def _response_of(record: Json, facts: RequestFacts) -> ModelResponse:
    response = _mapping(record, "response")
    if facts.request_model is None and not response.get("model") and "events" not in record:
        raise InvalidInputError("the record names no model", hint='add "model"')
    if "events" in record:
        return _streamed(record, facts)
    if "usage" not in record:
        raise InvalidInputError("the record has no usage", hint='add "usage" as the provider sent it, or "events"')
    usage = record["usage"]
    if usage is not None and not isinstance(usage, dict):
        raise InvalidInputError("usage must be an object, or null where the provider reported none")
    return parse_usage(usage, response=response, request=facts)


def _streamed(record: Json, facts: RequestFacts) -> ModelResponse:
    events = record["events"]
    if not isinstance(events, list):
        raise InvalidInputError("events must be an array of the stream's decoded events")
    parser = parser_for(facts.provider_name, facts.api)
    if parser is None:
        raise InvalidInputError("the wire format of the events is not known", hint='add "api", or a known "provider"')
    stream = parser.stream(facts)
    for event in events:
        stream.feed(event)
    return stream.result() or replace(parser.parse_usage(None, response=_NOTHING, request=facts), complete=False)


def _moment(record: Json, now_ms: int) -> int:
    at = record.get("at")
    if at is None:
        return now_ms
    moment = epoch_ms(at)
    if moment is None or moment < _FIRST_MS:
        raise InvalidInputError(
            f"at is {at!r}; an ISO-8601 time such as 2026-11-01T12:00:00Z is needed",
            hint="or the seconds or milliseconds since 1970",
        )
    return moment


def _text(record: Json, name: str) -> str | None:
    value = record.get(name)
    if value is None or isinstance(value, str):
        return value
    raise InvalidInputError(f"{name} is {value!r}; a text is needed")


def _mapping(record: Json, name: str) -> Json:
    value = record.get(name)
    if value is None:
        return _NOTHING
    if isinstance(value, dict):
        return value
    raise InvalidInputError(f"{name} must be an object")
