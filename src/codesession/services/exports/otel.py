"""
Calls as OpenTelemetry spans and metrics over OTLP: `pip install 'codesession[otel]'`, asked for by CODESESSION_OTEL=1.

Where they go is said by the standard variables (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS, …). Names
are those of the GenAI semantic conventions (https://opentelemetry.io/docs/specs/semconv/gen-ai/); what they do not
name begins with `codesession.`. Never any content: the ledger has none. The SDK queues in memory and sends from
threads of its own, so a collector that is away delays nobody.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from codesession.domain.money import from_picousd
from codesession.errors import UnavailableError
from codesession.services.exports.switch import VARIABLE
from codesession.services.recording import Recording

if TYPE_CHECKING:
    from codesession.domain.request import ModelRequest, Observation

_NS_PER_MS = 1_000_000
_CLOSING_S = 3.0
"""How long the end of a program may wait for what was not sent yet."""
_TOKEN_BUCKETS = (1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864)
_SECOND_BUCKETS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
"""Bounds that the conventions advise."""


class Telemetry:
    """A tracer and a meter with their exporters; one for a process. Both may be used from any thread."""

    def __init__(self, tracer_provider: Any, meter_provider: Any) -> None:
        self._providers = (tracer_provider, meter_provider)
        self._tracer = tracer_provider.get_tracer("codesession")
        self._kind = import_module("opentelemetry.trace").SpanKind.CLIENT
        meter = meter_provider.get_meter("codesession")
        self._tokens = meter.create_histogram(
            "gen_ai.client.token.usage", unit="{token}", explicit_bucket_boundaries_advisory=_TOKEN_BUCKETS
        )
        self._duration = meter.create_histogram(
            "gen_ai.client.operation.duration", unit="s", explicit_bucket_boundaries_advisory=_SECOND_BUCKETS
        )
        self._cost = meter.create_counter("codesession.cost", unit="{USD}")

    @classmethod
    def over_otlp(cls) -> Telemetry:
        """With exporters over HTTP; raises `UnavailableError` without the packages."""
        try:
            trace, metrics = (import_module(f"opentelemetry.sdk.{name}") for name in ("trace", "metrics"))
            batch = import_module("opentelemetry.sdk.trace.export").BatchSpanProcessor
            reader = import_module("opentelemetry.sdk.metrics.export").PeriodicExportingMetricReader
            resource = import_module("opentelemetry.sdk.resources").Resource.create({"service.name": "codesession"})
            spans = import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter").OTLPSpanExporter()
            sums = import_module("opentelemetry.exporter.otlp.proto.http.metric_exporter").OTLPMetricExporter()
        except ImportError as error:
            message = f"{VARIABLE}=1 needs the OpenTelemetry SDK, which is not installed"
            raise UnavailableError(message, hint="pip install 'codesession[otel]'") from error
        # Its complaints about a collector that is away would be printed between the lines of the running agent.
        logging.getLogger("opentelemetry").addHandler(logging.NullHandler())
        tracer_provider = trace.TracerProvider(resource=resource, shutdown_on_exit=False)
        tracer_provider.add_span_processor(batch(spans))
        return cls(tracer_provider, metrics.MeterProvider([reader(sums)], resource=resource, shutdown_on_exit=False))

    def tell(self, calls: Sequence[ModelRequest]) -> None:
        """Put calls into the SDK's queues."""
        for call in calls:
            self._span(call)
            self._measure(call)

    def close(self) -> None:
        """Send what is queued, for a few seconds at most: the SDK itself would try on for much longer."""
        thread = threading.Thread(target=self._shut_down, name="codesession-otel", daemon=True)
        thread.start()
        thread.join(_CLOSING_S)

    def _shut_down(self) -> None:
        for provider in self._providers:
            provider.shutdown()

    def _span(self, call: ModelRequest) -> None:
        start = call.started_at_ms * _NS_PER_MS
        span = self._tracer.start_span(
            f"{_operation(call)} {call.request_model}", kind=self._kind, start_time=start, attributes=attributes(call)
        )
        span.end(end_time=start + (call.duration_ms or 0) * _NS_PER_MS)

    def _measure(self, call: ModelRequest) -> None:
        about = {name: value for name, value in attributes(call).items() if name in _DIMENSIONS}
        if call.usage is not None:
            self._tokens.record(call.usage.input_tokens, {**about, "gen_ai.token.type": "input"})
            self._tokens.record(call.usage.output_tokens, {**about, "gen_ai.token.type": "output"})
        if call.duration_ms is not None:
            self._duration.record(call.duration_ms / 1000, about)
        if call.cost_picousd is not None:
            self._cost.add(float(from_picousd(call.cost_picousd)), about)


class TellingRecording(Recording):
    """A recording whose calls are told to a collector too, once the ledger has them."""

    telemetry: Telemetry | None = None

    def record(self, observations: Sequence[Observation]) -> int:
        """Price, keep, tell; returns how many were not known before."""
        calls = [self.priced(each) for each in observations]
        new = self._store.add_requests(calls)
        if self.telemetry is not None:
            self.telemetry.tell(calls)
        return new


def attributes(call: ModelRequest) -> dict[str, str | int | float]:
    """What the conventions name of a call; what is not known is left out."""
    usage = call.usage
    cost = None if call.cost_picousd is None else float(from_picousd(call.cost_picousd))
    named = {
        "gen_ai.operation.name": _operation(call),
        "gen_ai.provider.name": call.provider_name,
        "gen_ai.request.model": call.request_model,
        "gen_ai.response.model": call.response_model,
        "gen_ai.response.id": call.provider_response_id,
        "gen_ai.conversation.id": call.conversation_id,
        "gen_ai.agent.name": call.agent_name,
        "gen_ai.usage.input_tokens": None if usage is None else usage.input_tokens,
        "gen_ai.usage.output_tokens": None if usage is None else usage.output_tokens,
        "gen_ai.usage.cache_read.input_tokens": None if usage is None else usage.cache_read_input_tokens,
        "gen_ai.usage.cache_creation.input_tokens": None if usage is None else usage.cache_write_input_tokens,
        "codesession.cost_usd": cost,
        "codesession.cost_status": str(call.cost_status),
    }
    return {name: value for name, value in named.items() if value is not None}


_DIMENSIONS = frozenset(
    {
        "gen_ai.operation.name",
        "gen_ai.provider.name",
        "gen_ai.request.model",
        "gen_ai.response.model",
        "gen_ai.agent.name",
    }
)
"""Attributes of metrics: few values each."""


def _operation(call: ModelRequest) -> str:
    return "embeddings" if "embed" in (call.api or "") else "chat"
