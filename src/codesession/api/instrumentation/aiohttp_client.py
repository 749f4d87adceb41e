"""`_request` of aiohttp, which `get`, `post` and `request` go through; google-genai uses it in event loops."""

from __future__ import annotations

import asyncio
import json as json_module
from collections.abc import AsyncIterator, Callable
from functools import wraps
from types import ModuleType
from typing import Any

from codesession.api.instrumentation.call import Watched, begin, calling_async
from codesession.api.instrumentation.patching import Undo, replace_function


def watch(module: ModuleType) -> list[Undo]:
    """Watch aiohttp's sessions."""
    return [replace_function(module.ClientSession, "_request", _watched)]


def _watched(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    async def request(session: Any, method: str, url: Any, **kwargs: Any) -> Any:
        headers = {str(name).lower(): str(value) for name, value in dict(kwargs.get("headers") or {}).items()}
        call = begin(method.upper(), str(url), headers, _body(kwargs))
        if call is None:
            return await original(session, method, url, **kwargs)
        await call.admit_async()
        if call.edited_body is not None:
            kwargs = {**kwargs, "json": None, "data": call.edited_body, "headers": _json_headers(kwargs)}
        try:
            response = await calling_async(original(session, method, call.proxied_url or url, **kwargs))
        except (Exception, asyncio.CancelledError) as error:  # it may be billed, too; raised on
            if _is_unsent(error):
                call.unsent()
            else:
                await call.finish_async(complete=False)
            raise
        call.answered(response.status, response.headers.get("content-type"))
        response.content = _Tapped(response.content, call)
        return response

    return request


def _is_unsent(error: BaseException) -> bool:
    """Whether there was not even a connection."""
    return any(kind.__name__ == "ClientConnectorError" for kind in type(error).__mro__)


def _body(kwargs: dict[str, Any]) -> bytes | None:
    data, json = kwargs.get("data"), kwargs.get("json")
    if isinstance(data, str):
        return data.encode()
    if isinstance(data, bytes):
        return data
    return None if json is None else json_module.dumps(json).encode()


def _json_headers(kwargs: dict[str, Any]) -> dict[str, str]:
    return {"Content-Type": "application/json", **dict(kwargs.get("headers") or {})}


class _Tapped:
    """A stream reader whose bytes a call sees, whichever way they are read."""

    def __init__(self, inner: Any, call: Watched) -> None:
        self._inner = inner
        self._call = call

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def read(self, n: int = -1) -> bytes:
        """All, or up to `n` bytes."""
        return await self._seen(await self._inner.read(n))

    async def readany(self) -> bytes:
        """What is there."""
        return await self._seen(await self._inner.readany())

    async def readline(self) -> bytes:
        """One line."""
        return await self._seen(await self._inner.readline())

    async def readexactly(self, n: int) -> bytes:
        """Exactly `n` bytes."""
        return await self._seen(await self._inner.readexactly(n))

    async def readchunk(self) -> tuple[bytes, bool]:
        """One chunk as it was sent."""
        data, ends = await self._inner.readchunk()
        return await self._seen(data), ends

    async def iter_any(self) -> AsyncIterator[bytes]:
        """As it comes."""
        while data := await self._inner.readany():
            if seen := await self._seen(data):
                yield seen
        if rest := self._call.rest():
            yield rest
        await self._call.finish_async(complete=True)

    async def iter_chunked(self, n: int) -> AsyncIterator[bytes]:
        """In pieces of up to `n` bytes."""
        while data := await self._inner.read(n):
            if seen := await self._seen(data):
                yield seen
        await self._call.finish_async(complete=True)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while data := await self._inner.readline():
            if seen := await self._seen(data):
                yield seen
        await self._call.finish_async(complete=True)

    async def _seen(self, data: bytes) -> bytes:
        shown = self._call.take(data) if data else data
        if self._inner.at_eof():
            shown += self._call.rest()
            await self._call.finish_async(complete=True)
        return shown
