"""A session as a story, and what its commits cost."""

from __future__ import annotations

from datetime import UTC

from codesession.domain.report import ReportRequest
from services.insights.conftest import World
from support.ledger import NOW_MS, make_request, make_session


def test_calls_belong_to_the_next_commit_and_the_rest_to_none(world: World) -> None:
    """A call in the second of a commit came before it, as far as git can tell."""
    made = world.store.create_session(make_session(), exclusive=True)
    assert made is not None
    for second in (0, 1, 2, 5, 9):
        world.store.add_request(make_request(session_id=made.id, started_at_ms=NOW_MS + second * 1000 + 300))
    world.store.add_commits(made.id, [("b" * 40, "second", NOW_MS + 5_000), ("a" * 40, "first", NOW_MS + 1_000)])

    costs = world.insights.commit_costs(made.id)

    assert [(cost.commit.message if cost.commit else None, cost.totals.requests) for cost in costs] == [
        ("first", 2),
        ("second", 2),
        (None, 1),
    ]


def test_an_unpriced_call_adds_nothing_to_what_was_spent_and_is_counted(world: World) -> None:
    """The running cost stays, the call is there."""
    made = world.store.create_session(make_session(), exclusive=True)
    assert made is not None
    world.store.add_request(make_request(session_id=made.id, started_at_ms=NOW_MS + 1))
    world.store.add_request(make_request(session_id=made.id, started_at_ms=NOW_MS + 2, cost_picousd=None))

    events = world.insights.events(made)

    assert [event.running_cost_picousd for event in events] == [0, 4_500_000_000, 4_500_000_000]
    assert events[2].call is not None and events[2].call.totals.known_cost_picousd is None


def test_the_dearest_commits_come_first(world: World) -> None:
    """Of all sessions in the time asked for."""
    for number in (1, 3, 2):
        made = world.store.create_session(make_session(f"/r/{number}"), exclusive=True)
        assert made is not None
        for _ in range(number):
            world.store.add_request(make_request(session_id=made.id, started_at_ms=NOW_MS))
        world.store.add_commits(made.id, [(f"{number}" * 40, f"c{number}", NOW_MS)])

    found = world.insights.dearest_commits(ReportRequest(zone=UTC, zone_name="UTC"), limit=2)

    assert [(one.commit.message, one.totals.requests) for one in found] == [("c3", 3), ("c2", 2)]
