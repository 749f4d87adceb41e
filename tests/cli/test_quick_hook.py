"""`cs hook`, fed with what agents really send."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from codesession.store.migrate import LATEST
from support.ledger import COST
from support.shell import Answer, Shell

Hook = Callable[..., Answer]
EXPENSIVE = ("log-ai", "-p", "x", "-m", "y", "-t", "1", "-c", "2")
ENTRY = "from codesession.cli.entry import entry_point; entry_point()"


@pytest.fixture
def hook(shell: Shell) -> Hook:
    """Send one hook's input, as the installed command gets it."""

    def send(agent: str, event: str, *, text: bytes | None = None, **more: Any) -> Answer:
        value = {"session_id": "s", "cwd": str(shell.cwd), "hook_event_name": event, **more}
        body = json.dumps(value).encode() if text is None else text
        done = subprocess.run(
            [sys.executable, "-c", ENTRY, "hook", agent],
            input=body,
            env=shell.environment(),
            cwd=shell.cwd,
            capture_output=True,
            check=False,
        )
        return Answer(done.returncode, done.stdout.decode(), done.stderr.decode())

    return send


def test_without_a_ledger_or_a_budget_it_is_silent(shell: Shell, hook: Hook) -> None:
    """An agent without budgets must not notice us, and no ledger is made for it."""
    assert hook("claude-code", "UserPromptSubmit") == Answer(0, "", "")
    assert not shell.ledger.exists()
    shell.ok("start", "task", "--json")
    assert hook("claude-code", "UserPromptSubmit") == Answer(0, "", "")


def test_claude_code_is_stopped_where_it_listens(shell: Shell, hook: Hook) -> None:
    """The prompt with exit status 2, the loop with `continue: false`, the end of a turn never."""
    shell.ok("start", "task", "--budget", "1", "--json")
    assert hook("claude-code", "PreToolUse", tool_name="Bash") == Answer(0, "", "")
    assert shell.cs(*EXPENSIVE).code == 0
    prompt = hook("claude-code", "UserPromptSubmit", prompt="go on")
    assert (prompt.code, prompt.out) == (2, "")
    assert "used up" in prompt.err
    assert "cs budget allow" in prompt.err
    for event in ("PreToolUse", "PostToolUse"):
        tool = hook("claude-code", event, tool_name="Bash")
        assert (tool.code, tool.json["continue"], tool.err) == (0, False, "")
        assert "used up" in tool.json["stopReason"]
    for event in ("Stop", "SubagentStop", "SessionStart", "SessionEnd", "Notification"):
        assert hook("claude-code", event) == Answer(0, "", "")
    shell.ok("budget", "allow", "+5", "--json")
    assert hook("claude-code", "UserPromptSubmit") == Answer(0, "", "")


def test_budgets_of_a_ledger_of_an_older_version_hold(shell: Shell, hook: Hook) -> None:
    """After an update a hook may be the first to come."""
    shell.ok("start", "task", "--budget", "1", "--json")
    assert shell.cs(*EXPENSIVE).code == 0
    connection = sqlite3.connect(shell.ledger)
    for table in ("sessions", "usage_rollups", "session_usage"):
        connection.execute(f"ALTER TABLE {table} DROP COLUMN cache_write_1h_input_tokens")
        connection.execute(f"UPDATE {table} SET cost_picousd = {COST}")
    for table in ("sessions", "usage_rollups", "session_usage", "import_cursors"):
        connection.execute(f"ALTER TABLE {table} DROP COLUMN cost_dollars")
    connection.execute("ALTER TABLE spending DROP COLUMN lower_bound_requests")
    connection.executescript(
        "DROP TABLE session_nesting; DELETE FROM schema_migrations WHERE version > 11; PRAGMA user_version = 11"
    )
    connection.close()
    assert hook("claude-code", "UserPromptSubmit", prompt="go on").code == 2
    assert sqlite3.connect(shell.ledger).execute("PRAGMA user_version").fetchone() == (LATEST,)


def test_codex_and_gemini_are_stopped_in_their_way(shell: Shell, hook: Hook) -> None:
    """Budgets of everything and of the agent itself hold for them too."""
    shell.ok("budget", "set", "0", "--scope", "global", "--agent", "codex", "--json")
    assert hook("codex", "UserPromptSubmit").json["continue"] is False
    assert hook("codex", "SessionStart").json["continue"] is False
    assert hook("codex", "PreToolUse") == Answer(0, "", "")
    assert hook("gemini", "BeforeModel") == Answer(0, "", "")
    shell.ok("budget", "set", "0", "--scope", "project", "--json")
    assert hook("gemini", "BeforeModel").json["decision"] == "deny"
    assert hook("gemini", "BeforeAgent").code == 2


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null", b'{"hook_event_name": 5}', b"\xff"])
def test_whatever_is_unexpected_is_no_reason_to_stop(shell: Shell, hook: Hook, text: bytes) -> None:
    """Exit status 0 and not a word."""
    shell.ok("budget", "set", "0", "--scope", "global", "--json")
    assert hook("claude-code", "", text=text) == Answer(0, "", "")
    assert hook("cursor", "UserPromptSubmit") == Answer(0, "", "")


def test_an_agent_is_known_by_what_people_call_it(shell: Shell, hook: Hook) -> None:
    """A hook put in by hand that never answered would let everything pass."""
    shell.ok("start", "task", "--budget", "0", "--json")
    assert hook("claude", "UserPromptSubmit").code == 2
    assert json.loads(hook("gemini-cli", "BeforeModel").out)["decision"] == "deny"


def test_a_damaged_ledger_is_no_reason_to_stop(shell: Shell, hook: Hook) -> None:
    """Nor is a settings file that cannot be read."""
    shell.ledger.parent.mkdir(exist_ok=True)
    shell.ledger.write_bytes(b"no database at all")
    assert hook("claude-code", "UserPromptSubmit") == Answer(0, "", "")
    (shell.ledger.parent / "config.toml").write_text("[")
    assert hook("claude-code", "UserPromptSubmit") == Answer(0, "", "")


def test_what_only_the_agents_log_knows_counts(shell: Shell, hook: Hook, tmp_path: Path) -> None:
    """Without a proxy in between the transcript is read first: the hook sees the spending of this very turn."""
    shell.ok("start", "task", "--budget", "0.001", "--json")
    log = tmp_path / "conversation.jsonl"
    line = {
        "type": "assistant",
        "sessionId": "s",
        "uuid": "u1",
        "requestId": "req_1",
        "timestamp": _now(),
        "cwd": str(shell.cwd),
        "version": "2.1.330",
        "message": {
            "id": "msg_1",
            "role": "assistant",
            "model": "claude-sonnet-4-5",
            "stop_reason": "tool_use",
            "content": [],
            "usage": {"input_tokens": 10_000, "output_tokens": 1_000},
        },
    }
    log.write_text(json.dumps(line) + "\n")
    stopped = hook("claude-code", "PreToolUse", tool_name="Bash", transcript_path=str(log))
    assert stopped.json["continue"] is False


def _now() -> str:
    from datetime import UTC, datetime

    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
