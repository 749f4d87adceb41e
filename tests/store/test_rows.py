"""Domain objects survive the way into columns and back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesession.domain.pricing import CostStatus
from codesession.domain.request import ModelRequest, Source, UsageStatus
from codesession.domain.usage import TokenUsage
from codesession.store import call_rows, rows
from codesession.store.queries import COUNTERS, REQUEST_COLUMNS, ROLLUP_KEYS, SESSION_USE_KEYS
from support.ledger import NOW_MS, make_request

counts = st.integers(0, 2**62)
texts = st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
requests = st.builds(
    make_request,
    response_model=texts,
    agent_name=texts,
    project=texts,
    usage=st.none()
    | st.builds(TokenUsage, input_tokens=counts, cache_write_1h_input_tokens=counts, output_tokens=counts),
    usage_status=st.sampled_from(UsageStatus),
    cost_picousd=st.none() | counts,
    cost_status=st.sampled_from(CostStatus),
    sources=st.frozensets(st.sampled_from(Source), min_size=1),
    id=counts,
)


def rollup_key(request: ModelRequest) -> dict[str, object]:
    """The bucket a call is counted in, by name."""
    return dict(zip(ROLLUP_KEYS, call_rows.rollup_of(call_rows.prepared(request)[1]), strict=True))


@given(requests)
def test_a_row_comes_back_as_it_was(request: ModelRequest) -> None:
    """Unknown stays None: neither usage nor cost becomes zero on the way."""
    params = call_rows.request_params(request)
    assert set(params) == set(REQUEST_COLUMNS)
    assert call_rows.request_of((request.id, *(params[name] for name in REQUEST_COLUMNS))) == request


@given(st.text())
def test_any_text_becomes_one_that_databases_take(value: str) -> None:
    """Valid UTF-8 without NUL; text that already is stays as it is, so doing it twice does nothing."""
    kept = rows.text(value)
    kept.encode("utf-8")
    assert "\x00" not in kept
    assert rows.text(kept) == kept
    assert len(kept) == len(value)


@pytest.mark.parametrize(
    ("changes", "counter", "value"),
    [
        ({"cost_picousd": None}, "unpriced_requests", 1),
        ({"cost_picousd": 0}, "unpriced_requests", 0),
        ({"usage_status": UsageStatus.LOWER_BOUND}, "lower_bound_requests", 1),
        ({"cost_status": CostStatus.LOWER_BOUND}, "lower_bound_requests", 1),
        ({"cost_status": CostStatus.LIST_PRICE}, "list_price_requests", 1),
        ({"cost_status": CostStatus.REPORTED}, "list_price_requests", 0),
        ({"usage": None, "reported_total_tokens": 7}, "total_tokens", 7),
        ({"usage": None, "reported_total_tokens": 7}, "input_tokens", 0),
    ],
)
def test_every_counter_counts_what_it_says(changes: dict[str, object], counter: str, value: int) -> None:
    """A free call is priced, a bare total has no split."""
    counts = dict(zip(COUNTERS, call_rows.counters(make_request(**changes)), strict=False))
    assert counts[counter] == value


@given(st.integers(0, 2**41))
def test_a_bucket_holds_its_calls(at_ms: int) -> None:
    """A quarter of an hour, so that days can be cut in every time zone."""
    key = rollup_key(make_request(started_at_ms=at_ms))
    assert set(key) == set(ROLLUP_KEYS)
    assert key["bucket_start_ms"] % call_rows.BUCKET_MS == 0
    assert 0 <= at_ms - key["bucket_start_ms"] < call_rows.BUCKET_MS


def test_a_bucket_is_told_by_the_model_that_answered_and_by_all_who_saw_it() -> None:
    """Unknown agents and projects are the empty text, because a key column cannot be null."""
    call = make_request(response_model="dated", sources=frozenset({Source.PROXY, Source.LOG}), started_at_ms=NOW_MS)
    key = rollup_key(call)
    assert (key["model"], key["agent_name"], key["project"], key["source"]) == ("dated", "", "", "log+proxy")
    assert rollup_key(replace(call, response_model=None))["model"] == call.request_model


@pytest.mark.parametrize("odd", ["a\x00b", "\udcff"])
def test_a_bucket_has_the_text_its_rows_have(odd: str) -> None:
    """Else the sums of a provider would not be found under its name."""
    call = make_request(provider_name=odd, request_model=odd, agent_name=odd, project=odd, conversation_id=odd)
    key, row = rollup_key(call), call_rows.request_params(call)
    assert [key[n] for n in ("provider_name", "agent_name", "project")] == [
        row[n] for n in ("provider_name", "agent_name", "project")
    ]
    assert key["model"] == row["request_model"]
    use = dict(zip(SESSION_USE_KEYS, call_rows.session_use_of(call_rows.prepared(call)[1], 1), strict=True))
    assert use["session_id"] == 1
    assert use["conversation_id"] == row["conversation_id"]
    assert (use["model"], use["source"], use["by_subagent"]) == (key["model"], key["source"], 0)
