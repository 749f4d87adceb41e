"""A summary says what the ledger says."""

from __future__ import annotations

from codesession.api.summary import summary_of
from codesession.services.sessions import SessionDetail
from support.ledger import NOW_MS, make_request
from support.sessions import make_stored


def test_costs_that_are_not_known_stay_so() -> None:
    """None for the call, a lower bound for the session, and never a remainder below nothing."""
    counts = {"requests": 2, "unpriced_requests": 1, "list_price_requests": 1}
    session = make_stored(budget_picousd=10**10, cost_picousd=2 * 10**10, **counts)
    detail = SessionDetail(
        session=session,
        requests=[make_request(cost_picousd=None, usage=None, reported_total_tokens=7)],
        files=[],
        commits=[],
        notes=[],
        seen_at_ms=NOW_MS + 61_999,
    )
    summary = summary_of(detail, {"a": 1})
    (call,) = summary.ai_usage
    assert (call.cost, call.prompt_tokens, call.tokens) == (None, None, 7)
    assert (summary.cost_status, summary.unpriced_calls, summary.list_price_calls) == ("lower_bound", 1, 1)
    assert summary.ai_cost == 0.02
    assert (summary.budget_remaining, summary.duration, summary.metadata) == (0, 61, {"a": 1})
