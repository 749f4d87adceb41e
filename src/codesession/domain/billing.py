"""
The evidence for a price as compact JSON, kept with every call.

It holds the billed parts and facts, so that a call can be priced again without the provider's answer, and
the lines of the bill, so that a stored cost explains itself. Nothing of a prompt or an answer is in it.
"""

from __future__ import annotations

import json
from dataclasses import fields
from decimal import Decimal
from typing import Any

from codesession.domain.pricing import Cost
from codesession.domain.usage import BillingFacts, ModelResponse, TokenUsage, UsagePart

_write = json.JSONEncoder(separators=(",", ":"), default=str).encode
_FIELDS = {kind: tuple((f.name, f.default) for f in fields(kind)) for kind in (TokenUsage, BillingFacts)}
_DECIMAL_FACTS = frozenset({"reported_cost_usd", "reported_upstream_cost_usd", "agent_cost_usd"})


def encode(response: ModelResponse, cost: Cost | None) -> str:
    """Evidence of one response; counts and facts at their defaults are left out."""
    evidence: dict[str, Any] = {"api": response.api, "parts": [_part(part) for part in response.parts]}
    if facts := _changed(response.facts):
        evidence["facts"] = facts
    if not response.complete:
        evidence["complete"] = False
    if response.mismatch:
        evidence["mismatch"] = True
    if response.warnings:
        evidence["notes"] = list(response.warnings)
    if cost is not None:
        evidence["lines"] = [_line(line) for line in cost.lines]
        if cost.computed_usd is not None:
            evidence["computed_usd"] = str(cost.computed_usd)
        if cost.rules:
            evidence["rules"] = list(cost.rules)
        if cost.warnings:
            evidence["warnings"] = list(cost.warnings)
    return _write(evidence)


def decode(
    evidence: str, *, provider_name: str, request_model: str | None, response_model: str | None
) -> ModelResponse | None:
    """The response as it was billed; None when the evidence holds no parts (a call recorded with its cost)."""
    data = json.loads(evidence)
    if "parts" not in data:
        return None
    facts: dict[str, Any] = {
        name: Decimal(value) if name in _DECIMAL_FACTS else value for name, value in data.get("facts", {}).items()
    }
    return ModelResponse(
        provider_name=provider_name,
        api=data["api"],
        request_model=request_model,
        response_model=response_model,
        parts=tuple(_read_part(part) for part in data["parts"]),
        facts=BillingFacts(**facts),
        complete=data.get("complete", True),
        mismatch=data.get("mismatch", False),
        warnings=tuple(data.get("notes", ())),
    )


def _changed(value: TokenUsage | BillingFacts) -> dict[str, Any]:
    """The fields that say something."""
    return {name: found for name, default in _FIELDS[type(value)] if (found := getattr(value, name)) != default}


def _part(part: UsagePart) -> dict[str, Any]:
    found: dict[str, Any] = {"usage": _changed(part.usage)}
    if part.kind != "message":
        found["kind"] = part.kind
    if part.model is not None:
        found["model"] = part.model
    return found


def _read_part(part: dict[str, Any]) -> UsagePart:
    return UsagePart(usage=TokenUsage(**part["usage"]), kind=part.get("kind", "message"), model=part.get("model"))


def _line(line: Any) -> dict[str, Any]:
    found = {"item": line.item, "quantity": line.quantity, "price": str(line.price_usd), "usd": str(line.usd)}
    if line.per != 1_000_000:
        found["per"] = line.per
    if line.multiplier != 1:
        found["multiplier"] = str(line.multiplier)
    return found
