"""How agents are told to stop."""

from __future__ import annotations

import pytest

from codesession.services.agent_hooks.answers import can_stop, stop


@pytest.mark.parametrize(
    ("agent", "event", "answer"),
    [
        ("claude-code", "UserPromptSubmit", (None, "why", 2)),
        ("claude-code", "PreToolUse", ({"continue": False, "stopReason": "why"}, "", 0)),
        ("claude-code", "PostToolUse", ({"continue": False, "stopReason": "why"}, "", 0)),
        ("codex", "UserPromptSubmit", ({"continue": False, "stopReason": "why"}, "", 0)),
        ("codex", "SessionStart", ({"continue": False, "stopReason": "why"}, "", 0)),
        ("gemini", "BeforeModel", ({"decision": "deny", "reason": "why"}, "", 0)),
        ("gemini", "BeforeAgent", (None, "why", 2)),
    ],
)
def test_each_agent_hears_it_in_its_own_words(agent: str, event: str, answer: object) -> None:
    """As measured on the agents."""
    assert can_stop(agent, event)
    assert stop(agent, event, "why") == answer


@pytest.mark.parametrize("agent", ["claude-code", "codex", "gemini"])
@pytest.mark.parametrize("event", ["Stop", "SubagentStop", "SessionEnd", "AfterAgent", None, 7])
def test_the_end_of_a_turn_is_never_refused(agent: str, event: object) -> None:
    """An agent that may not stop goes on, and spends."""
    assert not can_stop(agent, event)
