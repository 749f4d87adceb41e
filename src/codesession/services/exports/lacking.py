"""Why calls have no cost: a price can be set, usage that was never told cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ModelCalls = tuple[str, str, int]
"""Provider, model, calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """Calls without a cost, most calls first."""

    price: Sequence[ModelCalls] = ()
    """Of models that no price is known for."""
    usage: Sequence[ModelCalls] = ()
    """Whose answer was cut or told no usage: no price would help."""


def told_apart(uncosted: Sequence[ModelCalls], without_usage: Mapping[tuple[str, str], int]) -> Lacking:
    """Calls that have no cost, by what is missing; a model may be in both."""
    price, usage = [], []
    for provider, model, calls in uncosted:
        silent = min(calls, without_usage.get((provider, model), 0))
        price += [(provider, model, calls - silent)] if calls > silent else []
        usage += [(provider, model, silent)] if silent else []
    return Lacking(price=sorted(price, key=_most_first), usage=sorted(usage, key=_most_first))


def _most_first(row: ModelCalls) -> tuple[int, str, str]:
    provider, model, calls = row
    return -calls, provider, model
