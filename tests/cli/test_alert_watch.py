"""Alerts beside a running proxy."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from codesession.app import App
from codesession.cli import alert_watch
from codesession.cli.alert_watch import AlertWatch
from codesession.domain.budget import BudgetScope, NewBudget
from support.ledger import make_request
from support.spending import app_of


def with_breach(ledger: Path) -> App:
    """A ledger whose only session has spent more than it may."""
    app = app_of(ledger)
    app.sessions.start("task", ledger.parent)
    app.budgets.set(NewBudget(scope=BudgetScope.SESSION, session_id=1, limit_picousd=1))
    app.store.add_request(make_request(session_id=1))
    return app


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def deleted_files() -> list[str]:
    """Files that this process holds although they are no more."""
    held = [os.path.realpath(each) for each in Path("/proc/self/fd").glob("*")]
    return [name for name in held if name.endswith(" (deleted)")]


def test_a_breach_is_told_at_the_latest_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once, in its own thread with its own connection."""
    monkeypatch.setattr(alert_watch, "INTERVAL_S", 0.05)
    app = app_of(tmp_path / "s.db")
    app.sessions.start("task", tmp_path)
    app.budgets.set(NewBudget(scope=BudgetScope.SESSION, session_id=1, limit_picousd=1))
    said: list[str] = []
    watch = AlertWatch(app, said.append)
    watch.start()
    app.store.add_request(make_request(session_id=1))
    watch.stop()
    assert len(said) == 1
    assert watch.problem is None
    app.close()


def test_a_replaced_ledger_is_the_one_that_is_watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The deleted one is let go, and what is breached in the new one is told."""
    monkeypatch.setattr(alert_watch, "INTERVAL_S", 0.05)
    path, said = tmp_path / "s.db", list[str]()
    with_breach(path).close()
    watch = AlertWatch(app_of(path), said.append)
    watch.start()
    until(lambda: len(said) == 1)
    for file in tmp_path.glob("s.db*"):
        file.unlink()
    with_breach(path).close()
    until(lambda: len(said) == 2)
    assert not any(name.startswith(str(path)) for name in deleted_files())
    watch.stop()


def test_a_ledger_that_cannot_be_used_is_told_at_the_end(tmp_path: Path) -> None:
    """The proxy goes on."""
    (tmp_path / "s.db").write_bytes(b"no database at all")
    watch = AlertWatch(app_of(tmp_path / "s.db"), lambda _: None)
    watch.start()
    watch.stop()
    assert watch.problem is not None
