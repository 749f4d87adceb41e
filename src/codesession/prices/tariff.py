"""
What decides the price of calls that are alike, found once for all of them.

Thousands of calls of one model differ in nothing but their counts. A `Tariff` holds what a model, the facts of its
calls and their place say; its `Terms` are the rates of one period, one size of prompt and one hour of the day.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from decimal import Decimal

from codesession.domain.facts import NamedTuple
from codesession.domain.money import EXACT
from codesession.domain.usage import BillingFacts
from codesession.prices.catalog import Match
from codesession.prices.tables import ModelTable, Period, RateCard, Rates, at

ONE = Decimal(1)
_FAST = "fast"
_STANDARD = {"standard": "standard", "default": "standard", "on_demand": "standard"}
"""What a standard tier is called, also where nobody wrote a provider's tiers down, and for prices of the user's own."""
_NO_PLACE = frozenset({"", "global", "not_available", "unknown"})


class Notes:
    """The rules that made a price, and why it may be a list price and not exact."""

    def __init__(self) -> None:
        self.doubts: list[str] = []
        self.rules: list[str] = []

    def doubt(self, why: str) -> None:
        """Notes once why the figure may differ from the invoice."""
        if why not in self.doubts:
            self.doubts.append(why)

    def rule(self, what: str) -> None:
        """Notes once what decided the price."""
        if what not in self.rules:
            self.rules.append(what)


class Terms(NamedTuple):
    """How every token of a call is billed, and what there is to say about it."""

    rates: Rates
    factor: Decimal
    rules: tuple[str, ...]
    doubts: tuple[str, ...]


_NOT_YET = Terms(Rates(ONE, ONE), ONE, (), ())
"""Stands for terms that nobody asked for yet."""


class Tariff:
    """One model's prices for calls with the same facts."""

    def __init__(self, match: Match, facts: BillingFacts, *, own: bool) -> None:
        self.table = match.table
        self._match = match
        self._facts = facts
        self._tier = _tier(facts, match.table, own=own)
        self._beside = _reported_tier(facts, match.table) if self._tier == _FAST else None
        """The tier beside which the call was fast: there is no price for both together."""
        self._tier_periods = () if self._tier is None else match.table.tiers.get(self._tier, ())
        periods = (*match.table.periods, *self._tier_periods)
        self._moments = sorted({ms for each in periods for ms in (each.from_ms, each.until_ms) if ms is not None})
        self._sizes = sorted({band.above for each in periods for card in _cards(each) for band in card.bands})
        self._hours = [each.hours.windows for each in periods if each.hours is not None]
        self._terms: dict[tuple[object, ...], Terms | None] = {}

    def terms(self, prompt: int, at_ms: int) -> Terms | None:
        """
        The terms for a prompt of that size at a moment (UTC epoch milliseconds); None when there are none.

        They are the same between two moments and two sizes that any period names, except by the hour.
        """
        hours = [(hour.contain(at_ms), hour.certain(at_ms)) for hour in self._hours] if self._hours else ()
        key = (bisect_right(self._moments, at_ms), bisect_left(self._sizes, prompt), *hours)
        found = self._terms.get(key, _NOT_YET)
        if found is _NOT_YET:
            found = self._terms[key] = self._look(prompt, at_ms)
        return found

    def _look(self, prompt: int, at_ms: int) -> Terms | None:
        standard = at(self.table.periods, at_ms)
        period = at(self._tier_periods, at_ms) if self._tier_periods else None
        return None if standard is None else self._find(standard, period, prompt, at_ms)

    def _find(self, standard: Period, own: Period | None, prompt: int, at_ms: int) -> Terms:
        notes = Notes()
        period, factor = standard, ONE
        if self._tier is not None:
            period, factor = _tier_period(notes, self._tier, self.table, standard, own)
        if period.start:
            notes.rule(f"from {period.start}")
        rates = _rates(notes, period, prompt, at_ms)
        if self._tier is not None:
            _doubt_band(notes, self._tier, period, standard, prompt)
        if self._beside is not None and self._beside != _FAST:
            notes.doubt(_unpublished(self._beside))
        factor = _factors(notes, factor, self._facts, self._match)
        for doubt in (self._match.doubt, self.table.policy.doubt):
            if doubt:
                notes.doubt(doubt)
        return Terms(rates, factor, tuple(notes.rules), tuple(notes.doubts))


def _tier(facts: BillingFacts, table: ModelTable, *, own: bool) -> str | None:
    """The tier that served the call, by the name of its table; None for the standard one."""
    if facts.batch:
        return "batch"
    if facts.speed and facts.speed.lower() == "fast" and own:
        return _FAST
    return _reported_tier(facts, table)


def _reported_tier(facts: BillingFacts, table: ModelTable) -> str | None:
    """The tier that the response names."""
    if not facts.service_tier:
        return None
    reported = facts.service_tier.lower()
    name = table.policy.tier_names.get(reported) or _STANDARD.get(reported, reported)
    return None if name == "standard" else name


def _unpublished(tier: str) -> str:
    return "the tier has no public price" if tier == "list" else f"no price is published for tier {tier}"


def _tier_period(
    notes: Notes, tier: str, table: ModelTable, standard: Period, own: Period | None
) -> tuple[Period, Decimal]:
    """The tier's own rates, or the standard ones with a factor, or the standard ones and a doubt."""
    if own is not None:
        notes.rule(f"tier {tier}")
        return own, ONE
    factor = table.policy.tier_factors.get(tier)
    if factor is None:
        notes.doubt(_unpublished(tier))
        return standard, ONE
    notes.rule(f"{tier} x{factor}")
    if tier in table.policy.uncertain_factors:
        notes.doubt(f"tier {tier} of {table.model} is priced by the usual factor")
    return standard, factor


def _cards(period: Period) -> tuple[RateCard, ...]:
    return (period.card,) if period.hours is None else (period.card, period.hours.card)


def _card(period: Period, at_ms: int) -> tuple[RateCard, bool]:
    """The rates of a period at this hour; and whether they are those of some hours only."""
    hours = period.hours
    if hours is not None and hours.windows.contain(at_ms):
        return hours.card, True
    return period.card, False


def _rates(notes: Notes, period: Period, prompt: int, at_ms: int) -> Rates:
    """The rates for this prompt at this hour."""
    card, of_hours = _card(period, at_ms)
    if period.hours is not None and of_hours:
        notes.rule("hour of the day")
        if not period.hours.windows.certain(at_ms):
            notes.doubt("the public holidays of that year are not known")
    rates, above = card.for_prompt(prompt)
    if above is not None:
        notes.rule(f"prompt > {above}")
    return rates


def _doubt_band(notes: Notes, tier: str, period: Period, standard: Period, prompt: int) -> None:
    """A tier may leave long prompts out: their price in it is not published."""
    above = standard.card.for_prompt(prompt)[1]
    if above is not None and not period.card.bands:
        notes.doubt(f"no price is published for tier {tier} above {above} tokens")


def _factors(notes: Notes, factor: Decimal, facts: BillingFacts, match: Match) -> Decimal:
    """The product of every factor on token lines."""
    for uplift in match.table.uplifts:
        place = _place(uplift.fact, facts, match)
        if place is None:
            if uplift.fact == "cloud_region" and match.cloud:
                notes.doubt("the region is not known; regional endpoints cost more")
        elif place not in _NO_PLACE and (uplift.values is None or place in uplift.values):
            factor = EXACT.multiply(factor, uplift.factor)
            notes.rule(f"{uplift.fact} {place} x{uplift.factor}")
    if facts.completion_window:
        discount = match.table.policy.window_factors.get(facts.completion_window)
        if discount is None:
            notes.doubt(f"no price is published for a completion window of {facts.completion_window}")
        else:
            factor = EXACT.multiply(factor, discount)
            notes.rule(f"completion window {facts.completion_window} x{discount}")
    return factor


def _place(fact: str, facts: BillingFacts, match: Match) -> str | None:
    """Where the call was processed, as far as a surcharge asks."""
    found: str | None
    if fact == "inference_geo":
        found = None if match.cloud else facts.inference_geo
    elif fact == "endpoint_region":
        found = None if match.cloud else facts.endpoint_region
    elif match.cloud is None:
        found = "global"
    elif match.cloud == "azure":
        found = None
    elif match.cloud == "bedrock" and match.cloud_scope not in (None, "regional"):
        found = match.cloud_scope  # a profile's own word comes before the host that was called
    else:
        found = facts.endpoint_region or match.cloud_scope
    return found.lower() if found is not None else None
