"""`send` of httpx and httpx2, which all of their methods and most SDKs go through."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

from codesession.api.instrumentation.call import MAX_BODY, Watched, begin, calling, calling_async
from codesession.api.instrumentation.patching import Undo, replace_function
from codesession.api.instrumentation.tapped import tap_async, tap_sync

_NOT_SENT = ("ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol", "LocalProtocolError", "ProxyError")
"""Errors after which nobody can have worked for the request."""


def watch(module: ModuleType) -> list[Undo]:
    """Watch the clients of `httpx` or `httpx2`."""
    return [
        replace_function(module.Client, "send", _watched),
        replace_function(module.AsyncClient, "send", _watched_async),
    ]


def _watched(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def send(client: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        call = _begin(request)
        if call is None:
            return original(client, request, *args, **kwargs)
        call.admit()
        _redirect(call, request)
        try:
            response = calling(lambda: original(client, request, *args, **kwargs))
        except BaseException as error:  # a call without an answer may be billed, too; raised on
            if type(error).__name__ in _NOT_SENT:
                call.unsent()
            else:
                call.finish(complete=False)
            raise
        call.answered(response.status_code, response.headers.get("content-type"))
        tap_sync(response, call)
        return response

    return send


def _watched_async(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    async def send(client: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        call = _begin(request)
        if call is None:
            return await original(client, request, *args, **kwargs)
        await call.admit_async()
        _redirect(call, request)
        try:
            response = await calling_async(original(client, request, *args, **kwargs))
        except (Exception, asyncio.CancelledError) as error:  # it may be billed, too; raised on
            if type(error).__name__ in _NOT_SENT:
                call.unsent()
            else:
                await call.finish_async(complete=False)
            raise
        call.answered(response.status_code, response.headers.get("content-type"))
        await tap_async(response, call)
        return response

    return send


def _begin(request: Any) -> Watched | None:
    return begin(request.method, str(request.url), request.headers, _body(request))


def _body(request: Any) -> bytes | None:
    """The bytes, where they are in memory: JSON always is. A form with files names its model, so it is read."""
    try:
        is_form = request.headers.get("content-type", "").startswith("multipart/form-data")
        is_small = int(request.headers.get("content-length", MAX_BODY)) < MAX_BODY
        content: bytes = request.read() if is_form and is_small else request.content
    except Exception:  # a body that is made while it is sent
        return None
    return content


def _redirect(call: Watched, request: Any) -> None:
    """Under `cs run` to the place of this session; a chat stream with the option that makes it tell its usage."""
    if call.proxied_url is not None:
        request.url = type(request.url)(call.proxied_url)
    if call.edited_body is not None:
        fresh = type(request)(request.method, request.url, content=call.edited_body)
        request.stream = fresh.stream
        request.headers["content-length"] = str(len(call.edited_body))
        request._content = call.edited_body
