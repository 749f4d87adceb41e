"""Diffs over the API."""

from __future__ import annotations

import pytest

from codesession.app import now_ms
from codesession.domain.session import Session
from support.ledger import make_session
from support.web_server import Dashboard
from web.conftest import Repository


@pytest.fixture
def work(dashboard: Dashboard, repository: Repository) -> Session:
    """A session that committed one file, changed another and made a new one."""
    store, now = dashboard.app.store, now_ms()
    head = repository.git("rev-parse", "HEAD")
    session = store.create_session(
        make_session(str(repository.root), start_git_head=head, started_at_ms=now), exclusive=True
    )
    assert session is not None
    repository.write("made.txt", "made\n")
    commit = repository.commit("second")
    repository.write("old.txt", "two\n")
    repository.write("new file.txt", "new\n")
    repository.write("ignored.log", "hidden\n")
    repository.write(".git/info/exclude", "*.log\n")
    store.add_commits(session.id, [(commit, "second", now)])
    changed = [
        ("made.txt", "created"),
        ("old.txt", "modified"),
        ("new file.txt", "created"),
        ("ignored.log", "created"),
    ]
    store.add_files(session.id, changed, at_ms=now)
    return session


def test_a_session_is_compared_with_where_it_began(dashboard: Dashboard, work: Session) -> None:
    """Committed, changed and new files; what git ignores is not shown."""
    shown = dashboard.get(f"/api/v1/sessions/{work.id}/diff")

    assert all(line in shown["text"] for line in ("+made", "-one", "+two", "+new"))
    assert "hidden" not in shown["text"] and shown["truncated"] is False
    assert shown["base"] == work.start_git_head


def test_one_file_and_one_commit_can_be_asked_for(dashboard: Dashboard, work: Session) -> None:
    """A commit by the beginning of its name."""
    commit = dashboard.app.store.commits(work.id)[0].hash
    one_file = dashboard.get(f"/api/v1/sessions/{work.id}/diff?path=old.txt")["text"]
    one_commit = dashboard.get(f"/api/v1/sessions/{work.id}/diff?commit={commit[:10]}")["text"]
    both = dashboard.get(f"/api/v1/sessions/{work.id}/diff?commit={commit}&path=old.txt")["text"]

    assert "+two" in one_file and "made" not in one_file
    assert "+made" in one_commit and "+two" not in one_commit
    assert both == ""


def test_a_large_diff_is_cut_and_says_so(dashboard: Dashboard, repository: Repository, work: Session) -> None:
    """Many changed lines are cut at a size; one file larger than a megabyte is only said to differ."""
    names = [f"large{number}.txt" for number in range(4)]
    for name in names:
        repository.write(name, "line of text\n" * 40_000)
    repository.write("huge.txt", "line of text\n" * 200_000)
    dashboard.app.store.add_files(work.id, [(name, "created") for name in [*names, "huge.txt"]], at_ms=now_ms())

    shown = dashboard.get(f"/api/v1/sessions/{work.id}/diff")
    huge = dashboard.get(f"/api/v1/sessions/{work.id}/diff?path=huge.txt")["text"]

    assert shown["truncated"] is True and len(shown["text"]) <= shown["limitBytes"]
    assert "Binary files" in huge and len(huge) < 1_000


def test_the_first_commit_of_a_repository_has_a_diff(dashboard: Dashboard, repository: Repository) -> None:
    """It is compared with nothing."""
    store, head = dashboard.app.store, repository.git("rev-parse", "HEAD")
    session = store.create_session(make_session(str(repository.root), started_at_ms=now_ms()), exclusive=True)
    assert session is not None
    store.add_commits(session.id, [(head, "first", now_ms())])
    store.add_files(session.id, [("old.txt", "created")], at_ms=now_ms())

    for path in ("", f"?commit={head}"):
        shown = dashboard.get(f"/api/v1/sessions/{session.id}/diff{path}")
        assert shown["base"] is None and "+one" in shown["text"]


def test_settings_of_the_repository_run_no_programs(
    dashboard: Dashboard, repository: Repository, work: Session
) -> None:
    """An external diff, a text conversion and a pager would be somebody else's code."""
    marker = repository.root.parent / "ran"
    program = f"touch {marker}; cat"
    for setting in ("diff.external", "diff.evil.textconv", "diff.evil.command", "core.pager", "core.fsmonitor"):
        repository.git("config", setting, program)
    repository.write(".gitattributes", "* diff=evil\n")

    dashboard.get(f"/api/v1/sessions/{work.id}/diff")

    assert not marker.exists()


def test_a_repository_that_is_gone_is_said_to_be(dashboard: Dashboard, session: Session) -> None:
    """In words, not with a traceback."""
    reply = dashboard.ask("GET", f"/api/v1/sessions/{session.id}/diff")

    assert (reply.status, reply.code) == (409, "unavailable")
