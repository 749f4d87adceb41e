"""Two sightings of one call become one row, the same one in whatever order they come."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesession.domain.pricing import CostStatus
from codesession.domain.request import ModelRequest, Source, UsageStatus, merge
from codesession.domain.usage import TokenUsage
from support.ledger import NOW_MS, make_request

small = st.integers(0, 3)
FIGURES = (
    "usage",
    "usage_status",
    "reported_total_tokens",
    "cost_picousd",
    "cost_status",
    "cost_source",
    "price_model",
    "price_version",
    "billing",
    "sources",
)


def _sighting(source: Source, rank: int, figures: dict[str, object], context: dict[str, object]) -> ModelRequest:
    is_log = source is Source.LOG
    return make_request(
        uid=f"{source}-{rank}",
        response_id="msg_1",
        sources=frozenset({source}),
        owner_rank=f"{rank}:{context['conversation_id']}" if is_log else None,
        **figures,
        **context,
    )


sightings = st.builds(
    _sighting,
    st.sampled_from([Source.PROXY, Source.LOG, Source.MANUAL, Source.HOOK]),
    small,
    st.fixed_dictionaries(
        {
            "usage": st.none() | st.builds(TokenUsage, input_tokens=small, output_tokens=small),
            "usage_status": st.sampled_from(UsageStatus),
            "reported_total_tokens": st.none() | small,
            "cost_picousd": st.none() | small,
            "cost_status": st.sampled_from(CostStatus),
            "cost_source": st.none() | st.sampled_from(["built-in", "custom"]),
            "price_version": st.none() | st.sampled_from(["1", "2"]),
            "billing": st.none() | st.sampled_from(["{}", '{"api":"x"}']),
        }
    ),
    st.fixed_dictionaries(
        {
            "session_id": st.none() | small,
            "project": st.none() | st.sampled_from(["/a", "/b"]),
            "conversation_id": st.none() | st.sampled_from(["c", "d"]),
            "git_branch": st.none() | st.sampled_from(["main", "topic"]),
            "started_at_ms": st.integers(NOW_MS, NOW_MS + 3),
        }
    ),
)


def figures(row: ModelRequest) -> tuple[object, ...]:
    """What a row says about tokens, money and who saw the call."""
    return tuple(getattr(row, name) for name in FIGURES)


@given(st.lists(sightings, min_size=3, max_size=3))
def test_figures_do_not_depend_on_the_order_of_sightings(seen: list[ModelRequest]) -> None:
    """Commutative and associative where it is about money: the same files imported in any order cost the same."""
    outcomes = {figures(merge(merge(a, b), c)) for a, b, c in permutations(seen)}
    outcomes |= {figures(merge(a, merge(b, c))) for a, b, c in permutations(seen)}
    assert len(outcomes) == 1


@given(sightings, sightings)
def test_seeing_it_again_changes_nothing(known: ModelRequest, seen: ModelRequest) -> None:
    """Importing twice is importing once: no figure moves, no row is written."""
    assert merge(known, known) == known
    merged = merge(known, seen)
    assert figures(merge(merged, seen)) == figures(merged)
    assert figures(merge(merged, known)) == figures(merged)


@given(sightings, sightings)
def test_the_row_stays_the_row_that_was_stored(known: ModelRequest, seen: ModelRequest) -> None:
    """Identity and number are the first sighting's, whoever has the better figures."""
    merged = merge(replace(known, id=7), seen)
    assert (merged.id, merged.uid, merged.response_id) == (7, known.uid, "msg_1")


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"usage_status": UsageStatus.COMPLETE}, {"usage_status": UsageStatus.LOWER_BOUND}),
        ({"usage_status": UsageStatus.LOWER_BOUND}, {"usage_status": UsageStatus.MISSING, "usage": None}),
        ({"cost_status": CostStatus.EXACT}, {"cost_status": CostStatus.LIST_PRICE, "cost_picousd": 9}),
        ({"cost_status": CostStatus.EXACT}, {"cost_status": CostStatus.MANUAL, "cost_picousd": 9}),
        ({"cost_status": CostStatus.LIST_PRICE}, {"cost_status": CostStatus.UNKNOWN, "cost_picousd": None}),
        (
            {"usage": TokenUsage(output_tokens=9)},
            {"usage": TokenUsage(output_tokens=1), "cost_picousd": 5 * 10**9},
        ),
        (
            {"usage": TokenUsage(output_tokens=9), "cost_status": CostStatus.UNKNOWN, "cost_picousd": None},
            {"usage": TokenUsage(output_tokens=1), "cost_status": CostStatus.EXACT},
        ),
    ],
)
def test_usage_and_price_come_together_from_the_better_witness(
    better: dict[str, object], worse: dict[str, object], swap: bool
) -> None:
    """Complete before cut, the larger output of a call that still streamed, better known cost before list price."""
    good, bad = make_request(response_id="m", **better), make_request(response_id="m", **worse)
    merged = merge(bad, good) if swap else merge(good, bad)
    assert (merged.usage, merged.cost_picousd, merged.cost_status) == (good.usage, good.cost_picousd, good.cost_status)


def test_the_proxy_does_not_lend_its_weight_to_another_witness() -> None:
    """A cut stream seen by the proxy, then two logs: the larger log counts, also when the smaller came first."""
    cut = make_request(response_id="m", usage_status=UsageStatus.LOWER_BOUND, usage=TokenUsage(output_tokens=1))
    early, late = (
        make_request(response_id="m", sources=frozenset({Source.LOG}), usage=TokenUsage(output_tokens=n))
        for n in (100, 200)
    )
    for order in permutations([cut, early, late]):
        assert merge(merge(order[0], order[1]), order[2]).usage == late.usage


def test_a_session_that_claimed_the_call_keeps_it() -> None:
    """The proxy knew for whom it listened; a later sighting in another session does not take the call away."""
    first = make_request(response_id="m", session_id=1)
    second = make_request(response_id="m", session_id=2)
    nobody = make_request(response_id="m", session_id=None)
    assert merge(first, second).session_id == 1
    assert merge(nobody, second).session_id == 2
    assert merge(first, nobody).session_id == 1


def test_the_log_knows_best_where_a_call_belongs() -> None:
    """Branch, sub-agent and conversation are the log's; what it does not say stays as the proxy saw it."""
    proxy = make_request(response_id="m", git_branch="guess", agent_version="2.1", duration_ms=5)
    log = make_request(
        response_id="m", git_branch="main", subagent_id="s", owner_rank="0:1", sources=frozenset({Source.LOG})
    )
    for merged in (merge(proxy, log), merge(log, proxy)):
        assert (merged.git_branch, merged.subagent_id) == ("main", "s")
        assert (merged.agent_version, merged.duration_ms) == ("2.1", 5)


@pytest.mark.parametrize("name", ["subagent_id", "parent_subagent_id", "prompt_id"])
def test_that_the_owner_names_no_subagent_is_a_statement(name: str) -> None:
    """A side chain that replays its parent's call does not make it the side chain's; the proxy's word fills a gap."""
    log = frozenset({Source.LOG})
    owner = make_request(response_id="m", owner_rank="0:1", sources=log)
    replay = make_request(response_id="m", owner_rank="1:2", sources=log, **{name: "aside"})
    for merged in (merge(owner, replay), merge(replay, owner), merge(merge(replay, owner), replay)):
        assert getattr(merged, name) is None
    proxy = make_request(response_id="m", **{name: "told by a header"})
    for merged in (merge(owner, proxy), merge(proxy, owner)):
        assert getattr(merged, name) == "told by a header"


def test_tokens_of_a_row_are_its_split_or_else_its_bare_total() -> None:
    """A row without any usage counts no tokens."""
    assert make_request(usage=TokenUsage(input_tokens=3, output_tokens=4), reported_total_tokens=99).total_tokens == 7
    assert make_request(usage=None, reported_total_tokens=99).total_tokens == 99
    assert make_request(usage=None).total_tokens == 0


def test_a_call_says_what_answered_and_how_well_its_cost_is_known() -> None:
    """The model asked for where none is named; no id but the provider's own."""
    call = make_request(response_id="~proxy:1", request_model="a", response_model=None)
    assert (call.model, call.provider_response_id, call.is_lower_bound) == ("a", None, False)
    cut = replace(call, response_id="r", response_model="b", usage_status=UsageStatus.LOWER_BOUND)
    assert (cut.model, cut.provider_response_id, cut.is_lower_bound) == ("b", "r", True)
    assert replace(call, cost_status=CostStatus.LOWER_BOUND).is_lower_bound
