"""What stands out, over the API."""

from __future__ import annotations

from codesession.app import now_ms
from codesession.domain.session import Session
from support.ledger import make_request, make_session
from support.web_server import Dashboard


def test_files_that_many_sessions_change_come_first(dashboard: Dashboard, session: Session) -> None:
    """Counted by session, told apart by project."""
    store, now = dashboard.app.store, now_ms()
    for directory in ("/code/b", "/code/c"):
        other = store.create_session(make_session(directory, started_at_ms=now), exclusive=True)
        assert other is not None
        store.add_files(other.id, [("src/pay.py", "modified"), ("new.py", "created")], at_ms=now)
    again = store.create_session(make_session("/code/b", started_at_ms=now), exclusive=False)
    assert again is not None
    store.add_files(again.id, [("new.py", "deleted")], at_ms=now)

    found = dashboard.get("/api/v1/insights/hotspots?limit=1")

    (file,) = found["files"]
    assert (found["found"], file["project"], file["filePath"], file["sessions"]) == (5, "/code/b", "new.py", 2)
    assert (file["created"], file["deleted"]) == (1, 1)
    assert dashboard.get("/api/v1/insights/hotspots?offset=50")["found"] == 5


def test_what_the_sessions_of_a_file_cost_is_known_as_far_as_they_are(dashboard: Dashboard) -> None:
    """Not free where no call has a price, and a lower bound where some have none."""
    store, now, seen = dashboard.app.store, now_ms(), []
    made = store.create_session(make_session("/code/b", started_at_ms=now), exclusive=True)
    assert made is not None
    store.add_files(made.id, [("new.py", "created")], at_ms=now)
    for cost in (None, 5_000_000_000):
        store.add_request(make_request(session_id=made.id, started_at_ms=now, cost_picousd=cost))
        (file,) = dashboard.get("/api/v1/insights/hotspots")["files"]
        seen.append((file["sessionsCostUsd"], file["sessionsCostStatus"]))

    assert seen == [(0, "unknown"), (0.005, "lower_bound")]


def test_the_dearest_hours_sessions_and_commits(dashboard: Dashboard, session: Session) -> None:
    """A commit's cost is that of the calls since the one before."""
    found = dashboard.get("/api/v1/insights/expensive?zone=UTC&limit=5")

    assert sum(hour["usage"]["calls"] for hour in found["hours"]) == 3
    assert [one["id"] for one in found["sessions"]] == [session.id]
    assert [(one["message"], one["usage"]["costUsd"]) for one in found["commits"]] == [("pay by card", 0.009)]


def test_cache_writes_that_nobody_read_cost_their_premium(dashboard: Dashboard, session: Session) -> None:
    """Two Sonnet calls wrote 100 each: of 700 there 600 were read, then nobody read. GPT-5 writes cost nothing."""
    found = dashboard.get("/api/v1/insights/cache-waste")

    sonnet = next(row for row in found["rows"] if row["model"] == "claude-sonnet-4-5")
    assert (sonnet["cacheWriteTokens"], sonnet["unreadTokens"]) == (200, 200)
    assert sonnet["wastedUsd"] == found["wastedUsd"] == 200 * 0.75 / 1e6
    assert found["sessionsLookedAt"] == 1 and "next call" in found["basis"]
