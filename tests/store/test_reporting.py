"""The questions of reports in SQL."""

from __future__ import annotations

import pytest

from codesession.domain.money import PICO
from codesession.domain.report import CallFilter, Dimension, SessionQuery, SessionSort, Span
from codesession.domain.request import Source
from codesession.store.call_rows import BUCKET_MS
from codesession.store.database import Database
from codesession.store.reporting import SqlReports
from codesession.store.sql_store import SqlStore
from codesession.store.sqlite import SqliteDatabase
from support.ledger import NOW_MS, make_request, make_session

ALL = CallFilter()


@pytest.fixture
def reports(database: Database) -> SqlReports:
    return SqlReports(database)


def begin(store: SqlStore, name: str, number: int, **changes: object) -> int:
    session = store.create_session(
        make_session(uid=f"uid-{number}", name=name, started_at_ms=NOW_MS + number, **changes), exclusive=False
    )
    assert session is not None
    return session.id


def names(reports: SqlReports, query: SessionQuery) -> list[str]:
    return [session.name for session in reports.session_page(query).sessions]


def test_the_extent_reaches_behind_the_last_quarter_of_an_hour(store: SqlStore, reports: SqlReports) -> None:
    """An empty ledger has none."""
    assert reports.extent() is None

    store.add_requests([make_request(started_at_ms=5 * BUCKET_MS), make_request(started_at_ms=9 * BUCKET_MS + 3)])

    assert reports.extent() == Span(start_ms=5 * BUCKET_MS, end_ms=10 * BUCKET_MS)


def test_usage_is_cut_by_slots_of_local_time(store: SqlStore, reports: SqlReports) -> None:
    """The end of a span is not in it; the offset decides the slot."""
    store.add_requests([make_request(started_at_ms=number * BUCKET_MS) for number in range(4)])
    span = Span(start_ms=0, end_ms=3 * BUCKET_MS)

    plain = reports.usage(span, slot_ms=2 * BUCKET_MS, where=ALL)
    shifted = reports.usage(span, slot_ms=2 * BUCKET_MS, offset_ms=BUCKET_MS, where=ALL)

    assert [(cell.slot, cell.totals.requests) for cell in plain] == [(0, 2), (1, 1)]
    assert [(cell.slot, cell.totals.requests) for cell in shifted] == [(0, 1), (1, 2)]
    assert reports.usage(Span(start_ms=9 * BUCKET_MS, end_ms=10 * BUCKET_MS), where=ALL) == []


def test_the_ledger_and_the_rollups_answer_alike(store: SqlStore, reports: SqlReports) -> None:
    """What sub-agents used is read from the calls; by every dimension it has the names the rollups have."""
    store.add_requests(
        [
            make_request(subagent_id="a", agent_name=None, project=None, started_at_ms=NOW_MS),
            make_request(
                subagent_id="a",
                agent_name="codex",
                project="/web",
                response_model="gpt-5-2026",
                sources=frozenset({Source.LOG, Source.PROXY}),
                cost_picousd=None,
                usage=None,
                reported_total_tokens=77,
            ),
        ]
    )
    span = reports.extent()
    assert span is not None
    by = tuple(Dimension)

    def in_order(cells: list) -> list:  # type: ignore[type-arg]
        return sorted(cells, key=lambda cell: cell.keys)

    assert in_order(reports.usage(span, by=by, where=ALL)) == in_order(reports.subagent_usage(span, by=by, where=ALL))
    assert {cell.keys[-1] for cell in reports.usage(span, by=by, where=ALL)} == {"proxy", "log+proxy"}


def test_sums_of_sessions_do_not_end_at_64_bit(store: SqlStore, reports: SqlReports) -> None:
    """Twelve sessions of almost a million dollars each, a quarter of an hour apart."""
    for number in range(12):
        at_ms = NOW_MS + number * BUCKET_MS
        session_id = begin(store, "s", number)
        store.add_request(make_request(session_id=session_id, cost_picousd=999_999 * PICO + 1, started_at_ms=at_ms))

    assert reports.session_page(SessionQuery(limit=1)).totals.cost_picousd == 12 * (999_999 * PICO + 1)


def test_sessions_are_found_by_part_of_a_name_a_directory_or_a_branch(store: SqlStore, reports: SqlReports) -> None:
    """Case does not matter; signs that mean something in a pattern are taken literally."""
    begin(store, "Fix LOGIN 100%", 1)
    begin(store, "other", 2, directory="/code/login_page")
    begin(store, "third", 3, git_branch="feature/Login")
    begin(store, "100 things", 4)

    begin(store, "ÜBERSICHT", 5)

    assert names(reports, SessionQuery(search="login")) == ["third", "other", "Fix LOGIN 100%"]
    assert names(reports, SessionQuery(search="ÜBER")) == ["ÜBERSICHT"]
    assert names(reports, SessionQuery(search="100%")) == ["Fix LOGIN 100%"]
    assert names(reports, SessionQuery(search="n_p")) == ["other"]
    assert names(reports, SessionQuery(search="'; DROP TABLE sessions; --")) == []


def test_sessions_are_filtered_by_state_cost_time_project_and_calls(store: SqlStore, reports: SqlReports) -> None:
    """Every filter narrows; together they must all hold."""
    cheap, dear = begin(store, "cheap", 1, directory="/code/web"), begin(store, "dear", 2, directory="/code/api")
    begin(store, "empty", 3, directory="/code/api")
    store.add_requests(
        [
            make_request(session_id=cheap, cost_picousd=5, request_model="haiku", agent_name="codex"),
            make_request(session_id=dear, cost_picousd=500, request_model="opus", agent_name="claude-code"),
        ]
    )
    store.finish_session(dear, ended_at_ms=NOW_MS + 10, notes=None)

    assert names(reports, SessionQuery(status="completed")) == ["dear"]
    assert names(reports, SessionQuery(min_cost_picousd=5, max_cost_picousd=499)) == ["cheap"]
    assert names(reports, SessionQuery(since_ms=NOW_MS + 2, until_ms=NOW_MS + 3)) == ["dear"]
    assert names(reports, SessionQuery(where=CallFilter(projects=("api",)))) == ["empty", "dear"]
    assert names(reports, SessionQuery(where=CallFilter(projects=("WEB",)))) == ["cheap"]
    assert names(reports, SessionQuery(where=CallFilter(models=("Hai*",)))) == ["cheap"]
    assert names(reports, SessionQuery(where=CallFilter(agents=("claude-code",), projects=("web",)))) == []
    assert names(reports, SessionQuery(conversations_only=True)) == []


@pytest.mark.parametrize("asked", ["/code/caf\udce9\x00", "*caf\udce9*"])
def test_a_filter_may_hold_what_no_database_takes(store: SqlStore, reports: SqlReports, asked: str) -> None:
    """A folder whose name is no UTF-8 is kept in another spelling, and found by its own."""
    directory = "/code/caf\udce9\x00"
    session_id = begin(store, "odd \udce9", 1, directory=directory)
    store.add_request(make_request(session_id=session_id, project=directory))
    where = CallFilter(projects=(asked,))

    assert len(reports.usage(Span(start_ms=0, end_ms=2 * NOW_MS), where=where)) == 1
    assert len(names(reports, SessionQuery(where=where))) == 1
    assert len(names(reports, SessionQuery(search="odd \udce9"))) == 1


def test_pages_of_sessions_say_how_many_there_are(store: SqlStore, reports: SqlReports) -> None:
    """The count and the totals are of all that match, not of the page."""
    for number in range(5):
        store.add_request(make_request(session_id=begin(store, f"s{number}", number), cost_picousd=number))
    page = reports.session_page(SessionQuery(sort=SessionSort.COST, descending=False, limit=2, offset=1))

    assert [session.name for session in page.sessions] == ["s1", "s2"]
    assert (page.found, page.totals.cost_picousd) == (5, 10)


@pytest.mark.parametrize("sort", list(SessionSort))
def test_every_order_can_be_turned_round(store: SqlStore, reports: SqlReports, sort: SessionSort) -> None:
    """Equal sessions keep an order, so that pages never show one twice."""
    for number in range(4):
        begin(store, "same", number)
    down = [s.id for s in reports.session_page(SessionQuery(sort=sort)).sessions]
    up = [s.id for s in reports.session_page(SessionQuery(sort=sort, descending=False)).sessions]

    assert down == up[::-1]
    assert sorted(down) == [1, 2, 3, 4]


def test_uses_of_many_sessions_are_read_in_several_statements(store: SqlStore, reports: SqlReports) -> None:
    """More sessions than a statement may bind."""
    session = begin(store, "s", 1)
    store.add_requests([make_request(session_id=session), make_request(session_id=None)])

    uses = reports.session_uses([session, *range(1_000, 3_000)], where=ALL)

    assert [(use.session_id, use.totals.requests) for use in uses] == [(session, 1)]
    assert [use.session_id for use in reports.unattributed_uses(where=ALL)] == [None]
    assert reports.unattributed_uses(where=ALL, since_ms=NOW_MS + 1) == []
    assert reports.session_uses([], where=ALL) == []


def test_the_newest_calls_and_what_was_spent_since_a_moment(store: SqlStore, reports: SqlReports) -> None:
    """By when they were made, not by when they were recorded; spending leaves out what has no price."""
    moments = {2: 2, 10: 10, -10: 11, 12: None}
    store.add_requests([make_request(started_at_ms=NOW_MS + at, cost_picousd=cost) for at, cost in moments.items()])

    assert [call.cost_picousd for call in reports.newest_calls(limit=3)] == [None, 10, 2]
    assert sorted(reports.spending(since_ms=NOW_MS)) == [(NOW_MS + 2, 2), (NOW_MS + 10, 10)]


@pytest.mark.parametrize(
    ("sql", "index"),
    [
        ("SELECT COUNT(*) FROM model_requests WHERE subagent_id IS NOT NULL AND started_at_ms >= 5", "of_subagents"),
        ("SELECT cost_picousd FROM model_requests WHERE started_at_ms >= 5 AND cost_picousd IS NOT NULL", "by_time"),
        ("SELECT bucket_start_ms FROM usage_rollups WHERE requests > 0 AND bucket_start_ms >= 9", "usage_rollups"),
    ],
)
def test_questions_are_answered_from_an_index(sqlite: SqliteDatabase, sql: str, index: str) -> None:
    """None of them may walk the whole ledger."""
    plan = " ".join(str(row[-1]) for row in sqlite.query(f"EXPLAIN QUERY PLAN {sql}"))

    assert "SEARCH" in plan
    assert index in plan
