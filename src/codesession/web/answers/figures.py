"""Domain figures as schemas, in the words of the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesession.contract import format_duration, iso
from codesession.contract_reports import cost_status
from codesession.domain.money import json_usd
from codesession.domain.report import UsageTotals
from codesession.web.schemas.sessions import Part, SessionSummary
from codesession.web.schemas.usage import Usage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codesession.app import App
    from codesession.domain.report import SessionUse, Share
    from codesession.domain.session import Session

_HOUR_MS = 3_600_000
_LEAST_MS = 60_000
_LOOKED_AT = 20_000
"""Calls of one page of sessions whose models and agents are read; above that they are left out."""


def usd(picousd: int | None) -> float | None:
    """Dollars, or nothing where nothing is known."""
    return None if picousd is None else json_usd(picousd)


def moment(at_ms: int | None) -> str | None:
    """A time, or nothing."""
    return None if at_ms is None else iso(at_ms)


def usage(totals: UsageTotals) -> Usage:
    """The figures of some calls."""
    cost = totals.known_cost_picousd
    return Usage.model_construct(
        calls=totals.requests,
        unpriced_calls=totals.unpriced_requests,
        lower_bound_calls=totals.lower_bound_requests,
        list_price_calls=totals.list_price_requests,
        input_tokens=totals.input_tokens,
        uncached_input_tokens=totals.uncached_input_tokens,
        cache_read_tokens=totals.cache_read_input_tokens,
        cache_write_tokens=totals.cache_write_input_tokens,
        output_tokens=totals.output_tokens,
        reasoning_tokens=totals.reasoning_output_tokens,
        total_tokens=totals.total_tokens,
        cost_usd=usd(cost),
        cost_picousd=None if cost is None else str(cost),
        cost_status=cost_status(totals),
    )


def ratio(part: int, whole: int) -> float | None:
    """A share to six digits; None of nothing."""
    return round(part / whole, 6) if whole else None


def per_hour_picousd(totals: UsageTotals, duration_ms: int) -> int | None:
    """Cost per hour; None under a minute, or when nothing is known."""
    cost = totals.known_cost_picousd
    return None if cost is None or duration_ms < _LEAST_MS else cost * _HOUR_MS // duration_ms


def part(share: Share) -> Part:
    """What one model or agent used."""
    return Part(name=share.name, provider=share.provider, usage=usage(share.totals))


def summary(
    session: Session, now_ms: int, models: list[str] | None = None, agents: list[str] | None = None
) -> SessionSummary:
    """A session as lists show it."""
    duration = session.duration_ms(now_ms)
    totals = UsageTotals.of_session(session)
    budget = session.budget_picousd
    return SessionSummary(
        id=session.id,
        uid=session.uid,
        name=session.name,
        status="active" if session.is_active else "completed",
        source="log" if session.source == "log" else "cs",
        start_time=iso(session.started_at_ms),
        end_time=moment(session.ended_at_ms),
        duration=duration // 1000,
        duration_formatted=format_duration(duration),
        working_directory=session.directory,
        git_root=session.git_root,
        branch=session.git_branch,
        files_changed=session.files_changed,
        commits=session.commits,
        notes=session.end_notes,
        usage=usage(totals),
        cost_per_hour_usd=usd(per_hour_picousd(totals, duration)),
        budget=usd(budget),
        budget_used=ratio(session.spent_picousd, budget) if budget is not None else None,
        models=models,
        agents=agents,
    )


def summaries(app: App, sessions: Iterable[Session]) -> list[SessionSummary]:
    """Sessions with the models and agents they used; the largest without, where that were too many calls to read."""
    from codesession.services.reports.spans import agent_shares, model_shares, names_of

    chosen, now = list(sessions), app.reports.now_ms()
    looked_at = _few_enough(chosen)
    found: dict[int | None, list[SessionUse]] = {}
    for use in app.insights.session_uses(looked_at):
        found.setdefault(use.session_id, []).append(use)
    made = []
    for session in chosen:
        uses = found.get(session.id, [])
        models = names_of(model_shares((use.provider, use.model, use.totals) for use in uses))
        agents = names_of(agent_shares((use.agent, use.totals) for use in uses))
        known = session.id in looked_at
        made.append(summary(session, now, list(models) if known else None, list(agents) if known else None))
    return made


def _few_enough(sessions: list[Session]) -> list[int]:
    """The sessions, smallest first, whose calls together may be read."""
    found, calls = [], 0
    for session in sorted(sessions, key=lambda session: session.requests):
        calls += session.requests
        if calls > _LOOKED_AT:
            break
        found.append(session.id)
    return found
