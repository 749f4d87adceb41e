"""Whether calls are told to an OpenTelemetry collector; apart from `otel` because every proxy asks."""

from __future__ import annotations

from collections.abc import Mapping

VARIABLE = "CODESESSION_OTEL"


def telemetry_is_wanted(environment: Mapping[str, str]) -> bool:
    """`CODESESSION_OTEL=1`, unless OpenTelemetry is switched off as a whole. An agent's own OTEL_* ask nothing."""
    return environment.get(VARIABLE) == "1" and environment.get("OTEL_SDK_DISABLED", "").lower() != "true"
