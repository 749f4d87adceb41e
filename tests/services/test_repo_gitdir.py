"""Finding repositories without git, compared with git itself."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from codesession.domain.scope import Scope
from codesession.services.repo import current_head, locate


def git_says(directory: Path) -> Path | None:
    done = subprocess.run(
        ["git", "rev-parse", "--show-toplevel"], cwd=directory, check=False, capture_output=True, text=True
    )
    return Path(done.stdout.rstrip("\n")) if done.returncode == 0 else None


def assert_as_git(directory: Path, root: Path | None) -> None:
    assert git_says(directory) == root
    assert locate(directory) == Scope(directory=root or directory, git_root=root)


def test_any_subfolder_belongs_to_the_root(repo) -> None:
    """However deep."""
    deep = repo.root / "a" / "b c"
    deep.mkdir(parents=True)
    assert_as_git(repo.root, repo.root)
    assert_as_git(deep, repo.root)


def test_outside_git_the_folder_is_its_own_scope(git_env: Path) -> None:
    """Also where it does not exist."""
    assert_as_git(git_env, None)
    missing = git_env / "missing"
    assert locate(missing) == Scope(directory=missing, git_root=None)


def test_symbolic_links_are_resolved(repo, git_env: Path) -> None:
    """The same repository by two ways is one scope."""
    (repo.root / "sub").mkdir()
    (git_env / "link").symlink_to(repo.root / "sub")
    assert locate(git_env / "link") == Scope(directory=repo.root, git_root=repo.root)


def test_the_innermost_repository_wins(repo, new_repo) -> None:
    """Nested repository, submodule, linked worktree inside the work tree."""
    nested = new_repo("repo/nested")
    assert_as_git(nested.root, nested.root)
    library = new_repo("library")
    library.commit("lib", "src/lib.c")
    repo.git("submodule", "--quiet", "add", str(library.root), "lib")
    assert_as_git(repo.root / "lib" / "src", repo.root / "lib")
    repo.git("worktree", "add", "--quiet", "-b", "w", "trees/w")
    assert_as_git(repo.root / "trees" / "w", repo.root / "trees" / "w")
    assert_as_git(repo.root / "trees", repo.root)


def test_a_broken_git_folder_is_passed_over(repo) -> None:
    """Git walks on to the repository around it."""
    (repo.root / "sub" / ".git").mkdir(parents=True)
    assert_as_git(repo.root / "sub", repo.root)


def test_a_git_file_that_leads_nowhere_ends_the_search(repo) -> None:
    """Git refuses to work there, so it is a plain folder."""
    repo.write("sub/.git", "gitdir: /nowhere\n")
    assert_as_git(repo.root / "sub", None)


def test_bare_repositories_have_no_work_tree(repo, git_env: Path) -> None:
    """A bare folder, the `.git` folder itself, and a bare one named `.git` beside its worktrees."""
    bare = repo.root / "bare.git"
    repo.git("clone", "--quiet", "--bare", str(repo.root), str(bare))
    assert_as_git(bare / "refs", None)
    assert_as_git(repo.root / ".git" / "hooks", None)
    project = git_env / "project"
    repo.git("clone", "--quiet", "--bare", str(repo.root), str(project / ".git"))
    assert_as_git(project, None)
    subprocess.run(["git", "worktree", "add", "-q", "main"], cwd=project, check=True, capture_output=True)
    assert_as_git(project / "main", project / "main")


def test_ceilings_are_respected(repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """`GIT_CEILING_DIRECTORIES` stops the walk, but not in the folder where it starts."""
    (repo.root / "a" / "b").mkdir(parents=True)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(repo.root))
    assert_as_git(repo.root / "a" / "b", None)
    assert_as_git(repo.root, repo.root)


def test_the_environment_names_the_repository(repo, git_env: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`GIT_DIR` alone makes the current folder the root, `GIT_WORK_TREE` names it, a wrong one finds none."""
    plain = git_env / "plain"
    (plain / "sub").mkdir(parents=True)
    monkeypatch.setenv("GIT_DIR", str(repo.root / ".git"))
    assert_as_git(plain / "sub", plain / "sub")
    monkeypatch.setenv("GIT_WORK_TREE", str(plain))
    assert_as_git(plain / "sub", plain)
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    assert_as_git(plain, None)


def test_core_worktree_moves_the_root(repo, git_env: Path) -> None:
    """A `.git` folder may serve another folder."""
    (git_env / "files").mkdir()
    repo.git("config", "core.worktree", "../../files")
    assert locate(repo.root).git_root == git_env / "files"


def test_the_head_is_read_from_files(repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loose, packed, detached, in a worktree; without any process."""
    repo.git("worktree", "add", "--quiet", "-b", "w", "../w")
    beside = type(repo)(repo.root.parent / "w")
    expected = {repo.root: repo.commit("one", "a.txt"), beside.root: beside.commit("two", "b.txt")}
    with monkeypatch.context() as no_git:
        no_git.setenv("PATH", "/nowhere")
        assert {root: current_head(root) for root in expected} == expected
    repo.git("pack-refs", "--all")
    repo.git("checkout", "--quiet", "--detach", "w")
    monkeypatch.setenv("PATH", "/nowhere")
    assert current_head(beside.root) == current_head(repo.root) == expected[beside.root]


def test_there_is_no_head_without_commits_or_repository(new_repo, git_env: Path) -> None:
    """Unborn branch, no repository, a repository that went away."""
    fresh = new_repo("fresh")
    assert current_head(fresh.root) is None
    assert current_head(git_env) is None
    shutil.rmtree(fresh.root)
    assert current_head(fresh.root) is None


def test_refs_that_are_no_files_are_asked_of_git(repo) -> None:
    """A reftable repository has a folder of that name, and a HEAD that says nothing."""
    head = repo.git("rev-parse", "HEAD")
    (repo.root / ".git" / "reftable").mkdir()
    assert current_head(repo.root) == head


def test_locating_starts_quickly() -> None:
    """The quick commands import neither the process machinery nor the scan."""
    code = (
        "import sys; from codesession.services.repo import locate; from pathlib import Path; locate(Path('.'));"
        "print({'subprocess', 'asyncio', 'hashlib', 'codesession.services.repo.survey'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": "src"}, check=False, capture_output=True, text=True
    )
    assert done.stdout == "set()\n", done.stderr
