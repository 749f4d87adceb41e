"""Two agents at once in one repository: each run has its own calls."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.shell import Shell

sys.path.append(str(Path(__file__).parents[2] / "examples"))
AGENT = Path(__file__).parents[2] / "examples" / "agent.py"


@pytest.fixture
def provider_url() -> Iterator[str]:
    """The example's stand-in for both providers."""
    from local_provider import Provider

    provider = Provider()
    thread = threading.Thread(target=provider.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield provider.url
    provider.shutdown()
    provider.server_close()
    thread.join()


def test_calls_of_runs_at_the_same_time_never_mix(shell: Shell, provider_url: str, tmp_path: Path) -> None:
    """Five each, each with its own conversation's cost; both exit well and both sessions end."""
    env = {
        "CODESESSION_UPSTREAM_ANTHROPIC": provider_url,
        "CODESESSION_UPSTREAM_OPENAI": provider_url,
        "ANTHROPIC_API_KEY": "demo",
        "OPENAI_API_KEY": "demo",
        "PATH": os.environ["PATH"],
    }
    shell.git("config", "user.name", "Ada")
    shell.git("config", "user.email", "ada@example.org")
    worktree = tmp_path / "worktree"
    shell.git("worktree", "add", "--quiet", "--detach", str(worktree))
    runs = [
        shell.start("run", "--name", f"agent {number}", "--", sys.executable, str(AGENT), env=env, cwd=folder)
        for number, folder in enumerate([worktree, shell.cwd])
    ]
    said = [run.communicate(timeout=100) for run in runs]
    assert [run.returncode for run in runs] == [0, 0], said

    sessions = shell.ok("export", "--json")
    assert sorted(s["name"] for s in sessions) == ["agent 0", "agent 1"]
    seen = [call["responseId"] for session in sessions for call in session["aiUsage"]]
    assert len(seen) == len(set(seen)) == 10
    for session in sessions:
        assert (session["status"], session["aiCalls"], session["unpricedCalls"]) == ("completed", 5, 0)
        models = sorted(call["model"] for call in session["aiUsage"])
        assert models == ["claude-sonnet-5-5"] * 2 + ["gpt-6.1-sol"] * 3
        assert {call["sessionId"] for call in session["aiUsage"]} == {session["id"]}
        assert round(sum(call["cost"] for call in session["aiUsage"]), 10) == session["aiCost"]
