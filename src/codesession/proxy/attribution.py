"""
What a request's headers say about the agent that sent it.

Only headers an agent is known to send are read, and generic names (`session-id`) only from the agent that
uses them. A User-Agent is believed for the agents below and proves nothing for anybody else.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from functools import lru_cache

from codesession.domain.facts import fact

_AGENTS = {
    b"claude-cli": "claude-code",
    b"codex_exec": "codex",
    b"codex_cli_rs": "codex",
    b"codex-tui": "codex",
    b"GeminiCLI": "gemini-cli",
    b"GeminiCLI-tui": "gemini-cli",
    b"opencode": "opencode",
    b"QwenCode": "qwen-code",
    b"factory-cli": "droid",
    b"KimiCLI": "kimi-cli",
}
_USER_AGENT = re.compile(rb"([A-Za-z_-]{1,40})/([0-9A-Za-z.+_-]{1,60})")
_BORROWED = b"Hermes Agent"
"""Hermes calls itself codex_cli_rs/0.0.0 (Hermes Agent)."""
_LONGEST_ID = 200


@fact(frozen=True, slots=True, kw_only=True)
class AgentFacts:
    """Fields of `CallContext` that headers can fill; None where they say nothing."""

    agent_name: str | None = None
    agent_version: str | None = None
    conversation_id: str | None = None
    subagent_id: str | None = None
    parent_subagent_id: str | None = None
    prompt_id: str | None = None
    project: str | None = None


def agent_facts(headers: Mapping[bytes, bytes]) -> AgentFacts:
    """Read the identifying headers. `headers` has lower-case names."""
    name, version = _agent(headers.get(b"user-agent", b""))
    if name is None and headers.get(b"originator", b"").startswith(b"codex"):
        name = "codex"
    if b"x-claude-code-session-id" in headers:
        return _claude(headers, name or "claude-code", version)
    if name == "codex":
        return _codex(headers, version)
    conversation = _id(headers, b"x-session-id") if name == "opencode" else None
    return AgentFacts(agent_name=name, agent_version=version, conversation_id=conversation)


@lru_cache(64)
def _agent(user_agent: bytes) -> tuple[str | None, str | None]:
    if _BORROWED in user_agent:
        return "hermes", None
    match = _USER_AGENT.match(user_agent)
    if match and match[1] in _AGENTS:
        return _AGENTS[match[1]], match[2].decode("ascii")
    return None, None


def _claude(headers: Mapping[bytes, bytes], name: str, version: str | None) -> AgentFacts:
    return AgentFacts(
        agent_name=name,
        agent_version=version,
        conversation_id=_id(headers, b"x-claude-code-session-id"),
        subagent_id=_id(headers, b"x-claude-code-agent-id"),
        parent_subagent_id=_id(headers, b"x-claude-code-parent-agent-id"),
        prompt_id=_id(headers, b"x-claude-code-prompt-id"),
    )


def _codex(headers: Mapping[bytes, bytes], version: str | None) -> AgentFacts:
    """
    The root session is the conversation; a thread of its own is a sub-agent.

    From 0.142 on `session-id`, `thread-id` and the turn metadata; up to 0.104 `session_id` and `conversation_id`.
    """
    turn = _turn_metadata(headers)
    session = _id(headers, b"session-id") or identifier(turn.get("session_id")) or _id(headers, b"session_id")
    thread = _id(headers, b"thread-id") or identifier(turn.get("thread_id")) or _id(headers, b"conversation_id")
    conversation = session or thread
    parent = _id(headers, b"x-codex-parent-thread-id")
    return AgentFacts(
        agent_name="codex",
        agent_version=version,
        conversation_id=conversation,
        subagent_id=thread if thread != conversation else None,
        parent_subagent_id=parent if parent != conversation else None,
        prompt_id=identifier(turn.get("turn_id")),
        project=_workspace(turn),
    )


def _turn_metadata(headers: Mapping[bytes, bytes]) -> dict[str, object]:
    raw = headers.get(b"x-codex-turn-metadata")
    if not raw:
        return {}
    try:
        value = json.loads(raw)
    except ValueError:  # a form we do not know says nothing; the other headers still count
        return {}
    return value if isinstance(value, dict) else {}


def _workspace(turn: dict[str, object]) -> str | None:
    """The one directory that the turn works in; several are no answer."""
    workspaces = turn.get("workspaces")
    if not isinstance(workspaces, dict) or len(workspaces) != 1:
        return None
    path = next(iter(workspaces))
    return _as_sessions_have_it(path) if path.startswith("/") or path[1:3] == ":\\" else None


@lru_cache(64)
def _as_sessions_have_it(directory: str) -> str:
    """Without symbolic links, or a budget of the project would not know its own calls."""
    try:
        return os.path.realpath(directory) if os.path.isabs(directory) else directory
    except ValueError:  # a name that no file can have
        return directory


def _id(headers: Mapping[bytes, bytes], name: bytes) -> str | None:
    raw = headers.get(name)
    return identifier(raw.decode("latin-1")) if raw else None


def identifier(value: object) -> str | None:
    """A value that can be an id, None for anything else."""
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_ID:
        return None
    return value if value.isascii() and value.isprintable() and " " not in value else None
