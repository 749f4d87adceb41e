"""
Every model call inside a session is recorded, and asked of the budgets before it is made.

The SDKs of Anthropic, OpenAI, Google, Mistral and the frameworks above them send their requests with httpx, httpx2 or
aiohttp. There they are watched: one place for sync, async, streaming, raw and parsed calls, where the same parsers
read the same bytes as in the proxy. Requests that are no billed model call, and calls outside a session, pass without
a look. Not seen: boto3 (Bedrock) and gRPC; use `session.log_ai` for them.

    call              one model call: asked, watched, recorded
    httpx_clients     `send` of httpx and httpx2, sync and async
    aiohttp_client    `_request` of aiohttp, which google-genai and LiteLLM use in event loops
    tapped            bodies that tell the call what passes
    refusing          how `BudgetExceededError` comes through SDKs that wrap every error
    patching          functions replaced, now or when their module is imported, and put back
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import ModuleType

from codesession.api.instrumentation.patching import Undo, WhenImported

_lock = threading.Lock()
_watching: list[WhenImported] = []


def instrument() -> None:
    """
    Watch the SDKs' clients: those that exist, and those of libraries that are imported later. Again: nothing more.

    Works in a `with track(...)` as well as before it; only calls inside a session are looked at.
    """
    with _lock:
        if not _watching:
            _watching.append(WhenImported(_wanted()))


def uninstrument() -> None:
    """Leave the clients as they were found."""
    with _lock:
        while _watching:
            _watching.pop().undo()


def _wanted() -> dict[str, Callable[[ModuleType], list[Undo]]]:
    from codesession.api.instrumentation import refusing

    return {
        "httpx": _httpx,
        "httpx2": _httpx,
        "aiohttp": _aiohttp,
        **dict.fromkeys(refusing.SDK_MODULES, refusing.watch_sdk),
        **dict.fromkeys(refusing.LITELLM_MODULES, refusing.watch_litellm),
    }


def _httpx(module: ModuleType) -> list[Undo]:
    from codesession.api.instrumentation.httpx_clients import watch

    return watch(module)


def _aiohttp(module: ModuleType) -> list[Undo]:
    from codesession.api.instrumentation.aiohttp_client import watch

    return watch(module)
