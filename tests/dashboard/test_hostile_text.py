"""What others wrote into the ledger, or into git, looked at on every page: it stays text, and pages stay usable."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from codesession.app import App
from codesession.domain.budget import BudgetAction, BudgetPeriod, BudgetScope, NewBudget
from codesession.domain.money import PICO
from support.dashboards import Dashboard, pixels_beyond, serving, wait_for_figures
from support.ledger import make_request, make_session

if TYPE_CHECKING:
    from support.dashboards import Open

HOSTILE = '"><img src=x onerror="window.hit=1"><script>window.hit=1</script><style>*{display:none}</style>{{7*7}}'
MEGABYTE = 1_000_000


def git(root: Path, *arguments: str) -> str:
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    done = subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def hostile(built: Path, tmp_path: Path) -> Iterator[Dashboard]:
    """A ledger and a repository in which every text that somebody can write is markup."""
    root = tmp_path / "repo"
    root.mkdir()
    git(root, "init", "--quiet")
    (root / "kept.py").write_text("one = 1\n")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "first")
    head, file = git(root, "rev-parse", "HEAD"), '"><svg onload="window.hit=1">.html'
    (root / file).write_text(HOSTILE + "\nif access == 'user\u202e // only': pass\n")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", HOSTILE)
    app, now = App({**os.environ, "HOME": str(tmp_path), "TZ": "UTC"}, tmp_path), time.time_ns() // 1_000_000
    for name, directory in ((HOSTILE, str(root)), ("n" * MEGABYTE, "/elsewhere")):
        session = app.store.create_session(
            make_session(
                directory, name=name, git_branch=name, git_root=directory, start_git_head=head,
                started_at_ms=now - 600_000,
            ),
            exclusive=True,
        )  # fmt: skip
        assert session is not None
        for number in range(3):
            app.store.add_request(
                make_request(
                    session_id=session.id, project=directory, provider_name=name, request_model=name,
                    agent_name=name, subagent_id=name, conversation_id=name, response_id=f"{name}{number}",
                    cost_picousd=PICO, started_at_ms=now - 60_000 * number,
                )
            )  # fmt: skip
        app.store.add_note(session.id, name[:50_000], at_ms=now)
        app.store.add_files(session.id, [(file, "created")], at_ms=now)
        app.store.add_commits(session.id, [(git(root, "rev-parse", "HEAD"), name, now)])
        app.budgets.set(
            NewBudget(
                scope=BudgetScope.GLOBAL, name=name[:150], limit_picousd=PICO, period=BudgetPeriod.MONTH,
                action=BudgetAction.WARN,
            )
        )  # fmt: skip
    app.alerts.check()
    app.close()
    with serving(tmp_path) as server:
        yield server


PATHS = [
    "/", "/sessions", "/sessions?search=%3Cimg", "/sessions/1", "/sessions/1?tab=calls&call=1",
    "/sessions/1?tab=commits", "/sessions/1?tab=files", "/sessions/1?tab=notes",
    "/sessions/2", "/sessions/2?tab=calls", "/compare?ids=1&ids=2",
    "/models", "/providers", "/agents", "/projects", "/sources", "/insights", "/budgets", "/prices", "/settings",
    "/models?what=%3Cimg%20src=x%20onerror=hit=1%3E&if=%3Cscript%3E", "/?agent=%3Cimg%20src=x%3E",
    "/help?search=%3Cb%3E",
]  # fmt: skip


def test_nothing_that_was_written_runs_or_hides_the_page(hostile: Dashboard, open_page: Open) -> None:
    """No script ran, no element came in by a name, and no page became wider or slow by a name of a megabyte."""
    page = open_page(hostile, forgive="400 ")
    for path in PATHS:
        began = time.monotonic()
        page.goto(hostile.url + path)
        wait_for_figures(page)
        assert time.monotonic() - began < 10, path
        assert page.evaluate("window.hit") is None, path
        assert page.locator("img[src=x], svg[onload], main style, main script").count() == 0, path
        assert pixels_beyond(page) == 0, path


def test_it_is_shown_as_it_was_written(hostile: Dashboard, open_page: Open) -> None:
    """In the header, and as the code of a diff."""
    page = open_page(hostile, "/sessions/1")
    expect(page.get_by_role("heading", level=1)).to_have_text(HOSTILE)
    page.goto(f"{hostile.url}/sessions/1?tab=files")
    expect(page.locator(".diff-code", has_text="onerror").first).to_contain_text(HOSTILE)
    expect(page.locator(".diff-code", has_text="access").first).to_contain_text("'user‹U+202E› // only'")
