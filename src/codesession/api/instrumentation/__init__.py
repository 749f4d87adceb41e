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
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib.util import find_spec

_lock = threading.Lock()
_undo: list[Callable[[], None]] = []


def instrument() -> None:
    """
    Watch the installed SDKs' clients, those that exist already too. Calling it again changes nothing.

    Works in a `with track(...)` as well as before it; only calls inside a session are looked at.
    """
    with _lock:
        if _undo:
            return
        for name in ("httpx", "httpx2"):
            if find_spec(name) is not None:
                from codesession.api.instrumentation import httpx_clients

                _undo.extend(httpx_clients.watch(name))
        if find_spec("aiohttp") is not None:
            from codesession.api.instrumentation import aiohttp_client

            _undo.append(aiohttp_client.watch())


def uninstrument() -> None:
    """Leave the clients as they were found."""
    with _lock:
        while _undo:
            _undo.pop()()
