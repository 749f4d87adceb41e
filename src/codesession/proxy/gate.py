"""The seam for budgets: a gate sees a call before it is forwarded and may refuse it."""

from __future__ import annotations

from typing import Protocol

from codesession.domain.budget import CallDemand
from codesession.domain.facts import fact
from codesession.domain.request import CallContext, Observation


@fact(frozen=True, slots=True, kw_only=True)
class PendingCall:
    """A billed call that waits to be forwarded. Holds no prompt and no key."""

    demand: CallDemand
    """What it can use at most."""
    context: CallContext


@fact(frozen=True, slots=True, kw_only=True)
class Admission:
    """The call may go; `ticket` names what was set aside for it and travels with its observation to the ledger."""

    ticket: str | None = None
    at_ms: int | None = None
    """The moment that the budgets were asked for, and for which the call counts: it may have waited beyond midnight."""


@fact(frozen=True, slots=True, kw_only=True)
class Wait:
    """Not now: ask again after so many seconds, when calls under way may have settled for less."""

    seconds: float


@fact(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The call must not go. The agent gets `message` in its provider's error shape."""

    message: str
    status: int = 403
    """4xx that agents do not retry: 403 or 400, never 429."""
    code: str = "budget_exceeded"


class Gate(Protocol):
    """Decides about calls."""

    def armed(self) -> bool:
        """
        Whether any budget could stop a call now. Asked on the server's thread before anything else is looked at;
        answers from memory or a quick read, and raises nothing.
        """

    def admit_at_once(self, call: PendingCall) -> Admission | None:
        """
        Let a call go on the server's thread, where that takes no waiting; None: `admit` decides.

        Most calls are let go, and changing threads takes longer than looking. Raises nothing.
        """

    def wants_tending(self) -> bool | None:
        """Whether `tend` has anything to do now; None: nor will it before the next call. Answers from memory."""

    def tend(self) -> None:
        """Make the next calls faster. Runs on a worker thread."""

    def close(self) -> None:
        """No further call comes. Runs on a worker thread."""

    def admit(self, call: PendingCall) -> Admission | Wait | Refusal:
        """
        May this call be forwarded? Runs on a worker thread and may look into the ledger.

        An exception lets it pass: only a budget that says stop stops a call.
        """

    def settle(self, admission: Admission, observation: Observation | None) -> None:
        """
        The admitted call is over; None when it left nothing to record: that runs on a worker thread.

        What is recorded settles itself, as the ledger knows the ticket from the observation: there is nothing to wait
        for then, and this runs on the server's thread.
        """

    def cut(self, admission: Admission, call: PendingCall, seconds: float) -> None:
        """
        The client broke the call off after so long, and its cost will not be told. Runs on a worker thread.

        `settle` is called as well, before or after it.
        """

    def abandon(self, admission: Admission) -> None:
        """The upstream had the whole call and never answered: it may be billed. Runs on a worker thread."""
