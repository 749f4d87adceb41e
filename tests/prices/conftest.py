"""Asking the packaged price book about one call, in one line."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Protocol

import pytest

from codesession.domain.pricing import Cost
from codesession.domain.usage import BillingFacts, ModelResponse, TokenUsage, UsagePart
from codesession.prices.book import PriceBook
from codesession.prices.daytime import moment_ms


class Price(Protocol):
    """`price("openai", "gpt-5", "2026-01-01", input_tokens=10, service_tier="flex")`."""

    def __call__(self, provider: str, model: str, at: str = "2026-11-22", **counts_and_facts: Any) -> Cost: ...


class Rates(Protocol):
    """What one token of each kind costs, per million, as written: `{"input": "3", "cache read": "0.3", …}`."""

    def __call__(self, provider: str, model: str, at: str = "2026-11-22", **facts: Any) -> dict[str, Decimal]: ...


_COUNTS = frozenset(TokenUsage.__dataclass_fields__)


@pytest.fixture(scope="session")
def book() -> PriceBook:
    return PriceBook.load()


@pytest.fixture(scope="session")
def price(book: PriceBook) -> Price:
    def ask(provider: str, model: str, at: str = "2026-11-22", **given: Any) -> Cost:
        counts = {name: value for name, value in given.items() if name in _COUNTS}
        facts = {name: value for name, value in given.items() if name not in _COUNTS}
        response = ModelResponse(
            provider_name=provider,
            api="test",
            response_model=model,
            parts=(UsagePart(usage=TokenUsage(**counts)),),
            facts=BillingFacts(**facts),
        )
        return book.price(response, moment_ms(at))

    return ask


@pytest.fixture(scope="session")
def rates(price: Price) -> Rates:
    def ask(
        provider: str, model: str, at: str = "2026-11-22", *, prompt: int = 5000, **facts: Any
    ) -> dict[str, Decimal]:
        cost = price(
            provider,
            model,
            at,
            input_tokens=prompt,
            cache_read_input_tokens=1000,
            cache_write_input_tokens=3000,
            cache_write_1h_input_tokens=1000,
            cache_write_12h_input_tokens=1000,
            output_tokens=1000,
            **facts,
        )
        return {line.item: line.price_usd * line.multiplier for line in cost.lines}

    return ask
