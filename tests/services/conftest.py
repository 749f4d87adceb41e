"""Real repositories for the tests of what git says."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from codesession.app import App
from codesession.domain.repo import Baseline, Scan
from codesession.services import repo as repo_service
from support.spending import app_of

LONG_AGO = "2024-01-02T03:04:05Z"


class GitRepo:
    """A work tree driven by the real git program, and a session on it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.kept = ""

    def git(self, *arguments: str, at: str | None = None) -> str:
        """Run git; `at` sets author and committer date."""
        dates = {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at} if at else {}
        command = ["git", "-C", str(self.root), *arguments]
        done = subprocess.run(command, env=os.environ | dates, capture_output=True, check=True)
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def write(self, path: str, text: str = "text\n") -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def commit(self, message: str, *paths: str, at: str | None = None) -> str:
        """Write the paths with the message as content, commit them, return the commit's name."""
        for path in paths:
            self.write(path, f"{message}\n")
        self.git("add", "-A", *paths)
        self.git("commit", "--quiet", "--allow-empty", "-m", message, at=at)
        return self.git("rev-parse", "HEAD")

    def clone(self, name: str) -> GitRepo:
        """A full clone beside this repository."""
        other = GitRepo(self.root.parent / name)
        self.git("clone", "--quiet", str(self.root), str(other.root))
        return other

    def start(self) -> Baseline:
        """Begin a session: the baseline goes through its text, as it does in the ledger."""
        taken = repo_service.baseline(self.root)
        assert taken.warnings == ()
        self.kept = taken.to_json()
        return taken

    def end(self) -> Scan:
        return repo_service.scan(self.root, Baseline.from_json(self.kept))


@pytest.fixture
def git_env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Git without the settings of this machine; the folder where repositories can be made."""
    config = tmp_path / "gitconfig"
    config.write_text(
        "[user]\n name = Ada\n email = ada@example.org\n[init]\n defaultBranch = main\n"
        '[protocol "file"]\n allow = always\n[advice]\n detachedHead = false\n'
    )
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_EDITOR", "true")
    work = tmp_path / "work"
    work.mkdir()
    return work


@pytest.fixture
def new_repo(git_env: Path) -> Callable[[str], GitRepo]:
    """Make an empty repository by name."""

    def make(name: str) -> GitRepo:
        root = git_env / name
        root.mkdir(parents=True)
        made = GitRepo(root)
        made.git("init", "--quiet")
        return made

    return make


@pytest.fixture
def repo(new_repo: Callable[[str], GitRepo]) -> GitRepo:
    """A repository with two old files and one old commit on `main`."""
    made = new_repo("repo")
    made.commit("old", "old.txt", "other.txt", at=LONG_AGO)
    return made


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """Services over a ledger with one session, number 1, in the test's own folder."""
    made = app_of(tmp_path / "s.db")
    made.sessions.start("task", tmp_path)
    yield made
    made.close()
