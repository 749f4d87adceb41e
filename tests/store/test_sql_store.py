"""The ledger keeps sessions and calls, and counts each call once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codesession.domain.money import PICO
from codesession.domain.pricing import CostStatus
from codesession.domain.report import CallFilter, SessionQuery, SessionSort, Span
from codesession.domain.request import ModelRequest, Source, UsageStatus
from codesession.domain.session import Session, SessionStatus
from codesession.domain.usage import TokenUsage
from codesession.store import call_rows
from codesession.store.database import Database
from codesession.store.queries import COUNTER_COLUMNS, COUNTERS, SESSION_USE_KEYS
from codesession.store.reporting import SqlReports
from codesession.store.sql_store import SqlStore
from support.ledger import COST, NOW_MS, make_request, make_session


def begin(store: SqlStore, directory: str = "/repo", **changes: object) -> Session:
    session = store.create_session(make_session(directory, **changes), exclusive=False)
    assert session is not None
    return session


def rollup_totals(database: Database) -> tuple[int, ...]:
    (row,) = database.query(
        "SELECT COALESCE(SUM(requests), 0), COALESCE(SUM(total_tokens), 0),"
        f" COALESCE(SUM({COST}), 0), COALESCE(SUM(unpriced_requests), 0), COALESCE(SUM(lower_bound_requests), 0),"
        " COALESCE(SUM(list_price_requests), 0) FROM usage_rollups"
    )
    return row


def test_a_session_comes_back_as_it_was_begun(store: SqlStore) -> None:
    """Everything known at the start is kept, the counters begin at zero."""
    new = make_session(name="Ünïcode 🤖\nline", git_branch="main", start_git_head="abc", budget_picousd=5)
    session = store.create_session(new, exclusive=True)
    assert session is not None
    assert session == store.session(session.id)
    assert (session.name, session.git_branch, session.start_git_head) == (new.name, "main", "abc")
    assert (session.status, session.budget_picousd) == (SessionStatus.ACTIVE, 5)
    assert (session.requests, session.cost_picousd, session.files_changed, session.commits) == (0, 0, 0, 0)


def test_an_exclusive_start_is_refused_while_the_directory_has_an_active_session(store: SqlStore) -> None:
    """One scope, one session, unless parallel ones are asked for; other directories do not count."""
    begin(store, "/repo")
    assert store.create_session(make_session("/repo"), exclusive=True) is None
    assert store.create_session(make_session("/other"), exclusive=True) is not None
    assert store.create_session(make_session("/repo"), exclusive=False) is not None
    assert [s.directory for s in store.active_sessions()] == ["/repo", "/other", "/repo"]


def test_a_baseline_is_kept_apart(store: SqlStore) -> None:
    """The repository's state at the start comes back; a session without one has none."""
    assert store.baseline(begin(store, baseline='{"a":1}').id) == '{"a":1}'
    assert store.baseline(begin(store).id) is None


def test_a_session_ends_once_with_its_work(store: SqlStore) -> None:
    """The second end finds nothing to end, and what the first one kept stays."""
    session = begin(store)
    ended = store.finish_session(
        session.id,
        ended_at_ms=NOW_MS + 5,
        notes="done",
        commits=[("a" * 40, "first", NOW_MS), ("a" * 40, "again", NOW_MS)],
        files=[("b.txt", "created"), ("b.txt", "modified"), ("c.txt", "deleted")],
    )
    assert ended is not None
    assert (ended.status, ended.commits, ended.files_changed, ended.end_notes) == ("completed", 1, 2, "done")
    assert store.finish_session(session.id, ended_at_ms=NOW_MS + 9, notes="late") is None
    assert [(f.file_path, f.change_type) for f in store.files(session.id)] == [
        ("b.txt", "modified"),
        ("c.txt", "deleted"),
    ]
    assert [(c.hash, c.message) for c in store.commits(session.id)] == [("a" * 40, "first")]
    assert store.active_sessions() == []


def test_a_call_seen_twice_is_counted_once(store: SqlStore, database: Database) -> None:
    """The proxy records a call first; the importer meets it again in the log."""
    session = begin(store)
    call = make_request(response_id="msg_x", session_id=session.id)
    assert store.add_request(call)
    assert not store.add_request(replace(call, uid="other", sources=frozenset({Source.LOG}), agent_name="claude-code"))
    counted = store.session(session.id)
    assert counted is not None
    assert (counted.requests, counted.total_tokens, counted.cost_picousd) == (1, 1_100, 4_500_000_000)
    assert rollup_totals(database) == (1, 1_100, 4_500_000_000, 0, 0, 0)
    (row,) = store.requests(session.id, limit=None)
    assert store.request_id(call.provider_name, "msg_x") == row.id
    assert store.request_id(call.provider_name, "msg_y") is None
    assert store.request(call.provider_name, "msg_x") == row
    assert store.request(call.provider_name, "msg_y") is None
    assert row.sources == {Source.PROXY, Source.LOG}
    assert row.agent_name == "claude-code"


def test_the_same_id_from_two_providers_is_two_calls(store: SqlStore) -> None:
    """Identity is the pair of provider and response id."""
    assert store.add_request(make_request(response_id="same", provider_name="anthropic"))
    assert store.add_request(make_request(response_id="same", provider_name="openai"))


@pytest.mark.parametrize("source", [Source.PROXY, Source.API])
def test_answers_that_share_an_id_are_calls_of_their_own(store: SqlStore, database: Database, source: Source) -> None:
    """Local servers draw short ids at random, some gateways have one for all; an answer given again is no new call."""
    session = begin(store)

    def answered(prompt: int, answer: int) -> bool:
        usage = TokenUsage(input_tokens=prompt, output_tokens=answer)
        call = make_request(response_id="chatcmpl-7", session_id=session.id, usage=usage, sources=frozenset({source}))
        return store.add_request(call)

    answers = [(100, 10), (200, 10), (200, 20), (200, 30), (100, 30)]
    assert [answered(*each) for each in answers] == [True] * 5
    assert [answered(*each) for each in reversed(answers)] == [False] * 5
    counted = store.session(session.id)
    assert counted is not None
    assert (counted.requests, counted.total_tokens, counted.cost_picousd) == (5, 900, 5 * 4_500_000_000)
    assert rollup_totals(database)[:3] == (5, 900, 5 * 4_500_000_000)


def test_a_call_that_a_program_reports_again_is_one_call(store: SqlStore) -> None:
    """Nobody saw its answer: what is said of more is a correction."""
    session = begin(store)
    told = {"response_id": "r", "session_id": session.id, "api": "manual", "sources": frozenset({Source.API})}
    for answer in (10, 20):
        store.add_request(make_request(usage=TokenUsage(input_tokens=100, output_tokens=answer), **told))
    counted = store.session(session.id)
    assert counted is not None
    assert (counted.requests, counted.output_tokens) == (1, 20)


def test_a_more_complete_sighting_replaces_the_counts(store: SqlStore, database: Database) -> None:
    """A cut stream is a lower bound until somebody saw the whole call: then every counter follows."""
    session = begin(store)
    cut = make_request(
        response_id="msg_x",
        session_id=session.id,
        usage=TokenUsage(input_tokens=1_000, output_tokens=1),
        usage_status=UsageStatus.LOWER_BOUND,
        cost_picousd=3_000_000_000,
        cost_status=CostStatus.LOWER_BOUND,
    )
    store.add_request(cut)
    before = store.session(session.id)
    assert before is not None
    assert before.lower_bound_requests == 1
    store.add_request(make_request(response_id="msg_x", sources=frozenset({Source.LOG})))
    after = store.session(session.id)
    assert after is not None
    assert (after.requests, after.lower_bound_requests, after.output_tokens, after.cost_picousd) == (
        1,
        0,
        100,
        4_500_000_000,
    )
    assert rollup_totals(database) == (1, 1_100, 4_500_000_000, 0, 0, 0)


def test_an_unpriced_call_is_counted_apart(store: SqlStore) -> None:
    """No price is None in the row and a count of its own in the session, never a cost of zero."""
    session = begin(store)
    store.add_request(make_request(session_id=session.id, cost_picousd=None, cost_status=CostStatus.UNKNOWN))
    store.add_request(make_request(session_id=session.id))
    counted = store.session(session.id)
    assert counted is not None
    assert (counted.requests, counted.unpriced_requests, counted.cost_picousd) == (2, 1, 4_500_000_000)
    assert store.requests(session.id, limit=None)[0].cost_picousd is None


def test_an_unattributed_call_is_kept_until_a_session_claims_it(store: SqlStore, database: Database) -> None:
    """A call that fits no session stays in the ledger; a later sighting that knows the session brings it in."""
    call = make_request(response_id="msg_x")
    store.add_request(call)
    assert rollup_totals(database)[0] == 1
    session = begin(store)
    store.add_request(replace(call, session_id=session.id))
    counted = store.session(session.id)
    assert counted is not None
    assert counted.requests == 1
    assert rollup_totals(database)[0] == 1


def test_a_recorded_call_comes_back_whole(store: SqlStore) -> None:
    """Every column makes the round trip."""
    session = begin(store)
    call = make_request(
        session_id=session.id,
        project="/repo",
        response_model="claude-sonnet-4-5-20250929",
        api="anthropic.messages",
        conversation_id="c",
        agent_name="claude-code",
        agent_version="2.1",
        subagent_id="s",
        parent_subagent_id="p",
        prompt_id="q",
        git_branch="main",
        duration_ms=12,
        reported_total_tokens=7,
        cost_source="built-in",
        price_model="anthropic/claude-sonnet-4-5",
        price_version="v",
        billing="{}",
    )
    store.add_request(call)
    (row,) = store.requests(session.id, limit=None)
    assert replace(row, id=None) == call


def test_text_that_no_database_takes_is_made_visible(store: SqlStore) -> None:
    """NUL bytes and lone surrogates, as file names and agents produce them, neither fail nor vanish silently."""
    session = begin(store, name="a\x00b\udcffc")
    assert session.name == r"a␀b\xffc"
    store.add_note(session.id, "\udcff", at_ms=NOW_MS)
    assert [n.message for n in store.notes(session.id)] == [r"\xff"]


def test_the_newest_calls_come_in_the_order_they_happened(store: SqlStore) -> None:
    """A limit keeps the newest; the order stays that of time."""
    session = begin(store)
    for offset in (3, 1, 2):
        store.add_request(
            make_request(session_id=session.id, started_at_ms=NOW_MS + offset, request_model=f"m{offset}")
        )
    assert [r.request_model for r in store.requests(session.id, limit=2)] == ["m2", "m3"]


def test_statistics_survive_sums_beyond_64_bits(store: SqlStore) -> None:
    """Three sessions of four million dollars each are twelve million dollars, not an overflow."""
    for number in range(3):
        session, at_ms = begin(store), NOW_MS + number * call_rows.BUCKET_MS
        store.add_request(make_request(session_id=session.id, cost_picousd=4_000_000 * 10**12, started_at_ms=at_ms))
        store.finish_session(session.id, ended_at_ms=NOW_MS + 1000, notes=None)
    totals = store.stats()
    assert (totals.sessions, totals.cost_picousd, totals.duration_ms) == (3, 12_000_000 * 10**12, 3000)


def test_one_counter_survives_sums_beyond_64_bits(store: SqlStore, database: Database) -> None:
    """Twelve calls of almost a million dollars in one session, model and quarter of an hour: exact everywhere."""
    session, cost = begin(store), 999_999 * PICO + 1
    inner = store.create_session(make_session(uid="inner", outer_id=session.id), exclusive=False)
    assert inner is not None
    for session_id in (session.id, inner.id):
        store.add_requests([make_request(session_id=session_id, cost_picousd=cost) for _ in range(12)])
    reports = SqlReports(database)
    dear = SessionQuery(min_cost_picousd=12 * cost, max_cost_picousd=12 * cost, sort=SessionSort.COST)

    page = reports.session_page(dear)
    assert [(each.id, each.cost_picousd, each.inner_picousd) for each in page.sessions] == [
        (inner.id, 12 * cost, 0),
        (session.id, 12 * cost, 12 * cost),
    ]
    assert page.totals.cost_picousd == 24 * cost
    assert [each.cost_picousd for each in store.model_totals(session.id)] == [12 * cost]
    (cell,) = reports.usage(Span(start_ms=0, end_ms=2 * NOW_MS), where=CallFilter())
    assert cell.totals.cost_picousd == 24 * cost


def test_totals_by_model_are_dearest_first(store: SqlStore) -> None:
    """The model that answered is what counts, the requested one only where nothing else is known."""
    session = begin(store)
    store.add_request(make_request(session_id=session.id, request_model="cheap", cost_picousd=1))
    store.add_request(make_request(session_id=session.id, request_model="alias", response_model="dear", cost_picousd=9))
    store.add_request(make_request(session_id=session.id, request_model="dear", cost_picousd=None))
    listed = CostStatus.LIST_PRICE
    store.add_request(make_request(session_id=session.id, request_model="cheap", cost_picousd=1, cost_status=listed))
    found = store.model_totals(session.id)
    assert [(t.model, t.requests, t.cost_picousd, t.unpriced_requests, t.list_price_requests) for t in found] == [
        ("dear", 2, 9, 1, 0),
        ("cheap", 2, 2, 0, 1),
    ]


def test_a_model_and_an_agent_whose_only_call_went_elsewhere_are_not_named(store: SqlStore) -> None:
    """A later sighting may know the agent better; what was counted under the first name is none."""
    session = begin(store)
    call = make_request(session_id=session.id, usage_status=UsageStatus.LOWER_BOUND)
    store.add_request(call)
    store.add_request(replace(call, response_model="dated", agent_name="codex", usage_status=UsageStatus.COMPLETE))
    assert [total.model for total in store.model_totals(session.id)] == ["dated"]
    assert store.agent_names(session.id) == ["codex"]


def test_agents_are_named_in_order_of_appearance(store: SqlStore) -> None:
    """Calls without an agent name none."""
    session = begin(store)
    for name in ("zeta", None, "alpha", "zeta"):
        store.add_request(make_request(session_id=session.id, agent_name=name))
    assert store.agent_names(session.id) == ["zeta", "alpha"]


sightings = st.builds(
    make_request,
    response_id=st.sampled_from(["a", "b", "c"]),
    session_id=st.sampled_from([None, 1, 2]),
    usage=st.one_of(
        st.none(), st.builds(TokenUsage, input_tokens=st.integers(0, 10**6), output_tokens=st.integers(0, 10**6))
    ),
    usage_status=st.sampled_from(UsageStatus),
    cost_picousd=st.one_of(st.none(), st.integers(0, 10**15)),
    cost_status=st.sampled_from(CostStatus),
    started_at_ms=st.integers(NOW_MS, NOW_MS + 10**7),
    sources=st.sampled_from([frozenset({s}) for s in (Source.PROXY, Source.LOG, Source.MANUAL)]),
    agent_name=st.sampled_from([None, "codex"]),
    response_model=st.sampled_from([None, "dated"]),
    conversation_id=st.sampled_from([None, "talk"]),
    subagent_id=st.sampled_from([None, "helper"]),
)

USES_OF_THE_ROWS = """
SELECT session_id, provider_name, COALESCE(response_model, request_model), COALESCE(agent_name, ''),
       REPLACE(sources, ',', '+'), COALESCE(conversation_id, ''), CASE WHEN subagent_id IS NULL THEN 0 ELSE 1 END,
       COUNT(*), SUM(CASE WHEN cost_picousd IS NULL THEN 1 ELSE 0 END),
       SUM(CASE WHEN usage_status = 'lower_bound' OR cost_status = 'lower_bound' THEN 1 ELSE 0 END),
       SUM(CASE WHEN cost_status = 'list_price' THEN 1 ELSE 0 END),
       SUM(COALESCE(input_tokens, 0)), SUM(COALESCE(cache_read_input_tokens, 0)),
       SUM(COALESCE(cache_write_input_tokens, 0)), SUM(COALESCE(output_tokens, 0)),
       SUM(COALESCE(reasoning_output_tokens, 0)),
       SUM(COALESCE(input_tokens + output_tokens, reported_total_tokens, 0)),
       SUM(COALESCE(cache_write_1h_input_tokens, 0)), SUM(COALESCE(cost_picousd, 0))
FROM model_requests WHERE session_id IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6, 7
"""


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(sightings, max_size=4), max_size=5))
def test_counters_always_equal_the_rows(
    empty_database: Callable[[], Database], batches: list[list[ModelRequest]]
) -> None:
    """Whatever is seen in whatever order, every kind of counter says what a sum over the ledger says."""
    database = empty_database()
    store = SqlStore(database)
    for _ in range(2):
        begin(store)
    for batch in batches:
        store.add_requests(batch)
    sums = (
        "COUNT(*), COALESCE(SUM(COALESCE(input_tokens + output_tokens, reported_total_tokens, 0)), 0),"
        " COALESCE(SUM(cost_picousd), 0), COALESCE(SUM(CASE WHEN cost_picousd IS NULL THEN 1 ELSE 0 END), 0),"
        " COALESCE(SUM(CASE WHEN usage_status = 'lower_bound' OR cost_status = 'lower_bound' THEN 1 ELSE 0 END), 0),"
        " COALESCE(SUM(CASE WHEN cost_status = 'list_price' THEN 1 ELSE 0 END), 0)"
    )
    assert [rollup_totals(database)] == database.query(f"SELECT {sums} FROM model_requests")
    for session_id in (1, 2):
        counted = store.session(session_id)
        assert counted is not None
        seen = (
            counted.requests,
            counted.total_tokens,
            counted.cost_picousd,
            counted.unpriced_requests,
            counted.lower_bound_requests,
            counted.list_price_requests,
        )
        assert [seen] == database.query(f"SELECT {sums} FROM model_requests WHERE session_id = :id", {"id": session_id})
    counted_uses = database.query(
        f"SELECT {', '.join(SESSION_USE_KEYS + COUNTERS[:-1])}, {COST} FROM session_usage WHERE requests > 0"
    )
    assert sorted(counted_uses) == sorted(database.query(USES_OF_THE_ROWS))
    inexact = "COALESCE(SUM(unpriced_requests), 0), COALESCE(SUM(lower_bound_requests), 0)"
    parts = f"{inexact}, COALESCE(SUM(cost_dollars), 0), COALESCE(SUM(cost_rest_picousd), 0)"
    ((unpriced, lower_bound, dollars, rest),) = database.query(f"SELECT {parts} FROM spending")
    spent = f"{inexact}, COALESCE(SUM({COST}), 0)"
    assert database.query(f"SELECT {spent} FROM usage_rollups") == [(unpriced, lower_bound, dollars * PICO + rest)]
    emptied = set(database.query(f"SELECT {', '.join(COUNTER_COLUMNS)} FROM session_usage WHERE requests = 0"))
    assert emptied <= {(0,) * len(COUNTER_COLUMNS)}
