"""
How each agent is told to stop, as measured on the agents themselves.

Claude Code 2.1.330: `UserPromptSubmit` with exit status 2 drops the prompt and shows the reason; `continue: false`
from a tool hook ends the loop. Codex 0.169: `continue: false` from `UserPromptSubmit` and `SessionStart` means no
request at all, from tool hooks it is ignored. Gemini CLI 0.61: `BeforeModel` with `deny` ends the turn before the call.
A `Stop` hook never answers: with exit status 2 Claude Code goes on and Codex loops without end.
"""

from __future__ import annotations

BLOCKED = 2
"""The exit status that refuses; the reason is read from stderr."""

_STOPS = {
    ("claude-code", "UserPromptSubmit"): "exit",
    ("claude-code", "PreToolUse"): "continue",
    ("claude-code", "PostToolUse"): "continue",
    ("codex", "UserPromptSubmit"): "continue",
    ("codex", "SessionStart"): "continue",
    ("gemini", "BeforeModel"): "deny",
    ("gemini", "BeforeAgent"): "exit",
}

AGENT_NAMES = {"claude-code": "claude-code", "codex": "codex", "gemini": "gemini-cli"}
"""How the ledger calls an agent."""


def can_stop(agent: str, event: object) -> bool:
    """Whether this agent listens at this event."""
    return (agent, event) in _STOPS


def stop(agent: str, event: str, reason: str) -> tuple[dict[str, object] | None, str, int]:
    """What to print on stdout as JSON (None for nothing) and on stderr, and the exit status."""
    how = _STOPS[agent, event]
    if how == "exit":
        return None, reason, BLOCKED
    if how == "deny":
        return {"decision": "deny", "reason": reason}, "", 0
    return {"continue": False, "stopReason": reason}, "", 0
