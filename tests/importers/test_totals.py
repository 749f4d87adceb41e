"""Running totals as what every snapshot added."""

from __future__ import annotations

import json
from typing import Any

from codesession.domain.usage import TokenUsage
from codesession.importers.totals import Added, Totals


def _total(tokens: int) -> TokenUsage:
    return TokenUsage(input_tokens=tokens, cache_read_input_tokens=tokens // 2, output_tokens=tokens // 10)


def test_every_snapshot_adds_what_it_has_more_than_the_last() -> None:
    """Together they add the total, each under a name of its own; what is remembered is JSON."""
    memory: dict[str, Any] = {}
    first = Totals(memory).added("s", _total(1000))
    memory = json.loads(json.dumps(memory))
    second = Totals(memory).added("s", _total(3000))
    assert first is not None
    assert second is not None
    assert first.usage + second.usage == _total(3000)
    assert first.step != second.step


def test_the_same_total_adds_nothing() -> None:
    """Reading twice is counting once."""
    totals = Totals({})
    totals.added("s", _total(1000))
    assert totals.added("s", _total(1000)) is None


def test_a_total_that_fell_began_anew() -> None:
    """A session whose counter was reset adds all that it shows, under a new name."""
    totals = Totals({})
    steps = {added.step for count in (1000, 200, 300) if (added := totals.added("s", _total(count)))}
    assert len(steps) == 3
    assert totals.added("s", _total(300)) is None


def test_a_larger_total_without_memory_is_the_first_step_grown() -> None:
    """Forgetting what was booked never makes a second row of the same beginning."""
    small, large = Totals({}).added("s", _total(1000)), Totals({}).added("s", _total(3000))
    assert small is not None
    assert large == Added(usage=_total(3000), step=small.step)


def test_a_part_that_shrank_still_fits_its_whole() -> None:
    """Cached tokens never exceed the prompt they are part of."""
    totals = Totals({})
    totals.added("s", TokenUsage(input_tokens=1000, cache_read_input_tokens=100, output_tokens=10))
    added = totals.added("s", TokenUsage(input_tokens=1001, cache_read_input_tokens=900, output_tokens=10))
    assert added is not None
    assert added.usage == TokenUsage(input_tokens=1, cache_read_input_tokens=1)
