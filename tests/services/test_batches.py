"""A batch is paid for by whoever made it, once: by its requests when they are known, by a ceiling until then."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from codesession.domain.money import to_picousd
from codesession.domain.pricing import CostStatus
from codesession.domain.request import CallContext, ModelRequest, Observation, Source
from codesession.domain.session import Session
from codesession.domain.usage import BillingFacts, ModelResponse, TokenUsage, UsagePart
from codesession.prices import PriceBook
from codesession.services.batches import NOT_DATED, TOLD
from codesession.services.recording import Recording
from codesession.services.repricing import Repricing
from codesession.services.spool_line import from_line, to_line
from support.ledger import NOW_MS, make_session
from support.sessions import Bench, open_bench

BATCH_USD = Decimal("0.0015")
"""1,000 tokens in and 100 out of Sonnet 5 at half of $2 and $10 per million."""
DAYS_LATER_MS = NOW_MS + 3 * 86_400_000


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return open_bench(tmp_path / "home")


@pytest.fixture
def prices(bench: Bench) -> PriceBook:
    return PriceBook.load(overrides_path=bench.home / "none.json", aliases={})


@pytest.fixture
def recording(bench: Bench, prices: PriceBook) -> Recording:
    return Recording(bench.store, lambda: prices, bench.clock)


def session(bench: Bench, name: str, **changes: Any) -> Session:
    begun = bench.store.create_session(replace(make_session(), name=name, **changes), exclusive=False)
    assert begun is not None
    return begun


def batch(session_id: int | None = None, **context: Any) -> Observation:
    """One is made."""
    response = ModelResponse(provider_name="anthropic", api="anthropic.batches", response_id="msgbatch_1")
    made = CallContext(source=Source.PROXY, started_at_ms=NOW_MS, session_id=session_id)
    return Observation(response=response, context=replace(made, **context))


def result(number: int = 1, session_id: int | None = None, **changes: Any) -> Observation:
    """One of its requests, fetched days later."""
    response = ModelResponse(
        provider_name="anthropic",
        api="anthropic.messages",
        response_model="claude-sonnet-5",
        response_id=f"msg_{number}",
        parts=(UsagePart(usage=TokenUsage(input_tokens=1_000, output_tokens=100)),),
        facts=BillingFacts(service_tier="batch", batch=True),
        warnings=(NOT_DATED,),
    )
    context = CallContext(
        source=Source.PROXY, started_at_ms=DAYS_LATER_MS, session_id=session_id, batch_id="msgbatch_1"
    )
    return Observation(response=replace(response, **changes), context=context)


def told() -> Observation:
    """All of it has been read."""
    return replace(batch(), context=replace(result().context, batch_id="msgbatch_1"))


def row(bench: Bench, response_id: str) -> ModelRequest:
    found = bench.store.request("anthropic", response_id)
    assert found is not None
    return found


def test_results_belong_to_whoever_made_the_batch(bench: Bench, recording: Recording) -> None:
    """Session, project, agent and day of the batch; the exact price of its tier."""
    made = session(bench, "made")
    fetched = session(bench, "fetched")
    recording.record([batch(made.id, agent_name="claude-code", conversation_id="conv")])
    assert recording.record([result(1, fetched.id), result(2, fetched.id)]) == 2
    call = row(bench, "msg_1")
    assert (call.session_id, call.agent_name, call.conversation_id) == (made.id, "claude-code", "conv")
    assert (call.started_at_ms, call.project) == (NOW_MS, row(bench, "msgbatch_1").project)
    assert (call.cost_picousd, call.cost_status) == (to_picousd(BATCH_USD), CostStatus.EXACT)
    assert bench.store.session(fetched.id).requests == 0  # type: ignore[union-attr]


def test_once_all_is_told_the_batch_itself_costs_nothing(bench: Bench, recording: Recording, prices: PriceBook) -> None:
    """And says why; nobody prices it again. Until then its cost is not known."""
    made = session(bench, "made")
    recording.record([batch(made.id)])
    recording.record([result()])
    assert row(bench, "msgbatch_1").cost_picousd is None
    for _ in range(2):
        recording.record([result(), told()])
    kept = row(bench, "msgbatch_1")
    assert (kept.cost_picousd, kept.cost_status, kept.total_tokens) == (0, CostStatus.EXACT, 0)
    assert TOLD in (kept.billing or "")
    counted = bench.store.session(made.id)
    assert counted is not None
    assert (counted.requests, counted.unpriced_requests, counted.cost_picousd) == (2, 0, to_picousd(BATCH_USD))
    assert Repricing(bench.store, lambda: prices, bench.clock).run().changed == 0


def test_a_batch_that_nobody_saw_made_leaves_no_row_of_its_own(bench: Bench, recording: Recording) -> None:
    """Who fetches it pays; what it cost on another day is a doubt."""
    fetched = session(bench, "fetched")
    assert recording.record([result(1, fetched.id), told()]) == 1
    assert bench.store.request("anthropic", "msgbatch_1") is None
    call = row(bench, "msg_1")
    assert (call.session_id, call.started_at_ms, call.cost_status) == (
        *(fetched.id, DAYS_LATER_MS),
        CostStatus.LIST_PRICE,
    )


def test_whoever_fetches_the_results_of_an_unattributed_batch_pays(bench: Bench, recording: Recording) -> None:
    """Its day is known all the same."""
    fetched = session(bench, "fetched")
    recording.record([batch(), result(1, fetched.id)])
    assert (row(bench, "msg_1").session_id, row(bench, "msg_1").started_at_ms) == (fetched.id, NOW_MS)


def test_two_answers_of_one_id_are_two_calls(bench: Bench, recording: Recording) -> None:
    """Some gateways have one for all; fetched again, they stay two."""
    other = (UsagePart(usage=TokenUsage(input_tokens=7, output_tokens=1)),)
    for new in (2, 0):
        assert recording.record([batch(), result(1), result(1, parts=other)]) - (new == 2) == new


def test_what_waits_in_the_spool_keeps_its_batch() -> None:
    """A request as well as the word that these were all."""
    for seen in (result(), told()):
        assert from_line(to_line(seen)) == seen
