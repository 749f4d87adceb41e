"""
What budgets ask of a ledger.

Spending comes from the sessions' counters and the rollups, never from the calls one by one. Every method is one
transaction; all of them raise `StorageError`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from codesession.domain.budget import Armed, Budget, BudgetPeriod, Decision, NewBudget, Reservation, Spender, Standing
from codesession.domain.facts import NamedTuple

WindowStart = Callable[[BudgetPeriod], int | None]
"""The first moment of the present period; None for `total`."""


class Outcome(NamedTuple):
    """What became of a reservation."""

    decision: Decision
    """The strictest word."""
    said_by: Standing | None
    """The budget that lets the call wait or stops it."""
    reserved: bool


class Advance(NamedTuple):
    """What was set aside in advance."""

    calls: int
    """For so many, the first of those wanted."""
    standings: list[Standing]
    """The budgets that can stop the spender, as they stood just before."""


class BudgetStore(Protocol):
    """Budgets, what was allowed on top, and the money set aside for calls under way."""

    def put(self, new: NewBudget, *, uid: str, at_ms: int) -> Budget:
        """Set a budget; the one with the same scope, period, agent and name gets the new limit and rules."""

    def budgets(self) -> list[Budget]:
        """Every budget, oldest first."""

    def remove(self, budget_id: int) -> bool:
        """Drop a budget with what was allowed on top; False if there was none."""

    def allow(
        self,
        budget: Budget,
        *,
        session_id: int | None,
        window_start_ms: int | None,
        extra_picousd: int,
        until_ms: int | None,
        at_ms: int,
    ) -> None:
        """Note an allowance: dollars on top for one period, or a time until which nothing is stopped."""

    def armed(self, since_ms: int) -> Armed:
        """
        Whether any budget could stop a call now: one cheap look, without a lock.

        The budget of a session that has ended since `since_ms` still can: an agent goes on after `cs end`.
        """

    def standing(self, budget: Budget, session_id: int | None, window: WindowStart, *, now_ms: int) -> Standing:
        """One budget now; `session_id` where every session has its own."""

    def applying(self, spender: Spender) -> list[tuple[Budget, int | None]]:
        """Every budget that a spender's calls count for, without looking at how it stands."""

    def standings(self, spender: Spender, window: WindowStart, *, now_ms: int) -> list[Standing]:
        """Every budget that a spender's calls count for."""

    def reserve(self, wanted: Reservation, window: WindowStart) -> Outcome:
        """
        Set money aside if every budget of the spender lets it go, in one transaction under the write lock.

        Nothing is written unless the word is `GO` and a budget applies that could stop something now.
        """

    def set_aside(
        self,
        wanted: Reservation,
        uids: Sequence[str],
        window: WindowStart,
        *,
        taken: Sequence[Reservation],
        old: Sequence[str],
    ) -> Advance:
        """
        Set money aside that no call has asked for yet: `wanted` under each of `uids`, as far as `room_in_advance` goes.

        Before that, give back `old`, and note which calls took what was set aside in advance earlier.
        """

    def release(self, uid: str) -> None:
        """Give money back: the call cost nothing."""

    def narrow(self, uid: str, amount_picousd: int) -> None:
        """Set no more aside than so much."""

    def renew(self, uids: Sequence[str], *, expires_at_ms: int) -> None:
        """The calls are still under way."""

    def settle_expired(self, *, now_ms: int) -> int:
        """Match reservations of dead processes with calls that were recorded later; returns how many."""
