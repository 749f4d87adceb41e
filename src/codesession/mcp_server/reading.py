"""Answers that change nothing. Every function runs in a thread that owns its `App`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from codesession.app import now_ms
from codesession.contract import call_json, detail_json, iso, rates_json, session_json, stats_json
from codesession.contract_budgets import standing_json
from codesession.contract_reports import report_json
from codesession.domain.money import json_usd
from codesession.domain.periods import FIRST_YEAR, LAST_YEAR
from codesession.domain.report import ReportRequest
from codesession.errors import InvalidInputError
from codesession.services.zones import zone_of

if TYPE_CHECKING:
    from codesession.app import App
    from codesession.domain.budget import Standing
    from codesession.domain.session import Session
    from codesession.domain.totals import ModelTotal
    from codesession.mcp_server import answers
    from codesession.services.sessions import SessionDetail

ReportKind = Literal[
    "daily", "weekly", "monthly", "session", "conversation", "model", "agent", "project", "provider", "blocks"
]

MAX_LISTED = 100
"""Calls and commits an answer holds at most: agents pay for every line they read."""
MAX_FILES = 500


def place(app: App, directory: str | None) -> Path:
    """Where the client works; raises `InvalidInputError` for what is no directory."""
    if directory is None:
        return app.directory
    path = Path(directory).expanduser()
    if not path.is_absolute() or not path.is_dir():
        raise InvalidInputError("directory is not an existing directory", hint="give the absolute path of a folder")
    return path


def status(app: App, directory: str | None, session_id: int | None) -> answers.SessionStatus:
    """The session that is meant, as it is now."""
    detail = app.sessions.status(session_id, place(app, directory))
    notes = [{"message": note.message, "timestamp": iso(note.created_at_ms)} for note in detail.notes]
    return cast("answers.SessionStatus", {**session_facts(detail.session, detail.seen_at_ms), "notes": notes})


def session_facts(session: Session, now: int) -> dict[str, Any]:
    """What every answer says about a session: the contract's keys, and those that MCP clients know."""
    seconds = session.duration_ms(now) // 1000
    return session_json(session) | {
        "directory": session.directory,
        "duration": seconds,
        "durationMinutes": round(seconds / 60),
    }


def summary(app: App, detail: SessionDetail) -> answers.SessionSummary:
    """A session with the newest of everything."""
    body = session_facts(detail.session, detail.seen_at_ms) | {
        "files": [{"path": f.file_path, "type": f.change_type} for f in detail.files[:MAX_FILES]],
        "commitList": [{"hash": c.hash, "message": c.message} for c in detail.commits[-MAX_LISTED:]],
        "aiBreakdown": [
            {name: call_json(call)[name] for name in ("provider", "model", "tokens", "cost")}
            for call in detail.requests[:MAX_LISTED]
        ],
        "byModel": by_model(app.sessions.model_totals(detail.session.id)),
    }
    if detail.warnings:
        body["warnings"] = list(detail.warnings)
    return cast("answers.SessionSummary", body)


def by_model(totals: Iterable[ModelTotal]) -> dict[str, answers.ModelUse]:
    """`provider/model` to what it was used for; no cost where no call of it has one."""
    return {
        f"{total.provider_name}/{total.model}": {
            "calls": total.requests,
            "tokens": total.total_tokens,
            "cost": None if (cost := total.known_cost_picousd) is None else json_usd(cost),
        }
        for total in totals
    }


def stats(app: App) -> answers.Stats:
    """Totals over completed sessions."""
    found = app.sessions.stats()
    body = stats_json(found) | {
        "activeSessions": len(app.store.active_sessions()),
        "totalTimeMinutes": round(found.duration_ms / 60_000),
        "avgSessionMinutes": round(found.duration_ms / 60_000 / found.sessions) if found.sessions else 0,
    }
    return cast("answers.Stats", body)


def session_list(app: App, limit: int) -> list[answers.SessionRow]:
    """Sessions, newest first."""
    rows = []
    for session in app.sessions.newest_first(limit=limit):
        body = session_json(session)
        del body["schemaVersion"], body["codesessionVersion"]
        rows.append(cast("answers.SessionRow", body | {"directory": session.directory}))
    return rows


def budget_check(app: App, directory: str | None, session_id: int | None) -> answers.BudgetCheck:
    """What was spent on what, and what the budgets leave."""
    session = app.scopes.chosen(session_id, place(app, directory))
    spender = app.budgets.spender(session.id, Path(session.directory), app.settings.agent_name)
    standings = app.budgets.standings(spender)
    return {
        "sessionId": session.id,
        "sessionName": session.name,
        "totalCost": json_usd(session.cost_picousd),
        "totalTokens": session.total_tokens,
        "totalCalls": session.requests,
        "byModel": by_model(app.sessions.model_totals(session.id)),
        "ok": not any(each.stops for each in standings),
        "remaining": _tightest(standings),
        "budgets": [cast("answers.BudgetStanding", standing_json(each)) for each in standings],
    }


def _tightest(standings: Iterable[Standing]) -> float | None:
    left = [each.remaining_picousd for each in standings if each.is_armed]
    return json_usd(max(0, min(left))) if left else None


def report(app: App, kind: ReportKind, since: date | None, until: date | None, last: int | None) -> answers.Report:
    """A report in the user's time zone."""
    if since is not None and until is not None and until < since:
        raise InvalidInputError(f"until {until} is before since {since}")
    for day in (since, until):
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise InvalidInputError(f"{day} is out of range", hint="leave it out for no limit")
    zone, zone_name = zone_of(None, app.environment)
    request = ReportRequest(zone=zone, zone_name=zone_name, since=since, until=until, last=last)
    return cast("answers.Report", report_json(app.reports.named(kind, request), app.settings.report_currency))


def pricing(app: App) -> dict[str, Any]:
    """What the models people use now charge: name to dollars per million tokens."""
    found = app.prices.listing(all=False, provider=None, search=None, at_ms=now_ms())
    return {name: rates_json(rates) for name, rates in found.items()}


def whole_session(app: App, session_id: int) -> dict[str, Any]:
    """One session with calls, files, commits and notes, the newest of each."""
    return detail_json(app.sessions.detail(session_id), files=True, commits=True)
