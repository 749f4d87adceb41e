"""A dashboard over a ledger with a session in it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from codesession.app import now_ms
from codesession.domain.session import Session
from codesession.domain.usage import TokenUsage
from support.ledger import make_request, make_session
from support.web_server import Dashboard


@pytest.fixture
def dashboard(tmp_path: Path) -> Iterator[Dashboard]:
    """An empty ledger's dashboard."""
    with Dashboard(tmp_path / "home") as running:
        yield running


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """One for a whole file, where nothing may change: it has the session of `session` in it."""
    with Dashboard(tmp_path_factory.mktemp("shared")) as running:
        add_session(running)
        yield running


@pytest.fixture
def session(dashboard: Dashboard) -> Session:
    """An active session an hour old, with three calls of two agents, a note, a file and a commit."""
    return add_session(dashboard)


def add_session(dashboard: Dashboard) -> Session:
    """See `session`."""
    store, now = dashboard.app.store, now_ms()
    created = store.create_session(
        make_session("/code/shop", name="checkout", started_at_ms=now - 3_600_000), exclusive=True
    )
    assert created is not None
    usage = TokenUsage(
        input_tokens=1_000, cache_read_input_tokens=600, cache_write_input_tokens=100, output_tokens=200,
        reasoning_output_tokens=50,
    )  # fmt: skip
    for minute, agent in ((50, "claude-code"), (40, "claude-code"), (10, "codex")):
        model = "gpt-5" if agent == "codex" else "claude-sonnet-4-5"
        store.add_request(
            make_request(
                session_id=created.id,
                agent_name=agent,
                provider_name="openai" if agent == "codex" else "anthropic",
                request_model=model,
                started_at_ms=now - minute * 60_000,
                usage=usage,
            )
        )
    store.add_note(created.id, "half way", at_ms=now - 30 * 60_000)
    store.add_files(created.id, [("src/pay.py", "modified")], at_ms=now - 20 * 60_000)
    store.add_commits(created.id, [("a" * 40, "pay by card", now - 29 * 60_000)])
    found = store.session(created.id)
    assert found is not None
    return found


@dataclass
class Repository:
    """A git work tree."""

    root: Path

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.root, capture_output=True, check=True, text=True)
        return done.stdout.strip()

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def commit(self, message: str) -> str:
        self.git("add", "-A")
        self.git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", message)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository with one commit."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    made = Repository(tmp_path / "repo")
    made.root.mkdir()
    made.git("init", "--quiet")
    made.write("old.txt", "one\n")
    made.commit("first")
    return made
