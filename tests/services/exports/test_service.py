"""Calls and charges out of a real ledger."""

from __future__ import annotations

import os
from datetime import UTC, date
from pathlib import Path
from typing import Any

import pytest

from codesession.app import App
from codesession.domain.report import CallFilter, ReportRequest
from codesession.domain.request import UsageStatus
from codesession.services.exports.lacking import Lacking
from support.ledger import NOW_MS, make_request, make_session

DAY_MS = 24 * 3_600_000


def asked(**changes: Any) -> ReportRequest:
    return ReportRequest(**{"zone": UTC, "zone_name": "UTC", **changes})


@pytest.fixture
def app(tmp_path: Path) -> App:
    """Three calls on two days, one without a price, one of no session."""
    app = App({"HOME": str(tmp_path), "PATH": os.environ["PATH"]}, tmp_path)
    session = app.store.create_session(make_session("/shop", name="task"), exclusive=False)
    assert session is not None
    app.store.add_request(make_request(session_id=session.id, started_at_ms=NOW_MS + 5, cost_picousd=7))
    app.store.add_request(make_request(session_id=session.id, started_at_ms=NOW_MS, cost_picousd=None))
    app.store.add_request(make_request(started_at_ms=NOW_MS - DAY_MS, cost_picousd=11, agent_name="codex"))
    return app


def test_calls_come_oldest_first_or_the_newest_few(app: App) -> None:
    """With the session they were counted for, or none."""
    rows = [each.row() for each in app.exports.calls(asked())]
    assert [row["cost_picousd"] for row in rows] == [11, None, 7]
    assert [row["session_name"] for row in rows] == [None, "task", "task"]
    assert [each.call.cost_picousd for each in app.exports.calls(asked(), limit=2)] == [7, None]


def test_what_calls_lack_is_asked_of_the_ledger_only_where_some_lack_something(app: App) -> None:
    """The rollups know that there are some, not why."""
    app.store.add_request(
        make_request(request_model="m", usage=None, usage_status=UsageStatus.MISSING, cost_picousd=None)
    )
    found = app.exports.lacking(app.store.unpriced_models())
    assert (found.price, found.usage) == ([("anthropic", "claude-sonnet-4-5", 1)], [("anthropic", "m", 1)])
    assert app.exports.lacking([]) == Lacking()


def test_days_and_filters_choose_calls(app: App) -> None:
    """Days in the zone that was asked for, the last one included."""
    since = asked(since=date(2026, 11, 22), until=date(2026, 11, 22))
    assert len(list(app.exports.calls(since))) == 2
    assert len(list(app.exports.calls(asked(where=CallFilter(agents=("codex",)))))) == 1


def test_charges_by_day_and_by_call_come_to_the_same(app: App) -> None:
    """To the pico-dollar."""
    days, calls = list(app.exports.charges_by_day(asked())), list(app.exports.charges_by_call(asked()))
    assert len(days) == 2
    assert len(calls) == 3
    for charges in (days, calls):
        assert sum(each.totals.cost_picousd for each in charges) == 18
        assert sum(each.totals.unpriced_requests for each in charges) == 1
    assert [(each.agent, each.project) for each in days] == [("codex", None), (None, "/shop")]
    assert all(each.end_ms - each.start_ms == DAY_MS and each.start_ms % DAY_MS == 0 for each in days)


def test_an_empty_ledger_has_no_charges(tmp_path: Path) -> None:
    """And says so by an empty list."""
    app = App({"HOME": str(tmp_path / "other")}, tmp_path)
    assert list(app.exports.charges_by_day(asked())) == []
    assert list(app.exports.calls(asked())) == []
