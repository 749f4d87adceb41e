"""The usage of a transcript line as tokens and billing facts, by the parser of the wire format."""

from __future__ import annotations

from collections.abc import Mapping

from codesession.domain.usage import ModelResponse
from codesession.providers.anthropic import AnthropicParser
from codesession.providers.base import RequestFacts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PARSER = AnthropicParser()


def response_of(
    usage: Mapping[str, Any] | None,
    *,
    message_id: str | None,
    model: str | None,
    provider_name: str,
    request_model: str | None,
) -> ModelResponse:
    """One answer of the API with usage of any shape, or none."""
    request = RequestFacts(provider_name=provider_name, request_model=request_model)
    return PARSER.parse_usage(usage, response={"id": message_id, "model": model}, request=request)
