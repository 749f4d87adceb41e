"""gh, played by a script."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from codesession.services.today.pulls import PullsError, has_host, open_pulls, parse_pulls
from services.conftest import GitRepo

ANSWER = """[{"number": 7, "title": "Mend it", "url": "https://github.com/a/b/pull/7", "headRefName": "clock",
"author": {"login": "ada"}, "isDraft": true, "reviewDecision": ""}]"""


def make_gh(folder: Path, script: str) -> str:
    gh = folder / "gh"
    gh.write_text(f"#!/bin/sh\n{script}\n")
    gh.chmod(0o755)
    return str(gh)


def test_open_pull_requests_are_read_from_gh(tmp_path: Path) -> None:
    """In the folder of the repository, without questions."""
    script = f"test \"$GH_PROMPT_DISABLED\" = 1 && pwd > asked && cat <<'E'\n{ANSWER}\nE"
    (found,) = open_pulls(make_gh(tmp_path, script), tmp_path)
    assert (found.number, found.title, found.branch, found.author) == (7, "Mend it", "clock", "ada")
    assert (found.is_draft, found.review) == (True, None)
    assert (tmp_path / "asked").exists()


def test_gh_that_fails_says_why(tmp_path: Path) -> None:
    """The first line of its own words."""
    with pytest.raises(PullsError, match="gh: not logged in"):
        open_pulls(make_gh(tmp_path, "echo not logged in >&2; echo more >&2; exit 4"), tmp_path)
    with pytest.raises(PullsError, match="cannot be started"):
        open_pulls(str(tmp_path / "none"), tmp_path)


def test_gh_that_hangs_is_left(tmp_path: Path) -> None:
    """Also when it started something that keeps its output open."""
    began = time.monotonic()
    with pytest.raises(PullsError, match="did not answer"):
        open_pulls(make_gh(tmp_path, "sleep 20 & sleep 20"), tmp_path, patience_s=0.2)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("text", [b"", b"{}x", b'[{"number": 1}]', b"[1]", b'{"message": "no"}', b"3"])
def test_an_answer_of_another_kind_is_a_problem_and_no_crash(text: bytes) -> None:
    """Whatever a host or an old gh says."""
    with pytest.raises(PullsError):
        parse_pulls(text)


def test_gh_is_asked_only_where_a_remote_leads_to_its_host(repo: GitRepo, tmp_path: Path) -> None:
    """github.com, an enterprise name with `github`, or what GH_HOST names."""
    assert not has_host(repo.root, {})
    repo.git("remote", "add", "origin", "git@code.example.org:a/b.git")
    assert not has_host(repo.root, {})
    assert has_host(repo.root, {"GH_HOST": "code.example.org"})
    repo.git("remote", "set-url", "origin", "https://github.com/a/b.git")
    assert has_host(repo.root, {})
    assert not has_host(tmp_path, {})
