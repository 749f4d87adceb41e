"""
Vertex's `:predict`, by which its embedding models are called, and those of pictures and films.

Only embeddings count: each text its own tokens. Source: cloud.google.com/vertex-ai/generative-ai/docs/model-reference/
text-embeddings-api.
"""

from __future__ import annotations

from typing import ClassVar

from codesession.domain.facts import replace
from codesession.domain.usage import ModelResponse
from codesession.providers.base import Json, RequestFacts, StreamParser
from codesession.providers.counting import Findings
from codesession.providers.gemini import GeminiParser

_GENERATED = GeminiParser()


class PredictParser:
    """Bodies of `:predict`."""

    api: ClassVar[str] = "gemini.predict"

    def recognises(self, body: Json) -> bool:
        """Predictions that are embeddings."""
        return any(_statistics(body))

    def parse_body(self, body: Json, *, request: RequestFacts) -> ModelResponse:
        """What all texts count together."""
        findings = Findings()
        counts = [findings.count(each, "token_count", "tokenCount") or 0 for each in _statistics(body)]
        return self.parse_usage({"promptTokenCount": sum(counts)}, response={}, request=request)

    def parse_usage(self, usage: Json | None, *, response: Json, request: RequestFacts) -> ModelResponse:
        """One part, without an answer."""
        return replace(_GENERATED.parse_usage(usage, response=response, request=request), api=self.api)

    def stream(self, request: RequestFacts) -> StreamParser:
        """Embeddings are not streamed."""
        return _GENERATED.stream(request)


def _statistics(body: Json) -> list[Json]:
    findings = Findings()
    embeddings = [findings.child(each, "embeddings") for each in findings.objects(body, "predictions")]
    return [findings.child(each, "statistics") for each in embeddings if each]
