"""Rows for ledger tests."""

from __future__ import annotations

from itertools import count
from typing import Any

from codesession.app import App, now_ms
from codesession.domain.ids import uuid7
from codesession.domain.money import PICO
from codesession.domain.pricing import CostStatus
from codesession.domain.request import CallContext, ModelRequest, Observation, Source
from codesession.domain.session import NewSession
from codesession.domain.usage import ModelResponse, TokenUsage

NOW_MS = 1_795_312_800_000

COST = f"(cost_dollars * {PICO} + cost_picousd)"
"""What a counter of the ledger says that calls cost."""

_numbers = count(1)


def make_session(directory: str = "/repo", **changes: Any) -> NewSession:
    """A session about to begin."""
    values: dict[str, Any] = {
        "uid": uuid7(NOW_MS),
        "name": "task",
        "directory": directory,
        "git_root": directory,
        "started_at_ms": NOW_MS,
    }
    return NewSession(**{**values, **changes})


def make_request(**changes: Any) -> ModelRequest:
    """A call of 1,000 tokens in, 100 out, for 4.5 thousandths of a dollar, with an id of its own."""
    values: dict[str, Any] = {
        "uid": uuid7(NOW_MS),
        "provider_name": "anthropic",
        "response_id": f"msg_{next(_numbers)}",
        "request_model": "claude-sonnet-4-5",
        "started_at_ms": NOW_MS,
        "usage": TokenUsage(input_tokens=1_000, cache_read_input_tokens=200, output_tokens=100),
        "cost_picousd": 4_500_000_000,
        "cost_status": CostStatus.EXACT,
        "sources": frozenset({Source.PROXY}),
    }
    return ModelRequest(**{**values, **changes})


def record_unpriced(*, session_id: int) -> None:
    """A call whose model has no price, in the ledger of the environment."""
    app = App()
    response = ModelResponse(provider_name="x", api="manual", request_model="no-such", response_id="unpriced")
    context = CallContext(source=Source.PROXY, started_at_ms=now_ms(), session_id=session_id)
    app.recording.record([Observation(response=response, context=context)])
    app.close()
