"""
One model call as a line of compact JSON: counts, names and times, what the ledger would have kept of it.

Nothing of a prompt, an answer or a key is in an `Observation`, so none can be in a line.
"""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

from codesession.domain.billing import decode, encode
from codesession.domain.request import CallContext, Observation, Source

_write = json.JSONEncoder(separators=(",", ":")).encode
_CONTEXT = tuple(field.name for field in fields(CallContext))
_IDENTITY = ("provider_name", "response_id", "request_model", "response_model")


def to_line(observation: Observation) -> bytes:
    """The call without its price, which is found when it reaches the ledger; ends with a newline."""
    response, context = observation.response, observation.context
    line: dict[str, Any] = {name: getattr(response, name) for name in _IDENTITY}
    line["context"] = {name: value for name in _CONTEXT if (value := getattr(context, name)) is not None}
    line["billing"] = json.loads(encode(response, None))
    return _write(line).encode("ascii") + b"\n"


def from_line(line: bytes) -> Observation:
    """The call again. Raises `ValueError` for a line that was cut, damaged or written by a later version."""
    try:
        return _read(json.loads(line))
    except (KeyError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise ValueError(f"no model call: {type(error).__name__}") from error


def _read(line: dict[str, Any]) -> Observation:
    response = decode(
        _write(line["billing"]),
        provider_name=line["provider_name"],
        request_model=line["request_model"],
        response_model=line["response_model"],
    )
    if response is None or not line["response_id"]:
        raise ValueError("no model call: nothing is billed, or nothing names it")
    context = dict(line["context"])
    return Observation(
        response=replace(response, response_id=line["response_id"]),
        context=CallContext(**context | {"source": Source(context["source"])}),
    )
