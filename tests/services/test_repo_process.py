"""The git program may be missing, old, hostile or hung; a session ends all the same."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from codesession.domain.repo import Baseline
from codesession.services import repo as repo_service
from codesession.services.repo.process import Git, GitError


@pytest.fixture
def fake_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Put a shell script in the place of git."""

    def install(script: str) -> None:
        program = tmp_path / "bin" / "git"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")

    return install


def ends_soon(pid: int) -> bool:
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def test_a_hung_git_is_ended_with_its_children(repo, fake_git, tmp_path: Path) -> None:
    """The scan returns after its time limit, once, with one warning."""
    repo.start()
    fake_git(f"sleep 60 & echo $! >> {tmp_path}/children; wait")
    started = time.monotonic()

    scan = repo_service.scan(repo.root, Baseline.from_json(repo.kept), timeout=1)

    assert time.monotonic() - started < 5
    assert scan.warnings == (f"git did not answer within 1 s in {repo.root}",)
    assert scan.head is not None
    assert all(ends_soon(int(pid)) for pid in (tmp_path / "children").read_text().split())


def test_a_grandchild_that_left_the_group_cannot_hold_the_session(repo, fake_git) -> None:
    """It keeps the pipes open, and nobody waits for it."""
    fake_git("setsid sleep 4 & sleep 60")
    started = time.monotonic()

    taken = repo_service.baseline(repo.root, timeout=0.2)

    assert time.monotonic() - started < 3
    assert "did not answer" in taken.warnings[0]


def test_megabytes_on_stderr_do_not_block(repo, fake_git) -> None:
    """Both pipes are drained; the warning stays short."""
    fake_git("head -c 5000000 /dev/zero | tr '\\0' x >&2; echo >&2; echo 'fatal: out of words' >&2; exit 128")

    with pytest.raises(GitError, match=r"^git failed in .*: fatal: out of words$"):
        Git(repo.root, timeout=10).run("status")


def test_a_missing_git_says_so(repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """One warning, though several runs failed."""
    repo.start()
    monkeypatch.setenv("PATH", "/nowhere")

    scan = repo.end()

    assert scan.warnings == ("git is not installed or not on PATH: commits and changed files cannot be seen",)


def test_a_git_that_cannot_be_run_says_why(repo, fake_git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken installation."""
    fake_git("true")
    (tmp_path / "bin" / "git").write_text("#!/nowhere/interpreter\n")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))

    assert repo_service.baseline(repo.root).warnings


def test_a_repository_of_another_user_names_the_remedy(repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git refuses it; the person can allow it."""
    repo.start()
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")

    scan = repo.end()

    assert len(scan.warnings) == 1
    assert f"git config --global --add safe.directory {repo.root}" in scan.warnings[0]


def test_runs_share_one_time_limit(repo, fake_git) -> None:
    """A slow git cannot take the limit once per run."""
    fake_git("sleep 0.1")
    git = Git(repo.root, timeout=0.5)

    with pytest.raises(GitError, match="did not answer"):
        for _ in range(20):
            git.run("status")


def test_git_may_neither_lock_ask_nor_call_out(repo, fake_git) -> None:
    """The environment that every run gets."""
    fake_git('echo "$GIT_OPTIONAL_LOCKS $GIT_TERMINAL_PROMPT $GIT_NO_LAZY_FETCH $GIT_ALLOW_PROTOCOL $LC_ALL"')

    assert Git(repo.root, timeout=5).run("status") == b"0 0 1 none C\n"


def test_a_scan_starts_at_most_four_processes(repo, fake_git, tmp_path: Path) -> None:
    """However many files and commits there are; a baseline two."""
    real = shutil.which("git")
    fake_git(f'echo run >> {tmp_path}/runs; exec {real} "$@"')
    runs = tmp_path / "runs"
    repo_service.baseline(repo.root)
    assert len(runs.read_text().split()) == 2
    taken = repo_service.baseline(repo.root)
    for n in range(3):
        repo.commit(f"commit {n}", f"{n}.txt")
        repo.write(f"untracked{n}.txt")
    runs.unlink()

    assert len(repo_service.scan(repo.root, taken).commits) == 3
    assert len(runs.read_text().split()) == 4
