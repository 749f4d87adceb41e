"""The JSON of what a branch cost."""

from __future__ import annotations

from codesession.contract_ci import branch_cost_json
from codesession.domain.report import Share, UsageTotals
from codesession.services.branch_cost import BranchCost


def test_a_model_without_any_price_has_no_cost() -> None:
    """Null, not 0; the sums say how many calls that is."""
    unpriced = UsageTotals(requests=2, unpriced_requests=2, total_tokens=9)
    cost = BranchCost(
        branch=None,
        base="main",
        merge_base="a" * 40,
        commits=("b" * 40,),
        sessions=(),
        models=(Share(name="new-model", provider="x", totals=unpriced),),
        totals=unpriced,
    )
    told = branch_cost_json(cost)
    assert told["models"] == [
        {
            "model": "new-model",
            "provider": "x",
            "calls": 2,
            "unpricedCalls": 2,
            "listPriceCalls": 0,
            "totalTokens": 9,
            "costUsd": None,
        }
    ]
    assert (told["branch"], told["base"], told["commits"]) == (None, "main", ["b" * 40])
    assert (told["totals"]["costUsd"], told["totals"]["costStatus"]) == (None, "unknown")
