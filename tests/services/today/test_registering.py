"""Which folders become projects."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from codesession.errors import InvalidInputError
from codesession.services.repo import locate
from codesession.services.today.registering import Projects, repositories_below
from codesession.store.projects import SqlProjects
from codesession.store.sql_store import SqlStore
from codesession.store.sqlite import SqliteDatabase
from services.conftest import GitRepo
from support.ledger import NOW_MS, make_session

Make = Callable[[str], GitRepo]


@pytest.fixture
def database(tmp_path: Path) -> SqliteDatabase:
    return SqliteDatabase(tmp_path / "ledger" / "sessions.db", now_ms=NOW_MS)


@pytest.fixture
def projects(database: SqliteDatabase) -> Projects:
    return Projects(SqlProjects(database), locate, lambda: NOW_MS)


def test_repositories_below_a_folder_are_found_but_not_those_inside_others(new_repo: Make, git_env: Path) -> None:
    """Hidden and generated folders are passed over, links are not followed."""
    one, two = new_repo("one"), new_repo("deep/er/two")
    new_repo("one/inside")
    new_repo(".hidden/three")
    new_repo("node_modules/four")
    os.symlink(one.root, git_env / "link")
    assert list(repositories_below(git_env)) == [two.root, one.root]


def test_candidates_come_from_here_and_from_sessions_without_those_known(
    projects: Projects, database: SqliteDatabase, new_repo: Make, git_env: Path
) -> None:
    """A repository that is gone is none."""
    one, two, far = new_repo("here/one"), new_repo("here/two"), new_repo("far")
    gone = new_repo("gone")
    for each in (far, gone):
        SqlStore(database).create_session(make_session(str(each.root)), exclusive=False)
    shutil.rmtree(gone.root)
    projects.add([two.root])
    assert projects.candidates(git_env / "here") == [str(one.root), str(far.root)]
    assert projects.candidates(one.root)[0] == str(one.root)


def test_a_project_is_the_root_of_its_repository_once(projects: Projects, repo: GitRepo) -> None:
    """From any folder in it; a folder that is none is refused and registers nothing."""
    folder = repo.write("deep/file.txt").parent
    assert projects.add([folder]) == [str(repo.root)]
    assert projects.add([repo.root, folder]) == []
    with pytest.raises(InvalidInputError, match="no folder"):
        projects.add([repo.root.parent, repo.root / "nowhere"])
    assert [each.path for each in projects.all()] == [str(repo.root)]


def test_a_folder_whose_name_is_no_utf8_is_a_project_like_any_other(
    projects: Projects, database: SqliteDatabase, new_repo: Make
) -> None:
    """Kept spelled; known, found and forgotten by its own name."""
    root = new_repo(os.fsdecode(b"jos\xe9")).root
    SqlStore(database).create_session(make_session(str(root)), exclusive=False)
    assert projects.candidates(root.parent) == [str(root)]
    (kept,) = projects.add([root])
    assert kept.endswith("jos\\xe9")
    assert (projects.add([root]), projects.candidates(root.parent)) == ([], [])
    assert projects.remove(str(root), root.parent).path == kept


def test_a_project_is_called_what_the_user_says(projects: Projects, repo: GitRepo) -> None:
    """From any folder in it, and once more by another name."""
    projects.add([repo.root])
    for name in ("Shop", "Till"):
        assert projects.call(repo.write("deep/file.txt").parent, name) == str(repo.root)
        assert [each.label for each in projects.all()] == [name]


def test_a_project_that_is_gone_can_be_forgotten_by_path_or_name(projects: Projects, new_repo: Make) -> None:
    """A name that two have needs the path."""
    one, other, last = new_repo("a/shop"), new_repo("b/shop"), new_repo("bank")
    projects.add([one.root, other.root, last.root])
    shutil.rmtree(one.root)
    with pytest.raises(InvalidInputError, match="several"):
        projects.remove("shop", one.root.parent.parent.parent)
    assert projects.remove("shop", one.root.parent).path == str(one.root)
    assert projects.remove("bank", Path("/")).path == str(last.root)
    assert projects.remove(str(other.root), Path("/")).path == str(other.root)
    with pytest.raises(InvalidInputError, match="no project"):
        projects.remove("shop", Path("/"))
