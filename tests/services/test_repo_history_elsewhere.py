"""Which commits count when other repositories, worktrees, submodules and settings come into play."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from codesession.domain.repo import Scan

LONG_AGO = "2024-01-02T03:04:05Z"


def subjects(scan: Scan) -> list[str]:
    assert scan.warnings == ()
    return [commit.message for commit in scan.commits]


def changes(scan: Scan) -> dict[str, str]:
    assert scan.warnings == ()
    return {file.path: str(file.change_type) for file in scan.files}


def test_an_amended_commit_that_was_pushed_before_counts_once(repo) -> None:
    """The remote branch still holds the replaced commit; it is not counted beside the final one."""
    mine = repo.clone("mine")
    mine.git("checkout", "--quiet", "-b", "feature")
    mine.start()
    mine.commit("draft", "a.txt")
    mine.git("push", "--quiet", "origin", "HEAD:feature")
    mine.git("commit", "--quiet", "--amend", "-m", "final")

    assert subjects(mine.end()) == ["final"]


def test_a_squashed_commit_counts_once(repo) -> None:
    """Two commits become one, and a pushed copy of the two does not bring them back."""
    mine = repo.clone("mine")
    mine.git("checkout", "--quiet", "-b", "feature")
    mine.start()
    mine.commit("first", "a.txt")
    mine.commit("fixup! first", "b.txt")
    mine.git("push", "--quiet", "origin", "HEAD:feature")
    mine.git("-c", "sequence.editor=true", "rebase", "--quiet", "-i", "--autosquash", "main")

    scan = mine.end()

    assert subjects(scan) == ["first"]
    assert changes(scan) == {"a.txt": "created", "b.txt": "created"}


@pytest.mark.parametrize("how", [["pull", "--quiet", "--ff-only"], ["pull", "--quiet", "--rebase"]])
def test_pulled_commits_are_not_the_sessions(repo, how: list[str]) -> None:
    """A colleague committed during the session; own commits count, pushed or rebased onto theirs."""
    mine = repo.clone("mine")
    mine.start()
    repo.commit("theirs", "theirs.txt")
    mine.git(*how)
    mine.commit("mine", "mine.txt")
    repo.git("checkout", "--quiet", "--detach")
    mine.git("push", "--quiet", "origin", "main")

    scan = mine.end()

    assert subjects(scan) == ["mine"]
    assert changes(scan) == {"mine.txt": "created"}


def test_pull_with_rebase_keeps_own_commits_and_leaves_others(repo) -> None:
    """Own commits are replayed on fetched ones."""
    mine = repo.clone("mine")
    mine.start()
    mine.commit("mine", "mine.txt")
    repo.commit("theirs", "theirs.txt")
    mine.git("pull", "--quiet", "--rebase")

    scan = mine.end()

    assert subjects(scan) == ["mine"]
    assert changes(scan) == {"mine.txt": "created"}


def test_a_pull_that_merges_counts_as_the_merge_alone(repo) -> None:
    """The merge commit was made here, the commits it brings were not; nor are its files."""
    mine = repo.clone("mine")
    mine.start()
    mine.commit("mine", "mine.txt")
    repo.commit("theirs", "theirs.txt")
    mine.git("pull", "--quiet", "--no-rebase", "--no-edit", str(repo.root), "main")

    scan = mine.end()

    assert [s.partition(" of ")[0] for s in subjects(scan)] == ["mine", "Merge branch 'main'"]
    assert changes(scan) == {"mine.txt": "created"}


def test_fetched_branches_checked_out_are_not_the_sessions(repo) -> None:
    """Reviewing a colleague's branch is not making its commits."""
    mine = repo.clone("mine")
    mine.start()
    repo.git("checkout", "--quiet", "-b", "theirs")
    repo.commit("theirs", "theirs.txt")
    mine.git("fetch", "--quiet")
    mine.git("checkout", "--quiet", "theirs")
    mine.git("branch", "--quiet", "copy")
    repo.commit("theirs 2", "theirs.txt")
    mine.git("fetch", "--quiet", str(repo.root), "theirs:fetched")

    assert (subjects(mine.end()), changes(mine.end())) == ([], {})


def test_own_commits_pushed_count_even_without_a_local_branch(repo) -> None:
    """Pushed, then the branch was deleted here."""
    mine = repo.clone("mine")
    mine.start()
    mine.git("checkout", "--quiet", "-b", "feature")
    mine.commit("mine", "mine.txt")
    mine.git("push", "--quiet", "origin", "feature")
    mine.git("checkout", "--quiet", "main")
    mine.git("branch", "--quiet", "-D", "feature")

    assert subjects(mine.end()) == ["mine"]


def test_another_worktree_counts_its_own_commits(repo) -> None:
    """Each worktree is a scope: what is committed in one is not counted in the other."""
    beside = type(repo)(repo.root.parent / "beside")
    repo.git("worktree", "add", "--quiet", "-b", "beside", str(beside.root))
    repo.start()
    beside.start()
    beside.commit("beside", "b.txt")
    repo.commit("here", "h.txt")

    assert subjects(repo.end()) == ["here"]
    assert subjects(beside.end()) == ["beside"]


def test_work_of_another_worktree_counts_where_it_is_merged(repo) -> None:
    """An agent's helper worked in a linked worktree; its commits landed here during the session, and were pushed."""
    mine = repo.clone("mine")
    mine.start()
    beside = type(repo)(repo.root.parent / "beside")
    mine.git("worktree", "add", "--quiet", "-b", "beside", str(beside.root))
    beside.commit("beside", "b.txt")
    mine.git("merge", "--quiet", "beside")
    repo.git("checkout", "--quiet", "--detach")
    mine.git("push", "--quiet", "origin", "main")

    scan = mine.end()

    assert subjects(scan) == ["beside"]
    assert changes(scan) == {"b.txt": "created"}


def test_work_of_another_worktree_still_counts_under_fetched_commits(repo) -> None:
    """It was pushed from here, and a colleague built on it."""
    mine = repo.clone("mine")
    mine.start()
    beside = type(repo)(repo.root.parent / "beside")
    mine.git("worktree", "add", "--quiet", "-b", "beside", str(beside.root))
    beside.commit("beside 1", "b.txt")
    beside.commit("beside 2", "b.txt")
    mine.git("merge", "--quiet", "beside")
    repo.git("checkout", "--quiet", "--detach")
    mine.git("push", "--quiet", "origin", "main")
    repo.git("checkout", "--quiet", "main")
    repo.commit("theirs", "theirs.txt")
    mine.git("pull", "--quiet", "--ff-only")

    assert subjects(mine.end()) == ["beside 1", "beside 2"]


def test_fetched_commits_are_told_apart_without_reflogs(repo) -> None:
    """What a remote branch holds came from there when no reflog says that it was pushed."""
    mine = repo.clone("mine")
    mine.git("config", "core.logAllRefUpdates", "false")
    shutil.rmtree(mine.root / ".git" / "logs")
    mine.start()
    repo.commit("theirs", "theirs.txt")
    mine.git("pull", "--quiet", "--ff-only")
    mine.commit("mine", "mine.txt")

    assert subjects(mine.end()) == ["mine"]


def test_a_new_submodule_commit_is_one_changed_path(repo, new_repo) -> None:
    """The pointer counts, committed or not; what lies uncommitted inside is the submodule's own."""
    library = new_repo("library")
    library.commit("lib", "lib.c")
    repo.git("submodule", "--quiet", "add", str(library.root), "lib")
    repo.git("commit", "--quiet", "-m", "add lib")
    inside = type(repo)(repo.root / "lib")
    repo.start()
    inside.write("scratch.c")
    assert changes(repo.end()) == {}

    inside.commit("newer", "lib.c")
    assert changes(repo.end()) == {"lib": "modified"}

    repo.git("commit", "--quiet", "-am", "bump lib")
    scan = repo.end()
    assert (subjects(scan), changes(scan)) == (["bump lib"], {"lib": "modified"})


def test_a_submodule_that_was_ahead_at_the_start_and_stayed_so_is_untouched(repo, new_repo) -> None:
    """Its fingerprint is the commit it has checked out."""
    library = new_repo("library")
    library.commit("lib", "lib.c")
    repo.git("submodule", "--quiet", "add", str(library.root), "lib")
    repo.git("commit", "--quiet", "-m", "add lib")
    inside = type(repo)(repo.root / "lib")
    inside.commit("ahead", "lib.c")
    repo.start()
    assert changes(repo.end()) == {}

    inside.commit("further", "lib.c")
    assert changes(repo.end()) == {"lib": "modified"}


def test_a_shallow_clone_that_is_deepened_gains_no_commits(repo) -> None:
    """History that comes in from below is older than the session."""
    for n in range(3):
        repo.commit(f"old {n}", "old.txt", at=LONG_AGO)
    shallow = type(repo)(repo.root.parent / "shallow")
    repo.git("clone", "--quiet", "--depth=1", f"file://{repo.root}", str(shallow.root))
    shallow.start()
    shallow.commit("mine", "mine.txt")
    shallow.git("fetch", "--quiet", "--unshallow")

    assert subjects(shallow.end()) == ["mine"]


def test_refs_that_vanish_with_their_objects_do_not_matter(repo) -> None:
    """A branch known at the start is deleted and its commits are pruned."""
    repo.git("checkout", "--quiet", "-b", "doomed")
    repo.commit("doomed", "doomed.txt")
    repo.git("checkout", "--quiet", "main")
    repo.start()
    repo.git("branch", "--quiet", "-D", "doomed")
    repo.git("reflog", "expire", "--expire=now", "--all")
    repo.git("gc", "--quiet", "--prune=now")
    repo.commit("mine", "mine.txt")

    assert subjects(repo.end()) == ["mine"]


HOSTILE_SETTINGS = """
[diff]
    renames = copies
    orderFile = /nowhere
    noprefix = true
    external = /bin/false
    relative = true
    ignoreSubmodules = all
[status]
    showUntrackedFiles = no
    renames = copies
    branch = false
    short = true
[log]
    showRoot = false
    decorate = no
    date = relative
    showSignature = true
    follow = true
    excludeDecoration = refs/remotes/*
[color]
    ui = always
[core]
    quotePath = true
    pager = /bin/false
    fsmonitor = /bin/false
[i18n]
    logOutputEncoding = latin1
[format]
    pretty = oneline
"""


def test_the_users_settings_do_not_change_the_answer(repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that bend the output of git for people, at the start and at the end."""
    plain = Path(os.environ["GIT_CONFIG_GLOBAL"])
    hostile = plain.with_name("hostile")
    hostile.write_text(plain.read_text() + HOSTILE_SETTINGS)
    mine = repo.clone("mine")
    mine.write("already.txt")
    with monkeypatch.context() as settings:
        settings.setenv("GIT_CONFIG_GLOBAL", str(hostile))
        assert list(mine.start().dirty) == ["already.txt"]
    repo.commit("theirs", "theirs.txt")
    mine.git("pull", "--quiet", "--ff-only")
    mine.git("mv", "old.txt", "neu ä.txt")
    mine.git("commit", "--quiet", "-m", "größer")
    mine.write("untracked.txt")

    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(hostile))
    scan = mine.end()

    assert subjects(scan) == ["größer"]
    assert changes(scan) == {"neu ä.txt": "created", "old.txt": "deleted", "untracked.txt": "created"}
