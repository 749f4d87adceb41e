"""Which files count as changed, and what happens when git cannot say; on real repositories."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from codesession.domain.repo import Baseline, Scan
from codesession.services import repo as repo_service
from codesession.services.repo import survey

TICK = 0.02
"""Seconds; file times advance with the kernel's tick of at most 10 ms."""


def changes(scan: Scan) -> dict[str, str]:
    assert scan.warnings == ()
    return {file.path: str(file.change_type) for file in scan.files}


def test_uncommitted_and_untracked_work_counts(repo) -> None:
    """Modified, staged, deleted and new files; ignored ones do not."""
    repo.commit("ignore", ".gitignore")
    repo.write(".gitignore", "*.log\n")
    repo.commit("more", "gone.txt", "staged.txt")
    repo.start()
    repo.write("old.txt", "changed\n")
    repo.write("staged.txt", "changed\n")
    repo.git("add", "staged.txt")
    (repo.root / "gone.txt").unlink()
    repo.git("rm", "--quiet", "other.txt")
    repo.write("folder/new.txt")
    repo.write("debug.log")

    assert changes(repo.end()) == {
        "folder/new.txt": "created",
        "gone.txt": "deleted",
        "old.txt": "modified",
        "other.txt": "deleted",
        "staged.txt": "modified",
    }


def test_work_from_before_that_was_not_touched_is_excluded(repo) -> None:
    """Modified, staged, deleted and untracked before the start; touching the time alone changes nothing."""
    repo.commit("more", "gone.txt", "staged.txt")
    repo.write("old.txt", "dirty\n")
    repo.write("staged.txt", "dirty\n")
    repo.git("add", "staged.txt")
    (repo.root / "gone.txt").unlink()
    repo.write("untracked.txt")
    (repo.root / "link").symlink_to("old.txt")
    repo.start()
    os.utime(repo.root / "old.txt", (1, 1))
    repo.git("add", "untracked.txt")

    assert changes(repo.end()) == {}


def test_work_from_before_that_changed_again_counts(repo) -> None:
    """Same size, other content; other link target; mode; deletion; restoration; reversal."""
    repo.commit("more", "gone.txt")
    repo.write("old.txt", "dirty1\n")
    repo.write("other.txt", "dirty\n")
    repo.write("untracked.txt", "a\n")
    repo.write("removed.txt")
    repo.write("script.sh")
    (repo.root / "gone.txt").unlink()
    (repo.root / "link").symlink_to("old.txt")
    repo.start()
    repo.write("old.txt", "dirty2\n")
    repo.git("checkout", "--quiet", "other.txt", "gone.txt")
    repo.write("untracked.txt", "b\n")
    (repo.root / "removed.txt").unlink()
    (repo.root / "script.sh").chmod(0o755)
    (repo.root / "link").unlink()
    (repo.root / "link").symlink_to("new.txt")

    assert changes(repo.end()) == {
        "gone.txt": "created",
        "link": "modified",
        "old.txt": "modified",
        "other.txt": "modified",
        "removed.txt": "deleted",
        "script.sh": "modified",
        "untracked.txt": "modified",
    }


def test_work_from_before_that_is_committed_as_it_was_counts(repo) -> None:
    """The session committed it; what git calls new is created."""
    repo.write("old.txt", "dirty\n")
    repo.write("untracked.txt")
    repo.start()
    repo.git("add", "-A")
    repo.git("commit", "--quiet", "-m", "all of it")

    scan = repo.end()

    assert len(scan.commits) == 1
    assert changes(scan) == {"old.txt": "modified", "untracked.txt": "created"}


def test_a_file_created_and_deleted_again_is_nothing(repo) -> None:
    """Also when it was staged in between."""
    repo.start()
    repo.write("a.txt").unlink()
    repo.write("b.txt")
    repo.git("add", "b.txt")
    (repo.root / "b.txt").unlink()

    assert changes(repo.end()) == {}


def test_a_file_committed_and_deleted_again_is_deleted(repo) -> None:
    """Its commits are there to be seen."""
    repo.start()
    repo.commit("add", "a.txt", "b.txt")
    repo.git("rm", "--quiet", "a.txt")
    repo.git("commit", "--quiet", "-m", "remove")
    (repo.root / "b.txt").unlink()

    assert changes(repo.end()) == {"a.txt": "deleted", "b.txt": "deleted"}


def test_a_file_committed_and_changed_again_is_one_change(repo) -> None:
    """Created in a commit, modified after it, and beside it the other way round."""
    repo.start()
    repo.commit("add", "a.txt", "old.txt")
    repo.write("a.txt", "more\n")
    repo.write("old.txt", "more\n")

    assert changes(repo.end()) == {"a.txt": "created", "old.txt": "modified"}


def test_a_rename_is_a_deletion_and_a_creation(repo) -> None:
    """Committed or not, whatever `diff.renames` says."""
    repo.start()
    repo.git("mv", "old.txt", "new.txt")
    expected = {"new.txt": "created", "old.txt": "deleted"}
    assert changes(repo.end()) == expected

    repo.git("commit", "--quiet", "-m", "rename")
    assert changes(repo.end()) == expected


STRANGE = ["with space.txt", 'quo"te.txt', "new\nline.txt", "tab\t.txt", "ünï/日本.txt", ":colon.txt", "a -> b.txt"]


@pytest.mark.parametrize("committed", [True, False])
def test_paths_are_exact(repo, committed: bool) -> None:
    """Spaces, quotes, line ends, other scripts: nothing is quoted or cut."""
    repo.start()
    for path in STRANGE:
        repo.write(path)
    if committed:
        repo.git("add", "-A")
        repo.git("commit", "--quiet", "-m", "strange")

    assert changes(repo.end()) == dict.fromkeys(sorted(STRANGE, key=str.encode), "created")


def test_paths_that_are_no_utf8_are_told_apart_and_can_be_stored(repo) -> None:
    """One dirty before, one new: the baseline keeps the exact bytes, the report writes them as text."""
    root = os.fsencode(repo.root)
    Path(os.fsdecode(root + b"/before\xff")).write_text("x")
    repo.start()
    Path(os.fsdecode(root + b"/new\xe9")).write_text("x")

    (file,) = repo.end().files

    assert file.path == "new\\xe9"
    assert file.path.encode("utf-8")


def test_a_nested_repository_is_no_file(repo, new_repo) -> None:
    """Neither itself nor what lies in it: it is its own scope."""
    repo.start()
    nested = new_repo("repo/nested")
    nested.commit("inner", "inner.txt")
    empty = new_repo("repo/empty")
    empty.write("inner.txt")

    assert changes(repo.end()) == {}


def test_a_merge_in_conflict_counts_as_modified(repo) -> None:
    """Unmerged paths are uncommitted work."""
    repo.git("checkout", "--quiet", "-b", "side")
    repo.commit("side", "old.txt", "both.txt")
    repo.git("checkout", "--quiet", "main")
    repo.commit("main", "old.txt", "both.txt")
    repo.start()
    with pytest.raises(Exception, match="merge"):
        repo.git("merge", "side")

    assert changes(repo.end()) == {"both.txt": "modified", "old.txt": "modified"}


def test_a_file_replaced_by_a_folder(repo) -> None:
    """The file is gone, the folder's files are new."""
    repo.start()
    (repo.root / "old.txt").unlink()
    repo.write("old.txt/inside.txt")

    assert changes(repo.end()) == {"old.txt": "deleted", "old.txt/inside.txt": "created"}


def test_a_pipe_in_place_of_a_file_does_not_hang(repo) -> None:
    """Reading a named pipe would wait for ever."""
    repo.write("old.txt", "dirty\n")
    repo.start()
    (repo.root / "old.txt").unlink()
    os.mkfifo(repo.root / "old.txt")

    assert changes(repo.end()) == {"old.txt": "modified"}


def test_a_sparse_checkout_misses_no_files(repo) -> None:
    """Files outside the cone are not there and not deleted."""
    repo.commit("tree", "in/a.txt", "out/b.txt")
    repo.git("sparse-checkout", "set", "in")
    assert not (repo.root / "out").exists()
    repo.start()
    repo.write("in/a.txt", "changed\n")

    assert changes(repo.end()) == {"in/a.txt": "modified"}


def test_large_files_are_judged_without_reading(repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the bound size, time and inode tell."""
    monkeypatch.setattr("codesession.services.repo.fingerprint.MAX_HASHED_FILE", 10)
    repo.write("same.bin", "x" * 100)
    repo.write("changed.bin", "x" * 100)
    taken = repo.start()
    repo.write("changed.bin", "y" * 100)
    os.utime(repo.root / "changed.bin", (5, 5))

    assert " @" in taken.dirty["same.bin"]
    assert changes(repo.end()) == {"changed.bin": "modified"}


def test_more_dirty_files_than_are_kept_are_judged_by_time(repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """A forgotten .gitignore must neither fill the ledger nor the report."""
    monkeypatch.setattr(survey, "MAX_DIRTY", 2)
    for n in range(5):
        repo.write(f"build/{n}.o")
    time.sleep(TICK)
    taken = repo_service.baseline(repo.root)
    time.sleep(TICK)
    repo.write("build/4.o", "again\n")
    repo.write("new.txt")

    assert "5 uncommitted files" in taken.warnings[0]
    assert (len(taken.dirty), taken.dirty_complete) == (2, False)
    scan = repo_service.scan(repo.root, Baseline.from_json(taken.to_json()))
    assert [f.path for f in scan.files] == ["build/4.o", "new.txt"]


def test_more_changed_files_than_are_listed_warn(repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report is bounded and says so."""
    monkeypatch.setattr(survey, "MAX_FILES", 3)
    repo.start()
    for n in range(5):
        repo.write(f"{n}.txt")

    scan = repo.end()

    assert len(scan.files) == 3
    assert scan.warnings == ("5 files changed: only the first 3 are listed",)


def test_more_refs_than_are_kept_leave_the_reflog_as_witness(repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit made here counts; older ones that the baseline could not name do not."""
    monkeypatch.setattr(survey, "MAX_REFS", 1)
    for name in ("a", "b", "c"):
        repo.git("checkout", "--quiet", "-b", name)
        repo.commit(name, f"{name}.txt", at="2024-05-05T00:00:00Z")
    assert not repo.start().refs_complete
    repo.git("checkout", "--quiet", "a")
    repo.commit("mine", "mine.txt")

    assert [c.message for c in repo.end().commits] == ["mine"]


def test_the_baseline_names_head_branch_and_what_is_dirty(repo) -> None:
    """What the session row shows comes from here."""
    repo.write("untracked.txt")

    taken = repo.start()

    assert (taken.head, taken.branch) == (repo.git("rev-parse", "HEAD"), "main")
    assert taken.refs == (taken.head,)
    assert list(taken.dirty) == ["untracked.txt"]


def test_a_folder_that_went_away(repo) -> None:
    """The session still ends."""
    repo.start()
    shutil.rmtree(repo.root)

    scan = repo.end()

    assert (scan.commits, scan.files) == ((), ())
    assert scan.warnings == (f"{repo.root} does not exist any more",)


def test_a_repository_that_went_away_is_not_replaced_by_the_one_around_it(repo, new_repo) -> None:
    """Without its `.git`, git would answer for the outer repository."""
    inner = new_repo("repo/inner")
    inner.commit("inner", "a.txt")
    inner.start()
    shutil.rmtree(inner.root / ".git")
    repo.commit("outer", "b.txt")

    scan = inner.end()

    assert (scan.commits, scan.files) == ((), ())
    assert "holds no git repository" in scan.warnings[0]


def test_a_corrupted_history_still_shows_the_work_tree(repo) -> None:
    """What git can say is reported; what it cannot is a warning."""
    repo.start()
    repo.write("new.txt")
    broken = repo.commit("broken", "b.txt")
    (repo.root / ".git" / "objects" / broken[:2] / broken[2:]).unlink()

    scan = repo.end()

    assert scan.commits == ()
    assert scan.warnings[0].startswith(f"git failed in {repo.root}: ")


def test_a_corrupted_index_still_shows_the_commits(repo) -> None:
    """Status fails, the history does not."""
    repo.start()
    mine = repo.commit("mine", "a.txt")
    (repo.root / ".git" / "index").write_bytes(b"garbage")

    scan = repo.end()

    assert [c.hash for c in scan.commits] == [mine]
    assert scan.head == mine
    assert len(scan.warnings) == 1


def test_a_baseline_that_git_refused_is_made_up_for_by_times(repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is known of the start but when it was: the old history and old dirt are not the session's."""
    repo.commit("older", "older.txt", at="2024-05-05T00:00:00Z")
    repo.write("dirty.txt")
    time.sleep(TICK)
    with monkeypatch.context() as broken:
        broken.setenv("PATH", "/nowhere")
        taken = repo_service.baseline(repo.root)
    time.sleep(TICK)
    repo.commit("mine", "mine.txt")
    repo.write("new.txt")

    scan = repo_service.scan(repo.root, Baseline.from_json(taken.to_json()))

    assert taken.warnings == ("git is not installed or not on PATH: commits and changed files cannot be seen",)
    assert [c.message for c in scan.commits] == ["mine"]
    assert changes(scan) == {"mine.txt": "created", "new.txt": "created"}


def test_a_repository_born_during_the_session_is_scanned(git_env: Path, repo) -> None:
    """There was a plain folder at the start: no baseline."""
    folder = git_env / "plain"
    folder.mkdir()
    born = type(repo)(folder)
    born.write("before.txt")
    started_at_ms = (born.root / "before.txt").stat().st_ctime_ns // 1_000_000 + 1
    time.sleep(TICK)
    born.git("init", "--quiet")
    born.commit("root", "a.txt")
    born.write("new.txt")

    scan = repo_service.scan_session(folder, None, started_at_ms)

    assert [c.message for c in scan.commits] == ["root"]
    assert changes(scan) == {"a.txt": "created", "new.txt": "created"}


def test_a_repository_cloned_during_the_session_brings_no_commits(git_env: Path, repo) -> None:
    """Its history is others' work; what is committed after is the session's."""
    copy = type(repo)(git_env / "copy")
    repo.commit("recent", "r.txt")
    started_at_ms = int(repo.git("show", "-s", "--format=%ct")) * 1000
    repo.git("clone", "--quiet", str(repo.root), str(copy.root))
    copy.commit("mine", "mine.txt")

    scan = repo_service.scan_session(copy.root, None, started_at_ms)

    assert [c.message for c in scan.commits] == ["mine"]


def test_a_session_outside_git_has_nothing_to_scan(tmp_path: Path) -> None:
    """No repository at either end is no reason for a warning."""
    assert repo_service.scan_session(tmp_path, None, 0) == Scan()


def test_a_baseline_text_that_cannot_be_read_is_a_warning(repo) -> None:
    """The session ends by times."""
    scan = repo_service.scan_session(repo.root, "{", 0)

    assert "cannot be read" in scan.warnings[0]


def test_a_repository_named_by_the_environment(git_env: Path, repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dotfiles: `GIT_DIR` beside, the home folder as work tree; the scan needs the variables no more."""
    home = type(repo)(git_env / "home")
    home.root.mkdir()
    home.git("init", "--quiet", "--bare", str(git_env / "dots.git"))
    with monkeypatch.context() as named:
        named.setenv("GIT_DIR", str(git_env / "dots.git"))
        named.setenv("GIT_WORK_TREE", str(home.root))
        home.start()
        home.commit("profile", ".profile")
    monkeypatch.delenv("GIT_DIR", raising=False)

    scan = home.end()

    assert [c.message for c in scan.commits] == ["profile"]
    assert changes(scan) == {".profile": "created"}


def test_variables_of_a_hook_do_not_lead_to_another_repository(repo, new_repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """`cs end` in a hook of another repository reports on the session's own."""
    elsewhere = new_repo("elsewhere")
    elsewhere.commit("elsewhere", "e.txt")
    repo.start()
    mine = repo.commit("mine", "a.txt")
    monkeypatch.setenv("GIT_DIR", str(elsewhere.root / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(elsewhere.root / ".git" / "index"))

    scan = repo.end()

    assert [c.hash for c in scan.commits] == [mine]
    assert changes(scan) == {"a.txt": "created"}
