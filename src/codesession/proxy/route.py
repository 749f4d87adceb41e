"""
From a client's path to the upstream it means and the attribution it carries.

    /s/<session>/<provider>/…            what `cs run` exports
    /a/<agent>[/<project>]/…             an agent that cannot be told by its headers
    /p/<provider>/…                      any configured provider, aliases too; after /a/… or /s/… as well
    /seen/…                              any of these, from another proxy of ours that counts the call
    /v1/messages, /v1beta/models/…, …    bare paths: the provider follows from the path

Paths stay percent-encoded; only labels (agent, project, token) are decoded.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote

from codesession.domain.facts import fact
from codesession.domain.provider_names import canonical_provider
from codesession.proxy.upstreams import CODE_ASSIST, Upstream

_OPENAI_ROOTS = ("chat", "completions", "responses", "embeddings", "audio", "images", "moderations", "realtime")
_BARE_ROOTS = ("v1", "v1beta", "v1alpha", "api", "upload", "download", "p")
_LABEL_LIMIT = 200

SEEN = "/seen"
"""What stands before the path of a call that another proxy of ours passes on."""

REFUSED = "/refused/"
"""Where a run is told that its budget refused a call of a run inside it."""

INTERCEPTED = (
    "/v1/messages",
    "/v1/chat/completions",
    "/v1/responses",
    "/v1/completions",
    "/v1/embeddings",
    "/v1/images/…",
    "/v1/audio/…",
    "/v1/batches",
    "/v1beta/interactions",
    "/v1beta/models/…:generateContent",
    "/v1beta/models/…:streamGenerateContent",
    "/v1internal:…",
    "/p/<provider>/…",
    f"{SEEN}/…",
)
"""What `GET /health` lists."""


@fact(frozen=True, slots=True, kw_only=True)
class Route:
    """Where a request goes and what its path says about who sent it."""

    upstream: Upstream
    path: str
    """The client's path below all prefixes, as it came."""
    session_token: str | None = None
    agent: str | None = None
    project: str | None = None
    seen: bool = False
    """Another proxy of ours counts the call and has asked the budgets."""


@fact(frozen=True, slots=True)
class UnknownRoute:
    """No configured provider is meant. `provider` is the name that was asked for, if any."""

    provider: str | None


def find_route(
    raw_path: str, headers: Mapping[bytes, bytes], upstreams: Mapping[str, Upstream]
) -> Route | UnknownRoute:
    """Resolve a raw (still encoded) path. `headers` has lower-case names."""
    token = agent = project = None
    seen = raw_path.startswith(SEEN + "/")
    path = raw_path[len(SEEN) :] if seen else raw_path
    if path.startswith("/s/"):
        token, path = _take(path[2:])
    if path.startswith("/a/"):
        agent, path = _take(path[2:])
        if not _is_root(path, upstreams):
            project, path = _take(path)
    name, path = _provider(path, headers, upstreams, prefixed=token is not None or agent is not None)
    upstream = (upstreams.get(name) or upstreams.get(canonical_provider(name) or "")) if name else None
    if upstream is None:
        return UnknownRoute(name)
    if upstream.name == "google" and path.startswith("/v1internal"):
        upstream = upstreams.get(CODE_ASSIST, upstream)
    return Route(
        upstream=upstream,
        path=path,
        session_token=_label(token),
        agent=_label(agent),
        project=_label(project),
        seen=seen,
    )


def _provider(
    path: str, headers: Mapping[bytes, bytes], upstreams: Mapping[str, Upstream], *, prefixed: bool
) -> tuple[str | None, str]:
    first, rest = _take(path)
    if first == "p":
        return _take(rest)
    if prefixed and first in upstreams:
        return first, rest
    return _provider_of_bare_path(path, headers), path


def _provider_of_bare_path(path: str, headers: Mapping[bytes, bytes]) -> str | None:
    first, rest = _take(path)
    if first in ("v1beta", "v1alpha", "upload", "download") or first.startswith("v1internal"):
        return "google"
    if first == "api":
        return "anthropic"
    if first != "v1":
        return None
    second = _take(rest)[0]
    if second in ("messages", "complete"):
        return "anthropic"
    if second in _OPENAI_ROOTS:
        return "openai"
    if ":" in unquote(rest):
        return "google"
    return "anthropic" if b"anthropic-version" in headers or b"x-api-key" in headers else "openai"


def _is_root(path: str, upstreams: Mapping[str, Upstream]) -> bool:
    first = _take(path)[0]
    return first in _BARE_ROOTS or first in upstreams or first.startswith("v1internal") or not first


def _take(path: str) -> tuple[str, str]:
    """The first segment of `/first/rest` and `/rest` (empty when there is none)."""
    first, slash, rest = path[1:].partition("/")
    return first, slash + rest


def _label(text: str | None) -> str | None:
    return unquote(text)[:_LABEL_LIMIT] or None if text else None
