"""Alerts beside a running proxy."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesession.cli import alert_watch
from codesession.cli.alert_watch import AlertWatch
from codesession.domain.budget import BudgetScope, NewBudget
from support.ledger import make_request
from support.spending import app_of


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


def test_a_ledger_that_cannot_be_used_is_told_at_the_end(tmp_path: Path) -> None:
    """The proxy goes on."""
    (tmp_path / "s.db").write_bytes(b"no database at all")
    watch = AlertWatch(app_of(tmp_path / "s.db"), lambda _: None)
    watch.start()
    watch.stop()
    assert watch.problem is not None
