"""Which commits count as the session's, on real repositories."""

from __future__ import annotations

import subprocess

import pytest

from codesession.domain.repo import Scan

LONG_AGO = "2024-01-02T03:04:05Z"


def subjects(scan: Scan) -> list[str]:
    assert scan.warnings == ()
    return [commit.message for commit in scan.commits]


def changes(scan: Scan) -> dict[str, str]:
    assert scan.warnings == ()
    return {file.path: str(file.change_type) for file in scan.files}


def test_nothing_happened(repo) -> None:
    """A session without work reports nothing, but where HEAD is."""
    taken = repo.start()

    scan = repo.end()

    assert (subjects(scan), changes(scan)) == ([], {})
    assert (scan.head, scan.branch) == (taken.head, "main") == (repo.git("rev-parse", "HEAD"), "main")


def test_commits_are_listed_oldest_first_with_their_facts(repo) -> None:
    """Full hash, subject, author and times; the earlier history is not the session's."""
    repo.start()
    first = repo.commit("first\n\nbody", "a.txt")
    repo.commit("zweiter – ünï", "old.txt")

    scan = repo.end()

    assert subjects(scan) == ["first", "zweiter – ünï"]
    assert changes(scan) == {"a.txt": "created", "old.txt": "modified"}
    assert (scan.commits[0].hash, scan.commits[0].author_name) == (first, "Ada")
    assert scan.commits[0].committed_at_ms == int(repo.git("show", "-s", "--format=%ct", first)) * 1000


def test_commits_on_all_branches_count_after_switching_back(repo) -> None:
    """Work on a branch is not lost because HEAD is elsewhere at the end."""
    repo.start()
    repo.git("checkout", "--quiet", "-b", "feature")
    repo.commit("on feature", "feature.txt")
    repo.git("checkout", "--quiet", "main")
    repo.commit("on main", "main.txt")

    scan = repo.end()

    assert sorted(subjects(scan)) == ["on feature", "on main"]
    assert changes(scan) == {"feature.txt": "created", "main.txt": "created"}


def test_a_branch_from_before_the_session_is_not_its_work(repo) -> None:
    """Checking out, resetting to or fast-forwarding to older commits makes none."""
    repo.git("checkout", "--quiet", "-b", "older")
    repo.commit("older work", "older.txt")
    repo.git("checkout", "--quiet", "main")
    repo.start()
    repo.git("checkout", "--quiet", "older")
    repo.git("checkout", "--quiet", "main")
    repo.git("merge", "--quiet", "older")

    assert (subjects(repo.end()), changes(repo.end())) == ([], {})


def test_a_child_comes_after_its_parent_whatever_the_clock_says(repo) -> None:
    """Branches that grew from each other with clocks set back: the file was created before it was modified."""
    repo.start()
    repo.commit("parent", "a.txt")
    repo.git("checkout", "--quiet", "-b", "child")
    repo.commit("child", "a.txt", at=LONG_AGO)
    repo.git("checkout", "--quiet", "main")
    repo.commit("sibling", "b.txt")

    scan = repo.end()

    assert subjects(scan) == ["parent", "child", "sibling"]
    assert changes(scan) == {"a.txt": "created", "b.txt": "created"}


def test_an_amended_commit_counts_once(repo) -> None:
    """The replaced commit is gone."""
    repo.start()
    repo.commit("draft", "a.txt")
    repo.write("b.txt")
    repo.git("add", "b.txt")
    final = repo.git("commit", "--quiet", "--amend", "-m", "final") or repo.git("rev-parse", "HEAD")

    scan = repo.end()

    assert [c.hash for c in scan.commits] == [final]
    assert changes(scan) == {"a.txt": "created", "b.txt": "created"}


def test_amending_an_older_commit_counts_for_what_it_changed(repo) -> None:
    """The commit is new, but most of its content is from before."""
    repo.commit("older", "older.txt")
    repo.start()
    repo.write("added.txt")
    repo.git("add", "added.txt")
    repo.git("commit", "--quiet", "--amend", "--no-edit")
    repo.git("commit", "--quiet", "--amend", "-m", "older, better said")

    scan = repo.end()

    assert subjects(scan) == ["older, better said"]
    assert changes(scan) == {"added.txt": "created"}


def test_rebased_own_commits_count_once(repo) -> None:
    """Also where a backup branch keeps the commits that were replaced."""
    repo.git("branch", "side")
    repo.start()
    repo.commit("mine 1", "m1.txt")
    repo.commit("mine 2", "m2.txt")
    repo.git("branch", "backup")
    repo.git("checkout", "--quiet", "side")
    repo.commit("side", "side.txt")
    repo.git("checkout", "--quiet", "main")
    repo.git("rebase", "--quiet", "side")

    assert subjects(repo.end()) == ["side", "mine 1", "mine 2"]


@pytest.mark.parametrize("backend", ["--merge", "--apply"])
def test_a_rebase_of_older_commits_makes_none(repo, backend: str) -> None:
    """Copies of commits that existed before are not the session's work."""
    repo.git("checkout", "--quiet", "-b", "older")
    repo.commit("older 1", "o1.txt", at=LONG_AGO)
    repo.commit("older 2", "o2.txt", at=LONG_AGO)
    repo.git("checkout", "--quiet", "main")
    repo.commit("base", "base.txt", at=LONG_AGO)
    repo.git("checkout", "--quiet", "older")
    repo.start()
    repo.git("rebase", "--quiet", backend, "main")

    assert (subjects(repo.end()), changes(repo.end())) == ([], {})


def test_commits_reset_away_are_not_there(repo) -> None:
    """A commit that nothing holds any more did not remain; its file is untracked work again."""
    repo.start()
    repo.commit("gone", "a.txt")
    repo.git("reset", "--quiet", "HEAD~1")

    scan = repo.end()

    assert subjects(scan) == []
    assert changes(scan) == {"a.txt": "created"}


def test_a_commit_from_before_taken_up_again_is_not_the_sessions(repo) -> None:
    """It was reset away before the start, so no ref held it, and it comes back during the session."""
    lost = repo.commit("lost", "lost.txt", at=LONG_AGO)
    repo.git("reset", "--quiet", "--hard", "HEAD~1")
    repo.start()
    repo.git("reset", "--quiet", "--hard", lost)

    assert subjects(repo.end()) == []


def test_a_merge_counts_but_not_the_files_it_brings(repo) -> None:
    """An older branch is merged during the session."""
    repo.git("checkout", "--quiet", "-b", "older")
    repo.commit("older", "older.txt", at=LONG_AGO)
    repo.git("checkout", "--quiet", "main")
    repo.start()
    repo.commit("mine", "mine.txt")
    repo.git("merge", "--quiet", "--no-edit", "older")

    scan = repo.end()

    assert subjects(scan) == ["mine", "Merge branch 'older'"]
    assert changes(scan) == {"mine.txt": "created"}


def test_files_that_a_merge_resolved_are_the_sessions(repo) -> None:
    """Both sides changed a file; its resolution was written here."""
    repo.git("checkout", "--quiet", "-b", "older")
    repo.commit("older", "old.txt", "only-theirs.txt", at=LONG_AGO)
    repo.git("checkout", "--quiet", "main")
    repo.commit("newer", "old.txt", at=LONG_AGO)
    repo.start()
    with pytest.raises(subprocess.CalledProcessError):
        repo.git("merge", "--quiet", "older")
    repo.write("old.txt", "resolved\n")
    repo.git("commit", "--quiet", "-a", "-m", "merged")

    scan = repo.end()

    assert subjects(scan) == ["merged"]
    assert changes(scan) == {"old.txt": "modified"}


def test_cherry_picks_and_reverts_are_commits_of_the_session(repo) -> None:
    """Each is a new commit made here, whoever wrote the change first."""
    repo.git("checkout", "--quiet", "-b", "older")
    repo.commit("older", "older.txt", at=LONG_AGO)
    repo.git("checkout", "--quiet", "main")
    repo.start()
    repo.git("cherry-pick", "older")
    repo.git("revert", "--no-edit", "HEAD")

    scan = repo.end()

    assert subjects(scan) == ["older", 'Revert "older"']
    assert changes(scan) == {"older.txt": "deleted"}


def test_a_rebase_that_resolves_a_conflict_makes_that_commit(repo) -> None:
    """A commit written with `rebase --continue` holds work of the session; its neighbour is a mere copy."""
    repo.git("checkout", "--quiet", "-b", "older")
    repo.commit("conflicting", "old.txt", at=LONG_AGO)
    repo.commit("harmless", "harmless.txt", at=LONG_AGO)
    repo.git("checkout", "--quiet", "main")
    repo.commit("base", "old.txt", at=LONG_AGO)
    repo.git("checkout", "--quiet", "older")
    repo.start()
    with pytest.raises(subprocess.CalledProcessError):
        repo.git("rebase", "main")
    repo.write("old.txt", "resolved\n")
    repo.git("add", "old.txt")
    repo.git("rebase", "--continue")

    assert subjects(repo.end()) == ["conflicting"]


def test_commits_with_a_set_back_clock_count(repo) -> None:
    """The reflog's position tells, not the dates that a script may set."""
    repo.start()
    repo.commit("backdated", "a.txt", at=LONG_AGO)

    assert subjects(repo.end()) == ["backdated"]


def test_commits_without_a_reflog_count_by_their_times(repo) -> None:
    """Some tools, and one setting, write no reflog."""
    repo.git("config", "core.logAllRefUpdates", "false")
    for log in (repo.root / ".git" / "logs").rglob("*"):
        if log.is_file():
            log.unlink()
    repo.start()
    repo.commit("unlogged", "a.txt")

    scan = repo.end()

    assert subjects(scan) == ["unlogged"]
    assert changes(scan) == {"a.txt": "created"}


def test_the_root_commit_of_an_empty_repository_counts(new_repo) -> None:
    """No commit at the start: head None, the unborn branch has its name."""
    fresh = new_repo("fresh")
    taken = fresh.start()
    fresh.commit("root", "a.txt")

    scan = fresh.end()

    assert (taken.head, taken.branch) == (None, "main")
    assert subjects(scan) == ["root"]
    assert changes(scan) == {"a.txt": "created"}


def test_an_empty_repository_that_stays_without_commits(new_repo) -> None:
    """HEAD leads nowhere at both ends; the work tree still counts."""
    fresh = new_repo("fresh")
    fresh.start()
    fresh.write("a.txt")

    scan = fresh.end()

    assert (scan.head, subjects(scan), changes(scan)) == (None, [], {"a.txt": "created"})


def test_commits_on_a_detached_head_count(repo) -> None:
    """There is no branch, neither in the baseline nor in the scan."""
    repo.git("checkout", "--quiet", "--detach")
    taken = repo.start()
    repo.commit("detached", "a.txt")

    scan = repo.end()

    assert (taken.branch, scan.branch) == (None, None)
    assert subjects(scan) == ["detached"]


def test_a_commit_that_only_a_tag_holds_counts(repo) -> None:
    """A release made on a detached HEAD."""
    repo.start()
    repo.git("checkout", "--quiet", "--detach")
    repo.commit("release", "version.txt")
    repo.git("tag", "-a", "-m", "v1", "v1")
    repo.git("checkout", "--quiet", "main")

    assert subjects(repo.end()) == ["release"]


def test_commits_of_several_branches_are_listed_by_time(repo) -> None:
    """As they were made, not branch after branch."""
    repo.git("branch", "a")
    repo.git("branch", "b")
    repo.start()
    for day, branch in enumerate("abab", start=1):
        repo.git("checkout", "--quiet", branch)
        repo.commit(f"{branch} {day}", f"{branch}.txt", at=f"2024-05-0{day}T00:00:00Z")

    assert subjects(repo.end()) == ["a 1", "b 2", "a 3", "b 4"]
