"""What a client learns before it calls anything: schemas, annotations, resources, the prompt."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from typing import Any

import pytest
from mcp import MCPError
from mcp_types import TextContent, TextResourceContents

from codesession.mcp_server.tools import Tools
from mcp_server.conftest import Connect

READ_ONLY = {"session_status", "get_stats", "list_sessions", "check_budget", "report"}


def play(scene: Coroutine[Any, Any, None]) -> None:
    """Run a scene to its end."""
    asyncio.run(asyncio.wait_for(scene, 30))


def test_every_tool_is_offered_with_types_on_both_sides(connect: Connect) -> None:
    """A description, an input and an output schema, and a word on every parameter that needs one."""

    async def scene() -> None:
        async with connect() as agent:
            tools = (await agent.client.list_tools()).tools
            assert {tool.name for tool in tools} == {name for name in vars(Tools) if not name.startswith("_")}
            for tool in tools:
                assert tool.description
                assert tool.title
                assert tool.output_schema is not None
                assert tool.output_schema["type"] == "object"
                assert tool.input_schema["type"] == "object"

    play(scene())


def test_annotations_say_what_a_client_may_run_unasked(connect: Connect) -> None:
    """What only reads is marked; what ends a session is marked as not to be undone."""

    async def scene() -> None:
        async with connect() as agent:
            hints = {tool.name: tool.annotations for tool in (await agent.client.list_tools()).tools}
            assert {name for name, hint in hints.items() if hint and hint.read_only_hint} == READ_ONLY
            assert {name for name, hint in hints.items() if hint and hint.destructive_hint} == {"end_session"}

    play(scene())


def test_resources_are_the_prices_and_every_session(connect: Connect) -> None:
    """Prices of the models of now; a session with everything; an error that names no file for what is not there."""

    async def scene() -> None:
        async with connect() as agent:
            prices = await read(agent.client, "codesession://pricing")
            assert prices["claude-sonnet-4-5"]["input"] == 3.0
            started = await agent.use("start_session", name="one")
            session = await read(agent.client, f"codesession://session/{started['id']}")
            assert session["name"] == "one"
            assert session["files"] == []
            for wrong in ("999", "abc", "..%2F..%2Fetc%2Fpasswd"):
                with pytest.raises(MCPError):
                    await agent.client.read_resource(f"codesession://session/{wrong}")

    play(scene())


async def read(client: Any, uri: str) -> Any:
    """The JSON of a resource."""
    (content,) = (await client.read_resource(uri)).contents
    assert isinstance(content, TextResourceContents)
    return json.loads(content.text)


def test_the_prompt_explains_the_workflow(connect: Connect) -> None:
    """It names the tools, and that tracking never blocks the task."""

    async def scene() -> None:
        async with connect() as agent:
            (message,) = (await agent.client.get_prompt("track_costs", {"task": "Fix {it}"})).messages
            assert isinstance(message.content, TextContent)
            text = message.content.text
            assert 'for the task ("Fix {it}")' in text
            for tool in ("start_session", "add_note", "check_budget", "end_session"):
                assert f"`{tool}`" in text
            assert "never blocks" in text
            assert agent.client.instructions

    play(scene())
