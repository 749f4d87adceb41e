"""
The upper estimate of a call that has not been made: what it can cost at most.

Size comes from the request (`providers.demand`) and the model's limits, the price from the price book, at the dearest
rate that may apply: cache writes where the request asks for them, the priority tier where the account may have it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from operator import attrgetter

from codesession.domain.budget import CallDemand
from codesession.domain.facts import Protocol, fact
from codesession.domain.money import MAX_CALL_USD, PICO, to_picousd
from codesession.domain.usage import ModelResponse, TokenUsage, UsagePart
from codesession.errors import PriceFileError
from codesession.prices.limits import context_limit, output_limit
from codesession.providers.demand import SEARCHES
from codesession.services.recording import Pricer

MOST_ANSWERS = 128
"""No provider gives more answers to one prompt."""
_EXACT_BELOW = 4096
"""Tokens of a prompt that is taken as it is."""
_KEPT = 512
"""Estimates that are remembered."""
_all_but_size = attrgetter(*(field.name for field in fields(CallDemand) if field.name != "input_tokens"))
_SAME_PRICES_MS = 50
"""How long prices are believed to be as they were."""
FASTEST = 3_000
"""Tokens that a model writes in a second at most: an assumption, so that strict budgets do without."""
NOTICED_S = 2.0
"""How long a provider may write on, in seconds, after the client hung up."""
OPEN_ENDED_ROUNDS = 10
"""How often a provider's own tools are taken to read the prompt again, where nothing limits them."""


class DatedPricer(Pricer, Protocol):
    """A pricer that says which prices it knows."""

    @property
    def edition(self) -> object:
        """Another value whenever prices have changed. Raises `PriceFileError`."""


@fact(frozen=True, slots=True, kw_only=True)
class UnpricedTerms:
    """What a budget does with a call of a model without a price."""

    refuse: bool = False
    ceiling_picousd: int = PICO
    """What is set aside for it otherwise."""


@fact(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a call can cost at most."""

    picousd: int
    priced: bool = True
    """False: the model has no price, the figure is the ceiling that the settings state."""
    bounded: bool = True
    """False: the provider may run tools by itself, so nothing limits the cost; the figure is a large one."""
    told: bool = True
    """False: neither request nor answer need say what it costs; the figure is the ceiling that the settings state."""


class Estimator:
    """Prices the largest call a request allows."""

    def __init__(self, prices: Callable[[], DatedPricer], terms: UnpricedTerms) -> None:
        self._prices = prices
        self.terms = terms
        self._known: dict[tuple[object, ...], Estimate] = {}
        self._edition: object = None
        self._looked_at_ms = -_SAME_PRICES_MS

    def most(self, demand: CallDemand, at_ms: int) -> Estimate:
        """
        The upper estimate of a call at a moment; where the prices cannot be read, no model has one.

        A long prompt is taken for a little longer than it is, so that the next one, which is this one and a few words
        more, mostly has the same estimate. Prices change at whole minutes only.
        """
        if demand.untold:
            return replace(self._unpriced(demand), bounded=False, told=False)
        try:
            return self._found(demand, at_ms)
        except PriceFileError:  # whoever records the call says which; a typing error must not disarm a budget
            return self._unpriced(demand)

    def cut_off(self, demand: CallDemand, seconds: float, at_ms: int) -> Estimate:
        """The upper estimate of a call that its client broke off after so long."""
        written = int((seconds + NOTICED_S) * FASTEST)
        asked = demand.output_tokens
        return self.most(replace(demand, output_tokens=written if asked is None else min(asked, written)), at_ms)

    def _found(self, demand: CallDemand, at_ms: int) -> Estimate:
        book = self._prices()
        size = None if demand.input_tokens is None else _rounded_up(demand.input_tokens)
        if not 0 <= at_ms - self._looked_at_ms < _SAME_PRICES_MS:
            self._edition, self._looked_at_ms = book.edition, at_ms
        key = (_all_but_size(demand), size, at_ms // 60_000, self._edition)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _KEPT:
                self._known.clear()
            found = self._known[key] = self._most(replace(demand, input_tokens=size), at_ms, book)
        return found

    def _most(self, demand: CallDemand, at_ms: int, book: Pricer) -> Estimate:
        costs = [book.price(response, at_ms).usd for response in _variants(demand)]
        known = [cost for cost in costs if cost is not None]
        if not known:
            return self._unpriced(demand)
        bounded = not demand.open_ended
        rounds = 1 if bounded else OPEN_ENDED_ROUNDS
        dearest = min(max(known) * rounds, MAX_CALL_USD)
        return Estimate(picousd=to_picousd(dearest), bounded=bounded)

    def _unpriced(self, demand: CallDemand) -> Estimate:
        return Estimate(picousd=self.terms.ceiling_picousd, priced=False, bounded=not demand.open_ended)


def _rounded_up(tokens: int) -> int:
    """At most a sixteenth more."""
    step = 1 << max(0, tokens.bit_length() - 5) if tokens >= _EXACT_BELOW else 1
    return -(-tokens // step) * step


def _variants(demand: CallDemand) -> Iterator[ModelResponse]:
    """The same largest usage at every rate that may apply."""
    tiers = {demand.facts.service_tier} if demand.facts.service_tier else {None, "priority"}
    searches = demand.searches or (SEARCHES if demand.open_ended else 0)
    asked = demand.facts.inference_geo
    geo = "us" if asked is None and demand.provider_name == "anthropic" else asked  # a workspace may have that default
    for tier in sorted(tiers, key=str):
        facts = replace(demand.facts, service_tier=tier, inference_geo=geo, web_search_requests=searches)
        for usage in _usages(demand):
            yield ModelResponse(
                provider_name=demand.provider_name,
                api=demand.api,
                request_model=demand.model,
                parts=(UsagePart(usage=usage),),
                facts=facts,
            )


def _usages(demand: CallDemand) -> Iterator[TokenUsage]:
    """The whole prompt read as it is, written to a short cache, written to longer ones; text, and sound."""
    prompt, answer = _input_tokens(demand), _output_tokens(demand)
    plain = TokenUsage(input_tokens=prompt, output_tokens=answer)
    yield plain
    if demand.cache_write is not None or demand.api.startswith("openai"):
        yield replace(plain, cache_write_input_tokens=prompt)
    if demand.cache_write in ("1h", "12h"):
        yield replace(plain, cache_write_input_tokens=prompt, cache_write_1h_input_tokens=prompt)
    if demand.cache_write == "12h":
        yield replace(plain, cache_write_input_tokens=prompt, cache_write_12h_input_tokens=prompt)
    if demand.audio:
        yield replace(plain, audio_input_tokens=prompt, audio_output_tokens=answer)


def _input_tokens(demand: CallDemand) -> int:
    most = context_limit(demand.model) * demand.prompts
    return most if demand.input_tokens is None else min(demand.input_tokens, most)


def _output_tokens(demand: CallDemand) -> int:
    most = output_limit(demand.model)
    asked = demand.output_tokens
    one = most if asked is None else min(asked, context_limit(demand.model))
    return one * max(1, min(demand.answers, MOST_ANSWERS)) * demand.prompts
