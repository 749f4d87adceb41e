"""How much one source explains of another."""

from __future__ import annotations

from decimal import Decimal

from codesession.domain.reconciliation import Coverage
from codesession.domain.report import UsageTotals


def test_coverage_compares_dollars() -> None:
    """Many cheap calls missing matter less than a dear one."""
    pair = Coverage(
        by="log",
        of="proxy",
        both=UsageTotals(requests=1, cost_picousd=90),
        whole=UsageTotals(requests=10, cost_picousd=100),
    )

    assert pair.in_dollars
    assert pair.share == Decimal("0.9")


def test_coverage_compares_calls_where_no_cost_is_known() -> None:
    """Without prices there is still something to say."""
    pair = Coverage(
        by="log",
        of="proxy",
        both=UsageTotals(requests=1, unpriced_requests=1),
        whole=UsageTotals(requests=4, unpriced_requests=4),
    )

    assert not pair.in_dollars
    assert pair.share == Decimal("0.25")
