"""Budgets in SQL, on any database that `store.database` describes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from codesession.domain.budget import (
    Armed,
    Budget,
    BudgetAction,
    BudgetPeriod,
    BudgetScope,
    Decision,
    NewBudget,
    Reservation,
    Spender,
    Standing,
    room_in_advance,
    verdict,
)
from codesession.domain.ids import uuid7
from codesession.domain.session import NewSession
from codesession.store import budget_queries as q
from codesession.store import rows
from codesession.store.base_budgets import Advance, Outcome, WindowStart
from codesession.store.budget_figures import figures
from codesession.store.database import Database, Row

_CLOCK_SLACK_MS = 5_000
"""How much earlier than its reservation another source may have dated a call."""


class SqlBudgets:
    """Implements `store.base_budgets.BudgetStore`. One instance per thread, as its database."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put(self, new: NewBudget, *, uid: str, at_ms: int) -> Budget:
        """Set a budget; the one with the same scope, period, agent and name gets the new limit and rules."""
        params = budget_params(new, uid=uid, at_ms=at_ms)
        with self._db.transaction():
            if same := self._db.query(q.SAME_BUDGET, params):
                budget_id = same[0][0]
                self._db.execute(q.UPDATE_BUDGET, {**params, "id": budget_id})
                self._db.execute(q.DELETE_ALLOWANCES, {"id": budget_id})  # the new limit is what is meant now
            else:
                ((budget_id,),) = self._db.query(q.INSERT_BUDGET, params)
            self._show_in(new.session_id)
            return _budget_of(self._db.query(q.BUDGET_BY_ID, {"id": budget_id})[0])

    def budgets(self) -> list[Budget]:
        """Every budget, oldest first."""
        return [_budget_of(row) for row in self._db.query(q.BUDGETS)]

    def remove(self, budget_id: int) -> bool:
        """Drop a budget with what was allowed on top; False if there was none."""
        with self._db.transaction():
            found = self._db.query(q.BUDGET_BY_ID, {"id": budget_id})
            if not found:
                return False
            self._db.execute(q.DELETE_ALLOWANCES, {"id": budget_id})
            self._db.execute(q.DELETE_BUDGET, {"id": budget_id})
            self._show_in(_budget_of(found[0]).session_id)
            return True

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
        params = {
            "budget_id": budget.id,
            "session_id": session_id,
            "window_start_ms": window_start_ms,
            "extra_picousd": extra_picousd,
            "until_ms": until_ms,
            "created_at_ms": at_ms,
        }
        with self._db.transaction():
            self._db.execute(q.INSERT_ALLOWANCE, params)
            self._show_in(budget.session_id)

    def armed(self, since_ms: int) -> Armed:
        """Whether any budget could stop a call now; that of a session that ended since `since_ms`, too."""
        ((stopping, strict),) = self._db.query(q.ARMED, {"since_ms": since_ms})
        return Armed(stops=bool(stopping), strict=bool(strict))

    def standing(self, budget: Budget, session_id: int | None, window: WindowStart, *, now_ms: int) -> Standing:
        """One budget now; `session_id` where every session has its own."""
        start = window(budget.period)
        meant = budget.session_id or session_id if budget.scope is BudgetScope.SESSION else None
        found = figures(
            self._db.query,
            budget_id=budget.id,
            scope=budget.scope,
            session_id=meant,
            project=budget.project,
            agent_name=budget.agent_name,
            strict=budget.strict,
            start_ms=start,
            now_ms=now_ms,
        )
        return Standing(budget=budget, session_id=meant, window_start_ms=start, at_ms=now_ms, **found)

    def applying(self, spender: Spender) -> list[tuple[Budget, int | None]]:
        """Every budget that a spender's calls count for, oldest first, and the session it is meant for, if any."""
        found = self._db.query(q.APPLYING, _spender_params(spender))
        return [(_budget_of(tuple(budget)), session_id) for *budget, session_id in found]

    def standings(self, spender: Spender, window: WindowStart, *, now_ms: int) -> list[Standing]:
        """Every budget that a spender's calls count for."""
        return [self.standing(budget, own, window, now_ms=now_ms) for budget, own in self.applying(spender)]

    def reserve(self, wanted: Reservation, window: WindowStart) -> Outcome:
        """Set money aside if every budget of the spender lets it go, in one transaction under the write lock."""
        with self._db.transaction():
            standings = self._stopping(wanted, window)
            decision, said_by = verdict(standings, wanted.amount_picousd)
            reserved = decision is Decision.GO and bool(standings)
            if reserved:
                self._db.execute(q.INSERT_RESERVATION, _reservation_params(wanted))
                for budget in (standing.budget for standing in standings):
                    if budget.largest_call_picousd < wanted.amount_picousd:
                        self._db.execute(q.GROW_LARGEST_CALL, {"id": budget.id, "amount": wanted.amount_picousd})
        return Outcome(decision, said_by, reserved)

    def set_aside(
        self,
        wanted: Reservation,
        uids: Sequence[str],
        window: WindowStart,
        *,
        taken: Sequence[Reservation],
        old: Sequence[str],
    ) -> Advance:
        """Set money aside that no call has asked for yet, in one transaction under the write lock."""
        with self._db.transaction():
            self._db.execute_many(q.RELEASE, [{"uid": uid} for uid in old])
            self._db.execute_many(q.TAKE, [_reservation_params(each) for each in taken])
            standings = self._stopping(wanted, window)
            calls = min(len(uids), room_in_advance(standings, wanted.amount_picousd))
            params = _reservation_params(wanted)
            self._db.execute_many(q.INSERT_RESERVATION, [{**params, "uid": uid} for uid in uids[:calls]])
        return Advance(calls, standings)

    def release(self, uid: str) -> None:
        """Give money back: the call cost nothing."""
        self._db.execute(q.RELEASE, {"uid": uid})

    def narrow(self, uid: str, amount_picousd: int) -> None:
        """Set no more aside than so much."""
        self._db.execute(q.NARROW, {"uid": uid, "amount_picousd": amount_picousd})

    def renew(self, uids: Sequence[str], *, expires_at_ms: int) -> None:
        """The calls are still under way."""
        with self._db.transaction():
            self._db.execute_many(q.RENEW, [{"uid": uid, "expires_at_ms": expires_at_ms} for uid in uids])

    def settle_expired(self, *, now_ms: int) -> int:
        """Match reservations of dead processes with calls that were recorded later; returns how many."""
        if not self._db.query(q.EXPIRED, {"now": now_ms}):
            return 0
        with self._db.transaction():
            return sum(self._settle_late(row) for row in self._db.query(q.EXPIRED, {"now": now_ms}))

    def _settle_late(self, row: Row) -> bool:
        uid, session_id, conversation_id, provider_name, created_at_ms, expires_at_ms = row
        params = {
            "session_id": session_id,
            "conversation_id": conversation_id,
            "provider_name": provider_name,
            "since": created_at_ms - _CLOCK_SLACK_MS,
            "until": expires_at_ms,
            "proxied": "%proxy%",
        }
        found = self._db.query(q.RECORDED_LATER, params)
        if found:
            self._db.execute(q.SETTLE_UNPRICED, {"uid": uid, "request_id": found[0][0]})
        return bool(found)

    def _stopping(self, wanted: Reservation, window: WindowStart) -> list[Standing]:
        spender, now_ms = wanted.spender, wanted.created_at_ms
        stopping = [(each, own) for each, own in self.applying(spender) if each.action is BudgetAction.STOP]
        found = [self.standing(budget, own, window, now_ms=now_ms) for budget, own in stopping]
        return [standing for standing in found if not standing.is_paused]

    def _show_in(self, session_id: int | None) -> None:
        if session_id is not None:
            self._db.execute(q.SHOW_IN_SESSION, {"session_id": session_id})


def insert_session_budget(database: Database, session_id: int, new: NewSession) -> None:
    """The budget a session is begun with; belongs into the transaction that begins it."""
    budget = NewBudget(
        scope=BudgetScope.SESSION,
        session_id=session_id,
        limit_picousd=new.budget_picousd or 0,
        strict=new.budget_strict,
    )
    params = budget_params(budget, uid=uuid7(new.started_at_ms), at_ms=new.started_at_ms)
    database.query(q.INSERT_BUDGET, params)


def budget_params(new: NewBudget, *, uid: str, at_ms: int) -> dict[str, Any]:
    """Column values of a budget."""
    values = {name: getattr(new, name, None) for name in q.BUDGET_COLUMNS}
    values |= {
        "uid": uid,
        "created_at_ms": at_ms,
        "warn_percents": ",".join(map(str, new.warn_percents)),
        "strict": int(new.strict),
    }
    return {name: rows.text(str(value)) if isinstance(value, str) else value for name, value in values.items()}


@lru_cache(maxsize=256)
def _budget_of(row: Row) -> Budget:
    """The same row is read at every call."""
    values: dict[str, Any] = dict(zip(q.BUDGET_COLUMNS, row, strict=True))
    percents = values["warn_percents"]
    values |= {
        "scope": BudgetScope(values["scope"]),
        "period": BudgetPeriod(values["period"]),
        "action": BudgetAction(values["action"]),
        "strict": bool(values["strict"]),
        "warn_percents": tuple(int(part) for part in percents.split(",") if part),
    }
    return Budget(**values)


def _spender_params(spender: Spender) -> dict[str, Any]:
    return {
        "session_id": spender.session_id,
        "project": None if spender.project is None else rows.text(spender.project),
        "agent_name": None if spender.agent_name is None else rows.text(spender.agent_name),
    }


def _reservation_params(wanted: Reservation) -> dict[str, Any]:
    return {
        **_spender_params(wanted.spender),
        "uid": wanted.uid,
        "conversation_id": None if wanted.conversation_id is None else rows.text(wanted.conversation_id),
        "provider_name": rows.text(wanted.provider_name),
        "request_model": None if wanted.request_model is None else rows.text(wanted.request_model),
        "amount_picousd": wanted.amount_picousd,
        "created_at_ms": wanted.created_at_ms,
        "expires_at_ms": wanted.expires_at_ms,
    }
