"""Counts as agents log them, in one form."""

from __future__ import annotations

from decimal import Decimal

from codesession.domain.usage import TokenUsage
from codesession.importers.counts import Layout, Reading, answer, cut_into_calls

APART = Layout(
    input="in", output="out", cache_read="read", cache_write="write", cache_write_1h="write1h", reasoning="think",
    total="total", cache_inside=False, reasoning_inside=True,
)  # fmt: skip
INSIDE = Layout(input="in", output="out", cache_read="read", total="total", cache_inside=True, reasoning_inside=True)


def test_parts_that_are_apart_are_summed() -> None:
    """The whole prompt holds what was read from and written to the cache."""
    counts = {"in": 3, "out": 321, "read": 8000, "write": 1200, "write1h": 200, "think": 100, "total": 9524}
    assert APART.read(counts) == Reading(
        usage=TokenUsage(
            input_tokens=9203,
            cache_read_input_tokens=8000,
            cache_write_input_tokens=1200,
            cache_write_1h_input_tokens=200,
            output_tokens=321,
            reasoning_output_tokens=100,
        )
    )


def test_the_total_says_whether_the_output_holds_the_reasoning() -> None:
    """One format, two wires."""
    inside = APART.read({"in": 9000, "out": 321, "think": 100, "total": 9321}).usage
    outside = APART.read({"in": 9000, "out": 221, "think": 100, "total": 9321}).usage
    assert inside == outside


def test_reasoning_that_the_agent_estimated_never_raises_the_output() -> None:
    """Where the total holds without it; with no total nobody can tell."""
    estimated = APART.read({"in": 9000, "out": 50, "think": 80, "total": 9050})
    assert estimated == Reading(usage=TokenUsage(input_tokens=9000, output_tokens=50, reasoning_output_tokens=50))
    unsure = APART.read({"in": 9000, "out": 50, "think": 80})
    assert unsure.usage is not None
    assert (unsure.usage.output_tokens, unsure.mismatch) == (80, True)


def test_counts_that_do_not_add_up_are_flagged() -> None:
    """The agent's own total is the check."""
    reading = INSIDE.read({"in": 1500, "out": 200, "read": 100, "total": 1850})
    assert reading.usage is not None
    assert reading.mismatch


def test_nothing_but_zeros_is_unknown_usage() -> None:
    """No provider answers for zero tokens."""
    assert INSIDE.read({"in": 0, "out": 0, "read": None}).usage is None
    assert INSIDE.read({}).usage is None


def test_counts_nobody_can_believe_count_nothing() -> None:
    """Negative, huge, fractions, words: doubted, never a crash."""
    for bad in (-1, 10**30, 0.5, "many", [], True):
        reading = INSIDE.read({"in": bad, "out": 10})
        assert reading.usage == TokenUsage(output_tokens=10)
        assert reading.mismatch
        assert not reading.complete
        assert not answer(reading, provider_name="x", api="x", key="k", model="m").complete


def test_a_part_nobody_can_believe_leaves_all_tokens() -> None:
    """They are in the prompt all the same, only not known to be cheaper."""
    assert INSIDE.read({"in": 5, "out": 10, "read": "many", "total": 1.5}).complete
    assert not APART.read({"in": 5, "out": 10, "read": "many"}).complete


def test_one_hour_writes_never_exceed_all_writes() -> None:
    """The part fits its whole."""
    usage = APART.read({"in": 1, "out": 1, "write": 100, "write1h": 500}).usage
    assert usage is not None
    assert usage.cache_write_1h_input_tokens == 100


def test_what_the_agent_says_a_call_cost_is_kept_beside_the_price() -> None:
    """Zero means that its table did not know the model."""
    said = answer(Reading(usage=None), provider_name="x", api="x", key="k", model="m", agent_cost=0.0054600000000000004)
    assert said.facts.agent_cost_usd == Decimal("0.0054600000000000004")
    assert said.facts.reported_cost_usd is None
    assert said.parts == ()
    nothing = answer(Reading(usage=None), provider_name="x", api="x", key="k", model="m", agent_cost=0)
    assert nothing.facts.agent_cost_usd is None


def test_a_sessions_total_is_cut_so_that_it_meets_no_long_context_band() -> None:
    """The parts sum up to the total, and each is as large as a call of that session may have been."""
    total = TokenUsage(input_tokens=1_000_003, cache_read_input_tokens=900_001, output_tokens=777)
    parts = cut_into_calls(total, 40)
    assert sum((part.usage for part in parts[1:]), parts[0].usage) == total
    assert max(part.usage.input_tokens for part in parts) <= 100_001
    assert len(cut_into_calls(total, 2)) == 2
    assert [part.usage for part in cut_into_calls(TokenUsage(input_tokens=5, output_tokens=1), 0)] == [
        TokenUsage(input_tokens=5, output_tokens=1)
    ]
