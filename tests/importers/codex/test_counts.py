"""Counts that rollouts repeat."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from codesession.importers.codex.counts import (
    difference,
    digest,
    is_repeat,
    plain_counts,
    says_only_the_size,
    version,
    wire_usage,
)
from codesession.providers.base import RequestFacts
from codesession.providers.openai_responses import OpenAIResponsesParser


def test_an_unchanged_total_is_a_repeat() -> None:
    """In another spelling only when the last usage is the same too."""
    total, last = {"input": 5, "output": 1}, {"input": 2, "output": 1}
    assert is_repeat(total, dict(total), last, {"input": 9, "output": 9})
    assert not is_repeat(total, {"input": 6, "output": 1}, last, last)
    assert not is_repeat(None, None, None, None)
    respelled = {"output": 1, "input": 5}
    assert is_repeat(total, respelled, last, dict(last))
    assert not is_repeat(total, respelled, last, {"input": 0, "output": 0})


def test_a_size_alone_is_of_no_response() -> None:
    """Nothing read or written, in all or last; where a count does not say, it may be one."""
    nothing = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 258_400}
    assert says_only_the_size(nothing, nothing)
    assert not says_only_the_size(nothing | {"input_tokens": 7}, nothing)
    assert not says_only_the_size(nothing, nothing | {"output_tokens": 1})
    assert not says_only_the_size(None, nothing)
    assert not says_only_the_size({"total_tokens": 7}, {"total_tokens": 7})


def test_a_total_adds_what_it_grew_by() -> None:
    """A lower one began anew; what is no number is left out."""
    assert difference({"input": 5}, {"input": 8, "note": "x"}) == {"input": 3}
    assert difference({"input": 5}, {"input": 2}) == {"input": 2}
    assert difference(None, {"input": 2}) == {"input": 2}
    assert difference({"input": 5}, None) is None


def test_names_of_facts_do_not_depend_on_the_order_of_fields() -> None:
    """Another version may write them in another order."""
    assert digest("t", {"a": 1, "b": 2}) == digest("t", {"b": 2, "a": 1}) != digest("u", {"a": 1, "b": 2})


def test_versions_compare_by_number() -> None:
    """0.44 is older than 0.153."""
    assert version("0.44.0") < version("0.153.0-alpha.2") == (0, 153)
    assert version(None) == version("dev") == (0,)


_COUNT = st.integers(0, 50) | st.sampled_from([None, -1, "7", 1.5, True])


@given(
    st.fixed_dictionaries(
        {"input_tokens": _COUNT, "output_tokens": _COUNT, "total_tokens": _COUNT},
        optional={
            "cached_input_tokens": _COUNT,
            "cache_write_input_tokens": _COUNT,
            "reasoning_output_tokens": _COUNT,
            "unheard_of": st.just(1),
        },
    )
)
def test_plain_counts_are_what_the_parser_says(usage: dict[str, object]) -> None:
    """What fits together is read without the parser of the wire format; everything else is left to it."""
    plain = plain_counts(usage)
    if plain is not None:
        said = OpenAIResponsesParser().parse_usage(wire_usage(usage), response={}, request=RequestFacts())
        assert plain.usage == said.usage
        assert not said.mismatch and not said.warnings
        assert usage["total_tokens"] == plain.usage.total_tokens


def test_what_rollouts_of_today_hold_is_plain() -> None:
    """Else the direct reading would be for nothing."""
    usage = {"input_tokens": 9, "cached_input_tokens": 8, "output_tokens": 3, "reasoning_output_tokens": 1}
    assert plain_counts({**usage, "total_tokens": 12}) is not None
    assert plain_counts({**usage, "total_tokens": 13}) is None
    assert plain_counts({**usage, "total_tokens": 12, "image_tokens": 4}) is None
