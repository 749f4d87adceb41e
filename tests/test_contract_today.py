"""The JSON of a repository in a morning, key by key."""

from __future__ import annotations

from codesession.contract_today import last_session_json, projects_json, state_json
from codesession.domain.repo import Commit
from codesession.domain.today import Project, RepoState, Stash


def test_a_repository_without_a_remote_has_no_unpushed_commits_to_count() -> None:
    """Null, not an empty list: there is nowhere to push to."""
    commit = Commit(hash="a" * 40, message="x", author_name="Ada", authored_at_ms=0, committed_at_ms=1_000)
    state = RepoState(
        branch=None,
        head="a" * 40,
        staged=("a",),
        stashes=(Stash(message="idea", stashed_at_ms=0),),
        commits=(commit,),
        own=frozenset({"a" * 40}),
    )
    told = state_json(state)
    assert (told["branch"], told["unpushedCommits"], told["unpushedCount"]) == (None, None, None)
    assert told["uncommittedFiles"] == told["stagedFiles"] == ["a"]
    assert told["stashes"] == [{"message": "idea", "timestamp": "1970-01-01T00:00:00.000Z"}]
    assert told["recentCommits"] == [
        {"hash": "a" * 40, "message": "x", "author": "Ada", "timestamp": "1970-01-01T00:00:01.000Z", "own": True}
    ]


def test_projects_and_no_session_at_all() -> None:
    """A folder that is not there is said to be none."""
    project = Project(id=1, path="/nowhere/shop", name=None, added_at_ms=0)
    told = projects_json([project], removed="/x")
    assert told["removed"] == "/x"
    assert told["projects"] == [
        {"id": 1, "name": "shop", "path": "/nowhere/shop", "exists": False, "addedAt": "1970-01-01T00:00:00.000Z"}
    ]
    assert last_session_json(None) is None
