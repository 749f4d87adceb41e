"""
The gate that asks the budgets.

While no budget could stop anything, a call costs it one comparison, and at times a read of a small table (5 us);
nothing is written. Otherwise the call's upper estimate is set aside before it is forwarded.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from codesession.domain.budget import LEASE_MS, Decision, Spender
from codesession.domain.request import Observation
from codesession.errors import own_reason
from codesession.proxy.gate import Admission, PendingCall, Refusal, Wait
from codesession.services.budgets.advances import Advances
from codesession.services.budgets.refusing import why
from codesession.services.budgets.service import BudgetService, Ruling

FRESH_S = 0.05
"""How long "no budget" is believed, in seconds: one that is set elsewhere holds from then on."""
ASK_AGAIN_S = 0.1
"""Pause of a call that waits for others to settle."""
LONGEST_WAIT_MS = 5 * 60 * 1000
"""Then it is refused: agents give up on a silent connection after some minutes, and would ask again."""
PATIENCE_S = 2.0
"""How long a call may wait for a ledger that somebody else holds, before a budget that is not strict lets it pass."""


class BudgetGate:
    """
    Implements `proxy.gate.Gate`.

    `budgets` gives services of the calling thread's own connection, which waits so many seconds for others. A ledger
    that is `far` is never asked on the server's thread. `strict`: whether a budget is, as far as is known beforehand.
    Budgets of sessions that end after `since_ms` hold on: by default, after now.
    """

    def __init__(
        self,
        budgets: Callable[[float], BudgetService],
        report: Callable[[str], None],
        *,
        far: bool = False,
        strict: bool = False,
        since_ms: int | None = None,
    ) -> None:
        self._budgets = budgets
        self._report = report
        self._far = far
        self._reported: set[str] = set()
        self._checked_at = float("-inf")
        self._armed = True  # until the ledger says otherwise: `admit` may wait for it
        self._strict = strict
        self._since_ms = _now_ms() if since_ms is None else since_ms
        self._advances = Advances()
        self._under_way: set[str] = set()
        self._lock = threading.Lock()
        self._renewing: threading.Thread | None = None
        self.refused: str | None = None
        """What the first refused call was told."""
        self.on_refusal: Callable[[int | None], None] | None = None
        """
        Called on a worker thread when a budget of a session refuses a call for the first time, with the session's id;
        None: the budget is of no single session.
        """
        self._refused_by: set[int | None] = set()

    def armed(self) -> bool:
        """Whether any budget could stop a call now, as of a moment ago."""
        now = time.monotonic()
        if now - self._checked_at > FRESH_S:
            self._checked_at = now
            try:
                self._armed, self._strict = self._budgets(PATIENCE_S if self._far else 0).armed(self._since_ms)
            except Exception as error:  # what was known holds; a ledger that is gone is told by the writer too
                self._tell(f"budgets cannot be read: {own_reason(error)}")
        return self._armed

    def admit_at_once(self, call: PendingCall) -> Admission | None:
        """Let a call go if every budget does and the ledger is free now."""
        if call.demand.unrecognised:
            return None if self._strict else Admission()
        if self._far:
            return None
        at_ms = _now_ms()
        try:
            if (ticket := self._taken(call, at_ms)) is not None:
                return self._admission(ticket, at_ms)
            ruling = self._request(call, at_ms, 0)
        except Exception:  # somebody is writing, or worse: `admit` finds out
            return None
        return self._admitted(call, ruling, at_ms) if ruling.decision is Decision.GO else None

    def _taken(self, call: PendingCall, at_ms: int) -> str | None:
        """What was set aside in advance, where that is enough."""
        context, budgets = call.context, self._budgets(0)
        spender = budgets.whole(_spender(call))
        if not self._advances.knows(spender):
            return None
        estimate = budgets.estimate(call.demand, at_ms)
        return self._advances.take(budgets, spender, estimate, call.demand, context.conversation_id, at_ms)

    def wants_tending(self) -> bool | None:
        """Whether money should be set aside, or be given back."""
        return self._advances.are_due()

    def tend(self) -> None:
        """Set money aside for the calls that seem to come, and give it back when none do."""
        self._advances.tend(self._budgets(PATIENCE_S), _now_ms())

    def close(self) -> None:
        """Give back what is set aside for calls that do not come any more."""
        if self._advances.any_left:
            self._advances.give_back(self._budgets(PATIENCE_S))

    def admit(self, call: PendingCall) -> Admission | Wait | Refusal:
        """Ask every budget that the call counts for."""
        at_ms = _now_ms()
        try:
            ruling = self._request(call, at_ms, PATIENCE_S)
        except Exception as error:  # whatever it is: what cannot be checked does not fit for certain
            if not self._strict:
                raise
            why_not = f"a strict budget cannot be checked: {own_reason(error)}. Retrying does not help."
            return self._refuse(call, why_not)
        if ruling.decision is Decision.GO:
            return self._admitted(call, ruling, at_ms)
        if ruling.decision is Decision.WAIT and at_ms - call.context.started_at_ms < LONGEST_WAIT_MS:
            return Wait(seconds=ASK_AGAIN_S)
        return self._refuse(call, why(ruling), None if ruling.standing is None else ruling.standing.session_id)

    def _request(self, call: PendingCall, at_ms: int, patience_s: float) -> Ruling:
        budgets, conversation_id = self._budgets(patience_s), call.context.conversation_id
        return budgets.request(_spender(call), call.demand, conversation_id, at_ms, in_passing=not patience_s)

    def _admitted(self, call: PendingCall, ruling: Ruling, at_ms: int) -> Admission:
        if not self._far and ruling.reservation is not None and ruling.estimate is not None:
            self._advances.note(self._budgets(PATIENCE_S).whole(_spender(call)), ruling.estimate)
        return self._admission(ruling.reservation, at_ms)

    def _admission(self, ticket: str | None, at_ms: int) -> Admission:
        self._keep(ticket)
        return Admission(ticket=ticket, at_ms=at_ms)

    def settle(self, admission: Admission, observation: Observation | None) -> None:
        """Free what was set aside for a call that left nothing to record; any other settles with its row."""
        if admission.ticket is None:
            return
        with self._lock:
            self._under_way.discard(admission.ticket)
        if observation is None:
            self._budgets(PATIENCE_S).release(admission.ticket)

    def cut(self, admission: Admission, call: PendingCall, seconds: float) -> None:
        """No more stays set aside than a model can have written by then; a strict budget does not rely on that."""
        if admission.ticket is not None and not self._strict:
            self._budgets(PATIENCE_S).narrow(admission.ticket, call.demand, seconds, _now_ms())

    def abandon(self, admission: Admission) -> None:
        """What was set aside counts as spent until another source tells what the call cost."""
        if admission.ticket is None:
            return
        with self._lock:
            self._under_way.discard(admission.ticket)
        self._budgets(PATIENCE_S).give_up(admission.ticket, _now_ms())

    def _keep(self, ticket: str | None) -> None:
        """Renew what is set aside for as long as the call is under way and this process lives."""
        if ticket is None:
            return
        with self._lock:
            self._under_way.add(ticket)
            if self._renewing is None:
                self._renewing = threading.Thread(target=self._renew, name="codesession-leases", daemon=True)
                self._renewing.start()

    def _renew(self) -> None:
        while True:
            time.sleep(LEASE_MS / 3000)
            with self._lock:
                tickets = sorted(self._under_way)
            try:
                if tickets:
                    self._budgets(PATIENCE_S).renew(tickets, _now_ms())
            except Exception as error:  # they count as spent until the ledger is back
                self._tell(f"budgets cannot be written: {own_reason(error)}")

    def _refuse(self, call: PendingCall, message: str, session_id: int | None = None) -> Refusal:
        ends_runs = not call.demand.unrecognised  # which may be free: no budget is used up
        if ends_runs and self.on_refusal is not None and session_id not in self._refused_by:
            self._refused_by.add(session_id)
            self.on_refusal(session_id)
        self.refused = self.refused or message
        return Refusal(message=f"codesession: {message}")

    def _tell(self, problem: str) -> None:
        """Once: it is met again at every look."""
        if problem not in self._reported:
            self._reported.add(problem)
            self._report(problem)


def _spender(call: PendingCall) -> Spender:
    context = call.context
    return Spender(session_id=context.session_id, project=context.project, agent_name=context.agent_name)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
