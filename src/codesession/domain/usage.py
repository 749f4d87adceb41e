"""
What one model response consumed, and the facts that decide its price.

Adapters in `providers` turn every wire format into these types; the price engine reads nothing else. Names
are those of the OpenTelemetry GenAI conventions with dots as underscores.
"""

from __future__ import annotations

from decimal import Decimal

from codesession.domain.facts import fact, names


@fact(frozen=True, slots=True, kw_only=True)
class TokenUsage:
    """
    Tokens of one response.

    Totals are inclusive: `input_tokens` already holds cache reads and writes, audio and tool-use prompt
    tokens; `output_tokens` already holds reasoning. Adapters for providers that report the parts apart
    (Anthropic) sum them first.
    """

    input_tokens: int = 0
    """`gen_ai.usage.input_tokens`: the whole prompt."""
    cache_read_input_tokens: int = 0
    """`gen_ai.usage.cache_read.input_tokens`: part of `input_tokens`."""
    cache_write_input_tokens: int = 0
    """`gen_ai.usage.cache_creation.input_tokens`: part of `input_tokens`, all times-to-live together."""
    cache_write_1h_input_tokens: int = 0
    """Part of `cache_write_input_tokens` kept for one hour (Anthropic)."""
    cache_write_12h_input_tokens: int = 0
    """Part of `cache_write_input_tokens` kept for twelve hours (OpenAI, GPT-6.1 and later)."""
    audio_input_tokens: int = 0
    """Part of `input_tokens`, uncached, that is audio."""
    cache_read_audio_input_tokens: int = 0
    """Part of `cache_read_input_tokens` that is audio."""
    tool_input_tokens: int = 0
    """Part of `input_tokens` that tool results added outside the prompt (Gemini)."""
    output_tokens: int = 0
    """`gen_ai.usage.output_tokens`: the whole answer, reasoning included."""
    reasoning_output_tokens: int = 0
    """`gen_ai.usage.reasoning.output_tokens`: part of `output_tokens`."""
    audio_output_tokens: int = 0
    """Part of `output_tokens` that is audio."""

    @property
    def uncached_input_tokens(self) -> int:
        """Prompt tokens that were neither read from nor written to a cache."""
        return self.input_tokens - self.cache_read_input_tokens - self.cache_write_input_tokens

    @property
    def total_tokens(self) -> int:
        """Everything the response consumed."""
        return self.input_tokens + self.output_tokens

    def __add__(self, other: TokenUsage) -> TokenUsage:
        return TokenUsage(**{name: getattr(self, name) + getattr(other, name) for name in names(TokenUsage)})


@fact(frozen=True, slots=True, kw_only=True)
class UsagePart:
    """
    A separately billed piece of one response: a compaction, an advisor's or a fallback model's turn.

    Most responses have exactly one part, with `model` None (the response's own).
    """

    usage: TokenUsage
    kind: str = "message"
    """`message`, `compaction`, `advisor_message` or `fallback_message` as Anthropic's `iterations` name them."""
    model: str | None = None
    """The model that is billed for this part, where it differs from the response's."""


@fact(frozen=True, slots=True, kw_only=True)
class BillingFacts:
    """Everything beside tokens that moves the price. None means the provider did not say."""

    service_tier: str | None = None
    """The tier that *served* the call, as reported: default, flex, priority, fast, ultrafast, batch, …"""
    speed: str | None = None
    """Anthropic's `usage.speed`: standard or fast."""
    batch: bool = False
    """The call went through a batch endpoint."""
    inference_geo: str | None = None
    """Anthropic's data residency: us, global, …"""
    endpoint_region: str | None = None
    """Region of the endpoint where the host or path names one: eu, us, us-east5, global, …"""
    base_url: str | None = None
    """Scheme and host of the endpoint, where known; never a path with secrets."""
    completion_window: str | None = None
    """Background processing window of the request: 2h, 8h."""
    web_search_requests: int = 0
    web_fetch_requests: int = 0
    file_search_requests: int = 0
    tool_requests: int = 0
    """Other server-side tool calls billed per request."""
    reported_cost_usd: Decimal | None = None
    """What the provider itself says the call cost, US dollars."""
    reported_upstream_cost_usd: Decimal | None = None
    """What a further provider bills for it on top (OpenRouter with an own key)."""
    agent_cost_usd: Decimal | None = None
    """What an agent's log says the call cost, from the agent's own price table: kept as a witness, never the price."""


@fact(frozen=True, slots=True, kw_only=True)
class ModelResponse:
    """
    One model response as a parser understood it: identity, usage and billing facts.

    `parts` is empty when the provider reported no usage at all (an aborted OpenAI stream): the cost is
    then unknown, not zero.
    """

    provider_name: str
    """`gen_ai.provider.name`, short form: anthropic, openai, google, …; who bills the call."""
    api: str
    """The wire format: anthropic.messages, openai.chat, openai.responses, gemini.generate_content, …"""
    request_model: str | None = None
    response_model: str | None = None
    response_id: str | None = None
    parts: tuple[UsagePart, ...] = ()
    facts: BillingFacts = BillingFacts()
    complete: bool = True
    """False: the stream was cut, so the counts are a lower bound."""
    mismatch: bool = False
    """The parts do not add up to the provider's own total."""
    warnings: tuple[str, ...] = ()
    """What a reader of the price should know: a missing cache split, a guessed field, …"""

    @property
    def usage(self) -> TokenUsage | None:
        """The parts summed, or None when no usage was reported."""
        if not self.parts:
            return None
        total = self.parts[0].usage
        if len(self.parts) > 1:
            for part in self.parts[1:]:
                total = total + part.usage
        return total

    @property
    def model(self) -> str | None:
        """The model that answered, else the one that was asked."""
        return self.response_model or self.request_model
