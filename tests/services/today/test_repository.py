"""Real repositories in every state a morning may find."""

from __future__ import annotations

from collections.abc import Callable

from codesession.domain.today import RepoState
from codesession.services.repo.process import Git
from codesession.services.today.repository import LEAST_COMMITS, look
from services.conftest import GitRepo


def seen(repo: GitRepo, since_ms: int = 2**62) -> RepoState:
    return look(Git(repo.root, timeout=20), since_ms)


def test_staged_changed_untracked_and_stashed_work_is_told_apart(repo: GitRepo) -> None:
    """Names with spaces and other letters come back as they are."""
    repo.write("stashed.txt")
    repo.git("add", ".")
    repo.git("stash", "push", "-m", "half an idea")
    repo.write("old.txt", "changed\n")
    repo.write("ä b.txt")
    repo.git("add", "ä b.txt")
    repo.write("new/one.txt")

    state = seen(repo)

    assert (state.branch, state.staged, state.changed, state.untracked) == (
        "main",
        ("ä b.txt",),
        ("old.txt",),
        ("new/",),
    )
    assert [each.message for each in state.stashes] == ["On main: half an idea"]
    assert state.recent_files[:3] == ("ä b.txt".encode(), b"old.txt", b"new/")


def test_what_the_upstream_lacks_is_unpushed(repo: GitRepo) -> None:
    """Nothing once it was pushed."""
    origin = repo.clone("origin.git")
    repo.git("remote", "add", "origin", str(origin.root))
    repo.git("checkout", "-q", "-b", "topic")
    repo.git("push", "-q", "-u", "origin", "topic")
    assert (seen(repo).unpushed, seen(repo).unpushed_count, seen(repo).upstream) == ((), 0, "origin/topic")

    repo.commit("more", "a.txt")
    state = seen(repo)
    assert [each.message for each in state.unpushed or ()] == ["more"]
    assert (state.ahead, state.behind, state.unpushed_count) == (1, 0, 1)


def test_without_an_upstream_commits_that_no_remote_branch_holds_are_unpushed(repo: GitRepo) -> None:
    """A topic branch that was never pushed."""
    copy = repo.clone("copy")
    copy.git("checkout", "-q", "-b", "topic", "--no-track")
    copy.commit("mine", "a.txt")

    state = seen(copy)

    assert (state.upstream, state.unpushed_count) == (None, 1)
    assert [each.message for each in state.unpushed or ()] == ["mine"]


def test_without_a_remote_nothing_can_be_pushed(repo: GitRepo) -> None:
    """Not the same as everything pushed."""
    assert (seen(repo).unpushed, seen(repo).unpushed_count) == (None, None)


def test_commits_since_a_moment_are_told_and_a_few_older_ones(repo: GitRepo) -> None:
    """The user's own are marked; subjects may hold anything."""
    for n in range(LEAST_COMMITS + 3):
        repo.commit(f"change {n} \x1f \\ ü", "a.txt")
    repo.git("-c", "user.email=bob@example.org", "-c", "user.name=Bob", "commit", "--allow-empty", "-m", "Bob's")

    few, all_of_them = seen(repo), seen(repo, since_ms=0)

    assert len(few.commits) == LEAST_COMMITS
    assert len(all_of_them.commits) == LEAST_COMMITS + 5
    assert few.commits[0].message == "Bob's"
    assert few.commits[1].message.startswith(f"change {LEAST_COMMITS + 2} ")
    assert few.commits[0].hash not in few.own
    assert few.commits[1].hash in few.own


def test_conflicts_are_named(repo: GitRepo) -> None:
    """In the middle of a merge."""
    repo.git("checkout", "-q", "-b", "other")
    repo.commit("theirs", "old.txt")
    repo.git("checkout", "-q", "main")
    repo.commit("ours", "old.txt")
    try:
        repo.git("merge", "other")
    except Exception as conflict:
        assert "merge" in str(conflict)
    assert seen(repo).conflicted == ("old.txt",)


def test_an_empty_repository_and_a_detached_head_are_states_too(
    new_repo: Callable[[str], GitRepo], repo: GitRepo
) -> None:
    """Before the first commit there is no head; detached there is no branch."""
    empty = seen(new_repo("empty"))
    assert (empty.branch, empty.head, empty.commits, empty.unpushed) == ("main", None, (), None)

    repo.git("checkout", "-q", "--detach")
    state = seen(repo)
    assert state.branch is None
    assert state.head == repo.git("rev-parse", "HEAD")
