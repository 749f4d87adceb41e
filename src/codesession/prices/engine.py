"""
What one response cost: buckets of tokens times the rates of the day, plus fees.

Everything that moves a price is either a table (tier, size band, hour) or a factor on the token lines
(batch, place of processing, completion window). Fees per request are never multiplied. What is not known
makes the answer a list price with a warning, a lower bound, or no figure at all; it never makes it zero.
"""

from __future__ import annotations

from decimal import Decimal
from operator import attrgetter

from codesession.domain.money import EXACT
from codesession.domain.pricing import PriceLine, decimal_string
from codesession.domain.usage import BillingFacts, TokenUsage, UsagePart
from codesession.prices.tables import ModelTable, Rates
from codesession.prices.tariff import ONE, Notes, Tariff, Terms

_REQUESTS = ("web_search_requests", "web_fetch_requests", "file_search_requests", "tool_requests")
_requests = attrgetter(*_REQUESTS)
_NO_REQUESTS = (0,) * len(_REQUESTS)
_ZERO = Decimal(0)
_MILLION = 1_000_000
_KIND_PREFIX = {"compaction": "compaction ", "advisor_message": "advisor ", "fallback_message": "fallback "}


class Bill(Notes):
    """A bill being written: its lines, the rules that made it, and why it may be a list price and not exact."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[PriceLine] = []
        self.total = _ZERO
        """The sum of the lines, exactly."""

    def take(self, terms: Terms) -> None:
        """Notes what the terms say."""
        for rule in terms.rules:
            self.rule(rule)
        for doubt in terms.doubts:
            self.doubt(doubt)

    def add(self, item: str, quantity: int, price: Decimal, multiplier: Decimal, per: int = _MILLION) -> None:
        """One line; none for nothing."""
        if quantity:
            product = EXACT.multiply(quantity, price)
            if multiplier is not ONE:
                product = EXACT.multiply(product, multiplier)
            usd = EXACT.divide(product, per)
            self.lines.append(PriceLine(item, quantity, price, usd, per, multiplier))
            self.total = EXACT.add(self.total, usd)


def bill_part(bill: Bill, part: UsagePart, tariff: Tariff, at_ms: int) -> bool:
    """Adds one part to the bill; False when there is no price for that moment."""
    terms = tariff.terms(part.usage.input_tokens, at_ms)
    if terms is None:
        return False
    bill.take(terms)
    if not tariff.table.policy.audio_is_text:
        _doubt_audio(bill, part.usage, terms.rates)
    _token_lines(bill, part.usage, terms.rates, terms.factor, _KIND_PREFIX.get(part.kind, ""))
    return True


def bill_fees(bill: Bill, facts: BillingFacts, table: ModelTable, at_ms: int) -> None:
    """Adds what is charged per request; a kind of request without a known fee is a doubt."""
    if not has_fees(facts):
        return
    for counter, quantity in zip(_REQUESTS, _requests(facts), strict=True):
        if not quantity:
            continue
        known = [fee for fee in table.policy.fees if fee.counter == counter]
        if not known:
            bill.doubt(f"no fee is known for {counter.replace('_', ' ')}")
        for fee in known:
            if fee.from_ms is None or at_ms >= fee.from_ms:
                bill.add(fee.item, quantity, fee.price, ONE, fee.per)


def has_fees(facts: BillingFacts) -> bool:
    """Whether something may be charged per request."""
    asked: bool = _requests(facts) != _NO_REQUESTS
    return asked


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
