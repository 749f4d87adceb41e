"""One call of Copilot, whichever file shows it: counts, who bills it, and what it cost in credits."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from codesession.domain.digests import digest
from codesession.importers.billers import biller_of
from codesession.importers.counts import Layout
from codesession.providers.counting import exact_decimal

if TYPE_CHECKING:
    from codesession.domain.usage import ModelResponse

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


class LogKeys:
    """
    What events and database both say of a call, as its key: session, time, model and counts.

    Only the events know its id, and either may be read first, or be all that is left.
    """

    def __init__(self, agent_name: str) -> None:
        self._agent_name = agent_name
        self._known: Counter[str] = Counter()

    def of(self, session: str, at_ms: int, response: ModelResponse) -> str:
        """The key of the next call of a file; equal calls of one millisecond are told by their order."""
        said = digest(repr((session, at_ms, response.response_model, response.usage)).encode("utf-8", "replace"), 12)
        self._known[said] += 1
        number = self._known[said] - 1
        return f"~{self._agent_name}:{said}" + (f":{number}" if number else "")


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
