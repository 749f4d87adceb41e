"""The quick look says what the whole program says."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from codesession.app import App
from codesession.domain.budget import BudgetAction, BudgetPeriod, BudgetScope, NewBudget, Spender
from codesession.domain.money import PICO
from codesession.domain.request import UsageStatus
from codesession.services.agent_hooks.quick import QuickLedger, scope_of
from codesession.services.repo import locate
from codesession.store.migrate import LATEST
from codesession.store.sqlite import SqliteDatabase
from support.ledger import make_request
from support.spending import app_of, now_ms


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    made = app_of(tmp_path / "s.db")
    yield made
    made.close()


def test_it_finds_budgets_as_they_stand(app: App, tmp_path: Path) -> None:
    """For budgets of every kind, spending of every kind."""
    dice = random.Random(7)
    session = app.sessions.start("task", tmp_path).session
    for number in range(40):
        scope = dice.choice(list(BudgetScope))
        app.budgets.set(
            NewBudget(
                scope=scope,
                name=f"b{number}",
                limit_picousd=dice.randint(0, 5) * PICO,
                period=BudgetPeriod.TOTAL if scope is BudgetScope.SESSION else dice.choice(list(BudgetPeriod)),
                session_id=dice.choice((None, session.id)) if scope is BudgetScope.SESSION else None,
                project=dice.choice((str(tmp_path), "/else")) if scope is BudgetScope.PROJECT else None,
                agent_name=None if scope is BudgetScope.SESSION else dice.choice((None, "claude-code", "codex")),
                action=dice.choice(list(BudgetAction)),
            )
        )
    for _ in range(10):
        agent, ago = dice.choice(("claude-code", "codex")), dice.choice((0, 40 * 86_400_000))
        status = UsageStatus.LOWER_BOUND if agent == "codex" and ago else UsageStatus.COMPLETE
        call = make_request(session_id=session.id, agent_name=agent, cost_picousd=PICO // 5, usage_status=status)
        app.store.add_request(replace(call, started_at_ms=now_ms() - ago))
    standings = app.budgets.standings(Spender(session_id=session.id, project=str(tmp_path), agent_name="claude-code"))
    quick = QuickLedger(str(tmp_path / "s.db"), app.environment)
    found = quick.budgets(str(tmp_path), quick.session(str(tmp_path), "claude-code", None), "claude-code")
    assert [(each.limit, each.left, each.stops, each.partial) for each in found] == [
        (each.limit_picousd, each.limit_picousd - each.used_picousd, each.stops, each.is_partial) for each in standings
    ]
    assert {each.partial for each in found} == {True, False}
    assert len(found) > 10
    assert quick.has_budgets()
    assert quick.spent_today()[0] < app.store.session(session.id).cost_picousd  # type: ignore[union-attr]
    quick.close()


def test_a_folder_whose_name_is_no_text_has_its_session_and_budget(app: App, tmp_path: Path) -> None:
    """The ledger keeps it spelled; unspelled it was no session's, and no budget held there."""
    here, elsewhere = tmp_path / os.fsdecode(b"jos\xe9"), tmp_path / "b"
    for folder in (here, elsewhere):
        folder.mkdir()
        app.sessions.start("task", folder)
    app.budgets.set(NewBudget(scope=BudgetScope.PROJECT, name="here", limit_picousd=PICO, project=str(here)))
    quick = QuickLedger(str(tmp_path / "s.db"), {})
    found = quick.session(str(here), "codex", None)
    assert found is not None
    assert found[0] == 1
    assert [each.limit for each in quick.budgets(str(here), found, "codex")] == [PICO]
    assert [each.limit for each in quick.budgets(str(here), None, "codex")] == [PICO]
    quick.close()


def test_a_ledger_in_a_folder_whose_name_is_no_text_is_found(tmp_path: Path) -> None:
    """No budget of a user with such a home was asked."""
    path = tmp_path / os.fsdecode(b"jos\xe9 %?#") / "s.db"
    SqliteDatabase(path, now_ms=1).close()
    quick = QuickLedger(str(path), {})
    assert not quick.has_budgets()
    quick.close()


def test_it_means_the_session_that_a_command_would(app: App, tmp_path: Path) -> None:
    """The one of this repository, the surrounding one, the only one; none of several."""
    ledger = str(tmp_path / "s.db")
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        app.sessions.start(name, tmp_path / name)
    alone, inside = QuickLedger(ledger, {}), QuickLedger(ledger, {"CODESESSION_SESSION_ID": "2"})
    here, elsewhere = str(tmp_path / "a"), str(tmp_path)
    assert alone.session(here, "codex", None) == (1, here, 0, 0)
    assert alone.session(elsewhere, "codex", None) is None
    assert inside.session(elsewhere, "codex", None) == (2, str(tmp_path / "b"), 0, 0)
    assert inside.session(here, "codex", None) == (1, here, 0, 0)
    for ledger_of in (alone, inside):
        ledger_of.close()


def test_a_ledger_of_an_older_version_is_left_to_the_whole_program(app: App, tmp_path: Path) -> None:
    """Which brings it up to date; one without budgets arms nothing."""
    import sqlite3

    app.store.active_sessions()
    app.close()
    path = tmp_path / "s.db"
    for version, older in ((LATEST, False), (13, True)):
        with sqlite3.connect(path) as connection:
            connection.execute(f"PRAGMA user_version = {version}")
        quick = QuickLedger(str(path), {})
        assert quick.is_older() is older
        assert not quick.has_budgets()
        quick.close()


def test_the_scope_is_gits(tmp_path: Path) -> None:
    """In a repository, below one, in a worktree, outside."""
    root, tree = tmp_path / "repo", tmp_path / "tree"
    (root / "deep" / "er").mkdir(parents=True)
    os.system(f"git init -q {root} && git -C {root} -c user.name=a -c user.email=a@b commit -q --allow-empty -m x")
    os.system(f"git -C {root} worktree add -q {tree} 2>/dev/null")
    for folder in (root, root / "deep" / "er", tree, tmp_path, root / ".git"):
        assert scope_of(str(folder)) == str(locate(folder).directory)
