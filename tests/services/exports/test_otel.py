"""Spans and metrics, read back from exporters in memory."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from codesession.app import App
from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.usage import ModelResponse
from codesession.errors import UnavailableError
from codesession.services.exports.otel import Telemetry, attributes
from codesession.services.exports.switch import telemetry_is_wanted
from support.ledger import NOW_MS, make_request


def test_it_is_sent_only_when_asked_for() -> None:
    """What an agent has for its own telemetry is no order to us."""
    assert telemetry_is_wanted({"CODESESSION_OTEL": "1"})
    assert not telemetry_is_wanted({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"})
    assert not telemetry_is_wanted({"CODESESSION_OTEL": "1", "OTEL_SDK_DISABLED": "TRUE"})


def test_attributes_have_the_names_of_the_conventions_and_nothing_unknown() -> None:
    """A price that nobody knows is left out, and so is an id of our own."""
    told = attributes(make_request(response_id="msg_1", agent_name="codex", conversation_id="c"))
    assert told == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.request.model": "claude-sonnet-4-5",
        "gen_ai.response.id": "msg_1",
        "gen_ai.conversation.id": "c",
        "gen_ai.agent.name": "codex",
        "gen_ai.usage.input_tokens": 1_000,
        "gen_ai.usage.output_tokens": 100,
        "gen_ai.usage.cache_read.input_tokens": 200,
        "gen_ai.usage.cache_creation.input_tokens": 0,
        "codesession.cost_usd": 0.0045,
        "codesession.cost_status": "exact",
    }
    bare = attributes(make_request(response_id="~x", usage=None, cost_picousd=None, api="openai.embeddings"))
    assert set(bare) == {
        "gen_ai.operation.name",
        "gen_ai.provider.name",
        "gen_ai.request.model",
        "codesession.cost_status",
    }
    assert bare["gen_ai.operation.name"] == "embeddings"


def test_a_call_is_a_span_of_its_own_time_and_counts_in_metrics() -> None:
    """Tokens by type, seconds, dollars."""
    trace: Any = pytest.importorskip("opentelemetry.sdk.trace", reason="the OpenTelemetry SDK is not installed")
    from importlib import import_module

    export: Any = import_module("opentelemetry.sdk.trace.export")
    memory: Any = import_module("opentelemetry.sdk.trace.export.in_memory_span_exporter")
    metrics: Any = import_module("opentelemetry.sdk.metrics")
    reading: Any = import_module("opentelemetry.sdk.metrics.export")
    spans, reader, tracers = memory.InMemorySpanExporter(), reading.InMemoryMetricReader(), trace.TracerProvider()
    tracers.add_span_processor(export.SimpleSpanProcessor(spans))
    telemetry = Telemetry(tracers, metrics.MeterProvider([reader]))

    telemetry.tell([make_request(duration_ms=1_500), make_request(usage=None, cost_picousd=None)])

    first, _ = spans.get_finished_spans()
    assert (first.name, first.kind.name) == ("chat claude-sonnet-4-5", "CLIENT")
    assert (first.start_time, first.end_time) == (NOW_MS * 10**6, (NOW_MS + 1_500) * 10**6)
    (resource,) = reader.get_metrics_data().resource_metrics
    found = {each.name: list(each.data.data_points) for each in resource.scope_metrics[0].metrics}
    assert [point.sum for point in found["gen_ai.client.token.usage"]] == [1_000, 100]
    assert [point.sum for point in found["gen_ai.client.operation.duration"]] == [1.5]
    assert [point.value for point in found["codesession.cost"]] == [0.0045]
    telemetry.close()


TELLS_AND_ENDS = """
import threading
from codesession.services.exports import otel
from support.ledger import make_request
otel._CLOSING_S = 0.1
telemetry = otel.Telemetry.over_otlp()
telemetry.tell([make_request()])
telemetry.close()
others = [thread for thread in threading.enumerate() if thread is not threading.main_thread()]
print("codesession-otel" in {thread.name for thread in others}, all(thread.daemon for thread in others))
"""


def test_a_collector_that_is_away_ends_no_program_late() -> None:
    """What cannot be sent is given up while the SDK still tries, in threads that no end of a program waits for."""
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="the exporter is not installed")
    away = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "PYTHONPATH": os.pathsep.join(sys.path)}
    program = [sys.executable, "-c", TELLS_AND_ENDS]
    done = subprocess.run(program, env={**os.environ, **away}, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "True True\n"


def test_a_call_that_the_writer_records_reaches_the_collector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over HTTP, after the ledger has it."""
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="the exporter is not installed")
    asked: list[str] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        app = App({"HOME": str(tmp_path), "PATH": os.environ["PATH"], "CODESESSION_OTEL": "1"}, tmp_path)
        writer = app.background_writer()
        response = ModelResponse(provider_name="anthropic", api="anthropic.messages", request_model="claude-sonnet-4-5")
        writer.submit(Observation(response=response, context=CallContext(source=Source.PROXY, started_at_ms=NOW_MS)))
        assert writer.close()
        server.shutdown()
        thread.join()
    assert writer.written == 1
    assert {"/v1/traces", "/v1/metrics"} >= set(asked)
    assert "/v1/traces" in asked


def test_without_the_packages_calls_are_recorded_and_the_reason_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The calls are worth more than their telemetry."""
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk", None)
    with pytest.raises(UnavailableError, match="is not installed"):
        Telemetry.over_otlp()
    app = App({"HOME": str(tmp_path), "PATH": os.environ["PATH"], "CODESESSION_OTEL": "1"}, tmp_path)
    with app._telling_recording() as recording:
        assert "codesession[otel]" in (recording.problem or "")
        assert recording.record([]) == 0
