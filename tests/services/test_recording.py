"""Price once, count once; what is told by hand is checked."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from codesession.domain.pricing import CostStatus
from codesession.domain.request import CallContext, Observation, Source, UsageStatus
from codesession.domain.session import Session
from codesession.domain.usage import ModelResponse, TokenUsage, UsagePart
from codesession.errors import InvalidInputError, MissingTokensError, UnknownModelError
from codesession.prices import PriceBook
from codesession.services.recording import MAX_TOKENS, Recording, ReportedCall
from support.ledger import NOW_MS, make_session
from support.sessions import Bench, open_bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return open_bench(tmp_path / "home")


@pytest.fixture
def recording(bench: Bench) -> Recording:
    overrides = bench.home / ".codesession" / "pricing.json"
    return Recording(bench.store, lambda: PriceBook.load(overrides_path=overrides, aliases={}), bench.clock)


@pytest.fixture
def session(bench: Bench) -> Session:
    begun = bench.store.create_session(make_session(), exclusive=True)
    assert begun is not None
    return begun


def call(**changes: Any) -> ReportedCall:
    values = {"provider": "anthropic", "model": "claude-sonnet-4-5", "input_tokens": 8_000, "output_tokens": 2_000}
    return ReportedCall(**{**values, **changes})


def total(tokens: int | None, **changes: Any) -> ReportedCall:
    return call(total_tokens=tokens, **{"input_tokens": None, "output_tokens": None, **changes})


def observed(**changes: Any) -> Observation:
    usage = TokenUsage(input_tokens=8_000, output_tokens=2_000)
    response = ModelResponse(
        provider_name="anthropic",
        api="anthropic.messages",
        request_model="claude-sonnet-4-5",
        response_id="msg_1",
        parts=(UsagePart(usage=usage),),
    )
    return Observation(
        response=replace(response, **changes), context=CallContext(source=Source.PROXY, started_at_ms=NOW_MS)
    )


def test_a_call_costs_what_the_list_says(recording: Recording, session: Session) -> None:
    """8,000 tokens at $3 and 2,000 at $15 per million are 5.4 cents, in the row and in the session."""
    logged = recording.log(call(), session)
    assert logged.request.cost_picousd == logged.session.cost_picousd == 54_000_000_000
    assert (logged.new, logged.session.total_tokens, logged.request.sources) == (True, 10_000, {Source.MANUAL})
    assert logged.rates is not None


def test_a_given_cost_wins_and_needs_no_known_model(recording: Recording, session: Session) -> None:
    """What the person was billed is what counts; zero is a figure too."""
    logged = recording.log(call(model="nobody-knows", cost_usd=Decimal("0.30")), session)
    assert (logged.request.cost_picousd, logged.request.cost_status) == (300_000_000_000, CostStatus.MANUAL)
    assert logged.rates is None
    free = recording.log(call(model="local", cost_usd=Decimal(0)), session).request
    assert (free.cost_picousd, free.cost_status) == (0, CostStatus.MANUAL)


def test_a_bare_total_is_split_for_its_price_only(recording: Recording, session: Session) -> None:
    """Seventy to thirty is a guess, so the row keeps the total, no split, and is not called exact."""
    request = recording.log(total(1_000), session).request
    assert request.cost_picousd == (700 * 3 + 300 * 15) * 10**6
    assert (request.usage, request.reported_total_tokens) == (None, 1_000)
    assert request.cost_status is CostStatus.LIST_PRICE


def test_a_total_and_one_half_say_the_other_half(recording: Recording, session: Session) -> None:
    """Nothing is priced as if the completion had been free."""
    by_prompt = recording.log(total(10_000, input_tokens=8_000), session).request
    by_completion = recording.log(total(10_000, output_tokens=2_000), session).request
    assert by_prompt.usage == by_completion.usage == TokenUsage(input_tokens=8_000, output_tokens=2_000)
    assert by_prompt.cost_picousd == by_completion.cost_picousd == 54_000_000_000


def test_parts_of_a_bare_total_are_never_larger_than_their_half(recording: Recording, session: Session) -> None:
    """900 cached of 1,000 tokens: the guessed prompt has room for them, nothing becomes negative."""
    cached = recording.log(total(1_000, cache_read_input_tokens=900), session).request
    assert cached.cost_picousd == 900 * 300_000 + 100 * 15 * 10**6
    reasoned = recording.log(total(1_000, reasoning_output_tokens=1_000), session).request
    assert reasoned.cost_picousd == 1_000 * 15 * 10**6


@pytest.mark.parametrize(
    "bad",
    [
        {"input_tokens": -1},
        {"input_tokens": 1.5},
        {"input_tokens": True},
        {"output_tokens": "5"},
        {"output_tokens": float("nan")},
        {"cache_read_input_tokens": Decimal(1)},
        {"total_tokens": float("inf"), "input_tokens": None, "output_tokens": None},
        {"output_tokens": MAX_TOKENS},
        {"output_tokens": MAX_TOKENS + 1},
        {"total_tokens": -1, "input_tokens": None, "output_tokens": None},
        {"cache_read_input_tokens": -5},
        {"cache_read_input_tokens": 8_001},
        {"cache_read_input_tokens": 5_000, "cache_write_input_tokens": 5_000},
        {"reasoning_output_tokens": 2_001},
        {"total_tokens": 9_999},
        {"total_tokens": 5, "output_tokens": None},
        {"cost_usd": Decimal(-1)},
        {"cost_usd": Decimal("NaN")},
        {"cost_usd": Decimal("Infinity")},
        {"cost_usd": Decimal("1e999999")},
        {"provider": " "},
        {"model": ""},
        {"model": "m" * 201},
        {"agent_name": ""},
    ],
)
def test_what_cannot_be_true_is_refused_and_nothing_recorded(
    recording: Recording, session: Session, bench: Bench, bad: dict[str, Any]
) -> None:
    """Each reason is `invalid_input`; the session's counters do not move."""
    with pytest.raises(InvalidInputError):
        recording.log(call(**bad), session)
    assert bench.store.session(session.id) == session


def test_more_reasoning_than_an_answer_is_said_of_the_reasoning(recording: Recording, session: Session) -> None:
    """Also where no prompt was told, of which nothing would be left."""
    with pytest.raises(InvalidInputError, match="20 reasoning tokens are more than the completion has"):
        recording.log(call(input_tokens=None, output_tokens=10, reasoning_output_tokens=20), session)
    bare = {"input_tokens": None, "output_tokens": None, "total_tokens": 10}
    with pytest.raises(InvalidInputError, match="20 reasoning tokens"):
        recording.log(call(**bare, reasoning_output_tokens=20), session)


class Int64:
    """A whole number of another library, as numpy has them."""

    def __init__(self, value: int) -> None:
        self._value = value

    def __index__(self) -> int:
        return self._value


def test_whole_numbers_of_every_kind_are_counts(recording: Recording, session: Session) -> None:
    """A program divides, or takes its counts from an array."""
    request = recording.log(call(input_tokens=16_000 / 2, output_tokens=Int64(2_000)), session).request
    assert request.usage == TokenUsage(input_tokens=8_000, output_tokens=2_000)
    assert all(type(count) is int for count in (request.usage.input_tokens, request.usage.output_tokens))


def test_counts_that_would_cost_a_fortune_are_named(recording: Recording, session: Session) -> None:
    """Nobody was billed that, and the ledger holds no sum of such figures."""
    with pytest.raises(InvalidInputError, match=r"^prompt tokens 8000, completion tokens 1000000000000: .*\$15,000"):
        recording.log(call(output_tokens=MAX_TOKENS), session)


def test_a_provider_has_one_name_however_it_is_spelled(recording: Recording, session: Session, bench: Bench) -> None:
    """Else a log that shows the same response would count it again."""
    for spelling in ("Anthropic", " anthropic ", "claude"):
        logged = recording.log(call(provider=spelling, response_id="msg_1"), session)
        assert (logged.request.provider_name, logged.request.cost_status) == ("anthropic", CostStatus.EXACT)
    assert recording.record([observed()]) == 0
    (row,) = bench.store.requests(session.id, limit=None)
    assert row.provider_name == "anthropic"


def test_a_provider_nobody_knows_keeps_its_name(recording: Recording, session: Session) -> None:
    """It is the user's own, also in what is wrong with it."""
    request = recording.log(call(provider="My-Gateway", cost_usd=Decimal(1)), session).request
    assert request.provider_name == "My-Gateway"
    with pytest.raises(UnknownModelError) as caught:
        recording.log(call(provider="Gemini", model="nobody-knows"), session)
    assert caught.value.facts["provider"] == "Gemini"


def test_cache_writes_of_unknown_age_are_no_exact_cost(recording: Recording, session: Session) -> None:
    """Where an hour in the cache costs more than five minutes; a person who knows the cost has said it."""
    writes = {"cache_write_input_tokens": 1_000}
    assert recording.log(call(**writes), session).request.cost_status is CostStatus.LIST_PRICE
    gpt = call(provider="openai", model="gpt-6-sol", **writes)
    assert recording.log(gpt, session).request.cost_status is CostStatus.EXACT
    assert recording.log(call(cost_usd=Decimal(1), **writes), session).request.cost_status is CostStatus.MANUAL


def test_no_token_count_at_all_is_its_own_error(recording: Recording, session: Session) -> None:
    """A cost without tokens is refused too: tokens are what the ledger counts."""
    for cost in (None, Decimal(1)):
        with pytest.raises(MissingTokensError):
            recording.log(total(None, cost_usd=cost), session)


def test_an_unknown_model_is_not_recorded_as_free(recording: Recording, session: Session, bench: Bench) -> None:
    """The error names model and provider."""
    with pytest.raises(UnknownModelError) as caught:
        recording.log(call(model="nobody-knows"), session)
    assert caught.value.facts == {"model": "nobody-knows", "provider": "anthropic"}
    assert bench.store.requests(session.id, limit=None) == []


def test_the_same_response_told_twice_is_counted_once(recording: Recording, session: Session) -> None:
    """`--response-id` makes a retry harmless."""
    first = recording.log(call(response_id="msg_1"), session)
    second = recording.log(call(response_id="msg_1"), session)
    assert (first.new, second.new) == (True, False)
    assert second.session.requests == 1


@pytest.mark.parametrize("label", ["\udcff", "a\x00b", "\x1b[31m"])
def test_labels_no_database_takes_are_made_visible(
    recording: Recording, session: Session, bench: Bench, label: str
) -> None:
    """Bytes from a misconfigured shell in provider, model and agent cost nobody a traceback."""
    recording.log(call(provider=label, model=label, agent_name=label, response_id=label, cost_usd=Decimal(1)), session)
    (row,) = bench.store.requests(session.id, limit=None)
    assert row.provider_name == row.request_model == row.agent_name != ""
    assert "\x00" not in row.provider_name


def test_an_observation_is_priced_at_its_own_day(recording: Recording, bench: Bench) -> None:
    """It is kept without a session too: unattributed, never dropped."""
    assert recording.record([observed(), observed()]) == 1
    request = recording.priced(observed())
    assert (request.cost_picousd, request.cost_status) == (54_000_000_000, CostStatus.EXACT)
    assert request.price_version


def test_what_cannot_be_priced_is_unpriced(recording: Recording) -> None:
    """No price or no usage: no figure, and the row says which."""
    unknown = recording.priced(observed(request_model="nobody-knows"))
    assert (unknown.cost_picousd, unknown.cost_status, unknown.usage_status) == (None, "unknown", "complete")
    silent = recording.priced(observed(parts=()))
    assert (silent.cost_picousd, silent.usage, silent.usage_status) == (None, None, UsageStatus.MISSING)
    absurd = UsagePart(usage=TokenUsage(output_tokens=MAX_TOKENS))
    beyond = recording.priced(observed(parts=(absurd,)))
    assert (beyond.cost_picousd, beyond.cost_status, beyond.usage) == (None, "unknown", absurd.usage)
    cut = recording.priced(observed(complete=False))
    assert (cut.usage_status, cut.cost_status) == (UsageStatus.LOWER_BOUND, CostStatus.LOWER_BOUND)


def test_a_broken_price_file_costs_the_price_and_not_the_record(recording: Recording, bench: Bench) -> None:
    """The call is kept as unpriced and the reason is there to be told."""
    (bench.home / ".codesession" / "pricing.json").write_text("{not json")
    request = recording.priced(observed())
    assert (request.cost_picousd, request.usage) == (None, observed().response.usage)
    assert "pricing.json" in (recording.problem or "")


def test_a_broken_price_file_refuses_a_call_told_by_hand_before_it_is_counted(
    recording: Recording, session: Session, bench: Bench
) -> None:
    """An error after counting would make the caller tell it again, also when the cost was given."""
    (bench.home / ".codesession" / "pricing.json").write_text("{not json")
    for cost in (None, Decimal(1)):
        with pytest.raises(InvalidInputError, match=r"pricing\.json"):
            recording.log(call(cost_usd=cost), session)
    assert bench.store.requests(session.id, limit=None) == []


def test_calls_without_an_id_are_not_taken_for_each_other(recording: Recording, session: Session) -> None:
    """The key that is made up for them starts with a tilde, which no provider's id does."""
    first, second = recording.log(call(), session), recording.log(call(), session)
    assert first.request.response_id != second.request.response_id
    assert first.request.response_id.startswith("~manual:")
    assert second.session.requests == 2
