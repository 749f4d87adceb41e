"""The process as agents start it: stdio, start-up, errors, and HTTP behind the guard."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import httpx2
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

from support.shell import CS, Shell

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
}


def test_the_sdk_client_over_stdio(user: Shell) -> None:
    """`codesession-mcp` in a process of its own, from connecting to hanging up."""
    code = "from codesession.cli.entry import mcp_entry_point; mcp_entry_point()"
    parameters = StdioServerParameters(
        command=sys.executable, args=["-c", code], env=user.environment(), cwd=str(user.cwd)
    )

    async def scene() -> None:
        async with Client(stdio_client(parameters)) as client:
            result = await client.call_tool("start_session", {"name": "over stdio"})
            assert result.structured_content is not None
            assert result.structured_content["gitRoot"] == str(user.cwd)

    asyncio.run(asyncio.wait_for(scene(), 30))
    assert user.ok("status", "--json")["name"] == "over stdio"


def test_broken_settings_are_told_on_stderr(user: Shell) -> None:
    """Nothing but the protocol is ever on stdout."""
    (user.home / ".codesession").mkdir()
    (user.home / ".codesession" / "config.toml").write_text("[oops")
    answer = user.cs("mcp")
    assert (answer.code, answer.out) == (1, "")
    assert "config.toml" in answer.err


def test_it_loads_its_sdk_and_little_more(user: Shell) -> None:
    """Agents start it with each conversation, so from start to first answer nothing that tools or the pages need."""
    question = json.dumps(INITIALIZE).encode() + b"\n"
    sdk = _loaded([sys.executable, "-c", "import mcp.server.mcpserver"], user, b"")
    ours = _loaded([*CS, "mcp"], user, question)
    assert "codesession.mcp_server.server" in ours
    assert _inside(ours, 1) - _inside(sdk, 1) <= {"codesession", "rich", "colorsys", "gc", "runpy"}
    tools_only = {"codesession.proxy", "codesession.web", "codesession.store", "codesession.prices"}
    assert _inside(ours, 2) & tools_only == set()


def _inside(modules: set[str], depth: int) -> set[str]:
    return {".".join(module.split(".")[:depth]) for module in modules}


def _loaded(command: list[str], user: Shell, sent: bytes) -> set[str]:
    """The modules a process imported until its input ended."""
    env = {**user.environment(), "PYTHONPROFILEIMPORTTIME": "1"}
    done = subprocess.run(command, input=sent, env=env, cwd=user.cwd, capture_output=True, check=True)
    assert not sent or b'"serverInfo"' in done.stdout
    lines = (line.rpartition("|") for line in done.stderr.decode().splitlines() if line.startswith("import time:"))
    return {module.strip() for _, _, module in lines}


@contextmanager
def http_server(user: Shell, **env: str) -> Iterator[dict[str, Any]]:
    process = user.start("mcp", "--http", "--json", env=env)
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.communicate(timeout=15)


def post(url: str, headers: dict[str, str]) -> int:
    """The status of one POST."""
    parts = urlsplit(url)
    given = {"content-type": "application/json", "accept": "application/json, text/event-stream", **headers}
    with closing(HTTPConnection(parts.hostname or "", parts.port, timeout=10)) as connection:
        connection.request("POST", parts.path, json.dumps(INITIALIZE).encode(), given)
        return connection.getresponse().status


def test_http_is_for_who_has_the_token(user: Shell) -> None:
    """The SDK's client works; without the token, under a rebound name, from another site or as a form it does not."""
    token = "a-token-of-sufficient-length"
    with http_server(user, CODESESSION_MCP_TOKEN=token) as served:
        url, bearer = served["url"], {"authorization": f"Bearer {token}"}
        assert served["token"] == token
        assert post(url, bearer) == 200
        assert post(url, {}) == 401
        assert post(url, {"authorization": "Bearer guessed"}) == 401
        assert post(url, {**bearer, "host": "evil.example"}) == 421
        assert post(url, {**bearer, "origin": "http://evil.example"}) == 403
        assert post(url, {**bearer, "content-type": "text/plain"}) == 403

        async def scene() -> None:
            async with (
                httpx2.AsyncClient(headers=bearer) as http,
                Client(streamable_http_client(url, http_client=http)) as client,
            ):
                result = await client.call_tool("start_session", {"name": "over http"})
                assert not result.is_error

        asyncio.run(asyncio.wait_for(scene(), 30))
    assert user.ok("status", "--json")["name"] == "over http"
