"""The seam for budgets: a gate sees a call before it is forwarded and may refuse it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from codesession.domain.request import CallContext, Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingCall:
    """A billed call that waits to be forwarded. Holds no prompt and no key."""

    provider_name: str
    api: str
    request_model: str | None
    max_output_tokens: int | None
    """What the request allows the answer to use, where it says so."""
    answers: int = 1
    """Answers asked for one prompt (`n`)."""
    request_bytes: int
    """Size of the body as it came; a bound for the input when nothing better is known."""
    context: CallContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """The call may go; `ticket` is the gate's own note, handed back to `settle`."""

    ticket: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The call must not go. The agent gets `message` in its provider's error shape."""

    message: str
    status: int = 403
    """4xx that agents do not retry: 403 or 400, never 429."""
    code: str = "budget_exceeded"


class Gate(Protocol):
    """Decides about calls. Both methods run on a worker thread and may look into the ledger."""

    def admit(self, call: PendingCall) -> Admission | Refusal:
        """May this call be forwarded? An exception lets it pass: only a budget that says stop stops a call."""
        ...

    def settle(self, admission: Admission, observation: Observation | None) -> None:
        """The admitted call is over; None when it left nothing to record."""
        ...
