"""The whole look, over real repositories and a real ledger."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import UTC, date
from pathlib import Path

import pytest

from codesession.app import App
from codesession.contract_today import project_json
from codesession.domain.budget import BudgetScope, NewBudget
from codesession.services.today.service import Today, TodayService
from codesession.store.projects import SqlProjects
from services.conftest import GitRepo
from support.ledger import NOW_MS, make_request, make_session

DAY_MS = 24 * 3_600_000


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App({"HOME": str(tmp_path), "PATH": os.environ["PATH"]}, tmp_path)


def look(app: App, *, ask_host: bool = False, **environment: str) -> Today:
    given = {**app.environment, **environment}
    projects = SqlProjects(app._database)
    service = TodayService(projects, app.store, app._report_store, app.budgets, lambda: NOW_MS, lambda: UTC, given)
    return service.look(ask_host=ask_host)


def test_bad_and_vanished_projects_are_named_and_the_others_shown(
    app: App, repo: GitRepo, new_repo: Callable[[str], GitRepo], tmp_path: Path
) -> None:
    """A folder outside git is fine, a broken repository says why."""
    gone, broken, plain = new_repo("gone"), new_repo("broken"), tmp_path / "plain"
    plain.mkdir()
    app.projects.add([repo.root, gone.root, broken.root, plain])
    shutil.rmtree(gone.root)
    (broken.root / ".git" / "config").write_text("[broken\n")

    first, second, third, fourth = [each.seen for each in look(app).projects]

    assert first.state is not None
    assert first.problems == ()
    assert (second.exists, second.is_git) == (False, False)
    assert "does not exist" in second.problems[0]
    assert third.state is None
    assert "config" in third.problems[0]
    assert (fourth.exists, fourth.is_git, fourth.problems) == (True, False, ())


def test_a_folder_that_nobody_lets_us_look_at_is_not_there(app: App, repo: GitRepo) -> None:
    """One that others closed, or whose name is too long for this machine, hides no other project."""
    unseen = f"/{'x' * 300}"
    SqlProjects(app._database).add([unseen], at_ms=NOW_MS)
    app.projects.add([repo.root])
    first, second = look(app).projects
    assert (first.seen.exists, second.seen.exists) == (False, True)
    assert [project_json(each)["exists"] for each in app.projects.all()] == [False, True]
    assert app.projects.remove(unseen, repo.root).path == unseen


def test_a_project_whose_name_is_no_utf8_is_there_with_its_sessions(
    app: App, new_repo: Callable[[str], GitRepo]
) -> None:
    """The ledger keeps its path in another spelling."""
    root = new_repo(os.fsdecode(b"jos\xe9")).root
    app.projects.add([root])
    session = app.store.create_session(make_session(str(root)), exclusive=False)
    assert session is not None
    app.store.add_request(make_request(session_id=session.id, cost_picousd=5))

    (day,) = look(app).projects

    assert day.seen.state is not None
    assert (day.spent.cost_picousd, [each.id for each in day.unfinished]) == (5, [session.id])
    assert day.last is not None


def test_sessions_and_spending_since_the_last_working_day_belong_to_their_project(app: App, repo: GitRepo) -> None:
    """What was spent before, or elsewhere, is not in it; an unfinished session is named where it is open."""
    app.projects.add([repo.root])
    here = app.store.create_session(make_session(str(repo.root)), exclusive=False)
    elsewhere = app.store.create_session(make_session("/elsewhere", started_at_ms=NOW_MS + 1), exclusive=False)
    assert here is not None
    assert elsewhere is not None
    app.store.add_request(make_request(session_id=here.id, cost_picousd=5))
    app.store.add_request(make_request(session_id=here.id, cost_picousd=7, started_at_ms=NOW_MS - 9 * DAY_MS))
    app.store.add_request(make_request(session_id=elsewhere.id, cost_picousd=11))
    app.store.add_note(here.id, "look here", at_ms=NOW_MS)

    today = look(app)

    (day,) = today.projects
    assert day.spent.cost_picousd == 5
    assert today.spent.cost_picousd == 16
    assert day.last is not None
    assert (len(day.last.calls), [note.message for note in day.last.notes]) == (2, ["look here"])
    assert [each.id for each in day.unfinished] == [here.id]
    assert [each.id for each in today.unfinished_elsewhere] == [elsewhere.id]
    assert today.last is not None
    assert today.last.session.id == elsewhere.id
    assert today.since < today.day <= date(2026, 11, 23)


def test_budgets_close_to_their_end_are_told_the_fullest_first(app: App, repo: GitRepo) -> None:
    """Four fifths is close."""
    session = app.store.create_session(make_session(str(repo.root)), exclusive=False)
    assert session is not None
    app.store.add_request(make_request(session_id=session.id, cost_picousd=80))
    for name, limit in (("wide", 101), ("close", 100), ("over", 70)):
        app.budgets.set(NewBudget(scope=BudgetScope.GLOBAL, limit_picousd=limit, name=name))
    assert [each.budget.name for each in look(app).budgets] == ["over", "close"]


def test_gh_is_asked_where_it_is_and_a_silent_host_costs_no_answer(app: App, repo: GitRepo, tmp_path: Path) -> None:
    """Without gh nothing is known and nothing is wrong; a failing gh is a problem in words."""
    app.projects.add([repo.root])
    repo.git("remote", "add", "origin", "https://github.com/a/b.git")
    tools = tmp_path / "tools"
    tools.mkdir()

    without = look(app, ask_host=True, PATH=str(tools)).projects[0].seen
    assert (without.pulls, without.problems) == (None, ())

    gh = tools / "gh"
    gh.write_text("#!/bin/sh\nexit 4\n")
    gh.chmod(0o755)
    failing = look(app, ask_host=True, PATH=str(tools)).projects[0].seen
    assert failing.pulls is None
    assert "pull requests are not known" in failing.problems[0]

    gh.write_text("#!/bin/sh\necho '[]'\n")
    assert look(app, ask_host=True, PATH=str(tools)).projects[0].seen.pulls == ()
    assert look(app, ask_host=False, PATH=str(tools)).projects[0].seen.pulls is None


def test_nothing_registered_is_an_answer(app: App) -> None:
    """With an empty ledger."""
    today = look(app)
    assert (today.projects, today.last, today.budgets) == ((), None, ())
