"""The list of projects, and sessions found by place, branch and commit, on both databases."""

from __future__ import annotations

from codesession.store.database import Database
from codesession.store.projects import SqlProjects
from codesession.store.sql_store import SqlStore
from support.ledger import NOW_MS, make_session


def test_a_project_is_kept_once_and_forgotten(database: Database) -> None:
    """In the order of adding; only new ones are told."""
    projects = SqlProjects(database)
    assert projects.add(["/b", "/a", "/b"], at_ms=5) == ["/b", "/a"]
    assert projects.add(["/a", "/c"], at_ms=6) == ["/c"]
    first = projects.projects()[0]
    assert (first.path, first.name, first.added_at_ms) == ("/b", None, 5)
    projects.rename(first.id, "Zwei")
    assert projects.projects()[0].name == "Zwei"
    projects.remove(first.id)
    assert [each.path for each in projects.projects()] == ["/a", "/c"]


def test_the_last_session_of_each_place_is_found_in_one_question(database: Database, store: SqlStore) -> None:
    """The one that began last, not the one that was recorded last."""
    for directory, at in (("/a", 3), ("/a", 9), ("/a", 5), ("/b", 1)):
        store.create_session(make_session(directory, started_at_ms=at), exclusive=False)
    found = SqlProjects(database).last_sessions(["/a", "/b", "/none", *(f"/x{n}" for n in range(500))])
    assert {directory: session.started_at_ms for directory, session in found.items()} == {"/a": 9, "/b": 1}
    assert SqlProjects(database).last_sessions([]) == {}


def test_repositories_are_those_of_sessions_in_git(database: Database, store: SqlStore) -> None:
    """Each once, by name."""
    for root in ("/b", "/a", "/b", None):
        store.create_session(make_session("/x", git_root=root), exclusive=False)
    assert SqlProjects(database).repositories() == ["/a", "/b"]


def test_sessions_are_found_by_branch_and_by_commit(database: Database, store: SqlStore) -> None:
    """By branch in the folders named and since a moment; by commit wherever they were."""
    made = []
    places = [("/a", "topic"), ("/a", "main"), ("/b", "topic"), ("/a", "topic"), ("/a", None)]
    for n, (directory, branch) in enumerate(places):
        new = make_session(directory, git_branch=branch, started_at_ms=NOW_MS + n)
        session = store.create_session(new, exclusive=False)
        assert session is not None
        made.append(session.id)
    for number, name in ((made[1], "c1"), (made[2], "c1"), (made[3], "c2")):
        store.add_commits(number, [(name, "x", NOW_MS)])
    projects = SqlProjects(database)
    assert sorted(each.id for each in projects.sessions_with_commits(["c1", "c3"])) == made[1:3]
    assert projects.sessions_with_commits([]) == []

    def on_topic(detached: bool) -> list[int]:
        found = projects.sessions_on_branch(["/a"], "topic", since_ms=NOW_MS + 1, detached=detached)
        return sorted(each.id for each in found)

    assert on_topic(False) == [made[3]]
    assert on_topic(True) == [made[3], made[4]]
