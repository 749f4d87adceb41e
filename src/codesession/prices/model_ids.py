"""
What a model id says: the same model has a dozen spellings in logs, gateways and clouds.

`spellings` turns one id into canonical keys, most literal first; the catalog takes the first key it knows.
Each step removes only what is known to be decoration (a date, a cloud's version suffix, a context-window
mark, a reasoning effort), so an unknown model never becomes a known one: `gpt-5.3-codex-spark` and
`claude-opus-4-8-fast` are products of their own and stay what they are.
"""

from __future__ import annotations

import re

from codesession.domain.facts import NamedTuple
from codesession.prices.keys import canonical

_CONTEXT_MARK = r"\[[0-9]+[km]\]$"
_CLOUD_PREFIX = r"^(?:(us-gov|us|eu|apac|ap|jp|au|in|ca|sa|uk|me|af|global)\.)?([a-z0-9]+)\.(?=[a-z])"
_CLOUD_VERSION = r"-v[0-9]+(?::[0-9]+)?(?::[0-9]+k)?$"
_CLOUD_VENDORS = frozenset(
    (
        *("ai21", "amazon", "anthropic", "cohere", "deepseek", "google", "meta", "minimax", "mistral", "moonshot"),
        *("moonshotai", "nvidia", "openai", "qwen", "stability", "writer", "zai"),
    )
)
_VENDOR_COLON = (
    r"^(anthropic|azure|bedrock|deepseek|gemini|google(?:-gla|-vertex)?|groq|mistral|moonshotai|openai|openrouter|"
    r"vertexai|vertex_ai|x-?ai):(?=[a-z])"
)
"""SDKs that name a provider and its model in one word write `openai:gpt-5.4`."""
_FINE_TUNED = r"^(ft:[^:]+):"
_DATE = r"[-@](?:20[0-9]{2}-?[0-9]{2}-?[0-9]{2}|default|latest)$"
_PREVIEW = r"-(?:preview|exp)(?:-[0-9]{2}-[0-9]{2,4})?$|-0[0-9]{2}$"
_VARIANT = r":(?:thinking|beta|exacto|nitro|floor)$"
_EFFORT = r"^((?:gpt-[0-9]|gpt-oss|o[0-9]|codex|claude|gemini).*)-(?:none|minimal|low|medium|high|xhigh)$"
_THINKING = r"^(claude-.*)-thinking$"
_FAMILY_LAST = r"^claude-([0-9](?:-[0-9])?)-(opus|sonnet|haiku|fable|mythos)(-.*)?$"
_FAMILY_FIRST = r"^claude-(opus|sonnet|haiku|fable|mythos)-([0-9](?:-[0-9])?)(-.*)?$"

_DATE_SIGNS = ("-20", "@", "-latest")
_DECORATIONS = (
    (_CONTEXT_MARK, ("]",)),
    (_VARIANT, (":",)),
    (_DATE, _DATE_SIGNS),
    (_THINKING, ("-thinking",)),
    (_EFFORT, ("-none", "-minimal", "-low", "-medium", "-high", "-xhigh")),
    (_DATE, _DATE_SIGNS),
    (_PREVIEW, ("-preview", "-exp", "-0")),
)
"""What comes off an id, in this order, and signs without which it cannot be there: patterns compile when needed."""


class Spellings(NamedTuple):
    """One model id, read."""

    keys: tuple[str, ...]
    """Canonical keys to look up, most literal first."""
    prefix: str | None = None
    """The first part of a path-like id (`anthropic` of `anthropic/claude-opus-5`)."""
    cloud_scope: str | None = None
    """Where a Bedrock id is served: `global`, a region group (`us`, `eu`), or `regional` for a bare `anthropic.…`."""


def spellings(model: str) -> Spellings:
    """Every key `model` may be known under."""
    text = model.strip().lower()
    if ":" in text and (named := re.match(_VENDOR_COLON, text)):
        text = f"{named[1]}/{text[named.end() :]}"
    if text.startswith("ft:") and (tuned := re.match(_FINE_TUNED, text)):
        text = tuned[1]
    keys = [canonical(text)]
    prefix = text.split("/", 1)[0] if "/" in text else None
    scope: str | None = None
    for path in _tails(text):
        bare, found = _without_cloud(re.sub(_CONTEXT_MARK, "", path) if "]" in path else path)
        scope = scope or found
        keys.extend(_undecorated(canonical(path)))
        if bare != path:
            keys.extend(_undecorated(canonical(bare)))
    return Spellings(tuple(dict.fromkeys(key for key in keys if key)), prefix, scope)


def _tails(text: str) -> list[str]:
    """The id and what remains after each slash: gateways and SDKs put vendors and resource paths in front."""
    parts = text.split("/")
    return ["/".join(parts[i:]) for i in range(len(parts))]


def _without_cloud(text: str) -> tuple[str, str | None]:
    """Bedrock's `us.anthropic.claude-…-v1:0` as the plain id and its scope."""
    found = re.match(_CLOUD_PREFIX, text) if "." in text else None
    if found is None or found[2] not in _CLOUD_VENDORS:
        return re.sub(_CLOUD_VERSION, "", text) if text.startswith("claude") and "-v" in text else text, None
    return re.sub(_CLOUD_VERSION, "", text[found.end() :]), found[1] or "regional"


def _undecorated(key: str) -> list[str]:
    """`key` and what is left of it as decorations come off one by one."""
    keys = [key]
    for pattern, signs in _DECORATIONS:
        if not any(sign in key for sign in signs):
            continue
        found = re.search(pattern, key)
        if found is not None:
            key = found[1] if found.re.groups else key[: found.start()]
            keys.append(key)
    return [form for each in keys for form in _claude_forms(each)]


def _claude_forms(key: str) -> list[str]:
    """Claude ids name the family first or last, and some write `-0` for a whole version."""
    forms = [key]
    pattern = _FAMILY_LAST if key[7:8].isdigit() else _FAMILY_FIRST
    if key.startswith("claude-") and (swapped := re.match(pattern, key)):
        forms.append(f"claude-{swapped[2]}-{swapped[1]}{swapped[3] or ''}")
    forms.extend(form[:-2] for form in tuple(forms) if form.startswith("claude-") and form.endswith("-0"))
    return forms
