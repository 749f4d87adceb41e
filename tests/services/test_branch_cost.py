"""Whose sessions a pull request pays for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codesession.app import App
from codesession.errors import InvalidInputError
from codesession.services.branch_cost import BranchCost, BranchCosts
from codesession.store.projects import SqlProjects
from services.conftest import GitRepo
from support.ledger import make_request, make_session

FORK = "2026-11-20T10:00:00Z"
FORK_MS = 1_795_168_800_000


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App({"HOME": str(tmp_path)}, tmp_path)


@pytest.fixture
def topic(repo: GitRepo) -> GitRepo:
    """A branch of two commits beside `main`, which went on."""
    repo.commit("fork", "a.txt", at=FORK)
    repo.git("checkout", "-q", "-b", "topic")
    repo.commit("one", "b.txt")
    repo.commit("two", "b.txt")
    repo.git("checkout", "-q", "main")
    repo.commit("on main", "c.txt")
    repo.git("checkout", "-q", "topic")
    return repo


def add(app: App, directory: str, cost: int, *commits: str, **changes: Any) -> int:
    new = make_session(directory, **{"git_branch": "topic", "started_at_ms": FORK_MS + 1, **changes})
    session = app.store.create_session(new, exclusive=False)
    assert session is not None
    app.store.add_request(make_request(session_id=session.id, cost_picousd=cost))
    app.store.add_commits(session.id, [(each, "x", FORK_MS) for each in commits])
    return session.id


def cost_of(app: App, repo: GitRepo, *, base: str | None = None, **environment: str) -> BranchCost:
    return BranchCosts(SqlProjects(app._database), app.store, environment).of(repo.root, base=base)


def test_sessions_on_the_branch_and_those_of_its_commits_count_once(app: App, topic: GitRepo) -> None:
    """Wherever they were; not those before the branch, of another branch, or of another folder's branch."""
    root, (two, one) = str(topic.root), topic.git("rev-list", "-2", "HEAD").split()
    here = add(app, root, 1, one)
    remote = add(app, "/home/ada/shop", 10, two, git_branch="elsewhere", started_at_ms=0)
    beside = add(app, "/home/ada/shop", 100)
    add(app, root, 1_000, started_at_ms=FORK_MS - 1)
    add(app, root, 10_000, git_branch="main")
    add(app, "/another", 100_000)
    add(app, root, 1_000_000, git_branch=None)

    cost = cost_of(app, topic)

    assert {each.id for each in cost.sessions} == {here, remote, beside}
    assert cost.totals.cost_picousd == 111
    assert (cost.branch, cost.base, cost.commits) == ("topic", "main", (two, one))
    assert [(each.name, each.totals.cost_picousd) for each in cost.models] == [("claude-sonnet-4-5", 111)]


def test_in_ci_head_is_detached_and_the_environment_names_branch_and_base(app: App, topic: GitRepo) -> None:
    """Sessions of the job began without a branch."""
    topic.git("checkout", "-q", "--detach")
    job = add(app, str(topic.root), 5, git_branch=None)
    cost = cost_of(app, topic, GITHUB_HEAD_REF="topic", GITHUB_BASE_REF="main")
    assert (cost.branch, cost.base, [each.id for each in cost.sessions]) == ("topic", "main", [job])


def test_a_branch_without_commits_has_no_sessions(app: App, topic: GitRepo) -> None:
    """Nothing to review."""
    add(app, str(topic.root), 5, git_branch="main")
    topic.git("checkout", "-q", "main")
    assert cost_of(app, topic, base="main").sessions == ()


def test_what_cannot_be_compared_is_said(app: App, topic: GitRepo, tmp_path: Path) -> None:
    """An unknown base, a history cut short, no repository."""
    for base in ("nowhere", "--help"):
        with pytest.raises(InvalidInputError, match="there is no"):
            cost_of(app, topic, base=base)
    topic.git("checkout", "-q", "--orphan", "alone")
    topic.commit("alone", "z.txt")
    with pytest.raises(InvalidInputError, match="no common commit"):
        cost_of(app, topic)
    with pytest.raises(InvalidInputError, match="no git repository"):
        BranchCosts(SqlProjects(app._database), app.store, {}).of(tmp_path)
