"""
What every parser offers, and the facts it needs from whoever made the call.

A parser knows one wire format. It reads decoded JSON, whole or event by event, and never raises on what a
provider sends: what it cannot believe becomes a warning.
"""

from __future__ import annotations

from collections.abc import Mapping

from codesession.domain.facts import Protocol, fact, replace
from codesession.domain.provider_names import canonical_provider
from codesession.domain.usage import BillingFacts, ModelResponse, UsagePart
from codesession.providers.counting import Findings, text
from codesession.providers.names import (
    host_of,
    origin_of,
    provider_of_host,
    provider_of_model,
    region_of_endpoint,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

Json: TypeAlias = "Mapping[str, Any]"


@fact(frozen=True, slots=True, kw_only=True)
class RequestFacts:
    """What only the caller of a model knows about the call."""

    provider_name: str | None = None
    """Any spelling; a known host in `base_url` is believed first, because the host sends the bill."""
    api: str | None = None
    """The wire format, where known: `anthropic.messages`, `openai.chat`, …"""
    request_model: str | None = None
    response_id: str | None = None
    """Identity from a header, for answers that carry none in their body (Bedrock Converse)."""
    service_tier: str | None = None
    """The tier that was *asked for*: never priced, only compared with what was served."""
    batch: bool = False
    base_url: str | None = None
    location: str | None = None
    """Region of the endpoint, where the caller knows it better than the host tells."""
    completion_window: str | None = None
    """`2h` or `8h` for background processing."""

    @classmethod
    def from_mapping(
        cls,
        facts: Json,
        *,
        provider_name: str | None = None,
        api: str | None = None,
        request_model: str | None = None,
    ) -> RequestFacts:
        """From loose JSON facts, as a log line or a price check has them. Unknown keys are ignored."""
        if not facts:
            return cls(provider_name=provider_name, api=api, request_model=request_model)
        return cls(
            provider_name=provider_name or text(facts, "provider_name", "provider"),
            api=api or text(facts, "api"),
            request_model=request_model or text(facts, "request_model", "model"),
            response_id=text(facts, "response_id"),
            service_tier=text(facts, "service_tier"),
            batch=facts.get("batch") is True,
            base_url=text(facts, "base_url"),
            location=text(facts, "location", "region", "endpoint_region"),
            completion_window=text(facts, "completion_window"),
        )

    @property
    def named_biller(self) -> str | None:
        """The provider that bills: by host, else as named, else as the model's name begins; None: nothing says."""
        host = provider_of_host(host_of(self.base_url)) if self.base_url else None
        return host or canonical_provider(self.provider_name) or provider_of_model(self.request_model)

    def billed_by(self, home: str) -> str:
        """The provider that bills; where nothing says, the one the wire format is at home with."""
        return self.named_biller or home

    def billing(self, *, service_tier: str | None = None, **facts: Any) -> BillingFacts:
        """What moves the price: the request's own facts and those that the response added."""
        return BillingFacts(
            service_tier=service_tier,
            batch=self.batch or service_tier == "batch",
            endpoint_region=(self.location or "").lower() or region_of_endpoint(self.base_url),
            base_url=origin_of(self.base_url),
            completion_window=self.completion_window,
            **facts,
        )


class StreamParser(Protocol):
    """Reads the events of one streamed response."""

    def wants(self, payload: bytes) -> bool:
        """False when this event cannot carry usage, identity or an end, so that nobody needs to decode it."""

    def feed(self, event: object) -> None:
        """One decoded event; whatever is no event of this format is ignored."""

    def result(self) -> ModelResponse | None:
        """What is known so far. None when no event belonged to a response (only an error, or nothing)."""


class UsageParser(Protocol):
    """Reads one wire format."""

    @property
    def api(self) -> str:
        """The canonical name of the format."""

    def recognises(self, body: Json) -> bool:
        """Whether a body is a response of this format, and not an error envelope."""

    def parse_body(self, body: Json, *, request: RequestFacts) -> ModelResponse:
        """A whole response body."""

    def parse_usage(self, usage: Json | None, *, response: Json, request: RequestFacts) -> ModelResponse:
        """A usage object alone, with the other facts of its response; None: the provider reported none."""

    def stream(self, request: RequestFacts) -> StreamParser:
        """A reader for one streamed response."""


def respond(
    request: RequestFacts,
    body: Json,
    *,
    api: str,
    home: str,
    parts: tuple[UsagePart, ...],
    facts: BillingFacts,
    findings: Findings,
) -> ModelResponse:
    """
    The parts as one response.

    `body` gives identity and model; `home` is the provider that the wire format belongs to. Counts that were
    unreadable are not zero: the others are a lower bound, and where none are left the usage is unknown.
    """
    if findings.unreadable and not any(part.usage.total_tokens for part in parts):
        parts = ()
    _compare_tiers(request, facts, findings)
    return ModelResponse(
        provider_name=request.billed_by(home),
        api=api,
        request_model=request.request_model,
        response_model=text(body, "model", "modelVersion", "response_model"),
        response_id=text(body, "id", "responseId", "response_id", "request_id") or request.response_id,
        parts=parts,
        facts=facts,
        complete=not findings.missing,
        mismatch=findings.mismatch,
        warnings=tuple(findings.warnings),
    )


def _compare_tiers(request: RequestFacts, facts: BillingFacts, findings: Findings) -> None:
    asked = (request.service_tier or "").lower()
    if facts.service_tier is None and asked not in ("", "auto", "default", "standard", "standard_only"):
        findings.note(f"service tier {asked} was asked for; the response does not say whether it was served")


def unfinished(response: ModelResponse) -> ModelResponse:
    """The same response as a lower bound: its stream was cut."""
    return replace(response, complete=False)
