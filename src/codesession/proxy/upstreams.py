"""
Where calls go: one fixed base URL per provider, and how a client's path maps below it.

Hosts come from this table and the user's settings, never from a request.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from codesession.errors import InvalidInputError

OPENAI = "openai"
ANTHROPIC = "anthropic"
GOOGLE = "google"

CODE_ASSIST = "google-code-assist"
"""Google's endpoint for people who log in instead of using a key; serves `/v1internal:…`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """One provider's endpoint."""

    name: str
    """What stands in the path: `/p/<name>/…`."""
    provider_name: str
    """Who bills the call; the same as `name` but for second endpoints of one provider."""
    api: str = OPENAI
    """The family of its wire format and error shape: `openai`, `anthropic` or `google`."""
    origin: str
    """Scheme, host and port, without a path. As it goes over the wire: a name of other letters is in its ASCII form."""
    base_path: str = ""
    """Path of the base URL, percent-encoded, without a trailing slash; empty for a bare origin."""
    closed: bool = False
    """True: nothing outside `base_path` is reachable (a base URL that the user set)."""
    asks_for_usage: bool = False
    """Chat streams report usage only if the request asks for it (`stream_options.include_usage`)."""

    def target(self, path: str) -> str:
        """
        The path to ask the provider for, given the client's path below the provider's prefix.

        A base URL is what the provider's SDK calls its base URL. So with a base that ends in a version or, for
        OpenAI-style providers, has any path at all, the client's `/v1` *is* the base:

        | base URL                             | client path            | asked for                     |
        |--------------------------------------|------------------------|-------------------------------|
        | https://api.openai.com               | /v1/chat/completions   | /v1/chat/completions          |
        | https://openrouter.ai/api/v1         | /v1/chat/completions   | /api/v1/chat/completions      |
        | https://openrouter.ai/api/v1         | /api/v1/models         | /api/v1/models                |
        | https://api.z.ai/api/paas/v4         | /v1/chat/completions   | /api/paas/v4/chat/completions |
        | https://gateway.example/anthropic    | /v1/messages           | /anthropic/v1/messages        |
        | https://gateway.example/anthropic/v1 | /v1/messages           | /anthropic/v1/messages        |
        """
        base = self.base_path
        if not base:
            return path or "/"
        first = path.split("/", 2)[1] if path.startswith("/") else ""
        if first and first == base.split("/", 2)[1]:
            return path  # written out in full by the client
        below_first = path[len(first) + 1 :]
        if first and base.endswith("/" + first):
            return base + below_first
        if self.api == OPENAI and first == "v1" and not path.startswith("/v1/messages"):
            return base + below_first
        return base + path if self.closed or path.startswith("/v1") or not path else path


_DEFAULTS: tuple[tuple[str, str, str, bool], ...] = (
    # name, base URL, wire family, must be asked for usage in chat streams
    ("anthropic", "https://api.anthropic.com", ANTHROPIC, True),
    ("openai", "https://api.openai.com", OPENAI, True),
    ("google", "https://generativelanguage.googleapis.com", GOOGLE, True),
    (CODE_ASSIST, "https://cloudcode-pa.googleapis.com", GOOGLE, False),
    ("mistral", "https://api.mistral.ai", OPENAI, False),
    ("deepseek", "https://api.deepseek.com", OPENAI, True),
    ("openrouter", "https://openrouter.ai/api/v1", OPENAI, False),
    ("xai", "https://api.x.ai", OPENAI, False),
    ("groq", "https://api.groq.com/openai/v1", OPENAI, True),
    ("moonshot", "https://api.moonshot.ai", OPENAI, True),
    ("zai", "https://api.z.ai/api/paas/v4", OPENAI, False),
    ("alibaba", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", OPENAI, True),
    ("together", "https://api.together.xyz", OPENAI, False),
    ("fireworks", "https://api.fireworks.ai/inference/v1", OPENAI, False),
    ("cerebras", "https://api.cerebras.ai", OPENAI, True),
    ("perplexity", "https://api.perplexity.ai", OPENAI, False),
    ("cohere", "https://api.cohere.ai/compatibility/v1", OPENAI, False),
    ("minimax", "https://api.minimax.io", OPENAI, False),
    ("nvidia", "https://integrate.api.nvidia.com", OPENAI, True),
    ("huggingface", "https://router.huggingface.co", OPENAI, True),
    ("ollama", "http://127.0.0.1:11434", OPENAI, True),
    ("lmstudio", "http://127.0.0.1:1234", OPENAI, True),
)
_PATH_CHARACTERS = "/%:@!$&'()*+,;=~"
"""What may stand in a path as it is, and what is encoded already."""
_HOST = re.compile(r"[\w.-]+", re.ASCII)
_PROVIDER_OF = {CODE_ASSIST: "google"}


def default_upstreams() -> dict[str, Upstream]:
    """Every provider that works without settings, by name."""
    return {name: _upstream(name, base_url, api=api, asks_for_usage=asks) for name, base_url, api, asks in _DEFAULTS}


def configured_upstreams(base_urls: Mapping[str, str]) -> dict[str, Upstream]:
    """
    The defaults with the user's base URLs `{provider: URL}` laid over them.

    A name that is not in the table is taken as an OpenAI-compatible provider. Raises `InvalidInputError` for
    a URL that cannot be one.
    """
    upstreams = default_upstreams()
    for name, base_url in base_urls.items():
        known = upstreams.get(name)
        upstreams[name] = _upstream(
            name,
            base_url,
            api=known.api if known else OPENAI,
            asks_for_usage=known.asks_for_usage if known else True,
            closed=True,
        )
    return upstreams


def _upstream(name: str, base_url: str, *, api: str, asks_for_usage: bool, closed: bool = False) -> Upstream:
    origin, base_path = _split(name, base_url)
    return Upstream(
        name=name,
        provider_name=_PROVIDER_OF.get(name, name),
        api=api,
        origin=origin,
        base_path=base_path,
        closed=closed,
        asks_for_usage=asks_for_usage,
    )


def _split(name: str, base_url: str) -> tuple[str, str]:
    hint = "give a base URL such as https://gateway.example/v1"
    try:
        parts = urlsplit(base_url.strip())
        port = parts.port
    except ValueError as error:
        raise InvalidInputError(f"the base URL of {name} is not a URL", hint=hint) from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidInputError(f"the base URL of {name} needs http:// or https:// and a host", hint=hint)
    if parts.username is not None or parts.query or parts.fragment:
        raise InvalidInputError(
            f"the base URL of {name} may hold a host and a path only", hint="keys go into the agent's own settings"
        )
    host = _on_the_wire(parts.hostname)
    if host is None:
        raise InvalidInputError(f"the base URL of {name} names no host", hint=hint)
    origin = f"{parts.scheme}://{host}" + (f":{port}" if port is not None else "")
    return origin, quote(parts.path, safe=_PATH_CHARACTERS).rstrip("/")


def _on_the_wire(host: str) -> str | None:
    """A host as requests name it; None for what is none."""
    if ":" in host:
        return f"[{host}]"
    try:
        name = host.encode("idna").decode()
    except UnicodeError:  # an empty or overlong part
        return None
    return name if _HOST.fullmatch(name) else None
