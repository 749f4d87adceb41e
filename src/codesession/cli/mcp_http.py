"""The MCP server on loopback HTTP, behind the dashboard's guard: host, origin, token, JSON, bounded bodies."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

from codesession.cli.mcp import TOKEN_VARIABLE
from codesession.cli.options import own_token
from codesession.cli.output import say
from codesession.contract import enveloped

if TYPE_CHECKING:
    import socket

    from starlette.types import ASGIApp

    from codesession.app import App
    from codesession.mcp_server.server import Server
    from codesession.web.access import Access

PATH = "/api/mcp"
"""Below `/api`, where the guard wants the token for everything."""
_GRACE_S = 3


def serve_http(app: App, port: int | None, *, as_json: bool) -> None:
    """Serve until a signal."""
    from codesession.mcp_server.running import serving
    from codesession.web.access import Access
    from codesession.web.socket import LOOPBACK, bind

    token = own_token(app.environment.get(TOKEN_VARIABLE), TOKEN_VARIABLE)
    sock = bind(LOOPBACK, 0 if port is None else port)
    bound = int(sock.getsockname()[1])
    access = Access(port=bound, token=token)
    with serving(app) as server:
        _introduce(f"http://{LOOPBACK}:{bound}{PATH}", access.token, as_json=as_json)
        _run(guarded(server, access), sock)


def guarded(server: Server, access: Access) -> ASGIApp:
    """The server's HTTP application inside the guard."""
    from codesession.web.guard import Guard

    return Guard(server.streamable_http_app(streamable_http_path=PATH), access)


def _run(application: ASGIApp, sock: socket.socket) -> None:
    import uvicorn

    config = uvicorn.Config(
        application,
        http="h11",
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_S,
    )
    try:
        asyncio.run(uvicorn.Server(config).serve([sock]))
    except KeyboardInterrupt:
        return  # uvicorn raises the signal again after it has stopped; it was obeyed


def _introduce(url: str, token: str, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(enveloped({"url": url, "token": token})) + "\n")
    else:
        say("the MCP server runs until Ctrl+C; clients send the header Authorization: Bearer TOKEN")
        sys.stdout.write(f"{url}\n{token}\n")
    sys.stdout.flush()
