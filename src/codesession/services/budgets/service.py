"""Set budgets, see how they stand, allow more, and ask whether something may be spent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from codesession.domain.budget import (
    LEASE_MS,
    Armed,
    Budget,
    BudgetAction,
    BudgetPeriod,
    BudgetScope,
    CallDemand,
    Decision,
    NewBudget,
    Reservation,
    Rules,
    Spender,
    Standing,
    rules_of,
    verdict,
)
from codesession.domain.budget_rules import window_start_ms
from codesession.domain.facts import fact, replace
from codesession.domain.ids import uuid7
from codesession.domain.money import MAX_PICOUSD, format_usd, json_usd
from codesession.errors import (
    AmbiguousSessionError,
    BudgetExceededError,
    InvalidInputError,
    NoActiveSessionError,
)

if TYPE_CHECKING:
    from codesession.domain.session import Session
    from codesession.services.budgets.estimating import Estimate, Estimator
    from codesession.services.scopes import Scopes
    from codesession.store.base import Store
    from codesession.store.base_budgets import BudgetStore

MAX_NAME = 200
"""Characters in a budget's name."""
_FOREVER_MS = 221_845_392_000_000
"""The year 9000, the last that reports know: every zone can show it."""
SETTLE_MS = 1_000
"""How often calls that may not go look for money that dead processes have set aside."""


@fact(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What the budgets say about one call."""

    decision: Decision
    estimate: Estimate | None = None
    """None where nobody had to estimate: no budget applies, or nobody knows what is asked for."""
    standing: Standing | None = None
    """The budget that lets the call wait or stops it."""
    reservation: str | None = None
    """The money set aside, by its uid."""


class BudgetService:
    """Everything front ends do with budgets. Belongs to one thread, as its store."""

    def __init__(
        self,
        budgets: BudgetStore,
        store: Store,
        scopes: Scopes,
        estimator: Callable[[], Estimator],
        clock: Callable[[], int],
        zone: Callable[[], tzinfo],
    ) -> None:
        self._budgets = budgets
        self._store = store
        self._scopes = scopes
        self._estimator = estimator
        self._clock = clock
        self._zone = zone
        self._projects: dict[int, str] = {}
        self._settle_at_ms = 0
        self._covered: Spender | None = None
        """Whose last call had money set aside: the next one need not ask first whether a budget applies."""
        self._full = False
        """The last call had to wait or was refused: the next one looks before it takes the lock."""

    # set and see

    def set(self, new: NewBudget) -> Standing:
        """Set a budget, or change the one with the same scope, period, agent and name; says how it stands."""
        _check(new)
        new = replace(new, agent_name=_meant(new.agent_name))  # under a name that no call has it would stop none
        now = self._clock()
        budget = self._budgets.put(new, uid=uuid7(now), at_ms=now)
        return self._standing(budget, None)

    def all(self) -> list[Standing]:
        """Every budget, oldest first; those of ended sessions too."""
        self._budgets.settle_expired(now_ms=self._clock())
        return [self._standing(budget, None) for budget in self._budgets.budgets()]

    def standings(self, spender: Spender) -> list[Standing]:
        """The budgets that a spender's calls count for, and how they stand."""
        now = self._clock()
        self._budgets.settle_expired(now_ms=now)
        return self._budgets.standings(spender, self._window(now), now_ms=now)

    def every(self) -> list[Standing]:
        """All standings there are now: those of every session where each has its own. For alerts."""
        found: list[Standing] = []
        for budget in self._budgets.budgets():
            if budget.scope is not BudgetScope.SESSION:
                found.append(self._standing(budget, None))
            elif budget.session_id is None:
                found += [self._standing(budget, session.id) for session in self._store.active_sessions()]
            elif (session := self._store.session(budget.session_id)) is not None and session.is_active:
                found.append(self._standing(budget, None))
        return found

    def spender(self, session_id: int | None, directory: Path, agent_name: str | None = None) -> Spender:
        """Who would spend here: the session a command means, where one is meant, and its project."""
        session = self._session(session_id, directory)
        project = str(self._scopes.scope(directory).directory) if session is None else session.directory
        agent_name = _meant(agent_name)
        return Spender(session_id=None if session is None else session.id, project=project, agent_name=agent_name)

    def remove(self, wanted: str) -> Budget:
        """Drop a budget by number or name."""
        budget = self.find(wanted)
        self._budgets.remove(budget.id)
        return budget

    def find(self, wanted: str) -> Budget:
        """A budget by number or name; raises `InvalidInputError`."""
        found = [each for each in self._budgets.budgets() if wanted in (str(each.id), each.name)]
        if len(found) == 1:
            return found[0]
        if found:
            numbers = ", ".join(str(each.id) for each in found)
            raise InvalidInputError(f"several budgets are called {wanted!r}", hint=f"give the number: {numbers}")
        raise InvalidInputError(f"no budget {wanted!r}", hint="`cs budget list` shows the budgets there are")

    # allow more

    def allow(
        self, spender: Spender, wanted: str | None, *, extra_picousd: int = 0, until_ms: int | None = None
    ) -> list[Standing]:
        """
        Let spending go on: dollars on top for the present period, or no stop until a time.

        Without a name those budgets are meant that stop the spender now, else the only one that could.
        """
        now = self._clock()
        meant = self._allowable(spender, wanted)
        if any(standing.limit_picousd + extra_picousd > MAX_PICOUSD for standing in meant):
            raise InvalidInputError(
                f"a budget ends at {format_usd(MAX_PICOUSD)}, with what is allowed on top",
                hint="allow less, or set it anew: that takes back what was allowed",
            )
        for standing in meant:
            self._budgets.allow(
                standing.budget,
                session_id=standing.session_id,
                window_start_ms=standing.window_start_ms,
                extra_picousd=extra_picousd,
                until_ms=None if until_ms is None else min(max(until_ms, 0), _FOREVER_MS),
                at_ms=now,
            )
        return [self._standing(standing.budget, standing.session_id) for standing in meant]

    def _allowable(self, spender: Spender, wanted: str | None) -> list[Standing]:
        if wanted is not None:
            return [self._standing(self.find(wanted), spender.session_id)]
        here = [each for each in self.standings(spender) if each.budget.action is BudgetAction.STOP]
        stopped = [each for each in here if each.stops]
        if stopped or len(here) == 1:
            return stopped or here
        if not here:
            raise InvalidInputError("no budget stops anything here", hint="see `cs budget list`")
        numbers = ", ".join(f'{each.budget.id} "{each.budget.label}"' for each in here)
        hint = "say which one: cs budget allow +5 --budget ID"
        raise InvalidInputError(f"several budgets apply here: {numbers}", hint=hint)

    # may something be spent

    def ensure(self, spender: Spender, cost_picousd: int = 0) -> list[Standing]:
        """
        The standings, if something of this cost may be spent; raises `BudgetExceededError` otherwise.

        With a cost, known before it is spent, nothing may go beyond a limit.
        """
        standings = self.standings(spender)
        for each in standings:
            if each.leaves_no_room(cost_picousd):
                raise exceeded(each)
        return standings

    def armed(self, since_ms: int) -> Armed:
        """Whether any budget could stop a call of somebody who has been calling since then; one quick read."""
        return self._budgets.armed(since_ms)

    def request(
        self,
        spender: Spender,
        demand: CallDemand,
        conversation_id: str | None,
        at_ms: int,
        *,
        in_passing: bool = False,
    ) -> Ruling:
        """
        Ask for a call: sets its upper estimate aside if every budget lets it go.

        Before it says no, it looks whether money of dead processes can be given back, which may take a while;
        `in_passing`: it does not.
        """
        ruling = self._ask(spender, demand, conversation_id, at_ms)
        if ruling.decision is Decision.GO or in_passing or at_ms < self._settle_at_ms:
            return ruling
        self._settle_at_ms = at_ms + SETTLE_MS
        if not self._budgets.settle_expired(now_ms=at_ms):
            return ruling
        return self._ask(spender, demand, conversation_id, at_ms)

    def _ask(self, spender: Spender, demand: CallDemand, conversation_id: str | None, at_ms: int) -> Ruling:
        spender = self.whole(spender)
        if spender != self._covered and not self._may_stop(spender):
            return Ruling(decision=Decision.GO)
        if demand.unrecognised:
            return self._of_unrecognised(spender, at_ms)
        estimate = self.estimate(demand, at_ms)
        if self._full or not (estimate.priced and estimate.bounded):
            ruling = self._without_lock(spender, estimate, at_ms)
            if ruling.decision is not Decision.GO:
                return ruling
        ruling = self._reserve(spender, estimate, demand, conversation_id, at_ms)
        self._full = ruling.decision is not Decision.GO
        self._covered = spender if ruling.reservation is not None else None
        return ruling

    def _of_unrecognised(self, spender: Spender, at_ms: int) -> Ruling:
        """What may be free holds no money; that it fits is not certain."""
        standings = self._budgets.standings(spender, self._window(at_ms), now_ms=at_ms)
        strict = next((each for each in standings if each.is_armed and each.budget.strict), None)
        return Ruling(decision=Decision.GO if strict is None else Decision.STOP, standing=strict)

    def _may_stop(self, spender: Spender) -> bool:
        return any(budget.action is BudgetAction.STOP for budget, _ in self._budgets.applying(spender))

    def _without_lock(self, spender: Spender, estimate: Estimate, at_ms: int) -> Ruling:
        """What the budgets say as they stand: whoever waits or is refused again and again takes no lock."""
        standings = self._budgets.standings(spender, self._window(at_ms), now_ms=at_ms)
        stopping = [each for each in standings if each.is_armed]
        if stopping and (objection := self._objection(stopping, estimate)) is not None:
            return Ruling(decision=Decision.STOP, estimate=estimate, standing=objection)
        decision, said_by = verdict(stopping, estimate.picousd)
        return Ruling(decision=decision, estimate=estimate, standing=said_by)

    def _reserve(
        self, spender: Spender, estimate: Estimate, demand: CallDemand, conversation_id: str | None, at_ms: int
    ) -> Ruling:
        wanted = self.reservation(spender, estimate, demand, conversation_id, at_ms, uid=uuid7(at_ms))
        decision, said_by, reserved = self._budgets.reserve(wanted, self._window(at_ms))
        ticket = wanted.uid if reserved else None
        return Ruling(decision=decision, estimate=estimate, standing=said_by, reservation=ticket)

    # money for calls that will come

    def estimate(self, demand: CallDemand, at_ms: int) -> Estimate:
        """The upper estimate of a call."""
        return self._estimator().most(demand, at_ms)

    def reservation(
        self,
        spender: Spender,
        estimate: Estimate,
        demand: CallDemand,
        conversation_id: str | None,
        at_ms: int,
        *,
        uid: str,
    ) -> Reservation:
        """What is set aside for a call, leased from its beginning on."""
        return Reservation(
            uid=uid,
            spender=spender,
            conversation_id=conversation_id,
            provider_name=demand.provider_name,
            request_model=demand.model,
            amount_picousd=estimate.picousd,
            created_at_ms=at_ms,
            expires_at_ms=at_ms + LEASE_MS,
        )

    def rules(self, spender: Spender, at_ms: int) -> Rules | None:
        """The budgets that can stop a spender now; None if one of them has nothing left."""
        standings = self._budgets.standings(spender, self._window(at_ms), now_ms=at_ms)
        return rules_of([each for each in standings if each.is_armed])

    def set_aside(
        self,
        spender: Spender,
        amount_picousd: int,
        calls: int,
        at_ms: int,
        *,
        taken: Sequence[Reservation] = (),
        old: Sequence[str] = (),
    ) -> tuple[list[str], Rules | None]:
        """
        Set `amount_picousd` aside for each of so many calls to come, as far as the budgets have plenty left.

        Returns the reservations, and the rules they are good under, None if nothing is left. In the same transaction
        `old` ones are given back, and those that calls have `taken` since are noted as theirs.
        """
        uids = [uuid7(at_ms) for _ in range(calls)]
        wanted = Reservation(
            uid="",
            spender=spender,
            conversation_id=None,
            provider_name="",
            request_model=None,
            amount_picousd=amount_picousd,
            created_at_ms=at_ms,
            expires_at_ms=at_ms + LEASE_MS,
        )
        found = self._budgets.set_aside(wanted, uids, self._window(at_ms), taken=taken, old=old)
        return uids[: found.calls], rules_of(found.standings)

    def release(self, reservation: str) -> None:
        """Give money back: the call cost nothing."""
        self._budgets.release(reservation)

    def narrow(self, reservation: str, demand: CallDemand, seconds: float, at_ms: int) -> None:
        """Set no more aside for a call that its client broke off after so long than it can have cost by then."""
        estimate = self._estimator().cut_off(demand, seconds, at_ms)
        if estimate.priced and estimate.bounded:
            self._budgets.narrow(reservation, estimate.picousd)

    def renew(self, reservations: Sequence[str], at_ms: int) -> None:
        """The calls are still under way: what is set aside for them is not yet taken for spent."""
        self._budgets.renew(reservations, expires_at_ms=at_ms + LEASE_MS)

    def give_up(self, reservation: str, at_ms: int) -> None:
        """The call is over and nobody knows what it cost: its money counts as spent from now on."""
        self._budgets.renew([reservation], expires_at_ms=at_ms)

    def _objection(self, stopping: Iterable[Standing], estimate: Estimate) -> Standing | None:
        """A budget that cannot let a call go whose cost has no known upper limit."""
        if not estimate.priced and self._estimator().terms.refuse:
            return next(iter(stopping))
        strict = [each for each in stopping if each.budget.strict]
        return strict[0] if strict and not estimate.bounded else None

    def whole(self, spender: Spender) -> Spender:
        """With the project that the ledger will count the call for."""
        if spender.project is not None or spender.session_id is None:
            return spender
        project = self._projects.get(spender.session_id)
        if project is None:
            session = self._store.session(spender.session_id)
            if session is None:
                return spender
            project = self._projects[session.id] = session.directory
        return Spender(session_id=spender.session_id, project=project, agent_name=spender.agent_name)

    def _session(self, session_id: int | None, directory: Path) -> Session | None:
        try:
            return self._scopes.chosen(session_id, directory)
        except (NoActiveSessionError, AmbiguousSessionError):
            return None  # budgets of the project and global ones hold without a session

    def _standing(self, budget: Budget, session_id: int | None) -> Standing:
        now = self._clock()
        return self._budgets.standing(budget, session_id, self._window(now), now_ms=now)

    def _window(self, at_ms: int) -> Callable[[BudgetPeriod], int | None]:
        def start(period: BudgetPeriod) -> int | None:
            return None if period is BudgetPeriod.TOTAL else window_start_ms(period, at_ms, self._zone())

        return start


def exceeded(standing: Standing) -> BudgetExceededError:
    """The error of a budget that has nothing left."""
    return BudgetExceededError(
        spent=json_usd(standing.used_picousd),
        budget=json_usd(standing.limit_picousd),
        scope=str(standing.budget.scope),
        name=standing.budget.name,
    )


def _meant(agent_name: str | None) -> str | None:
    """An agent as its calls name it, whatever a person calls it."""
    if agent_name is None:
        return None
    from codesession.importers.registry import meant  # rarely wanted

    return meant(agent_name)


def _check(new: NewBudget) -> None:
    if new.name is not None and not (new.name.strip() and len(new.name) <= MAX_NAME):
        raise InvalidInputError(f"the name of a budget has 1 to {MAX_NAME} characters")
    if new.name is not None and new.name.isdigit():
        raise InvalidInputError("the name of a budget is not a number", hint="numbers are given by us")
    if new.scope is BudgetScope.SESSION and new.period is not BudgetPeriod.TOTAL:
        raise InvalidInputError(
            f"a session's budget is for the whole session, not per {new.period}",
            hint="use --scope project or --scope global with --period",
        )
    if new.scope is BudgetScope.SESSION and new.agent_name is not None:
        raise InvalidInputError(
            "a session's budget is for all its agents", hint="use --scope project or --scope global with --agent"
        )
    if any(not 0 < percent <= 100 for percent in new.warn_percents):
        raise InvalidInputError("warn levels are percent from 1 to 100", hint="--warn 50,80,95")
    if new.limit_picousd < 0:
        raise InvalidInputError(f"a budget of {format_usd(new.limit_picousd)} cannot be kept")
