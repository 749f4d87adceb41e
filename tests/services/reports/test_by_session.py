"""Reports by session and by conversation."""

from __future__ import annotations

from datetime import date

from codesession.domain.report import CallFilter, SessionQuery
from codesession.domain.session import Session
from codesession.services.reports import ReportService
from codesession.store.sql_store import SqlStore
from support.ledger import make_request, make_session
from support.usage import at, call_at, request_in


def begin(store: SqlStore, name: str, day: str, directory: str = "/code/web") -> Session:
    started = at(f"{day}T10:00")
    session = store.create_session(
        make_session(directory, uid=f"{name}-{day}", name=name, started_at_ms=started), exclusive=False
    )
    assert session is not None
    return session


def test_sessions_come_newest_first_with_what_they_used(store: SqlStore, reports: ReportService) -> None:
    """Figures are the session's counters; models and agents come from its calls."""
    old, new = begin(store, "old", "2026-01-01"), begin(store, "new", "2026-01-02")
    store.add_requests(
        [
            make_request(session_id=old.id, request_model="opus", agent_name="claude-code", cost_picousd=9),
            make_request(session_id=old.id, request_model="haiku", subagent_id="s", cost_picousd=1),
            make_request(session_id=new.id, request_model="gpt", cost_picousd=2),
        ]
    )
    first, second = reports.by_session(request_in(breakdown=True)).rows

    assert (first.label, second.label) == ("new", "old")
    assert second.models == ("opus", "haiku")
    assert second.agents == ("claude-code",)
    assert second.totals.cost_picousd == 10
    assert second.subagents is not None
    assert second.subagents.cost_picousd == 1


def test_calls_of_no_session_are_a_row_so_that_the_total_is_the_ledger_s(
    store: SqlStore, reports: ReportService
) -> None:
    """Unattributed is not unseen."""
    session = begin(store, "task", "2026-01-01")
    store.add_requests([make_request(session_id=session.id), make_request(session_id=None)])
    report = reports.by_session(request_in())

    assert [row.label for row in report.rows] == ["task", None]
    assert report.rows_found == 2
    assert report.totals == reports.totals(request_in())


def test_a_limit_leaves_rows_out_but_not_the_total(store: SqlStore, reports: ReportService) -> None:
    """The total is of all that was asked for."""
    for day in ("2026-01-01", "2026-01-02", "2026-01-03"):
        store.add_request(make_request(session_id=begin(store, day, day).id, cost_picousd=5))
    report = reports.by_session(request_in(last=1))

    assert [row.label for row in report.rows] == ["2026-01-03"]
    assert (report.rows_found, report.totals.cost_picousd) == (3, 15)
    since = reports.by_session(request_in(since=date(2026, 1, 2)))
    assert since.totals.cost_picousd == 10


def test_a_filter_counts_only_the_calls_that_pass(store: SqlStore, reports: ReportService) -> None:
    """A session that used two models shows what one of them cost, and sessions without it are not there."""
    both, other = begin(store, "both", "2026-01-01"), begin(store, "other", "2026-01-02")
    store.add_requests(
        [
            make_request(session_id=both.id, request_model="opus", cost_picousd=9),
            make_request(session_id=both.id, request_model="haiku", cost_picousd=1),
            make_request(session_id=other.id, request_model="opus", cost_picousd=50),
            make_request(session_id=None, request_model="haiku", cost_picousd=4),
        ]
    )
    report = reports.by_session(request_in(where=CallFilter(models=("haiku",))))

    assert [(row.label, row.totals.cost_picousd) for row in report.rows] == [("both", 1), (None, 4)]
    assert report.totals.cost_picousd == 5


def test_conversations_are_shown_wherever_they_were_counted(store: SqlStore, reports: ReportService) -> None:
    """One session may hold several conversations; a call of none is not in this report."""
    session = begin(store, "task", "2026-01-01")
    store.add_requests(
        [
            make_request(session_id=session.id, conversation_id="c1", agent_name="codex", cost_picousd=3),
            make_request(session_id=session.id, conversation_id="c2", agent_name="codex", cost_picousd=4),
            make_request(session_id=None, conversation_id="c2", agent_name="codex", cost_picousd=5),
            make_request(session_id=session.id),
        ]
    )
    report = reports.by_conversation(request_in())

    assert {row.conversation_id: row.totals.cost_picousd for row in report.rows} == {"c1": 3, "c2": 9}
    assert report.totals.requests == 3


def test_the_dearest_sessions_come_first_in_the_top_list(store: SqlStore, reports: ReportService) -> None:
    """Whatever order was asked for."""
    for day, cost in (("2026-01-01", 50), ("2026-01-02", 7)):
        store.add_request(call_at(f"{day}T10:00", session_id=begin(store, day, day).id, cost_picousd=cost))

    page = reports.top_sessions(SessionQuery(limit=1))

    assert [session.name for session in page.sessions] == ["2026-01-01"]
    assert reports.sessions(SessionQuery()).found == 2


def test_conversations_of_one_session_stand_in_one_order(store: SqlStore, reports: ReportService) -> None:
    """The dearest first, then by name: else a limit would show any of them, as the database hands them out."""
    session = begin(store, "task", "2026-01-01")
    costs = {"b": 1, "c": 9, "a": 1}
    store.add_requests(
        [make_request(session_id=session.id, conversation_id=name, cost_picousd=cost) for name, cost in costs.items()]
    )

    assert [row.conversation_id for row in reports.by_conversation(request_in(last=2)).rows] == ["c", "a"]
