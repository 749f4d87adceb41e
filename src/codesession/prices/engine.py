"""
What one response cost: buckets of tokens times the rates of the day, plus fees.

Everything that moves a price is either a table (tier, size band, hour) or a factor on the token lines
(batch, place of processing, completion window). Fees per request are never multiplied. What is not known
makes the answer a list price with a warning, a lower bound, or no figure at all; it never makes it zero.
"""

from __future__ import annotations

from decimal import Context, Decimal

from codesession.domain.pricing import PriceLine, decimal_string
from codesession.domain.usage import BillingFacts, TokenUsage, UsagePart
from codesession.prices.catalog import Match
from codesession.prices.tables import ModelTable, Period, RateCard, Rates, at

_EXACT = Context(prec=80)
"""Wide enough that no product or sum of prices is ever rounded, whatever context the caller has set."""
_ONE = Decimal(1)
_ZERO = Decimal(0)
_MILLION = 1_000_000
_NO_PLACE = frozenset({"", "global", "not_available", "unknown"})
_GUESTS = frozenset({"advisor_message", "fallback_message"})
"""Parts that another model wrote: the speed of the response is not theirs."""
_KIND_PREFIX = {"compaction": "compaction ", "advisor_message": "advisor ", "fallback_message": "fallback "}


class Bill:
    """A bill being written: its lines, the rules that made it, and why it may be a list price and not exact."""

    def __init__(self) -> None:
        self.lines: list[PriceLine] = []
        self.total = _ZERO
        """The sum of the lines, exactly."""
        self.doubts: list[str] = []
        self.rules: list[str] = []

    def add(self, item: str, quantity: int, price: Decimal, multiplier: Decimal, per: int = _MILLION) -> None:
        """One line; none for nothing."""
        if quantity:
            product = _EXACT.multiply(quantity, price)
            if multiplier is not _ONE:
                product = _EXACT.multiply(product, multiplier)
            usd = _EXACT.divide(product, per)
            self.lines.append(PriceLine(item, quantity, price, usd, per, multiplier))
            self.total = _EXACT.add(self.total, usd)

    def doubt(self, why: str) -> None:
        """Notes once why the figure may differ from the invoice."""
        if why not in self.doubts:
            self.doubts.append(why)

    def rule(self, what: str) -> None:
        """Notes once what decided the price."""
        if what not in self.rules:
            self.rules.append(what)


def bill_part(bill: Bill, part: UsagePart, facts: BillingFacts, match: Match, at_ms: int) -> bool:
    """Adds one part to the bill; False when there is no price for that moment."""
    table = match.table
    standard = at(table.periods, at_ms)
    if standard is None:
        return False
    period, factor = standard, _ONE
    tier = _tier(facts, table, own=part.kind not in _GUESTS)
    if tier is not None:
        period, factor = _tier_period(bill, tier, table, standard, at_ms)
    if period.start:
        bill.rule(f"from {period.start}")
    rates = _rates(bill, period, part.usage.input_tokens, at_ms)
    if tier is not None:
        _doubt_band(bill, tier, period, standard, part.usage.input_tokens)
    factor = _factors(bill, factor, facts, match)
    for doubt in (match.doubt, table.policy.doubt):
        if doubt:
            bill.doubt(doubt)
    if not table.policy.audio_is_text:
        _doubt_audio(bill, part.usage, rates)
    _token_lines(bill, part.usage, rates, factor, _KIND_PREFIX.get(part.kind, ""))
    return True


def bill_fees(bill: Bill, facts: BillingFacts, table: ModelTable, at_ms: int) -> None:
    """Adds what is charged per request; a kind of request without a known fee is a doubt."""
    counted = (
        ("web_search_requests", facts.web_search_requests),
        ("web_fetch_requests", facts.web_fetch_requests),
        ("file_search_requests", facts.file_search_requests),
        ("tool_requests", facts.tool_requests),
    )
    for counter, quantity in counted:
        if not quantity:
            continue
        known = [fee for fee in table.policy.fees if fee.counter == counter]
        if not known:
            bill.doubt(f"no fee is known for {counter.replace('_', ' ')}")
        for fee in known:
            if fee.from_ms is None or at_ms >= fee.from_ms:
                bill.add(fee.item, quantity, fee.price, _ONE, fee.per)


def _tier(facts: BillingFacts, table: ModelTable, *, own: bool) -> str | None:
    """The tier that served the call, by the name of its table; None for the standard one."""
    if facts.batch:
        return "batch"
    if facts.speed and facts.speed.lower() == "fast" and own:
        return "fast"
    if not facts.service_tier:
        return None
    reported = facts.service_tier.lower()
    name = table.policy.tier_names.get(reported, reported)
    return None if name == "standard" else name


def _tier_period(bill: Bill, tier: str, table: ModelTable, standard: Period, at_ms: int) -> tuple[Period, Decimal]:
    """The tier's own rates, or the standard ones with a factor, or the standard ones and a doubt."""
    rows = table.tiers.get(tier)
    period = at(rows, at_ms) if rows else None
    if period is not None:
        bill.rule(f"tier {tier}")
        return period, _ONE
    factor = table.policy.tier_factors.get(tier)
    if factor is None:
        bill.doubt("the tier has no public price" if tier == "list" else f"no price is published for tier {tier}")
        return standard, _ONE
    bill.rule(f"{tier} x{factor}")
    if tier in table.policy.uncertain_factors:
        bill.doubt(f"tier {tier} of {table.model} is priced by the usual factor")
    return standard, factor


def _rates(bill: Bill, period: Period, prompt: int, at_ms: int) -> Rates:
    """The rates for this prompt at this hour."""
    card: RateCard = period.card
    hours = period.hours
    if hours is not None and hours.windows.contain(at_ms):
        card = hours.card
        bill.rule("hour of the day")
        if not hours.windows.certain(at_ms):
            bill.doubt("the public holidays of that year are not known")
    rates, above = card.for_prompt(prompt)
    if above is not None:
        bill.rule(f"prompt > {above}")
    return rates


def _doubt_band(bill: Bill, tier: str, period: Period, standard: Period, prompt: int) -> None:
    """A tier may leave long prompts out: their price in it is not published."""
    above = standard.card.for_prompt(prompt)[1]
    if above is not None and not period.card.bands:
        bill.doubt(f"no price is published for tier {tier} above {above} tokens")


def _factors(bill: Bill, factor: Decimal, facts: BillingFacts, match: Match) -> Decimal:
    """The product of every factor on token lines."""
    for uplift in match.table.uplifts:
        place = _place(uplift.fact, facts, match)
        if place is None:
            if uplift.fact == "cloud_region" and match.cloud:
                bill.doubt("the region is not known; regional endpoints cost more")
        elif place not in _NO_PLACE and (uplift.values is None or place in uplift.values):
            factor = _EXACT.multiply(factor, uplift.factor)
            bill.rule(f"{uplift.fact} {place} x{uplift.factor}")
    if facts.completion_window:
        discount = match.table.policy.window_factors.get(facts.completion_window)
        if discount is None:
            bill.doubt(f"no price is published for a completion window of {facts.completion_window}")
        else:
            factor = _EXACT.multiply(factor, discount)
            bill.rule(f"completion window {facts.completion_window} x{discount}")
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


def _doubt_audio(bill: Bill, usage: TokenUsage, rates: Rates) -> None:
    """Audio usually costs many times as much as text."""
    heard = usage.audio_input_tokens and rates.audio_input is None
    spoken = usage.audio_output_tokens and rates.audio_output is None
    if heard or spoken:
        bill.doubt("no audio price is known; priced as text")


def _token_lines(bill: Bill, usage: TokenUsage, rates: Rates, factor: Decimal, prefix: str) -> None:
    """Every token once, at the rate of its bucket."""
    uncached = usage.uncached_input_tokens
    if uncached < 0:
        bill.doubt("cached tokens exceed the prompt")
        uncached = 0
    audio = min(usage.audio_input_tokens, uncached) if rates.audio_input is not None else 0
    bill.add(prefix + "uncached input", uncached - audio, rates.input, factor)
    if rates.audio_input is not None:
        bill.add(prefix + "audio input", audio, rates.audio_input, factor)
    if usage.cache_read_input_tokens:
        _cache_reads(bill, usage, rates, factor, prefix)
    if usage.cache_write_input_tokens:
        _cache_writes(bill, usage, rates, factor, prefix)
    audio = min(usage.audio_output_tokens, usage.output_tokens) if rates.audio_output is not None else 0
    bill.add(prefix + "output", usage.output_tokens - audio, rates.output, factor)
    if rates.audio_output is not None:
        bill.add(prefix + "audio output", audio, rates.audio_output, factor)


def _cache_reads(bill: Bill, usage: TokenUsage, rates: Rates, factor: Decimal, prefix: str) -> None:
    reads, price = usage.cache_read_input_tokens, rates.cache_read
    if price is None:
        bill.doubt("no cache-read price is known; priced as input")
        price = rates.input
    audio = min(usage.cache_read_audio_input_tokens, reads) if rates.audio_cache_read is not None else 0
    bill.add(prefix + "cache read", reads - audio, price, factor)
    if rates.audio_cache_read is not None:
        bill.add(prefix + "audio cache read", audio, rates.audio_cache_read, factor)


def _cache_writes(bill: Bill, usage: TokenUsage, rates: Rates, factor: Decimal, prefix: str) -> None:
    """Writes by time-to-live. A maker without a write price bills them as plain input."""
    one, twelve = usage.cache_write_1h_input_tokens, usage.cache_write_12h_input_tokens
    short = rates.cache_write if rates.cache_write is not None else rates.input
    rest = usage.cache_write_input_tokens - one - twelve
    if rest < 0:
        bill.doubt("cache writes by time-to-live exceed their total")
        rest = 0
    bill.add(prefix + "cache write", rest, short, factor)
    for hours, quantity, price in (("1h", one, rates.cache_write_1h), ("12h", twelve, rates.cache_write_12h)):
        if quantity and price is None:
            bill.doubt(f"no price is known for {hours} cache writes")
        bill.add(f"{prefix}cache write {hours}", quantity, price if price is not None else short, factor)


def describe(rates: Rates) -> str:
    """Rates in words, for warnings."""
    return f"input {decimal_string(rates.input)}, output {decimal_string(rates.output)} per 1M tokens"
