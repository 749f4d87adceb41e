"""What is said of a call that may not be made."""

from __future__ import annotations

from dataclasses import replace

from codesession.domain.budget import Budget, BudgetScope, Decision, Standing
from codesession.domain.money import PICO
from codesession.services.budgets.estimating import Estimate
from codesession.services.budgets.refusing import why
from codesession.services.budgets.service import Ruling

BUDGET = Budget(id=1, uid="b", scope=BudgetScope.GLOBAL, limit_picousd=5 * PICO, strict=True, created_at_ms=0)
LEFT = Standing(budget=BUDGET, session_id=None, window_start_ms=None, spent_picousd=0, reserved_picousd=0, at_ms=0)


def said(standing: Standing = LEFT, decision: Decision = Decision.STOP, **estimate: bool) -> str:
    return why(Ruling(decision=decision, estimate=Estimate(picousd=9 * PICO, **estimate), standing=standing))


def test_the_reason_is_named() -> None:
    """Only where too little is left it is that."""
    assert "leaves $5.00, this call may cost $9.00" in said()
    assert "no upper limit" in said(bounded=False)
    assert "no known price" in said(priced=False)
    assert "neither request nor answer tells" in said(priced=False, bounded=False, told=False)
    assert "waited long enough" in said(decision=Decision.WAIT)
    assert "nobody here knows whether" in why(Ruling(decision=Decision.STOP, standing=LEFT))


def test_what_is_used_up_is_used_up_whatever_the_call() -> None:
    """Nothing else is said then."""
    gone = replace(LEFT, spent_picousd=5 * PICO)
    assert "is used up" in said(gone, priced=False, bounded=False, told=False)
    assert why(Ruling(decision=Decision.STOP)) == "a budget stops this call"
