"""Alerts are found once, and told once."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from codesession.app import App
from codesession.domain.budget import BudgetScope, NewBudget
from codesession.domain.money import PICO
from codesession.errors import InvalidInputError
from codesession.services import notifying
from support.ledger import make_request
from support.spending import now_ms

HOUR = 3_600_000
DAY = 24 * HOUR


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[tuple[str, ...], str]]:
    """What goes to addresses; the library itself is tried in `test_notifying`."""
    seen: list[tuple[tuple[str, ...], str]] = []

    def send(urls: Any, title: str, body: str) -> tuple[str, ...]:
        seen.append((tuple(urls), body))
        return ()

    monkeypatch.setattr(notifying, "send", send)
    monkeypatch.setattr(notifying, "check", lambda url: None)
    return seen


def spend(app: App, dollars: int, *, ago_ms: int = 0) -> None:
    app.store.add_request(make_request(session_id=1, cost_picousd=dollars * PICO, started_at_ms=now_ms() - ago_ms))


def messages(app: App) -> list[str]:
    return [breach.message for breach in app.alerts.check().breaches]


def budget(app: App, dollars: int) -> None:
    app.budgets.set(NewBudget(scope=BudgetScope.SESSION, session_id=1, limit_picousd=dollars * PICO))


def test_a_look_that_finds_nothing_new_writes_nothing(app: App) -> None:
    """Whoever follows the ledger would read all of it again, every few seconds."""
    budget(app, 10)
    spend(app, 6)
    app.alerts.add_rate(PICO, None)
    app.alerts.check()
    with closing(sqlite3.connect(app.settings.ledger_path)) as follower:
        seen = follower.execute("PRAGMA data_version").fetchone()
        app.alerts.check()
        assert follower.execute("PRAGMA data_version").fetchone() == seen


def test_a_warn_level_is_told_once(app: App, sent: list[Any]) -> None:
    """Not at the next look, not by another process, not after a restart; the next level again."""
    app.alerts.add_address("json://localhost/")
    budget(app, 10)
    assert messages(app) == []
    spend(app, 6)
    assert messages(app) == ["budget 'session total' has passed 50 %: $6.00 of $10.00 spent"]
    assert messages(app) == []
    restarted = app.for_thread()
    assert messages(restarted) == []
    restarted.close()
    spend(app, 4)
    assert messages(app) == ["budget 'session total' is used up: $10.00 of $10.00 spent"]
    assert [urls for urls, _ in sent] == [("json://localhost/",)] * 2


def test_two_budgets_of_a_kind_are_told_apart(app: App) -> None:
    """Those of an agent and of a project say whose they are."""
    for project in ("/code/shop", "/code/atlas"):
        app.budgets.set(NewBudget(scope=BudgetScope.PROJECT, project=project, limit_picousd=PICO))
        app.store.add_request(make_request(project=project, agent_name="codex", cost_picousd=PICO))
    app.budgets.set(NewBudget(scope=BudgetScope.GLOBAL, agent_name="codex", limit_picousd=PICO))
    assert messages(app) == [
        "budget 'project total' in /code/shop is used up: $1.00 of $1.00 spent",
        "budget 'project total' in /code/atlas is used up: $1.00 of $1.00 spent",
        "budget 'global total' by codex is used up: $2.00 of $1.00 spent",
    ]


def test_levels_passed_together_are_one_word(app: App) -> None:
    """From nothing to everything: nobody wants to hear 50, 80 and 95 too, now or later."""
    budget(app, 1)
    spend(app, 1)
    assert len(messages(app)) == 1
    assert messages(app) == []
    assert [breach.percent for breach in app.alerts.breaches()] == [100]


def test_an_allowance_opens_the_levels_again(app: App) -> None:
    """The limit is another one."""
    budget(app, 10)
    spend(app, 10)
    assert len(messages(app)) == 1
    app.budgets.allow(app.budgets.spender(1, app.directory), None, extra_picousd=2 * PICO)
    assert messages(app) == ["budget 'session total' has passed 80 %: $10.00 of $12.00 spent"]


def test_a_rate_is_told_once_until_it_was_kept_again(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it lasts it is one breach; hours later, spending as fast again is another."""
    app.alerts.add_rate(5 * PICO, None)
    spend(app, 4)
    assert messages(app) == []
    spend(app, 2)
    assert messages(app) == ["$6.00 spent within an hour, limit $5.00"]
    spend(app, 2)
    assert messages(app) == []
    real = app.alerts._clock
    monkeypatch.setattr(app.alerts, "_clock", lambda: real() + 5 * HOUR)
    assert messages(app) == []
    assert app.alerts.breaches()[0].ended_at_ms is not None
    monkeypatch.setattr(app.alerts, "_clock", lambda: real() + 10 * HOUR)
    spend(app, 9, ago_ms=-10 * HOUR)
    assert messages(app) == ["$9.00 spent within an hour, limit $5.00"]


def test_a_jump_is_measured_against_the_days_before(app: App) -> None:
    """Three days of $2 are usual; $7 today is more than three times that."""
    app.alerts.add_jump(300, None)
    spend(app, 7)
    assert messages(app) == []
    for day in (1, 2, 3):
        spend(app, 2, ago_ms=day * DAY)
    assert messages(app) == ["$7.00 spent today, the usual day is $2.00"]
    assert messages(app) == []


def test_a_rule_may_be_for_one_project(app: App, tmp_path: Path) -> None:
    """What others spend does not touch it."""
    app.alerts.add_rate(PICO, "/else")
    spend(app, 5)
    assert messages(app) == []
    app.alerts.add_rate(PICO, str(tmp_path))
    assert messages(app) == [f"$5.00 spent within an hour in {tmp_path}, limit $1.00"]


def test_word_that_did_not_get_through_is_kept_with_the_breach(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not sent again: twice told would be worse than told here."""
    monkeypatch.setattr(notifying, "check", lambda url: None)
    app.alerts.add_address("json://localhost/")
    monkeypatch.setattr(notifying, "send", lambda *_: ("json://… did not take it",))
    budget(app, 1)
    spend(app, 1)
    told = app.alerts.check()
    assert told.problems == ("json://… did not take it",)
    assert app.alerts.breaches()[0].problem == "json://… did not take it"
    assert app.alerts.check().problems == ()


def test_rules_are_kept_once_and_removed_once(app: App) -> None:
    """The same rule again is the same rule."""
    rule = app.alerts.add_rate(PICO, None)
    assert app.alerts.add_rate(PICO, None) == rule
    app.alerts.remove(rule.id)
    with pytest.raises(InvalidInputError):
        app.alerts.remove(rule.id)
    for add in (lambda: app.alerts.add_rate(0, None), lambda: app.alerts.add_jump(100, None), app.alerts.test):
        with pytest.raises(InvalidInputError):
            add()
