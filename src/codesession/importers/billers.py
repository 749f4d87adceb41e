"""Who bills a call, told by what a log has: ids and the name of the model."""

from __future__ import annotations

from functools import lru_cache

from codesession.domain.provider_names import canonical_provider, known_provider
from codesession.prices.keys import canonical
from codesession.prices.vendors import maker

_JOINED = frozenset("/:")
"""Signs that put something in front of a model's name."""


@lru_cache(1024)
def biller_of(model: str | None, home: str) -> str:
    """
    The provider for a model that an agent at home with `home` used.

    A gateway leaves no trace in a log but the model's name: the maker is the best guess there is. A sighting by
    the proxy, which knows the host, overrides it.
    """
    name = (model or "").lower()
    if not name:
        return home
    if "@" in name:
        return "vertex"
    if "anthropic." in name:
        return "bedrock"
    if not _JOINED.intersection(name) and (made_by := maker((canonical(name),))):
        return made_by
    from codesession.prices.model_ids import spellings  # patterns to compile, for the few other names

    return maker(spellings(name).keys) or home


def named_biller(name: str | None, model: str | None, home: str | None = None) -> str:
    """
    The provider behind the name that a user's configuration gave it.

    A name of the user's own (`my-proxy`) says nothing: then the model does, else `home`, else the name stays.
    """
    return known_provider(name) or biller_of(model, home or canonical_provider(name) or "unknown")
