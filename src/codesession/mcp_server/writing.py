"""Answers that change the ledger. Every function runs in a thread that owns its `App`."""

from __future__ import annotations

import shlex
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from codesession.app import now_ms
from codesession.contract import call_json, note_json
from codesession.contract_budgets import standing_json
from codesession.contract_imports import import_json
from codesession.domain.budget import BudgetAction, BudgetPeriod, BudgetScope, NewBudget
from codesession.domain.money import format_usd, from_picousd, json_usd, to_picousd
from codesession.domain.periods import DAY_MS
from codesession.domain.pricing import decimal_string
from codesession.domain.request import Source
from codesession.errors import InvalidInputError
from codesession.mcp_server.reading import place, summary
from codesession.services.importing.service import ImportRequest

if TYPE_CHECKING:
    from codesession.app import App
    from codesession.mcp_server import answers
    from codesession.services.recording import ReportedCall


def dollars(amount: float | None) -> Decimal | None:
    """A JSON number as the decimal that was written."""
    return None if amount is None else Decimal(str(amount))


def start(
    app: App, name: str, directory: str | None, budget: float | None, *, resume: bool, close_stale: bool
) -> answers.StartedSession:
    """Begin a session."""
    usd = dollars(budget)
    limit = None if usd is None else to_picousd(usd)
    started = app.sessions.start(
        name, place(app, directory), resume=resume, close_stale=close_stale, budget_picousd=limit
    )
    session = started.session
    if started.resumed and limit is not None and session.budget_picousd is None:
        app.budgets.set(NewBudget(scope=BudgetScope.SESSION, session_id=session.id, limit_picousd=limit))
        session = app.scopes.by_id(session.id)
    body = {
        "id": session.id,
        "name": session.name,
        "directory": session.directory,
        "gitRoot": session.git_root,
        "started": True,
        "resumed": started.resumed,
        "budget": None if session.budget_picousd is None else json_usd(session.budget_picousd),
        "closed": [{"id": each.id, "name": each.name} for each in started.closed],
        "warnings": list(started.warnings),
    }
    return cast("answers.StartedSession", body)


def end(app: App, directory: str | None, session_id: int | None, notes: str | None) -> answers.SessionSummary:
    """End a session."""
    return summary(app, app.sessions.end(session_id, place(app, directory), notes=notes))


def log(app: App, directory: str | None, session_id: int | None, call: ReportedCall) -> answers.Logged:
    """Record a call that the agent reports."""
    session = app.scopes.chosen(session_id, place(app, directory))
    agent = call.agent_name or app.settings.agent_name
    logged = app.recording.log(replace(call, agent_name=agent, source=Source.MCP), session)
    body = call_json(logged.request) | {"agentName": agent, "new": logged.new}
    return {
        "logged": cast("answers.LoggedCall", body),
        "session": {
            "id": logged.session.id,
            "totalCost": json_usd(logged.session.cost_picousd),
            "totalTokens": logged.session.total_tokens,
        },
    }


def note(app: App, directory: str | None, session_id: int | None, message: str) -> answers.AddedNote:
    """Keep a remark."""
    kept, session = app.sessions.note(message, session_id, place(app, directory))
    return {"added": True, "sessionId": session.id, "note": note_json(kept)}


def set_budget(app: App, directory: str | None, session_id: int | None, wanted: NewBudget) -> answers.BudgetSet:
    """
    Set a budget, or lower the one there is.

    An agent may bind itself; only a person may give it more.
    """
    where = place(app, directory)
    if wanted.scope is BudgetScope.SESSION:
        wanted = replace(wanted, session_id=app.scopes.chosen(session_id, where).id)
    elif wanted.scope is BudgetScope.PROJECT:
        wanted = replace(wanted, project=str(app.scopes.scope(where).directory))
    bound = _bound(app, wanted)
    return {"budget": cast("answers.BudgetStanding", standing_json(app.budgets.set(bound)))}


def _bound(app: App, wanted: NewBudget) -> NewBudget:
    """The budget with the rules of the one there is, which may only become tighter; raises where it would not."""
    known = next((one.budget for one in app.budgets.all() if _identity(one.budget) == _identity(wanted)), None)
    if known is None:
        return wanted
    loosens = wanted.action is BudgetAction.WARN and known.action is BudgetAction.STOP
    if loosens or wanted.limit_picousd > known.limit_picousd:
        raise InvalidInputError(
            f"there is a budget of {format_usd(known.limit_picousd)} already, and only the user can give more",
            hint=f"the user can run: {_command(wanted)}",
        )
    return replace(wanted, strict=known.strict, warn_percents=known.warn_percents)


def _command(wanted: NewBudget) -> str:
    """What sets the same budget in a terminal."""
    words = ["cs", "budget", "set", decimal_string(from_picousd(wanted.limit_picousd)), "--scope", wanted.scope.value]
    if wanted.session_id is not None:
        words += ["--session", str(wanted.session_id)]
    if wanted.period is not BudgetPeriod.TOTAL:
        words += ["--period", wanted.period.value]
    if wanted.name is not None:
        words += ["--name", wanted.name]
    if wanted.action is BudgetAction.WARN:
        words += ["--action", wanted.action.value]
    return shlex.join(words)


def _identity(budget: NewBudget) -> tuple[object, ...]:
    return (budget.scope, budget.period, budget.session_id, budget.project, budget.agent_name, budget.name)


def import_logs(app: App, agents: list[str], since_days: int | None) -> answers.Imported:
    """Import agents' own logs, from their own places only."""
    since_ms = None if since_days is None else now_ms() - since_days * DAY_MS
    wanted = ImportRequest(agents=tuple(agents), since_ms=since_ms, session_id=app.settings.session_id)
    return cast("answers.Imported", import_json(app.importing.run(wanted)))
