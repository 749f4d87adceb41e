"""Paths that lead out: of the page's folder, and of a session's repository."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from codesession.app import now_ms
from support.ledger import make_session
from support.web_server import Dashboard
from web.conftest import Repository

OUTSIDE = [
    "/../pages.py",
    "/assets/../../pages.py",
    "/%2e%2e/pages.py",
    "/..%2fpages.py",
    "/%2e%2e%2f%2e%2e%2fetc/passwd",
    "//etc/passwd",
    "/etc/passwd%00.js",
    "/..\\pages.py",
]


@pytest.mark.parametrize("path", OUTSIDE)
def test_only_files_of_the_page_are_served(shared: Dashboard, path: str) -> None:
    """Files are looked up by their whole path, which never is one of these."""
    reply = shared.raw("GET", path)

    assert reply.status == 404 or b"<!doctype html>" in reply.body
    assert b"root:" not in reply.body and b"import" not in reply.body


def test_a_first_url_never_leads_elsewhere(shared: Dashboard) -> None:
    """The redirect goes to a path of ours: `//evil.example` would be another site."""
    for path in ("//evil.example/", "/\\evil.example", "///evil.example"):
        reply = shared.raw("GET", f"{path}?token={shared.access.token}")

        assert reply.status == 404
        assert "location" not in reply.headers and "set-cookie" not in reply.headers


@pytest.mark.parametrize(
    "path", ["../secret.txt", "/etc/passwd", "old.txt/../../secret.txt", "--output=stolen", ":(top)old.txt", "*"]
)
def test_a_diff_stays_in_the_sessions_repository(dashboard: Dashboard, repository: Repository, path: str) -> None:
    """Only files that the session recorded are compared; and a recorded name that leads out is not one of them."""
    (repository.root.parent / "secret.txt").write_text("secret\n")
    store = dashboard.app.store
    session = store.create_session(
        make_session(str(repository.root), start_git_head=repository.git("rev-parse", "HEAD"), started_at_ms=now_ms()),
        exclusive=True,
    )
    assert session is not None
    repository.write("old.txt", "two\n")
    store.add_files(session.id, [("old.txt", "modified"), (path, "modified")], at_ms=now_ms())

    one = dashboard.ask("GET", f"/api/v1/sessions/{session.id}/diff?path={quote(path)}")
    everything = dashboard.ask("GET", f"/api/v1/sessions/{session.id}/diff")

    assert "secret" not in one.body.decode() and "root:" not in one.body.decode()
    assert everything.status == 200
    assert "+two" in everything.json["text"] and "secret" not in everything.json["text"]
    assert not (repository.root / "stolen").exists()


@pytest.mark.parametrize("commit", ["HEAD", "--all", "main", "0" * 40, "a" * 6, "HEAD~1", "../x", "a" * 65])
def test_only_commits_of_the_session_are_shown(dashboard: Dashboard, repository: Repository, commit: str) -> None:
    """A ref, an option or somebody else's commit is refused before git is asked."""
    store = dashboard.app.store
    session = store.create_session(make_session(str(repository.root), started_at_ms=now_ms()), exclusive=True)
    assert session is not None

    reply = dashboard.ask("GET", f"/api/v1/sessions/{session.id}/diff?commit={quote(commit)}")

    assert (reply.status, reply.code) == (400, "invalid_input")


def test_a_link_out_of_the_repository_is_not_followed(
    dashboard: Dashboard, repository: Repository, tmp_path: Path
) -> None:
    """A new symbolic link shows where it leads, never what is there."""
    (tmp_path / "secret.txt").write_text("secret\n")
    head = repository.git("rev-parse", "HEAD")
    (repository.root / "link").symlink_to(tmp_path / "secret.txt")
    (repository.root / "folder").symlink_to(tmp_path)
    store = dashboard.app.store
    session = store.create_session(
        make_session(str(repository.root), start_git_head=head, started_at_ms=now_ms()), exclusive=True
    )
    assert session is not None
    store.add_files(session.id, [("link", "created"), ("folder/secret.txt", "created")], at_ms=now_ms())

    reply = dashboard.ask("GET", f"/api/v1/sessions/{session.id}/diff")

    assert "+secret\n" not in reply.body.decode().replace("\\n", "\n")
