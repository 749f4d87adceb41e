"""A server over a ledger of its own, and the SDK's client that talks to it in this process."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from mcp import Client
from mcp_types import CallToolResult, TextContent

from codesession.app import App
from codesession.mcp_server.running import serving
from codesession.mcp_server.server import Server
from support.shell import Shell, make_shell

Connect = Callable[[], AbstractAsyncContextManager["Agent"]]


class Agent:
    """Calls tools and reads what they answer."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def result(self, tool: str, **arguments: Any) -> CallToolResult:
        """The whole result."""
        return await self.client.call_tool(tool, arguments)

    async def use(self, tool: str, **arguments: Any) -> Any:
        """The JSON of a tool that succeeds."""
        result = await self.result(tool, **arguments)
        assert not result.is_error, result
        return json.loads(_text(result))

    async def fail(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The JSON of a tool that refuses."""
        result = await self.result(tool, **arguments)
        assert result.is_error, result
        body: dict[str, Any] = json.loads(_text(result))
        return body


def _text(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


@pytest.fixture
def user(tmp_path: Any) -> Shell:
    """Somebody with an empty home in an empty repository."""
    return make_shell(tmp_path / "user")


@pytest.fixture
def server(user: Shell) -> Iterator[Server]:
    """The server as it runs in that repository."""
    with serving(App(user.environment(), user.cwd)) as running:
        yield running


@pytest.fixture
def connect(server: Server) -> Connect:
    """Connect as an agent."""

    @asynccontextmanager
    async def connected() -> AsyncIterator[Agent]:
        async with Client(server) as client:
            yield Agent(client)

    return connected
