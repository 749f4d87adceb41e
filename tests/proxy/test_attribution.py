"""Who sent a request, by the headers that the agents really send."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from codesession.proxy.attribution import AgentFacts, agent_facts


def facts(**headers: str) -> AgentFacts:
    """Facts of headers written as keywords."""
    return agent_facts({name.replace("_", "-").encode(): value.encode() for name, value in headers.items()})


def test_claude_code_names_session_and_subagent() -> None:
    """As sent by 2.1.330."""
    found = facts(
        user_agent="claude-cli/2.1.330 (external, sdk-cli)",
        x_claude_code_session_id="5e0c",
        x_claude_code_agent_id="a1",
        x_claude_code_parent_agent_id="a0",
    )
    assert found == AgentFacts(
        agent_name="claude-code",
        agent_version="2.1.330",
        conversation_id="5e0c",
        subagent_id="a1",
        parent_subagent_id="a0",
    )


def test_codex_names_thread_turn_and_directory() -> None:
    """As sent by 0.169: the root session is the conversation, a spawned thread a sub-agent."""
    turn = {"session_id": "s1", "thread_id": "t2", "turn_id": "u3", "workspaces": {"/repo": {}}}
    found = facts(
        user_agent="codex_exec/0.169.0 (Debian 12.0.0; x86_64) xterm (codex_exec; 0.169.0)",
        session_id="s1",
        thread_id="t2",
        x_codex_parent_thread_id="s1",
        x_codex_turn_metadata=json.dumps(turn),
    )
    assert found == AgentFacts(
        agent_name="codex",
        agent_version="0.169.0",
        conversation_id="s1",
        subagent_id="t2",
        prompt_id="u3",
        project="/repo",
    )


def test_the_directory_is_named_as_sessions_name_it(tmp_path: Path) -> None:
    """Whatever links lead there; a name that no file can have stays as it is."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    for given, known in (
        (f"{tmp_path}/link", os.path.realpath(tmp_path / "real")),
        ("/a\0b", "/a\0b"),
        ("/\ud800",) * 2,
    ):
        metadata = json.dumps({"workspaces": {given: {}}})
        assert facts(user_agent="codex_exec/1.0", x_codex_turn_metadata=metadata).project == known


def test_an_old_codex_is_read_by_its_old_headers() -> None:
    """Up to 0.104 with underscores."""
    found = agent_facts({b"originator": b"codex_cli_rs", b"conversation_id": b"c1"})
    assert (found.agent_name, found.conversation_id, found.subagent_id) == ("codex", "c1", None)


def test_opencode_names_its_session() -> None:
    """`x-session-id` counts only from the agent that sends it."""
    assert facts(user_agent="opencode/1.18.33 ai-sdk/x", x_session_id="ses_1").conversation_id == "ses_1"
    assert facts(user_agent="OpenAI/JS 5.20.1", x_session_id="ses_1") == AgentFacts()


@pytest.mark.parametrize(
    ("user_agent", "name", "version"),
    [
        ("GeminiCLI/0.61.0/gemini-3-pro (linux; x64; terminal)", "gemini-cli", "0.61.0"),
        ("GeminiCLI-tui/0.61.0/gemini-3-pro (linux; x64)", "gemini-cli", "0.61.0"),
        ("QwenCode/0.24.4 (linux; x64)", "qwen-code", "0.24.4"),
        ("factory-cli/0.225.2", "droid", "0.225.2"),
        ("undici", None, None),
        ("claude-code/0.1.0", None, None),
        ("codex_cli_rs/0.0.0 (Hermes Agent)", "hermes", None),
        ("", None, None),
    ],
)
def test_a_user_agent_counts_only_where_it_is_known_to_be_true(
    user_agent: str, name: str | None, version: str | None
) -> None:
    """Others borrow names, so nothing is guessed."""
    found = facts(user_agent=user_agent)
    assert (found.agent_name, found.agent_version) == (name, version)


@pytest.mark.parametrize("metadata", ["{", "[]", '"x"', '{"workspaces": {"a": 1, "b": 2}, "session_id": 5}'])
def test_metadata_in_an_unknown_form_says_nothing(metadata: str) -> None:
    """The other headers still count."""
    found = facts(user_agent="codex_exec/1.0", thread_id="t1", x_codex_turn_metadata=metadata)
    assert (found.conversation_id, found.project) == ("t1", None)


def test_an_identifier_with_strange_characters_is_dropped() -> None:
    """What is kept ends up in tables and terminals."""
    assert facts(x_claude_code_session_id="a\x1b[31m b").conversation_id is None
    assert facts(x_claude_code_session_id="x" * 201).conversation_id is None
