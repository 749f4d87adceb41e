"""One call of Copilot, whichever file shows it: counts, who bills it, and what it cost in credits."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from codesession.importers.billers import biller_of
from codesession.importers.counts import Layout
from codesession.providers.counting import exact_decimal

EVENT = Layout(
    input="inputTokens",
    output="outputTokens",
    cache_read="cacheReadTokens",
    cache_write="cacheWriteTokens",
    reasoning="reasoningTokens",
    cache_inside=True,
    reasoning_inside=True,
)
STORED = Layout(
    input="input_tokens",
    output="output_tokens",
    cache_read="cache_read_tokens",
    cache_write="cache_write_tokens",
    reasoning="reasoning_tokens",
    cache_inside=True,
    reasoning_inside=True,
)
HOME = "github_copilot"
_CREDITS_SINCE_MS = int(datetime(2026, 6, 1, tzinfo=UTC).timestamp() * 1000)
"""Before, premium requests were billed and credits only shown."""
_NANO_CREDIT_EXPONENT = -11
"""A credit is 1e9 of them and costs one cent."""
_APIS = {"/v1/messages": "anthropic.messages", "/chat/completions": "openai.chat", "/responses": "openai.responses"}


def reported_usd(nano_credits: object, at_ms: int) -> Decimal | None:
    """What GitHub bills for a call, in US dollars; None where it bills requests, or does not tell."""
    number = exact_decimal(nano_credits)
    return number.scaleb(_NANO_CREDIT_EXPONENT) if number is not None and at_ms >= _CREDITS_SINCE_MS else None


def api_of(endpoint: object) -> str:
    """The wire format by the path of the endpoint."""
    path = str(endpoint or "")
    return next((api for suffix, api in _APIS.items() if path.endswith(suffix)), path or "unknown")


def biller(model: str | None, *, own_key: bool) -> str:
    """GitHub, unless the user brought a key of their own."""
    return biller_of(model, "unknown") if own_key else HOME
