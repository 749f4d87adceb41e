"""Which billed call a request is, and what its body says about it: the providers' knowledge, ready for the proxy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from codesession.domain.provider_names import LOCAL
from codesession.domain.usage import ModelResponse
from codesession.providers.base import RequestFacts
from codesession.providers.demand import BodyDemand, demand_of
from codesession.providers.routes import BodyFacts, match_route, request_facts
from codesession.providers.routes import Route as Call
from codesession.proxy.decode import UndecodableError, decode_all
from codesession.proxy.upstreams import ANTHROPIC, GOOGLE, OPENAI, Upstream

__all__ = [
    "Call",
    "bills",
    "counted_beside",
    "family_of",
    "find_call",
    "read_demand",
    "read_request",
    "unrecognised_call",
]

_DECODED_LIMIT = 64 * 1024 * 1024
_FORM = b"--"
"""How the body of a form with files begins."""
_FORM_MODEL = re.compile(rb'name="model"\r\n(?:[^\r\n]+\r\n)*\r\n([\w./:@-]{1,200})\r\n')
_HOSTED = ("vertex", "bedrock", "azure")
"""Providers that a path alone gives away, whoever's name stands before it."""


@lru_cache(maxsize=512)
def find_call(method: str, path: str, origin: str) -> Call | None:
    """The billed call that a request to `origin` is, or None: then it passes without being read."""
    return match_route(method, path, origin.partition("://")[2])


def unrecognised_call(method: str, path: str, upstream: Upstream) -> Call | None:
    """What `find_call` does not know and may be billed all the same; what local servers do is free."""
    from codesession.providers.free import may_cost  # few runs ask for what is no call

    if upstream.provider_name in LOCAL or not may_cost(method, path):
        return None
    return Call(api="unrecognised", untold=True, unrecognised=True)


def bills(call: Call, upstream: Upstream) -> str:
    """The provider to name when the host does not tell who bills."""
    return call.provider_name if call.provider_name in _HOSTED else upstream.provider_name


def family_of(api: str) -> str:
    """Whose error shape the clients of a wire format understand."""
    if api.startswith("anthropic"):
        return ANTHROPIC
    return GOOGLE if api.startswith("gemini") else OPENAI


def counted_beside(call: Call, headers: Mapping[bytes, bytes], facts: RequestFacts) -> ModelResponse | None:
    """What the headers of an answer count; None where they do not. `headers` has lower-case names."""
    if call.api != "bedrock.invoke_model":
        return None
    from codesession.providers.bedrock import IN_HEADERS, counted_by_amazon

    def count(name: str) -> int | None:
        told = headers.get(name.encode(), b"")
        return int(told) if told.isdigit() and len(told) < 13 else None

    return counted_by_amazon(count, IN_HEADERS, facts)


_Raw = msgspec.Raw


class _Facts(msgspec.Struct, omit_defaults=True):
    """
    The fields of a request that say how it is billed, each undecoded: prompts are passed over without being read.

    Those of all wire formats; `request` is Code Assist's envelope.
    """

    model: _Raw = _Raw()
    agent: _Raw = _Raw()
    stream: _Raw = _Raw()
    stream_options: _Raw = _Raw()
    service_tier: _Raw = _Raw()
    serviceTier: _Raw = _Raw()  # as Google spells it
    max_output_tokens: _Raw = _Raw()
    max_completion_tokens: _Raw = _Raw()
    max_tokens: _Raw = _Raw()
    n: _Raw = _Raw()
    background: _Raw = _Raw()
    background_options: _Raw = _Raw()
    completion_window: _Raw = _Raw()
    generationConfig: _Raw = _Raw()
    generation_config: _Raw = _Raw()
    inferenceConfig: _Raw = _Raw()
    options: _Raw = _Raw()
    request: _Raw = _Raw()


_decode_facts = msgspec.json.Decoder(_Facts).decode


def read_request(body: bytes, content_encoding: bytes) -> BodyFacts:
    """Model, tier and limits of a request; whatever cannot be read is absent."""
    plain = _plain(body, content_encoding)
    return _form_facts(plain) if plain.startswith(_FORM) else request_facts(_fields(plain) if plain else {})


def read_demand(body: bytes, content_encoding: bytes) -> tuple[BodyFacts, BodyDemand]:
    """The same, and what the request can use at most."""
    plain = _plain(body, content_encoding)
    if plain.startswith(_FORM):
        return _form_facts(plain), demand_of(None, len(plain))
    value = _value(plain) if plain else None
    return request_facts(value if isinstance(value, Mapping) else {}), demand_of(value, len(plain))


def _form_facts(form: bytes) -> BodyFacts:
    """Of a form with files: pictures to edit, sound to write down."""
    found = _FORM_MODEL.search(form)
    return request_facts({"model": found[1].decode()} if found else {})


def _plain(body: bytes, content_encoding: bytes) -> bytes:
    """The decoded body; empty where it cannot be decoded."""
    try:
        return decode_all(body, content_encoding, limit=_DECODED_LIMIT) if content_encoding else body
    except UndecodableError:  # the provider judges it; we know less
        return b""


def _fields(plain: bytes) -> dict[str, Any]:
    try:
        found = _decode_facts(plain)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):  # the provider judges it; we know less
        return {}
    present = {name: raw for name in found.__struct_fields__ if (raw := getattr(found, name))}
    inner = present.pop("request", None)
    fields = {name: _value(raw) for name, raw in present.items()}
    return fields if inner is None else {**fields, "request": _fields(bytes(inner))}


def _value(plain: bytes | _Raw) -> Any:
    try:
        return msgspec.json.decode(plain)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):  # the provider judges it; we know less
        return None
