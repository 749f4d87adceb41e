"""
Budgets: what may be spent by whom in which time, and what of it is spent, reserved and left.

Money is integer pico-dollars, times are UTC epoch milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from codesession.domain.budget_rules import fits, is_partial, is_reached
from codesession.domain.facts import NamedTuple, fact
from codesession.domain.money import format_at_least, format_usd
from codesession.domain.usage import BillingFacts

DEFAULT_WARN_PERCENTS = (50, 80, 95)
_NO_FACTS = BillingFacts()
LEASE_MS = 60 * 1000
"""How long a reservation is a call under way unless its process renews it; then the money may have been spent."""


class BudgetScope(StrEnum):
    """Whose spending counts."""

    SESSION = "session"
    PROJECT = "project"
    """A git root, or a directory outside git."""
    GLOBAL = "global"


class BudgetPeriod(StrEnum):
    """The time whose spending counts; days, weeks (from Monday) and months in the user's zone."""

    TOTAL = "total"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class BudgetAction(StrEnum):
    """What happens when nothing is left."""

    WARN = "warn"
    STOP = "stop"


class Decision(StrEnum):
    """What a budget says about a call."""

    GO = "go"
    WAIT = "wait"
    """It may fit when calls under way have settled for less than was reserved for them."""
    STOP = "stop"


@fact(frozen=True, slots=True, kw_only=True)
class NewBudget:
    """A budget about to be set; it replaces the one with the same scope, period, agent and name."""

    scope: BudgetScope
    limit_picousd: int
    period: BudgetPeriod = BudgetPeriod.TOTAL
    name: str | None = None
    session_id: int | None = None
    """For `session`: which one; None: every session on its own."""
    project: str | None = None
    """For `project`: its directory."""
    agent_name: str | None = None
    """Only what this agent spends; None: everybody."""
    warn_percents: tuple[int, ...] = DEFAULT_WARN_PERCENTS
    action: BudgetAction = BudgetAction.STOP
    strict: bool = False


@fact(frozen=True, slots=True, kw_only=True)
class Budget(NewBudget):
    """A budget as the ledger keeps it."""

    id: int
    uid: str
    largest_call_picousd: int = 0
    """The largest upper estimate that was ever reserved under it."""
    created_at_ms: int

    @property
    def label(self) -> str:
        """How people call it: its name, else what it covers."""
        return self.name or f"{self.scope} {self.period}"


@fact(frozen=True, slots=True, kw_only=True)
class Spender:
    """Who is about to spend. None where not known."""

    session_id: int | None = None
    project: str | None = None
    agent_name: str | None = None


@fact(frozen=True, slots=True, kw_only=True)
class Standing:
    """One budget at one moment, for one session where each has its own."""

    budget: Budget
    session_id: int | None
    """The session it is about, for `session`."""
    window_start_ms: int | None
    """Beginning of the present period; None for `total`."""
    spent_picousd: int
    reserved_picousd: int
    """Upper estimates of calls under way."""
    calls_under_way: int = 0
    held_picousd: int = 0
    """May have been spent: calls whose process died, and calls whose cost nobody knows."""
    calls_held: int = 0
    unpriced_requests: int = 0
    """Calls that are not in `spent_picousd` because they have no cost."""
    lower_bound_requests: int = 0
    """Calls that cost at least what is in `spent_picousd`: cut streams."""
    extra_picousd: int = 0
    """Allowed on top for this period."""
    paused_until_ms: int | None = None
    """Until then it stops nothing."""
    at_ms: int

    @property
    def limit_picousd(self) -> int:
        """The budget with what was allowed on top."""
        return self.budget.limit_picousd + self.extra_picousd

    @property
    def used_picousd(self) -> int:
        """Spent, or possibly spent."""
        return self.spent_picousd + self.held_picousd

    @property
    def remaining_picousd(self) -> int:
        """What is left when everything reserved is spent; negative beyond the limit."""
        return self.limit_picousd - self.used_picousd - self.reserved_picousd

    @property
    def is_partial(self) -> bool:
        """Whether more may be used than is known."""
        return is_partial(self.unpriced_requests, self.lower_bound_requests, self.calls_held)

    @property
    def is_paused(self) -> bool:
        """Whether somebody allowed everything until a time that has not come."""
        return self.paused_until_ms is not None and self.at_ms < self.paused_until_ms

    @property
    def is_armed(self) -> bool:
        """Whether it stops calls once nothing is left."""
        return self.budget.action is BudgetAction.STOP and not self.is_paused

    @property
    def is_exhausted(self) -> bool:
        """Whether nothing is left."""
        return is_reached(self.limit_picousd, self.used_picousd)

    @property
    def stops(self) -> bool:
        """Whether no further call may begin."""
        return self.is_armed and self.is_exhausted

    def leaves_no_room(self, cost_picousd: int) -> bool:
        """Whether it stops what is known to cost so much; 0: whether it stops anything."""
        if not self.is_armed:
            return False
        return self.used_picousd + cost_picousd > self.limit_picousd if cost_picousd else self.is_exhausted

    @property
    def max_overshoot_picousd(self) -> int | None:
        """
        How far spending can go beyond the limit at most, with calls as large as the largest one so far.

        None where nothing is stopped, and before the first call. One call begins while something is left, the next
        one does not: what is reserved counts as spent, so only the last call's upper estimate can lie beyond.
        """
        if self.budget.action is BudgetAction.WARN:
            return None
        return 0 if self.budget.strict else self.budget.largest_call_picousd or None

    def judge(self, estimate_picousd: int) -> Decision:
        """What this budget says about a call of this upper estimate."""
        if not self.is_armed:
            return Decision.GO
        limit, strict = self.limit_picousd, self.budget.strict
        if fits(limit, self.used_picousd + self.reserved_picousd, estimate_picousd, strict=strict):
            return Decision.GO
        return Decision.WAIT if fits(limit, self.used_picousd, estimate_picousd, strict=strict) else Decision.STOP


TO_GO_ON = " Retrying does not help. To go on, the user can run: cs budget allow +5  (or --until 18:00)"
"""How a refusal ends while its command runs."""
Rules = tuple[tuple[int, int, int | None], ...]
"""The budgets that can stop a spender now: number, limit and beginning of the period of each."""
ADVANCE_SHARE = 16
"""Set aside in advance is at most this part of what the tightest budget has left."""


class Armed(NamedTuple):
    """Whether any budget could stop a call now."""

    stops: bool
    strict: bool


@fact(frozen=True, slots=True, kw_only=True)
class Reservation:
    """Money set aside for one call until the ledger knows its cost."""

    uid: str
    spender: Spender
    conversation_id: str | None
    provider_name: str
    """Empty as long as no call has taken it."""
    request_model: str | None
    amount_picousd: int
    created_at_ms: int
    expires_at_ms: int


@fact(frozen=True, slots=True, kw_only=True)
class CallDemand:
    """What a call can use at most, as far as its request tells."""

    provider_name: str
    api: str
    model: str | None
    input_tokens: int | None
    """No tokenizer makes more tokens than there are bytes; None: the prompt is not (all) in the request."""
    output_tokens: int | None
    """What the request allows; None: whatever the model can."""
    answers: int = 1
    prompts: int = 1
    """How many the input is made of, each with answers of its own."""
    cache_write: str | None = None
    """Longest-lived cache entry the prompt may be written to: None, `5m`, `1h`, `12h`."""
    audio: bool = False
    searches: int = 0
    open_ended: bool = False
    """The provider may run tools or further models by itself: there is no upper limit."""
    untold: bool = False
    """Nothing in request or answer need say what it costs."""
    unrecognised: bool = False
    """Nobody here knows whether it costs anything: only a strict budget has a say about it."""
    facts: BillingFacts = _NO_FACTS


def rules_of(standings: Sequence[Standing]) -> Rules | None:
    """What has to stay as it is for money to be good that was set aside in advance; None where nothing is left."""
    if any(standing.is_exhausted or standing.remaining_picousd < 0 for standing in standings):
        return None
    return tuple((each.budget.id, each.limit_picousd, each.window_start_ms) for each in standings)


def room_in_advance(standings: Sequence[Standing], amount_picousd: int) -> int:
    """For how many calls of an amount money may be set aside before anybody asks; nothing where nothing stops."""
    left = min((standing.remaining_picousd for standing in standings), default=0) // ADVANCE_SHARE
    return max(0, left // max(1, amount_picousd))


def verdict(standings: Iterable[Standing], estimate_picousd: int) -> tuple[Decision, Standing | None]:
    """What several budgets say together: the strictest word, and the budget that says it."""
    waiting = None
    for standing in standings:
        decision = standing.judge(estimate_picousd)
        if decision is Decision.STOP:
            return decision, standing
        if decision is Decision.WAIT:
            waiting = waiting or standing
    return (Decision.WAIT, waiting) if waiting is not None else (Decision.GO, None)


def refusal(standing: Standing, estimate_picousd: int | None = None) -> str:
    """Why a call is refused and how to go on, in one line for the agent and its user."""
    budget = f"budget '{standing.budget.label}' of {format_usd(standing.limit_picousd)}"
    if standing.is_exhausted or estimate_picousd is None:
        return f"{budget} is used up: {used_in_words(standing)}.{TO_GO_ON}"
    left = format_usd(max(0, standing.limit_picousd - standing.used_picousd))
    return f"{budget} leaves {left}, this call may cost {format_usd(estimate_picousd)}.{TO_GO_ON}"


def used_in_words(standing: Standing) -> str:
    """What is gone of a budget; what is only possibly spent is not called spent."""
    partial = bool(standing.unpriced_requests or standing.lower_bound_requests)
    spent = f"{format_at_least(standing.spent_picousd, partial=partial)} spent"
    held = format_usd(standing.held_picousd)
    return f"{spent}, {held} held for calls whose cost is not known" if standing.held_picousd else spent
