"""The ledger at one moment, as it is pushed to open pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesession.contract import iso
from codesession.domain.money import json_usd
from codesession.domain.report import UsageTotals
from codesession.web.answers.asking import zone
from codesession.web.answers.figures import usage, usd
from codesession.web.schemas.live import Live, LiveCall, RunningSession

if TYPE_CHECKING:
    from codesession.app import App
    from codesession.domain.request import ModelRequest
    from codesession.domain.session import Session

_SHOWN = 20


def live(app: App, zone_name: str | None, mark: int) -> Live:
    """The ledger now, in a zone."""
    seen = app.live(zone(app, zone_name)[0]).snapshot()
    return Live(
        mark=mark,
        time=iso(seen.at_ms),
        today=usage(seen.today),
        pace_usd_per_hour=json_usd(seen.pace_picousd),
        minutes_usd=[json_usd(spent) for spent in seen.minutes],
        running=[_running(session) for session in seen.sessions[:_SHOWN]],
        running_found=len(seen.sessions),
        calls=[_call(call) for call in seen.calls[:_SHOWN]],
    )


def _running(session: Session) -> RunningSession:
    return RunningSession(
        id=session.id,
        name=session.name,
        start_time=iso(session.started_at_ms),
        usage=usage(UsageTotals.of_session(session)),
        budget=usd(session.budget_picousd),
    )


def _call(call: ModelRequest) -> LiveCall:
    return LiveCall(
        id=call.id or 0,
        session_id=call.session_id,
        timestamp=iso(call.started_at_ms),
        provider=call.provider_name,
        model=call.model,
        agent_name=call.agent_name,
        tokens=call.total_tokens,
        cost_usd=usd(call.cost_picousd),
        cost_is_lower_bound=call.is_lower_bound,
    )
