"""Reports by time and by kind: days cut right in every zone, totals those of the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codesession.domain.money import PICO
from codesession.domain.pricing import CostStatus
from codesession.domain.report import Bucket, CallFilter, Dimension, Report
from codesession.domain.request import ModelRequest, Source, UsageStatus
from codesession.domain.usage import TokenUsage
from codesession.services.reports import ReportService
from codesession.store.reporting import SqlReports
from codesession.store.sql_store import SqlStore
from codesession.store.sqlite import SqliteDatabase
from support.ledger import NOW_MS, make_request
from support.usage import at, call_at, request_in

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
)


def calls_by_label(report: Report) -> dict[str | None, int]:
    return {row.label: row.totals.requests for row in report.rows}


@pytest.mark.parametrize(
    ("zone", "moments", "expected"),
    [
        (
            "Europe/Berlin",
            ["2026-03-28T22:59", "2026-03-28T23:00", "2026-03-29T21:59", "2026-03-29T22:00"],
            {"2026-03-28": 1, "2026-03-29": 2, "2026-03-30": 1},
        ),
        (
            "Europe/Berlin",
            ["2026-10-24T22:00", "2026-10-25T22:59", "2026-10-25T23:00"],
            {"2026-10-25": 2, "2026-10-26": 1},
        ),
        (
            "America/New_York",
            ["2026-03-08T04:59", "2026-03-08T05:00", "2026-03-09T03:59", "2026-03-09T04:00"],
            {"2026-03-07": 1, "2026-03-08": 2, "2026-03-09": 1},
        ),
        (
            "America/New_York",
            ["2026-11-01T04:00", "2026-11-02T04:59", "2026-11-02T05:00"],
            {"2026-11-01": 2, "2026-11-02": 1},
        ),
        ("Asia/Kolkata", ["2026-01-01T18:29", "2026-01-01T18:30"], {"2026-01-01": 1, "2026-01-02": 1}),
        (
            "Australia/Lord_Howe",
            ["2026-04-04T12:59", "2026-04-04T13:00", "2026-04-05T13:29", "2026-04-05T13:30"],
            {"2026-04-04": 1, "2026-04-05": 2, "2026-04-06": 1},
        ),
        (
            "Pacific/Apia",
            ["2011-12-30T09:59", "2011-12-30T10:00", "2011-12-31T09:59", "2011-12-31T10:00"],
            {"2011-12-29": 1, "2011-12-31": 2, "2012-01-01": 1},
        ),
    ],
)
def test_days_are_cut_in_the_zone_of_whoever_asks(
    store: SqlStore, reports: ReportService, zone: str, moments: list[str], expected: dict[str, int]
) -> None:
    """Also on the days the clock is changed, at half past, and where a day is missing."""
    store.add_requests([call_at(moment) for moment in moments])

    assert calls_by_label(reports.by_time(Bucket.DAY, request_in(zone))) == expected


def test_since_and_until_are_whole_days_of_the_zone(store: SqlStore, reports: ReportService) -> None:
    """Both are included."""
    store.add_requests(
        [call_at(moment, "Asia/Kolkata") for moment in ("2026-01-01T23:59", "2026-01-02T00:00", "2026-01-03T23:59")]
    )
    store.add_requests([call_at("2026-01-04T00:00", "Asia/Kolkata")])
    request = request_in("Asia/Kolkata", since=date(2026, 1, 2), until=date(2026, 1, 3))

    assert calls_by_label(reports.by_time(Bucket.DAY, request)) == {"2026-01-02": 1, "2026-01-03": 1}
    assert reports.totals(request).requests == 2


def test_weeks_and_months_gather_their_days(store: SqlStore, reports: ReportService) -> None:
    """A week is named by its first day, which the user chooses."""
    store.add_requests([call_at(f"2026-11-{day}T12:00") for day in (15, 16, 22, 30)])

    weeks = reports.by_time(Bucket.WEEK, request_in())
    american = reports.by_time(Bucket.WEEK, request_in(week_start=6))

    assert calls_by_label(weeks) == {"2026-11-09": 1, "2026-11-16": 2, "2026-11-30": 1}
    assert calls_by_label(american) == {"2026-11-15": 2, "2026-11-22": 1, "2026-11-29": 1}
    assert calls_by_label(reports.by_time(Bucket.MONTH, request_in())) == {"2026-11": 4}


def test_last_counts_buckets_up_to_today(store: SqlStore, reports: ReportService) -> None:
    """Three days are today and the two before, whether or not something was used on them."""
    today = datetime.fromtimestamp(NOW_MS / 1000, UTC).date()
    store.add_requests([make_request(started_at_ms=NOW_MS - days * 86_400_000) for days in (0, 2, 3)])

    report = reports.by_time(Bucket.DAY, request_in(last=3))

    assert report.since is not None
    assert (today - report.since).days == 2
    assert report.totals.requests == 2


def test_an_empty_ledger_gives_an_empty_report(reports: ReportService) -> None:
    """No row, no error, a total of nothing."""
    for bucket in (Bucket.DAY, Bucket.WEEK, Bucket.MONTH):
        report = reports.by_time(bucket, request_in())
        assert report.rows == ()
        assert report.totals.known_cost_picousd == 0


def test_unpriced_calls_are_counted_apart_in_every_row(store: SqlStore, reports: ReportService) -> None:
    """A row with nothing but unpriced calls has no cost; one with some has less than the true cost, and says so."""
    unpriced = {"cost_picousd": None, "cost_status": CostStatus.UNKNOWN}
    store.add_requests(
        [
            call_at("2026-01-01T12:00", **unpriced),
            call_at("2026-01-02T12:00", **unpriced),
            call_at("2026-01-02T12:00", cost_picousd=7),
            call_at("2026-01-03T12:00", usage_status=UsageStatus.LOWER_BOUND),
        ]
    )
    first, second, third = reports.by_time(Bucket.DAY, request_in()).rows

    assert first.totals.known_cost_picousd is None
    assert (second.totals.known_cost_picousd, second.totals.unpriced_requests) == (7, 1)
    assert (third.totals.lower_bound_requests, third.totals.is_partial) == (1, True)


def test_a_breakdown_splits_a_row_by_model_and_tells_sub_agents_apart(store: SqlStore, reports: ReportService) -> None:
    """Parts add up to their row; what sub-agents used is part of it."""
    store.add_requests(
        [
            call_at("2026-01-01T12:00", request_model="opus", cost_picousd=10),
            call_at("2026-01-01T13:00", request_model="haiku", cost_picousd=3, subagent_id="a1"),
            call_at("2026-01-01T14:00", request_model="opus", cost_picousd=5, subagent_id="a2"),
        ]
    )
    (row,) = reports.by_time(Bucket.DAY, request_in(breakdown=True)).rows

    assert [(share.name, share.totals.cost_picousd) for share in row.breakdown] == [("opus", 15), ("haiku", 3)]
    assert row.subagents is not None
    assert (row.subagents.requests, row.subagents.cost_picousd) == (2, 8)
    assert reports.by_time(Bucket.DAY, request_in()).rows[0].subagents is None


def test_equal_models_of_two_providers_are_two_rows(store: SqlStore, reports: ReportService) -> None:
    """They cost differently."""
    store.add_requests(
        [
            make_request(request_model="glm", provider_name="zai", cost_picousd=1, agent_name="opencode"),
            make_request(request_model="glm", provider_name="openrouter", cost_picousd=2, subagent_id="s"),
        ]
    )
    report = reports.by_dimension(Dimension.MODEL, request_in(breakdown=True))

    assert [(row.label, row.provider) for row in report.rows] == [("glm", "openrouter"), ("glm", "zai")]
    assert [row.breakdown[0].name for row in report.rows] == [None, "opencode"]
    assert [row.subagents.requests for row in report.rows if row.subagents] == [1, 0]


def test_calls_without_an_agent_are_a_row_of_their_own(store: SqlStore, reports: ReportService) -> None:
    """Not said is not the same as any agent."""
    store.add_requests([make_request(agent_name=None), make_request(agent_name="codex", cost_picousd=1)])

    assert [row.label for row in reports.by_dimension(Dimension.AGENT, request_in()).rows] == [None, "codex"]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        (CallFilter(models=("claude-opus-4",)), {"a"}),
        (CallFilter(models=("claude-*",)), {"a", "b"}),
        (CallFilter(models=("Claude-OPUS*", "gpt-5")), {"a", "c"}),
        (CallFilter(models=("claude_opus-4",)), set()),
        (CallFilter(models=("claude_*",)), set()),
        (CallFilter(projects=("web",)), {"a", "c"}),
        (CallFilter(projects=("/code/web",)), {"a"}),
        (CallFilter(agents=("codex",)), {"c"}),
        (CallFilter(providers=("openai",)), {"c"}),
        (CallFilter(sources=("log",)), {"b", "c"}),
        (CallFilter(sources=("proxy",), providers=("openai",)), {"c"}),
        (CallFilter(sources=("pro",)), set()),
    ],
)
def test_filters_choose_calls(store: SqlStore, reports: ReportService, where: CallFilter, found: set[str]) -> None:
    """By exact name, by pattern, by the last part of a path, by one of several sources; the same for sub-agents."""
    sources = {"a": {Source.PROXY}, "b": {Source.LOG}, "c": {Source.LOG, Source.PROXY}}
    values = {
        "a": ("anthropic", "claude-opus-4", "/code/web", "claude-code"),
        "b": ("anthropic", "claude-haiku-4", "/code/my_web", "claude-code"),
        "c": ("openai", "gpt-5", "/srv/web", "codex"),
    }
    costs = {"a": 1, "b": 10, "c": 100}
    for name, (provider, model, project, agent) in values.items():
        store.add_request(
            call_at(
                "2026-01-01T12:00",
                provider_name=provider,
                request_model=model,
                project=project,
                agent_name=agent,
                sources=frozenset(sources[name]),
                cost_picousd=costs[name],
                subagent_id="s",
            )
        )
    report = reports.by_time(Bucket.DAY, request_in(where=where, breakdown=True))
    expected = sum(costs[name] for name in found)

    assert report.totals.cost_picousd == expected
    assert sum(row.subagents.cost_picousd for row in report.rows if row.subagents) == expected


def test_a_call_that_was_merged_leaves_no_empty_row(store: SqlStore, reports: ReportService) -> None:
    """Seen by the proxy first, it moves to what the log knows better: the model, the agent, the time."""
    store.add_request(
        call_at("2026-01-02T00:05", response_id="x", agent_name=None, usage_status=UsageStatus.LOWER_BOUND)
    )
    store.add_request(
        call_at(
            "2026-01-01T23:55",
            response_id="x",
            response_model="claude-sonnet-4-5-20250929",
            agent_name="claude-code",
            sources=frozenset({Source.LOG}),
        )
    )
    daily = reports.by_time(Bucket.DAY, request_in())

    assert calls_by_label(daily) == {"2026-01-01": 1}
    assert daily.rows[0].models == ("claude-sonnet-4-5-20250929",)
    assert calls_by_label(reports.by_dimension(Dimension.AGENT, request_in())) == {"claude-code": 1}
    assert len(reports.windows(request_in()).rows) == 1


def test_sums_beyond_64_bit_of_pico_dollars_hold(store: SqlStore, reports: ReportService) -> None:
    """Ten million dollars do not fit into one column, but into a report."""
    cost = 999_999 * PICO + 1
    store.add_requests([call_at(f"2026-01-{day:02}T12:00", cost_picousd=cost) for day in range(1, 13)])

    assert reports.by_time(Bucket.MONTH, request_in()).totals.cost_picousd == 12 * cost


@contextmanager
def fresh_ledger() -> Iterator[tuple[SqlStore, ReportService]]:
    with TemporaryDirectory() as folder:
        database = SqliteDatabase(Path(folder) / "sessions.db", now_ms=NOW_MS)
        yield SqlStore(database), ReportService(SqlReports(database), lambda: NOW_MS)
        database.close()


calls = st.builds(
    lambda minute, model, agent, source, cost, tokens, sub: make_request(
        started_at_ms=at("2026-01-01T00:00") + minute * 60_000,
        request_model=model,
        agent_name=agent,
        sources=frozenset(source),
        cost_picousd=cost,
        cost_status=CostStatus.UNKNOWN if cost is None else CostStatus.EXACT,
        usage=TokenUsage(input_tokens=tokens, output_tokens=tokens // 3),
        subagent_id=sub,
    ),
    st.integers(0, 366 * 24 * 60),
    st.sampled_from(["opus", "haiku", "gpt"]),
    st.sampled_from([None, "claude-code", "codex"]),
    st.sampled_from([{Source.PROXY}, {Source.LOG}, {Source.PROXY, Source.LOG}]),
    st.none() | st.integers(0, 3 * PICO),
    st.integers(0, 10**6),
    st.sampled_from([None, "a1"]),
)


@settings(max_examples=25, deadline=None)
@given(made=st.lists(calls, max_size=25), zone=st.sampled_from(ZONES))
def test_every_report_adds_up_to_the_calls_of_the_ledger(made: list[ModelRequest], zone: str) -> None:
    """Whatever is cut, by time or kind, every call is in exactly one row, on its own day."""
    with fresh_ledger() as (store, reports):
        store.add_requests(made)
        daily = reports.by_time(Bucket.DAY, request_in(zone, breakdown=True))
        days = Counter(
            datetime.fromtimestamp(call.started_at_ms / 1000, ZoneInfo(zone)).date().isoformat() for call in made
        )
        assert calls_by_label(daily) == dict(days)

        others = [reports.by_time(bucket, request_in(zone)) for bucket in (Bucket.WEEK, Bucket.MONTH)]
        others += [reports.by_dimension(dimension, request_in(zone)) for dimension in Dimension]
        others += [reports.windows(request_in(zone, until=date(2027, 6, 1)))]
        for report in (daily, *others):
            assert report.totals.requests == len(made)
            assert report.totals.cost_picousd == sum(call.cost_picousd or 0 for call in made)
            assert report.totals.unpriced_requests == sum(call.cost_picousd is None for call in made)
            assert report.totals.total_tokens == sum(call.total_tokens for call in made)
        subagents = sum(row.subagents.requests for row in daily.rows if row.subagents)
        assert subagents == sum(call.subagent_id is not None for call in made)
        assert reports.totals(request_in(zone)) == daily.totals
