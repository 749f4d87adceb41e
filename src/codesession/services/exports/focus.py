"""
Charges as FOCUS 1.2 rows (FinOps Open Cost and Usage Specification, https://focus.finops.org).

A charge is one call, or one day of one model in one project by one agent. Costs are list prices computed from usage,
or what the provider reported; no discount, credit, tax or invoice is known here, so the four costs are equal and what
only an invoice tells stays empty. docs/exports.md says for each column what fills it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from codesession.domain.money import from_picousd
from codesession.domain.pricing import decimal_string
from codesession.domain.report import UsageTotals
from codesession.domain.usage import TokenUsage
from codesession.services.exports.calls import moment

if TYPE_CHECKING:
    from codesession.domain.request import ModelRequest
    from codesession.services.exports.calls import ExportedCall

COLUMNS = (
    "AvailabilityZone",
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingAccountType",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargeFrequency",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ContractedCost",
    "ContractedUnitPrice",
    "EffectiveCost",
    "InvoiceId",
    "InvoiceIssuerName",
    "ListCost",
    "ListUnitPrice",
    "PricingCategory",
    "PricingCurrency",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "RegionId",
    "RegionName",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "ServiceCategory",
    "ServiceName",
    "ServiceSubcategory",
    "SkuId",
    "SkuMeter",
    "SkuPriceDetails",
    "SkuPriceId",
    "SubAccountId",
    "SubAccountName",
    "SubAccountType",
    "Tags",
    "x_AgentName",
    "x_CacheReadTokens",
    "x_CacheWriteTokens",
    "x_Calls",
    "x_CostStatus",
    "x_InputTokens",
    "x_OutputTokens",
    "x_ReasoningTokens",
    "x_UnpricedCalls",
)
"""The columns of the specification that mean something here, then our own, which it wants prefixed by `x_`."""

DEFAULT_ACCOUNT = "local"
_UNIT = "Tokens"


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What is charged for one call, or for one day of calls alike. Times in UTC epoch milliseconds."""

    start_ms: int
    end_ms: int
    """Not included."""
    provider: str
    model: str
    project: str | None
    agent: str | None
    totals: UsageTotals
    cost_status: str | None = None
    """Of a call; a day's follows from its sums."""
    price_id: str | None = None
    session: str | None = None
    call: str | None = None

    @property
    def is_priced(self) -> bool:
        """Whether any of it has a cost: FOCUS has no way to say that a cost is not known."""
        return self.totals.requests > self.totals.unpriced_requests


def charge_of_call(exported: ExportedCall) -> Charge:
    """One call as a charge. A call without a duration is taken to last its first second."""
    call = exported.call
    price = f"{call.price_model}@{call.price_version}" if call.price_model and call.price_version else None
    return Charge(
        start_ms=call.started_at_ms,
        end_ms=call.started_at_ms + max(1_000, call.duration_ms or 0),
        provider=call.provider_name,
        model=call.model,
        project=call.project,
        agent=call.agent_name,
        totals=_totals(call),
        cost_status=str(call.cost_status),
        price_id=price,
        session=exported.session_uid,
        call=call.uid,
    )


def _totals(call: ModelRequest) -> UsageTotals:
    usage = call.usage or TokenUsage()
    return UsageTotals(
        requests=1,
        unpriced_requests=int(call.cost_picousd is None),
        lower_bound_requests=int(call.is_lower_bound),
        list_price_requests=int(call.cost_status == "list_price"),
        input_tokens=usage.input_tokens,
        cache_read_input_tokens=usage.cache_read_input_tokens,
        cache_write_input_tokens=usage.cache_write_input_tokens,
        output_tokens=usage.output_tokens,
        reasoning_output_tokens=usage.reasoning_output_tokens,
        total_tokens=call.total_tokens,
        cost_picousd=call.cost_picousd or 0,
    )


def focus_row(charge: Charge, *, account: str = DEFAULT_ACCOUNT) -> dict[str, str]:
    """The values of `COLUMNS`; empty text for null."""
    row = dict.fromkeys(COLUMNS, "")
    row |= _costs(charge) | _times(charge) | _own(charge)
    row |= {
        "BillingAccountId": account,
        "BillingCurrency": "USD",
        "ChargeCategory": "Usage",
        "ChargeDescription": f"{charge.model} ({charge.provider}), {charge.totals.total_tokens} tokens",
        "ChargeFrequency": "Usage-Based",
        "InvoiceIssuerName": charge.provider,
        "PricingCategory": "Standard",
        "PricingCurrency": "USD",
        "ProviderName": charge.provider,
        "PublisherName": charge.provider,
        "ServiceCategory": "AI and Machine Learning",
        "ServiceName": f"{charge.provider} API",
        "ServiceSubcategory": "Generative AI",
        "SkuId": f"{charge.provider}/{charge.model}",
        "SkuMeter": _UNIT,
        "SkuPriceId": charge.price_id or "",
        "Tags": _tags(charge),
    }
    if charge.session is not None:
        row |= {"ResourceId": charge.session, "ResourceType": "Session"}
    if charge.project is not None:
        name = charge.project.rstrip("/").rpartition("/")[2]
        row |= {"SubAccountId": charge.project, "SubAccountName": name, "SubAccountType": "Project"}
    return row


def _costs(charge: Charge) -> dict[str, str]:
    cost, tokens = from_picousd(charge.totals.cost_picousd), charge.totals.total_tokens
    amounts = dict.fromkeys(("BilledCost", "ContractedCost", "EffectiveCost", "ListCost"), decimal_string(cost))
    quantities = dict.fromkeys(("ConsumedQuantity", "PricingQuantity"), str(tokens))
    units = dict.fromkeys(("ConsumedUnit", "PricingUnit"), _UNIT)
    each = decimal_string((cost / tokens).quantize(Decimal(1).scaleb(-18))) if tokens else ""
    return {**amounts, **quantities, **units, "ListUnitPrice": each, "ContractedUnitPrice": each}


def _times(charge: Charge) -> dict[str, str]:
    start = moment(charge.start_ms)
    begin, end = _month(start.year, start.month)
    return {
        "BillingPeriodStart": begin,
        "BillingPeriodEnd": end,
        "ChargePeriodStart": _time(start),
        "ChargePeriodEnd": _time(moment(charge.end_ms)),
    }


@lru_cache(16)
def _month(year: int, month: int) -> tuple[str, str]:
    begin = datetime(year, month, 1, tzinfo=UTC)
    return _time(begin), _time(begin.replace(year=year + month // 12, month=month % 12 + 1))


def _time(at: datetime) -> str:
    """`2026-11-22T01:58:45Z`, as the specification wants it."""
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def _own(charge: Charge) -> dict[str, str]:
    totals = charge.totals
    status = charge.cost_status or ("lower_bound" if totals.is_partial else "complete")
    return {
        "x_AgentName": charge.agent or "",
        "x_CacheReadTokens": str(totals.cache_read_input_tokens),
        "x_CacheWriteTokens": str(totals.cache_write_input_tokens),
        "x_Calls": str(totals.requests),
        "x_CostStatus": status,
        "x_InputTokens": str(totals.input_tokens),
        "x_OutputTokens": str(totals.output_tokens),
        "x_ReasoningTokens": str(totals.reasoning_output_tokens),
        "x_UnpricedCalls": str(totals.unpriced_requests),
    }


def _tags(charge: Charge) -> str:
    named = {"agent": charge.agent, "session": charge.session, "call": charge.call}
    return _tagged({key: value for key, value in named.items() if value is not None})


_tagged = json.JSONEncoder(ensure_ascii=False).encode
