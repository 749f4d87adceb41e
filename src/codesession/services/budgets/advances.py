"""
Money set aside in advance: while calls come in quick succession, the next ones find theirs put aside already.

A call then waits for no transaction. What is put aside is in the ledger, as for every call under way, so it counts for
all processes and outlives this one; it is never more than a small part of what is left, and is given back a moment
after the last call. Who gets near a limit therefore has each call asked about on its own.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field

from codesession.domain.budget import LEASE_MS, CallDemand, Reservation, Rules, Spender
from codesession.services.budgets.estimating import Estimate
from codesession.services.budgets.service import BudgetService

_BURST_S = 0.25
"""Calls that come one after the other faster than this will go on; after this long without one, all is given back."""
_FRESH_S = 0.15
"""How long it is believed that budgets are as they were and have something left."""
_COVER_S = 0.2
"""For so long the stock of a spender should last; it is looked after when half of it is gone."""
_REST_S = 0.25
"""How long it is left at that where nothing could be set aside: no budget, or one near its limit."""
_MOST = 256
"""Calls that money is set aside for at a time."""
_SPENDERS = 64
"""Spenders that a stock is kept for."""
_STALE_MS = LEASE_MS // 2
"""A lease with less than this ahead is not handed out."""


@dataclass(eq=False)
class _Stock:
    """What is set aside for one spender, `amount` for each call."""

    tickets: deque[str] = field(default_factory=deque)
    amount_picousd: int = 0
    expires_at_ms: int = 0
    rules: Rules = ()
    checked_at: float = 0.0
    asked_at: float = float("-inf")
    filled_at: float = field(default_factory=time.monotonic)
    asked: int = 0
    """Calls since the stock was last looked after."""
    enough: int = 0
    """Tickets that were wanted then."""
    quick: bool = False
    """The last call came soon after the one before."""
    rests_until: float = float("-inf")
    largest_picousd: int = 0
    """The largest estimate of those calls."""
    old: list[str] = field(default_factory=list)
    """To be given back."""
    taken: list[Reservation] = field(default_factory=list)
    """Calls that took a ticket of which the ledger does not know whose it is by now."""

    def is_due(self, now: float) -> bool:
        """Whether it wants looking after: it runs low, it lies idle, or tells the ledger too little of what became."""
        if now - self.asked_at > _BURST_S:
            return True
        if not self.quick:
            return False
        if self.old:
            return True
        low = now >= self.rests_until and len(self.tickets) * 2 <= self.enough
        return low or (bool(self.taken) and now - self.filled_at > _COVER_S / 2)

    def put_off(self) -> None:
        """None of the tickets is good any more."""
        self.old += self.tickets
        self.tickets.clear()

    def suffices(self, estimate: Estimate, at_ms: int) -> bool:
        """Whether there is a ticket that is good for a call."""
        return bool(self.tickets) and estimate.picousd <= self.amount_picousd and self.is_fresh(at_ms)

    def is_fresh(self, at_ms: int) -> bool:
        """Whether the tickets' leases last for a while."""
        return at_ms <= self.expires_at_ms - _STALE_MS


class Advances:
    """The stocks of one process. `take` belongs to the server's thread, `tend` and `give_back` to one other."""

    def __init__(self) -> None:
        self._stocks: dict[Spender, _Stock] = {}
        self._lock = threading.Lock()
        self._asked: BudgetService | None = None

    def knows(self, spender: Spender) -> bool:
        """Whether it is worth a try: the spender's last call was a moment ago."""
        return spender in self._stocks

    def note(self, spender: Spender, estimate: Estimate) -> None:
        """A call had its money set aside by itself: more of its kind may come."""
        if estimate.priced and estimate.bounded:
            with self._lock:
                self._noted(spender, estimate, time.monotonic())

    def take(
        self,
        budgets: BudgetService,
        spender: Spender,
        estimate: Estimate,
        demand: CallDemand,
        conversation_id: str | None,
        at_ms: int,
    ) -> str | None:
        """
        The reservation of a call, if one that is large enough is there. Raises `StorageError`.

        `budgets` is asked now and then whether its budgets are still the same and have something left.
        """
        now = time.monotonic()
        with self._lock:
            self._belongs_to(budgets)
            stock = self._stocks.get(spender)
            if stock is None or not (estimate.priced and estimate.bounded and stock.suffices(estimate, at_ms)):
                return None
            stale = now - stock.checked_at > _FRESH_S
        if stale and not self._holds(budgets, spender, stock, now, at_ms):
            return None
        with self._lock:
            if not stock.suffices(estimate, at_ms):
                return None
            ticket = budgets.reservation(spender, estimate, demand, conversation_id, at_ms, uid=stock.tickets.popleft())
            stock.taken.append(ticket)
            self._noted(spender, estimate, now)
        return ticket.uid

    @property
    def any_left(self) -> bool:
        """Whether there is a stock that `give_back` would give back."""
        return bool(self._stocks)

    def are_due(self) -> bool | None:
        """Whether `tend` has anything to do; None where there is no stock. Looks at nothing but memory."""
        now = time.monotonic()
        return any(stock.is_due(now) for stock in list(self._stocks.values())) if self._stocks else None

    def tend(self, budgets: BudgetService, at_ms: int) -> None:
        """
        Tell the ledger whose the tickets were, set more aside where calls keep coming, give back the rest.

        Raises `StorageError`.
        """
        now = time.monotonic()
        for spender, stock in list(self._stocks.items()):
            if now - stock.asked_at > _BURST_S:
                self._drop(budgets, spender, stock)
            elif stock.is_due(now):
                self._fill(budgets, spender, stock, now, at_ms)

    def give_back(self, budgets: BudgetService) -> None:
        """Everything, because the process ends."""
        for spender, stock in list(self._stocks.items()):
            self._drop(budgets, spender, stock)

    def _belongs_to(self, budgets: BudgetService) -> None:
        """Another service is asked when the ledger is another one: there, nothing was set aside."""
        before, self._asked = self._asked, budgets
        if before is not None and before is not budgets:
            for stock in self._stocks.values():
                stock.put_off()
                stock.taken.clear()

    def _noted(self, spender: Spender, estimate: Estimate, now: float) -> None:
        stock = self._stocks.get(spender)
        if stock is None:
            stock = _Stock()
            if len(self._stocks) < _SPENDERS:
                self._stocks[spender] = stock
        stock.quick = now - stock.asked_at < _BURST_S
        stock.asked_at = now
        stock.asked += 1
        stock.largest_picousd = max(stock.largest_picousd, estimate.picousd)

    def _holds(self, budgets: BudgetService, spender: Spender, stock: _Stock, now: float, at_ms: int) -> bool:
        """Whether the budgets are what they were; another rule, or nothing left, and each call is asked about again."""
        rules = budgets.rules(spender, at_ms)
        with self._lock:
            if rules is not None and rules == stock.rules:
                stock.checked_at = now
                return True
            stock.put_off()
            return False

    def _fill(self, budgets: BudgetService, spender: Spender, stock: _Stock, now: float, at_ms: int) -> None:
        with self._lock:
            taken, stock.taken = stock.taken, []
            asked, stock.asked = stock.asked, 0
            largest, stock.largest_picousd = stock.largest_picousd, 0
            if largest > stock.amount_picousd or 0 < largest < stock.amount_picousd // 2 or not stock.is_fresh(at_ms):
                stock.put_off()
            old, stock.old = stock.old, []
            amount = stock.amount_picousd if stock.tickets else largest
            stock.enough = min(_MOST, 1 + int(asked * _COVER_S / max(0.01, now - stock.filled_at))) if asked else 0
            stock.filled_at = now
            missing = max(0, stock.enough - len(stock.tickets)) if now >= stock.rests_until else 0
        if not (taken or old or missing):
            return
        try:
            got, rules = budgets.set_aside(spender, amount, missing, at_ms, taken=taken, old=old)
        except Exception:  # whatever it is, what the ledger does not know is told again next time; raised on
            with self._lock:
                stock.taken, stock.old = taken + stock.taken, old + stock.old
            raise
        with self._lock:
            if not stock.tickets:
                stock.expires_at_ms, stock.amount_picousd = at_ms + LEASE_MS, amount
            if missing and not got:
                stock.rests_until = now + _REST_S
            stock.tickets.extend(got)
            if rules is None:  # nothing is left
                stock.put_off()
            elif got or rules == stock.rules:
                stock.rules, stock.checked_at = rules, now
            stock.enough = min(stock.enough, len(stock.tickets))

    def _drop(self, budgets: BudgetService, spender: Spender, stock: _Stock) -> None:
        with self._lock:
            stock.put_off()
            old, taken = list(stock.old), list(stock.taken)
        if old or taken:
            budgets.set_aside(spender, 0, 0, 0, taken=taken, old=old)
        with self._lock:
            del stock.old[: len(old)], stock.taken[: len(taken)]
            if not (stock.tickets or stock.taken):
                self._stocks.pop(spender, None)
