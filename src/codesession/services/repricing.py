"""
Price the ledger again, on request.

A stored cost never changes by itself. When prices were corrected, a model became known or the user set a price,
this computes what every call would cost now from the evidence kept with it, says why figures differ, and only then
replaces them; the old figure is kept as a revision. Costs that somebody gave or a provider reported stay.
"""

from __future__ import annotations

from collections.abc import Callable

from codesession.domain.billing import decode, encode
from codesession.domain.facts import fact, field, replace
from codesession.domain.money import to_picousd
from codesession.domain.pricing import CostStatus, believed
from codesession.services.recording import status_of_total

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codesession.domain.pricing import Cost
    from codesession.domain.request import ModelRequest
    from codesession.domain.usage import ModelResponse
    from codesession.services.recording import Pricer
    from codesession.store.base import Store

_GIVEN = (CostStatus.MANUAL, CostStatus.REPORTED)


@fact(slots=True, kw_only=True)
class RepricedModel:
    """What changes for the calls of one model, for one reason. Money in pico-dollars."""

    provider_name: str
    model: str
    reason: str
    calls: int = 0
    old_picousd: int = 0
    new_picousd: int = 0
    old_unpriced: int = 0
    new_unpriced: int = 0


@fact(slots=True, kw_only=True)
class RepriceReport:
    """Everything a repricing found, the largest change first."""

    dry_run: bool
    checked: int = 0
    models: list[RepricedModel] = field(default_factory=list)

    @property
    def changed(self) -> int:
        """Calls whose figure differs."""
        return sum(row.calls for row in self.models)


class Repricing:
    """Compares stored costs with what they would be now."""

    def __init__(self, store: Store, prices: Callable[[], Pricer], clock: Callable[[], int]) -> None:
        self._store = store
        self._prices = prices
        self._clock = clock

    def run(self, *, since_ms: int = 0, dry_run: bool = False) -> RepriceReport:
        """Look at every call since a moment; apply the differences in one transaction unless `dry_run`."""
        report = RepriceReport(dry_run=dry_run)
        found: dict[tuple[str, str, str], RepricedModel] = {}

        def revise(call: ModelRequest) -> tuple[ModelRequest, str] | None:
            report.checked += 1
            revised = self._revised(call)
            if revised is None:
                return None
            _count(found, call, *revised)
            return revised

        self._store.revise_costs(revise, since_ms=since_ms, at_ms=self._clock(), dry_run=dry_run)
        report.models = sorted(found.values(), key=lambda row: -abs(row.new_picousd - row.old_picousd))
        return report

    def _revised(self, call: ModelRequest) -> tuple[ModelRequest, str] | None:
        """The call at today's knowledge and why it differs; None when its cost stays."""
        revised = repriced(call, self._prices().price)
        if (revised.cost_picousd, revised.cost_status) == (call.cost_picousd, call.cost_status):
            return None
        return revised, _reason(call, revised)


def repriced(call: ModelRequest, price: Callable[[ModelResponse, int], Cost]) -> ModelRequest:
    """The call at the price of its own time, by the evidence kept with it; itself without any, or with a given cost."""
    if call.billing is None or call.cost_status in _GIVEN:
        return call
    response = decode(
        call.billing,
        provider_name=call.provider_name,
        request_model=call.request_model,
        response_model=call.response_model,
    )
    if response is None:
        return call
    cost = believed(price(response, call.started_at_ms))
    return replace(
        call,
        cost_picousd=None if cost.usd is None else to_picousd(cost.usd),
        cost_status=cost.status if call.usage is not None else status_of_total(cost),
        cost_source=cost.source,
        price_model=cost.model,
        price_version=cost.price_version,
        billing=encode(response, cost),
    )


def _reason(old: ModelRequest, new: ModelRequest) -> str:
    """Why a stored cost differs from the one computed now, in the words of the report."""
    if "custom" in (old.cost_source, new.cost_source) and old.cost_source != new.cost_source:
        return "your own price" if new.cost_source == "custom" else "your own price is gone"
    if old.cost_picousd is None and new.cost_picousd is not None:
        return "model is known now"
    if new.cost_picousd is None:
        return "model is not known any more"
    if old.price_model != new.price_model:
        return "alias or model name"
    if old.price_version != new.price_version:
        return "price data"
    return "your own price" if new.cost_source == "custom" else "billing rule"


def _count(found: dict[tuple[str, str, str], RepricedModel], old: ModelRequest, new: ModelRequest, why: str) -> None:
    key = (old.provider_name, old.model, why)
    row = found.setdefault(key, RepricedModel(provider_name=old.provider_name, model=old.model, reason=why))
    row.calls += 1
    row.old_picousd += old.cost_picousd or 0
    row.new_picousd += new.cost_picousd or 0
    row.old_unpriced += old.cost_picousd is None
    row.new_unpriced += new.cost_picousd is None
