"""The server: tools with their annotations, resources, the prompt."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ToolError, UnexpectedToolError
from mcp_types import CallToolResult, InputRequiredResult, ToolAnnotations
from pydantic import ValidationError

from codesession import __version__
from codesession.contract import indented
from codesession.errors import CodesessionError, InvalidInputError
from codesession.mcp_server import reading
from codesession.mcp_server.tools import Tools, problem

if TYPE_CHECKING:
    from mcp.server.mcpserver import Context

    from codesession.app import App
    from codesession.services.worker import Worker

INSTRUCTIONS = (
    "codesession tracks what this work costs. At the start of a task of several steps call start_session with a short"
    " name; add_note at milestones; check_budget before expensive work; end_session at the end. If a tool answers with"
    " an error, go on with the task: tracking never blocks it. If check_budget says ok: false, stop and tell the user."
)

PROMPT = """Track what this task costs with the codesession tools.

1. `start_session` with a short name for the task{named}, `closeStale: true`, and a `budget` if the user gave one.
2. `add_note` at every milestone, decision or surprise.
3. `check_budget` before expensive work (many files, long contexts, sub-agents). Above $5 tell the user; when costs
   climb, propose a cheaper model for the routine parts. If it says `ok: false`, stop and tell the user.
4. `log_ai_usage` only for model calls you make yourself through an API; your own turns are counted from your log.
5. `end_session` with a sentence of notes. Then tell the user the cost in one line.

If a tool fails, say so once and go on: tracking never blocks the task.
"""

_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_ADDS = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False)
_ADDS_ONCE = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
_ENDS = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=False, open_world_hint=False)

_TOOLS: dict[str, tuple[str, ToolAnnotations]] = {
    "session_status": ("Session status", _READS),
    "start_session": ("Start a session", _ADDS),
    "end_session": ("End the session", _ENDS),
    "log_ai_usage": ("Record a model call", _ADDS),
    "add_note": ("Add a note", _ADDS),
    "get_stats": ("Statistics", _READS),
    "list_sessions": ("List sessions", _READS),
    "check_budget": ("Check the budget", _READS),
    "set_budget": ("Set a budget", _ADDS_ONCE),
    "report": ("Report", _READS),
    "import_logs": ("Import agents' logs", _ADDS_ONCE),
}
"""Tool to its title and what a client may assume about it."""


class Server(MCPServer[Any]):
    """The SDK's server, whose errors are JSON too."""

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool; arguments that do not fit are told like any other error."""
        try:
            return await super().call_tool(name, arguments, context)
        except UnexpectedToolError:
            raise
        except ToolError as error:
            cause = error.__cause__
            said = _misfits(cause) if isinstance(cause, ValidationError) else str(error)
            return problem(InvalidInputError(said))


def _misfits(error: ValidationError) -> str:
    """`promptTokens: Input should be greater than or equal to 0`; never the rejected value."""
    return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()[:5])


def create_server(quick: Worker[App], patient: Worker[App]) -> Server:
    """Everything a client can ask for, over two threads that own an `App` each."""
    server = Server(
        "codesession",
        title="codesession",
        version=__version__,
        instructions=INSTRUCTIONS,
        log_level="WARNING",
        subscriptions=False,
    )
    tools = Tools(quick, patient)
    for name, (title, hints) in _TOOLS.items():
        server.add_tool(getattr(tools, name), name=name, title=title, annotations=hints)
    _add_resources(server, quick)
    _add_prompt(server)
    return server


def _add_resources(server: Server, quick: Worker[App]) -> None:
    json_type = "application/json"

    @server.resource(
        "codesession://pricing",
        name="pricing",
        title="Model prices",
        description="What models charge today: US dollars per million tokens, your own prices included",
        mime_type=json_type,
    )
    async def pricing() -> str:
        return await _resource(quick, reading.pricing)

    @server.resource(
        "codesession://session/{id}",
        name="session",
        title="One session",
        description="A session with its calls, files, commits and notes",
        mime_type=json_type,
    )
    async def session(id: str) -> str:
        if not (id.isascii() and id.isdigit() and len(id) < 19):
            raise ResourceError("a session is named by its number: codesession://session/12")
        return await _resource(quick, lambda app: reading.whole_session(app, int(id)))


async def _resource(quick: Worker[App], question: Callable[[App], Any]) -> str:
    try:
        found = await asyncio.wrap_future(quick.ask(question))
    except CodesessionError as error:
        raise ResourceError(error.message) from error
    return indented(found)


def _add_prompt(server: Server) -> None:
    @server.prompt(name="track_costs", title="Track what this task costs", description="How to use these tools")
    def track_costs(task: str = "") -> str:
        return PROMPT.format(named=f' ("{task}")' if task else "")
