"""
Record model calls: price once, count once.

Every source hands over an `Observation`; `Recording` prices it at its own day's price and gives it to the
ledger, which knows whether it was counted already.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from operator import attrgetter, index

from codesession.domain.billing import encode
from codesession.domain.facts import Protocol, fact, replace
from codesession.domain.ids import uuid7
from codesession.domain.money import EXACT, MAX_USD, to_picousd
from codesession.domain.pricing import Cost, CostStatus, ModelRates, believed
from codesession.domain.provider_names import known_provider
from codesession.domain.request import NO_MODEL, CallContext, ModelRequest, Observation, Source, UsageStatus
from codesession.domain.usage import BillingFacts, ModelResponse, TokenUsage, UsagePart
from codesession.errors import InvalidInputError, MissingTokensError, PriceFileError, UnknownModelError
from codesession.providers.counting import MAX_TOKENS, NO_TTL
from codesession.services.batches import Batches

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, SupportsIndex

    from codesession.domain.session import Session
    from codesession.prices.sheet import Offer
    from codesession.store.base import Store

MAX_LABEL = 200
"""Characters in a provider, model or agent name."""
PROMPT_SHARE = Decimal("0.7")
"""How a bare total is split into prompt and completion for its price."""


_KEPT_OFFERS = 1024
kind_of = attrgetter(
    *("provider_name", "api", "request_model", "response_model", "facts", "complete", "mismatch", "warnings")
)
"""What responses have in common that differ in their id and their counts alone."""
_SOURCES = {source: frozenset({source}) for source in Source}


class Pricer(Protocol):
    """What recording asks of the price book."""

    def price(self, response: ModelResponse, at_ms: int) -> Cost:
        """The cost of a response at its moment."""

    def rates(self, provider: str, model: str, at_ms: int) -> ModelRates | None:
        """List rates of a model per million tokens, None when it is unknown."""

    def offer(self, response: ModelResponse) -> Offer | None:
        """The prices for calls that differ from this one in their counts alone, where they can be made ready."""

    def for_many(self) -> Pricer:
        """The same prices for many calls in a row; raises `PriceFileError` as they do."""


@fact(frozen=True, slots=True, kw_only=True)
class ReportedCall:
    """A call that a person or program reports by hand. Token counts None where not given."""

    provider: str
    model: str
    total_tokens: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int = 0
    cache_write_input_tokens: int = 0
    reasoning_output_tokens: int = 0
    cost_usd: Decimal | None = None
    agent_name: str | None = None
    response_id: str | None = None
    source: Source = Source.MANUAL


@fact(frozen=True, slots=True, kw_only=True)
class LoggedCall:
    """What became of a reported call."""

    request: ModelRequest
    rates: ModelRates | None
    session: Session
    new: bool


class Costs:
    """What many calls in a row cost: the user's price file is looked at once, not for every call."""

    def __init__(self, cost: Callable[[Observation, Callable[[], Pricer]], Cost], prices: Callable[[], Pricer]) -> None:
        self._cost = cost
        self._prices = prices
        self._now: Pricer | None = None
        self._offers: dict[object, Offer | None] = {}

    def of(self, observation: Observation) -> Cost:
        """The cost of one call, as `Recording.priced` has it."""
        return self._cost(observation, self._held)

    def offer(self, response: ModelResponse) -> Offer | None:
        """The prices for calls like this one, where they can be made ready."""
        kind = kind_of(response)
        if kind not in self._offers:
            if len(self._offers) >= _KEPT_OFFERS:
                self._offers.clear()
            try:
                self._offers[kind] = self._held().offer(response)
            except PriceFileError:  # told for every call that is priced one by one
                return None
        return self._offers[kind]

    def _held(self) -> Pricer:
        if self._now is None:
            self._now = self._prices().for_many()
        return self._now


class Recording:
    """Prices calls and puts them into the ledger."""

    def __init__(self, store: Store, prices: Callable[[], Pricer], clock: Callable[[], int]) -> None:
        self._store = store
        self._prices = prices
        self._clock = clock
        self.problem: str | None = None
        """Why calls had to be kept without a price, in words for the user."""

    def record(self, observations: Sequence[Observation]) -> int:
        """Price and keep calls in one transaction; returns how many were not known before."""
        return self._store.add_requests(Batches(self._store.request).rows(observations, self.priced))

    def record_late(self, observations: Sequence[Observation]) -> int:
        """`record` for calls that waited outside the ledger: it may be another one by now."""
        return self.record([self._with_own_session(observation) for observation in observations])

    def _with_own_session(self, observation: Observation) -> Observation:
        """A session that is not known here, or began after the call, is none of the call's: nobody is guessed."""
        context = observation.context
        if context.session_id is None:
            return observation
        session = self._store.session(context.session_id)
        if session is not None and session.started_at_ms <= context.started_at_ms:
            return observation
        return replace(observation, context=replace(context, session_id=None))

    def priced(self, observation: Observation, **known: Any) -> ModelRequest:
        """
        The ledger row of an observation, with further columns as `known`.

        An unreadable price file must not cost the user the record: the call is kept as unpriced, the reason in
        `problem`, and can be priced later.
        """
        return request_of(observation.response, observation.context, self._cost(observation, self._prices), **known)

    def for_many(self) -> Costs:
        """What costs many calls in a row."""
        return Costs(self._cost, self._prices)

    def _cost(self, observation: Observation, prices: Callable[[], Pricer]) -> Cost:
        try:
            return believed(prices().price(observation.response, observation.context.started_at_ms))
        except PriceFileError as error:
            self.problem = error.message
            return Cost(usd=None, status=CostStatus.UNKNOWN, warnings=(error.message,))

    def log(self, call: ReportedCall, session: Session) -> LoggedCall:
        """Record a reported call for a session; raises when it says too little, or too much."""
        quoted = self.quote(call, session)
        new = self._store.add_request(quoted.request)
        number = self._store.request_id(quoted.request.provider_name, quoted.request.response_id)
        kept = replace(quoted.request, id=number)
        return replace(quoted, request=kept, session=self._store.session(session.id) or session, new=new)

    def quote(self, call: ReportedCall, session: Session) -> LoggedCall:
        """What `log` would record, with its cost; nothing is kept."""
        given, call = call, _understood(call)
        at_ms = self._clock()
        response = _response_of(call)
        rates = self._prices().rates(call.provider, call.model, at_ms)
        if call.cache_write_input_tokens and rates is not None and rates.cache_write_1h is not None:
            response = replace(response, warnings=(NO_TTL,))
        if call.cost_usd is not None:
            cost = Cost(usd=call.cost_usd, status=CostStatus.MANUAL, source="manual")
        else:
            cost = self._prices().price(response, at_ms)
            if cost.usd is None:
                raise UnknownModelError(given.provider, given.model)
            _check_cost(call, cost)
        request = self._manual_request(call, response, cost, session, at_ms)
        return LoggedCall(request=request, rates=rates, session=session, new=False)

    def _manual_request(
        self, call: ReportedCall, response: ModelResponse, cost: Cost, session: Session, at_ms: int
    ) -> ModelRequest:
        context = CallContext(
            source=call.source,
            started_at_ms=at_ms,
            session_id=session.id,
            project=session.directory,
            agent_name=call.agent_name,
        )
        request = request_of(response, context, cost)
        if not _has_split(call):
            request = replace(request, usage=None, cost_status=status_of_total(cost))
        return replace(request, reported_total_tokens=_total(call))


def request_of(response: ModelResponse, context: CallContext, cost: Cost, **known: Any) -> ModelRequest:
    """A response, its context and its cost as one ledger row; `known` columns beside or instead of theirs."""
    row = row_of(
        response,
        context,
        cost,
        conversation_id=context.conversation_id,
        agent_name=context.agent_name,
        project=context.project,
        request_id=context.request_id,
    )
    return replace(row, **known) if known else row


def row_of(
    response: ModelResponse,
    context: CallContext,
    cost: Cost,
    *,
    conversation_id: str | None,
    agent_name: str | None,
    project: str | None,
    request_id: str | None,
    owner_rank: str | None = None,
    import_id: int | None = None,
) -> ModelRequest:
    """A ledger row, where its source knows better than the context whose call it is. Built once: there are many."""
    uid = uuid7(context.started_at_ms)
    usage = response.usage
    status = UsageStatus.COMPLETE if response.complete else UsageStatus.LOWER_BOUND
    return ModelRequest(
        uid=uid,
        provider_name=response.provider_name,
        response_id=response.response_id or f"~{context.source}:{uid}",
        request_model=response.request_model or response.response_model or NO_MODEL,
        response_model=response.response_model,
        api=response.api,
        session_id=context.session_id,
        project=project,
        conversation_id=conversation_id,
        agent_name=agent_name,
        agent_version=context.agent_version,
        subagent_id=context.subagent_id,
        parent_subagent_id=context.parent_subagent_id,
        prompt_id=context.prompt_id,
        git_branch=context.git_branch,
        started_at_ms=context.started_at_ms,
        duration_ms=context.duration_ms,
        usage=usage,
        usage_status=status if usage is not None else UsageStatus.MISSING,
        cost_picousd=None if cost.usd is None else to_picousd(cost.usd),
        cost_status=cost.status,
        cost_source=cost.source,
        price_model=cost.model,
        price_version=cost.price_version,
        billing=encode(response, cost),
        sources=_SOURCES[context.source],
        request_id=request_id,
        owner_rank=owner_rank,
        import_id=import_id,
        reservation=context.reservation,
    )


def status_of_total(cost: Cost) -> CostStatus:
    """How the cost of a bare total is known: split into prompt and completion by rule of thumb, it is never exact."""
    return CostStatus.LIST_PRICE if cost.status is CostStatus.EXACT else cost.status


def _understood(call: ReportedCall) -> ReportedCall:
    """The call with its provider's one name, whole counts and both halves; raises for what cannot be true."""
    whole = replace(
        call,
        provider=known_provider(call.provider) or call.provider,
        total_tokens=_whole("tokens", call.total_tokens),
        input_tokens=_whole("prompt tokens", call.input_tokens),
        output_tokens=_whole("completion tokens", call.output_tokens),
        cache_read_input_tokens=_whole("cache read tokens", call.cache_read_input_tokens) or 0,
        cache_write_input_tokens=_whole("cache write tokens", call.cache_write_input_tokens) or 0,
        reasoning_output_tokens=_whole("reasoning tokens", call.reasoning_output_tokens) or 0,
    )
    completed = _completed(whole)
    _check(completed)
    return completed


def _whole(what: str, value: SupportsIndex | float | None) -> int | None:
    """A count as a program may have it: computed (`4000 / 4`), or of another library's kind of whole numbers."""
    if value is None:
        return None
    try:
        if isinstance(value, float):
            if value.is_integer():
                return int(value)
        elif not isinstance(value, bool):
            return index(value)
    except TypeError:
        pass
    raise _no_count(what, value)


def _no_count(what: str, value: object) -> InvalidInputError:
    return InvalidInputError(f"{what} are {value!r}; a count from 0 to {MAX_TOKENS:,} is needed")


def _completed(call: ReportedCall) -> ReportedCall:
    """A total and one half of it say the other half."""
    total, prompt, completion = call.total_tokens, call.input_tokens, call.output_tokens
    if total is None:
        return call
    if completion is None and prompt is not None and prompt <= total:
        return replace(call, output_tokens=total - prompt)
    if prompt is None and completion is not None and completion <= total:
        return replace(call, input_tokens=total - completion)
    return call


def _has_split(call: ReportedCall) -> bool:
    return call.input_tokens is not None or call.output_tokens is not None


def _total(call: ReportedCall) -> int:
    split = (call.input_tokens or 0) + (call.output_tokens or 0)
    return split if call.total_tokens is None else call.total_tokens


def _response_of(call: ReportedCall) -> ModelResponse:
    if _has_split(call):
        prompt, completion = call.input_tokens or 0, call.output_tokens or 0
    else:
        prompt, completion = _guessed_split(call)
    usage = TokenUsage(
        input_tokens=prompt,
        output_tokens=completion,
        cache_read_input_tokens=call.cache_read_input_tokens,
        cache_write_input_tokens=call.cache_write_input_tokens,
        reasoning_output_tokens=call.reasoning_output_tokens,
    )
    return ModelResponse(
        provider_name=call.provider,
        api="manual",
        request_model=call.model,
        response_id=call.response_id,
        parts=(UsagePart(usage=usage),),
        facts=BillingFacts(),
    )


def unpriced_response(call: ReportedCall) -> tuple[ModelResponse, int | None]:
    """A reported call of a model without a price, and its bare total where no split was told."""
    call = _understood(call)
    response = _response_of(call)
    return (response, None) if _has_split(call) else (replace(response, parts=()), _total(call))


def _guessed_split(call: ReportedCall) -> tuple[int, int]:
    """A bare total as prompt and completion, each at least as large as the part of it that was told."""
    total = _total(call)
    prompt = int(EXACT.multiply(Decimal(total), PROMPT_SHARE).to_integral_value())
    cached = call.cache_read_input_tokens + call.cache_write_input_tokens
    prompt = min(max(prompt, cached), total - call.reasoning_output_tokens)
    return prompt, total - prompt


def _check(call: ReportedCall) -> None:
    for what, label in (("provider", call.provider), ("model", call.model), ("agent", call.agent_name)):
        _check_label(what, label)
    for what, count in _counts(call):
        if count is not None and not 0 <= count <= MAX_TOKENS:
            raise _no_count(what, count)
    if call.total_tokens is None and not _has_split(call):
        raise MissingTokensError
    _check_total(call)
    if call.cost_usd is not None and not (call.cost_usd.is_finite() and 0 <= call.cost_usd <= MAX_USD):
        raise InvalidInputError(f"the cost is {call.cost_usd}; dollars from 0 to {MAX_USD:,} are needed")
    if call.reasoning_output_tokens > (_total(call) if call.output_tokens is None else call.output_tokens):
        raise InvalidInputError(
            f"{call.reasoning_output_tokens} reasoning tokens are more than the completion has",
            hint="completion tokens are the whole answer, reasoning included",
        )
    cached = call.cache_read_input_tokens + call.cache_write_input_tokens
    if cached > _prompt_limit(call):
        raise InvalidInputError(
            f"{cached} cached tokens are more than the prompt has",
            hint="prompt tokens are the whole prompt, cache reads and writes included",
        )


def _check_cost(call: ReportedCall, cost: Cost) -> None:
    if believed(cost).usd is None:
        counts = ", ".join(f"{what} {count}" for what, count in _counts(call) if count)
        raise InvalidInputError(
            f"{counts}: a single call does not cost ${cost.usd:,.2f}",
            hint="check the counts; a cost that is given wins over the price list",
        )


def _prompt_limit(call: ReportedCall) -> int:
    """How large the prompt can have been at most."""
    return _total(call) - call.reasoning_output_tokens if call.input_tokens is None else call.input_tokens


def _check_total(call: ReportedCall) -> None:
    split = (call.input_tokens or 0) + (call.output_tokens or 0)
    if call.total_tokens is not None and split > call.total_tokens:
        raise InvalidInputError(
            f"prompt and completion are {split} tokens, more than the total of {call.total_tokens}",
            hint="the total is prompt and completion together; it can be left out",
        )


def _check_label(what: str, label: str | None) -> None:
    if label is None:
        return
    if not label.strip():
        raise InvalidInputError(f"the {what} name is empty")
    if len(label) > MAX_LABEL:
        raise InvalidInputError(f"the {what} name has {len(label)} characters; {MAX_LABEL} are allowed")


def _counts(call: ReportedCall) -> list[tuple[str, int | None]]:
    return [
        ("tokens", call.total_tokens),
        ("prompt tokens", call.input_tokens),
        ("completion tokens", call.output_tokens),
        ("cache read tokens", call.cache_read_input_tokens),
        ("cache write tokens", call.cache_write_input_tokens),
        ("reasoning tokens", call.reasoning_output_tokens),
    ]
