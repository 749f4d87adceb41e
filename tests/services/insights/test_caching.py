"""What caching saved and wasted."""

from __future__ import annotations

from datetime import UTC

from codesession.domain.report import ReportRequest
from codesession.domain.usage import TokenUsage
from services.insights.conftest import PlainPrices, World
from support.ledger import NOW_MS, make_request, make_session

ALL = ReportRequest(zone=UTC, zone_name="UTC")


def call(world: World, minute: int, read: int, write: int, write_1h: int = 0, **changes: object) -> None:
    usage = TokenUsage(
        input_tokens=read + write + 10, cache_read_input_tokens=read, cache_write_input_tokens=write,
        cache_write_1h_input_tokens=write_1h, output_tokens=1,
    )  # fmt: skip
    world.store.add_request(make_request(usage=usage, started_at_ms=NOW_MS + minute * 60_000, **changes))


def session(world: World) -> int:
    made = world.store.create_session(make_session(), exclusive=False)
    assert made is not None
    return made.id


def test_reads_save_and_writes_cost(world: World) -> None:
    """A million read saves $9, a million written costs $2.5 more than plain input."""
    call(world, 0, 1_000_000, 1_000_000)

    found = world.insights.savings(ALL)

    assert (found.saved_picousd, found.covered_tokens, found.uncovered_tokens) == (6_500_000_000_000, 2_000_000, 0)


def test_writes_for_an_hour_cost_their_own_premium(world: World) -> None:
    """$10 a million more than plain input, where those for five minutes cost $2.5 more."""
    call(world, 0, 1_000_000, 3_000_000, 1_000_000)

    assert world.insights.savings(ALL).saved_picousd == (9 - 2 * 2.5 - 10) * 1_000_000_000_000


def test_a_model_without_prices_is_said_to_be_left_out(world: World) -> None:
    """Nothing known is no saving of $0."""
    call(world, 0, 500, 0, request_model="unknown")
    assert world.insights.savings(ALL).saved_picousd is None

    call(world, 1, 1_000_000, 0)
    found = world.insights.savings(ALL)
    assert (found.saved_picousd, found.uncovered_tokens) == (9_000_000_000_000, 500)


def test_what_the_next_call_read_was_not_wasted(world: World) -> None:
    """1,000 written, all read by the next call; of 500 more the third read 300; the last 100 nobody read."""
    own = session(world)
    call(world, 0, 0, 1_000, session_id=own)
    call(world, 1, 1_000, 500, session_id=own)
    call(world, 2, 1_300, 100, session_id=own)

    (row,) = world.insights.cache_waste(ALL).rows

    assert (row.write_tokens, row.unread_tokens) == (1_600, 300)
    assert row.wasted_picousd == 300 * 2_500_000 and row.premium_picousd == 1_600 * 2_500_000


def test_a_conversation_does_not_read_anothers_cache(world: World) -> None:
    """Each conversation and sub-agent is a line of its own; one-hour writes cost their own premium."""
    own = session(world)
    call(world, 0, 0, 1_000, 1_000, session_id=own, conversation_id="a")
    call(world, 1, 1_000, 0, session_id=own, conversation_id="b")
    call(world, 2, 1_000, 0, session_id=own, conversation_id="a", subagent_id="s")

    (row,) = world.insights.cache_waste(ALL).rows

    assert row.unread_tokens == 1_000 and row.wasted_picousd == 1_000 * 10_000_000


def test_a_cache_that_was_lost_is_wasted_once(world: World) -> None:
    """The next call read nothing: what was written is lost, not what had been read before."""
    own = session(world)
    call(world, 0, 5_000, 1_000, session_id=own)
    call(world, 1, 0, 0, session_id=own)

    (row,) = world.insights.cache_waste(ALL).rows

    assert row.unread_tokens == 1_000


def test_the_same_calls_at_the_same_models_prices_cost_the_same(world: World) -> None:
    """What-if counts reads, writes for five minutes and for an hour as the model bills them."""
    call(world, 0, 1_000_000, 3_000_000, 1_000_000)
    target = PlainPrices().rates(None, "model", NOW_MS)
    assert target is not None

    name = make_request().request_model
    found = world.insights.what_if(ALL, model=name or "", provider=None, target=target)

    assert found.own_picousd == found.target_picousd == (1 + 2 * 12.5 + 20) * 10**12 + 10 * 10 * 10**6 + 50 * 10**6
