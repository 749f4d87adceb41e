"""
The JSON contract of `cs ci report`.

    {…, branch, base, mergeBase, commits: [hash], sessions: [{…}], models: [{model, provider, calls, unpricedCalls,
    listPriceCalls, totalTokens, costUsd}], totals}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesession.contract import Json, enveloped, session_json
from codesession.contract_reports import totals_json
from codesession.domain.money import json_usd

if TYPE_CHECKING:
    from codesession.domain.report import Share
    from codesession.services.branch_cost import BranchCost


def branch_cost_json(cost: BranchCost) -> Json:
    """What a branch cost."""
    return enveloped(
        {
            "branch": cost.branch,
            "base": cost.base,
            "mergeBase": cost.merge_base,
            "commits": list(cost.commits),
            "sessions": [session_json(each) for each in cost.sessions],
            "models": [_model_json(each) for each in cost.models],
            "totals": totals_json(cost.totals),
        }
    )


def _model_json(share: Share) -> Json:
    totals = share.totals
    known = totals.known_cost_picousd
    return {
        "model": share.name,
        "provider": share.provider,
        "calls": totals.requests,
        "unpricedCalls": totals.unpriced_requests,
        "listPriceCalls": totals.list_price_requests,
        "totalTokens": totals.total_tokens,
        "costUsd": None if known is None else json_usd(known),
    }
