"""Which billed call a request is, and what its body says about it: the providers' knowledge, ready for the proxy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache

from codesession.providers.demand import BodyDemand, demand_of
from codesession.providers.routes import BodyFacts, match_route, request_facts
from codesession.providers.routes import Route as Call
from codesession.proxy.decode import UndecodableError, decode_all
from codesession.proxy.upstreams import ANTHROPIC, GOOGLE, OPENAI, Upstream

__all__ = ["Call", "bills", "family_of", "find_call", "read_demand", "read_request"]

_DECODED_LIMIT = 64 * 1024 * 1024
_HOSTED = ("vertex", "bedrock", "azure")
"""Providers that a path alone gives away, whoever's name stands before it."""


@lru_cache(maxsize=512)
def find_call(method: str, path: str, origin: str) -> Call | None:
    """The billed call that a request to `origin` is, or None: then it passes without being read."""
    return match_route(method, path, origin.partition("://")[2])


def bills(call: Call, upstream: Upstream) -> str:
    """The provider to name when the host does not tell who bills."""
    return call.provider_name if call.provider_name in _HOSTED else upstream.provider_name


def family_of(api: str) -> str:
    """Whose error shape the clients of a wire format understand."""
    if api.startswith("anthropic"):
        return ANTHROPIC
    return GOOGLE if api.startswith("gemini") else OPENAI


def read_request(body: bytes, content_encoding: bytes) -> BodyFacts:
    """Model, tier and limits of a request; whatever cannot be read is absent."""
    return _facts(_plain(body, content_encoding))


def read_demand(body: bytes, content_encoding: bytes) -> tuple[BodyFacts, BodyDemand]:
    """The same, and what the request can use at most."""
    plain = _plain(body, content_encoding)
    return _facts(plain), demand_of(plain or None)


def _plain(body: bytes, content_encoding: bytes) -> bytes:
    """The decoded body; empty where it cannot be decoded."""
    try:
        return decode_all(body, content_encoding, limit=_DECODED_LIMIT) if content_encoding else body
    except UndecodableError:  # the provider judges it; we know less
        return b""


def _facts(plain: bytes) -> BodyFacts:
    try:
        value = json.loads(plain) if plain else None
    except (ValueError, RecursionError):  # the provider judges it; we know less
        value = None
    return request_facts(value if isinstance(value, Mapping) else {})
