"""
The evidence for a price as compact JSON, kept with every call.

It holds the billed parts and facts, so that a call can be priced again without the provider's answer, and
the lines of the bill, so that a stored cost explains itself. Nothing of a prompt or an answer is in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from itertools import compress
from operator import attrgetter

from codesession.domain.facts import names
from codesession.domain.pricing import Cost, PriceLine
from codesession.domain.usage import BillingFacts, ModelResponse, TokenUsage, UsagePart

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_write = json.JSONEncoder(separators=(",", ":"), default=str).encode
_quoted = json.encoder.encode_basestring_ascii
_DECIMAL_FACTS = ("reported_cost_usd", "reported_upstream_cost_usd", "agent_cost_usd")
_amounts = attrgetter(*_DECIMAL_FACTS)
_NO_AMOUNTS = (None,) * len(_DECIMAL_FACTS)
_NO_FACTS = BillingFacts()
_COUNTS = names(TokenUsage)
_counts = attrgetter(*_COUNTS)
_LABELS = tuple(f'"{name}":' for name in _COUNTS)


Frame = tuple[str, str, str]
"""What stands before, between and after the parts and the lines of a bill."""


def encode(response: ModelResponse, cost: Cost | None) -> str:
    """
    Evidence of one response; counts and facts at their defaults are left out.

    Written out piece by piece, because it is made for every call: a general encoder takes several times as long.
    """
    before, between, after = frame(response, cost)
    lines = () if cost is None else cost.lines
    return f"{before}{','.join(map(_part, response.parts))}{between}{','.join(map(_line, lines))}{after}"


def frame(response: ModelResponse, cost: Cost | None) -> Frame:
    """The evidence without its parts and lines: the same for calls that differ in their counts alone."""
    pieces = ["]"]
    if facts := _facts(response.facts):
        pieces.append(f'"facts":{facts}')
    if not response.complete:
        pieces.append('"complete":false')
    if response.mismatch:
        pieces.append('"mismatch":true')
    if response.warnings:
        pieces.append(f'"notes":{_words(response.warnings)}')
    if cost is not None:
        pieces.append('"lines":[')
        between, pieces = ",".join(pieces), ["]"]
        if cost.computed_usd is not None:
            pieces.append(f'"computed_usd":"{cost.computed_usd!s}"')
        if cost.rules:
            pieces.append(f'"rules":{_words(cost.rules)}')
        if cost.warnings:
            pieces.append(f'"warnings":{_words(cost.warnings)}')
    end = f"{','.join(pieces)}}}"
    begin = f'{{"api":{_quoted(response.api)},"parts":['
    return (begin, end, "") if cost is None else (begin, between, end)


def line_frame(item: str, price_usd: Decimal, per: int, multiplier: Decimal) -> Frame:
    """A line of a bill around its quantity and its amount."""
    each = "" if per == 1_000_000 else f',"per":{per}'
    times = "" if multiplier == 1 else f',"multiplier":"{multiplier!s}"'
    return f'{{"item":{_quoted(item)},"quantity":', f',"price":"{price_usd!s}","usd":"', f'"{each}{times}}}'


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


def _words(words: Iterable[str]) -> str:
    return f"[{','.join(map(_quoted, words))}]"


def _facts(facts: BillingFacts) -> str:
    """The facts that say something as JSON, empty for none. Amounts of money differ from call to call, the rest not."""
    return _common_facts(facts) if _amounts(facts) == _NO_AMOUNTS else _facts_text(facts)


def _facts_text(facts: BillingFacts) -> str:
    said = {name: found for name in names(BillingFacts) if (found := getattr(facts, name)) != getattr(_NO_FACTS, name)}
    return _write(said) if said else ""


_common_facts = lru_cache(256)(_facts_text)


def _part(part: UsagePart) -> str:
    kind = "" if part.kind == "message" else f',"kind":{_quoted(part.kind)}'
    model = "" if part.model is None else f',"model":{_quoted(part.model)}'
    return f'{{"usage":{{{_used(_counts(part.usage))}}}{kind}{model}}}'


def _used(counts: tuple[int, ...]) -> str:
    used = zip(compress(_LABELS, counts), filter(None, counts), strict=True)
    return ",".join([f"{label}{count}" for label, count in used])


def _read_part(part: dict[str, Any]) -> UsagePart:
    return UsagePart(usage=TokenUsage(**part["usage"]), kind=part.get("kind", "message"), model=part.get("model"))


def _line(line: PriceLine) -> str:
    before, between, after = line_frame(line.item, line.price_usd, line.per, line.multiplier)
    return f"{before}{line.quantity}{between}{line.usd!s}{after}"
