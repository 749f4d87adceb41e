"""Following the ledger."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest

from codesession.domain.request import UsageStatus
from codesession.services.live import CALLS_SHOWN, LiveFeed
from codesession.store.reporting import SqlReports
from codesession.store.sql_store import SqlStore
from codesession.store.sqlite import SqliteDatabase
from support.ledger import NOW_MS, make_request, make_session

MINUTE = 60_000


class Clock:
    now_ms = NOW_MS

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> SqlStore:
    return SqlStore(SqliteDatabase(tmp_path / "sessions.db", now_ms=NOW_MS))


@pytest.fixture
def feed(tmp_path: Path, store: SqlStore, clock: Clock) -> LiveFeed:
    own = SqliteDatabase(tmp_path / "sessions.db", now_ms=NOW_MS)
    return LiveFeed(SqlStore(own), SqlReports(own), clock, UTC)


def test_an_empty_ledger_is_a_quiet_picture(feed: LiveFeed) -> None:
    """Nothing spent, nothing active."""
    seen = feed.snapshot()

    assert (seen.today.requests, seen.calls, seen.sessions, seen.last_hour_picousd) == (0, (), (), 0)


def test_calls_of_another_process_appear_at_the_next_tick(feed: LiveFeed, store: SqlStore) -> None:
    """Newest first, each counted once."""
    feed.snapshot()
    store.add_request(make_request(response_id="first", cost_picousd=5, agent_name="codex"))
    feed.snapshot()
    store.add_request(make_request(response_id="second", cost_picousd=7))
    seen = feed.snapshot()

    assert [call.response_id for call in seen.calls] == ["second", "first"]
    assert seen.last_hour_picousd == seen.today.cost_picousd == 12
    assert {share.name: share.totals.cost_picousd for share in seen.agents} == {"codex": 5, None: 7}


def test_a_call_that_was_seen_gets_the_cost_that_is_known_by_now(feed: LiveFeed, store: SqlStore) -> None:
    """A log knew only a part of the answer, or its model had no price yet: the next tick has the whole."""
    store.add_request(make_request(response_id="one", cost_picousd=5, usage_status=UsageStatus.LOWER_BOUND))
    feed.snapshot()
    store.add_request(make_request(response_id="one", cost_picousd=70))
    seen = feed.snapshot()

    assert [(call.cost_picousd, call.is_lower_bound) for call in seen.calls] == [(70, False)]
    assert seen.last_hour_picousd == seen.today.cost_picousd == 70


def test_old_calls_that_are_imported_are_not_the_last_ones(feed: LiveFeed, store: SqlStore) -> None:
    """A call counts by when it was made, not by when we learned of it."""
    store.add_request(make_request(response_id="new"))
    feed.snapshot()
    store.add_request(make_request(response_id="old", started_at_ms=NOW_MS - 86_400_000))

    assert [call.response_id for call in feed.snapshot().calls] == ["new", "old"]


def test_spending_leaves_the_last_hour_as_time_passes(feed: LiveFeed, store: SqlStore, clock: Clock) -> None:
    """The pace looks at ten minutes, the history at sixty."""
    store.add_requests(
        [
            make_request(started_at_ms=NOW_MS - 5 * MINUTE, cost_picousd=10),
            make_request(started_at_ms=NOW_MS - 30 * MINUTE, cost_picousd=100),
            make_request(started_at_ms=NOW_MS - 61 * MINUTE, cost_picousd=1_000),
        ]
    )
    now = feed.snapshot()
    clock.now_ms += 40 * MINUTE
    later = feed.snapshot()

    assert (now.last_hour_picousd, now.pace_picousd) == (110, 60)
    assert (now.minutes[-6], now.minutes[-31]) == (10, 100)
    assert (later.last_hour_picousd, later.pace_picousd) == (10, 0)


def test_a_call_of_the_future_counts_as_now(feed: LiveFeed, store: SqlStore) -> None:
    """Clocks of agents may be ahead."""
    store.add_request(make_request(started_at_ms=NOW_MS + 5 * MINUTE, cost_picousd=3))

    assert feed.snapshot().minutes[-1] == 3


def test_only_so_many_calls_are_shown(feed: LiveFeed, store: SqlStore) -> None:
    """A view has room for a few."""
    store.add_requests([make_request(response_id=f"m{number}") for number in range(CALLS_SHOWN + 5)])
    seen = feed.snapshot()

    assert len(seen.calls) == CALLS_SHOWN
    assert seen.calls[0].response_id == f"m{CALLS_SHOWN + 4}"


def test_active_sessions_come_newest_first(feed: LiveFeed, store: SqlStore) -> None:
    """Those that ended are gone."""
    ids = []
    for number in range(3):
        made = store.create_session(make_session(uid=f"u{number}", started_at_ms=NOW_MS + number), exclusive=False)
        assert made is not None
        ids.append(made.id)
    store.finish_session(ids[1], ended_at_ms=NOW_MS + 9, notes=None)

    assert [session.id for session in feed.snapshot().sessions] == [ids[2], ids[0]]
