"""Charges as the specification wants them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from codesession.domain.report import UsageTotals
from codesession.services.exports.calls import ExportedCall
from codesession.services.exports.focus import COLUMNS, Charge, charge_of_call, focus_row
from support.ledger import NOW_MS, make_request

MANDATORY_AND_NEVER_NULL = (
    "BilledCost",
    "BillingAccountId",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "ContractedCost",
    "EffectiveCost",
    "InvoiceIssuerName",
    "ListCost",
    "ProviderName",
    "PublisherName",
    "ServiceCategory",
    "ServiceName",
    "ServiceSubcategory",
)


def make_charge(**changes: Any) -> Charge:
    values: dict[str, Any] = {
        "start_ms": NOW_MS,
        "end_ms": NOW_MS + 1_500,
        "provider": "anthropic",
        "model": "claude",
        "project": "/code/shop",
        "agent": None,
        "totals": UsageTotals(requests=1, total_tokens=1_100, input_tokens=1_000, output_tokens=100, cost_picousd=3),
    }
    return Charge(**{**values, **changes})


def test_every_row_fills_what_may_not_be_null_and_only_known_columns() -> None:
    """In the order of the header."""
    row = focus_row(make_charge())
    assert tuple(row) == COLUMNS
    assert [name for name in MANDATORY_AND_NEVER_NULL if not row[name]] == []
    assert (row["SubAccountId"], row["SubAccountName"]) == ("/code/shop", "shop")


def test_costs_are_exact_and_agree_with_quantity_and_unit_price() -> None:
    """Decimals without an exponent, whatever their size."""
    row = focus_row(make_charge())
    assert row["BilledCost"] == row["ListCost"] == row["EffectiveCost"] == "0.000000000003"
    big = focus_row(make_charge(totals=UsageTotals(requests=1, total_tokens=7, cost_picousd=123_456_789 * 10**12)))
    assert big["BilledCost"] == "123456789"
    difference = Decimal(big["ListUnitPrice"]) * Decimal(big["PricingQuantity"]) - Decimal(big["ListCost"])
    assert abs(difference) < Decimal("1e-12")


def test_without_tokens_there_is_no_unit_price() -> None:
    """A fee for a request alone."""
    assert focus_row(make_charge(totals=UsageTotals(requests=1, cost_picousd=5)))["ListUnitPrice"] == ""


def test_a_call_is_charged_for_its_time_in_its_month() -> None:
    """UTC to the second; December is followed by January."""
    call = make_request(duration_ms=2_500, session_id=3, price_model="anthropic/claude", price_version="v1")
    row = focus_row(charge_of_call(ExportedCall(call=call, session_uid="s")))
    assert (row["ChargePeriodStart"], row["ChargePeriodEnd"]) == ("2026-11-22T02:00:00Z", "2026-11-22T02:00:02Z")
    assert (row["BillingPeriodStart"], row["BillingPeriodEnd"]) == ("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z")
    assert row["SkuPriceId"] == "anthropic/claude@v1"
    assert row["ResourceId"] == json.loads(row["Tags"])["session"] == "s"
    december = focus_row(make_charge(start_ms=NOW_MS + 30 * 24 * 3_600_000))
    assert december["BillingPeriodEnd"] == "2027-01-01T00:00:00Z"


def test_a_charge_says_how_its_cost_is_known() -> None:
    """And one without any known cost is not priced."""
    part = UsageTotals(requests=2, unpriced_requests=1, cost_picousd=5)
    assert focus_row(make_charge(totals=part))["x_CostStatus"] == "lower_bound"
    assert make_charge(totals=part).is_priced
    assert not make_charge(totals=UsageTotals(requests=1, unpriced_requests=1)).is_priced
    assert charge_of_call(ExportedCall(call=make_request())).cost_status == "exact"
