"""
The JSON contract of reports.

    cs report …     {schemaVersion, codesessionVersion, report, timezone, since, until, rows: […], rowsFound, totals}
      report        daily, weekly, monthly, session, conversation, model, agent, project, blocks
      since, until  dates, both included, or null
      rowsFound     how many rows there are; more than `rows` holds when a limit left some out
      a row         what it stands for, the figures, models: […], breakdown?: […], subagents?: {…}
      stands for    daily: date · weekly: week (its first day) · monthly: month · model: model, provider
                    agent: agent · project: project · blocks: block (start), blockEnd, isActive, burnRate?, projection?
                    session: session (its number, null for calls of none), name, status, project, branch, startTime,
                    endTime, agents · conversation: conversation, and the keys of the session it was counted in
    the figures     calls, unpricedCalls, lowerBoundCalls, listPriceCalls (those three are not exact),
                    inputTokens (the whole prompt), uncachedInputTokens, cacheReadTokens, cacheWriteTokens,
                    outputTokens, reasoningTokens, totalTokens, costUsd (null when no call has a price), costStatus,
                    cost? and currency? (the user's own)
    costStatus      complete (also with calls at list price); lower_bound when calls are unpriced or partly known;
                    unknown when none has a price
    breakdown       figures by model, provider (a model's by agent)
    cs reconcile    {…, timezone, since, until, totals, sources: [{source, seen, only, onlyModels, onlyAgents}],
                    coverage: [{of, by, share, unit: dollars|calls, both, whole}]}
    cs live         {…, time, date, today, models, agents, lastHourUsd, paceUsdPerHour, sessions, calls}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesession.contract import Json, call_json, enveloped, iso, session_json
from codesession.domain.money import json_usd

if TYPE_CHECKING:
    from codesession.domain.live import LiveSnapshot
    from codesession.domain.reconciliation import AgentClaim, Coverage, Reconciliation, SourceView
    from codesession.domain.report import Burn, Currency, Report, ReportRow, Share, UsageTotals

ROW_KEYS = {
    "daily": "date",
    "weekly": "week",
    "monthly": "month",
    "model": "model",
    "agent": "agent",
    "project": "project",
    "session": "session",
    "conversation": "conversation",
    "blocks": "block",
}
"""Report to the key its rows are told apart by."""


def report_json(report: Report, currency: Currency | None = None) -> Json:
    """A report; `cost` and `currency` stand beside `costUsd` where the user has a currency."""
    return enveloped(
        {
            "report": report.kind,
            "timezone": report.timezone,
            "since": None if report.since is None else report.since.isoformat(),
            "until": None if report.until is None else report.until.isoformat(),
            "rows": [row_json(report.kind, row, currency) for row in report.rows],
            "rowsFound": report.rows_found,
            "totals": totals_json(report.totals, currency),
        }
    )


def row_json(kind: str, row: ReportRow, currency: Currency | None = None) -> Json:
    """One row of a report."""
    body = _identity(kind, row) | totals_json(row.totals, currency)
    if kind != "model":
        body["models"] = list(row.models)
    if kind in ("session", "conversation", "model"):
        body["agents"] = list(row.agents)
    if row.burn is not None:
        body |= _burn_json(row.burn, currency)
    if row.subagents is not None:
        named = "agent" if kind == "model" else "model"
        body["breakdown"] = [share_json(share, named, currency) for share in row.breakdown]
        body["subagents"] = totals_json(row.subagents, currency)
    return body


def _identity(kind: str, row: ReportRow) -> Json:
    if kind == "blocks":
        span = row.span
        start, end = (None, None) if span is None else (iso(span.start_ms), iso(span.end_ms))
        return {"block": start, "blockEnd": end, "isActive": row.active}
    if kind == "session":
        return {"session": None if row.session is None else row.session.id, **_session_keys(row)}
    if kind == "conversation":
        inside = None if row.session is None else row.session.id
        return {"conversation": row.conversation_id, "session": inside, **_session_keys(row)}
    if kind == "model":
        return {"model": row.label, "provider": row.provider}
    return {ROW_KEYS.get(kind, kind): row.label}


def _session_keys(row: ReportRow) -> Json:
    session = row.session
    if session is None:
        return {"name": None, "status": None, "project": None, "branch": None, "startTime": None, "endTime": None}
    return {
        "name": session.name,
        "status": str(session.status),
        "project": session.directory,
        "branch": session.git_branch,
        "startTime": iso(session.started_at_ms),
        "endTime": None if session.ended_at_ms is None else iso(session.ended_at_ms),
    }


def _burn_json(burn: Burn, currency: Currency | None) -> Json:
    rate: Json = {
        "tokensPerMinute": burn.tokens_per_minute,
        "costUsdPerHour": json_usd(burn.cost_per_hour_picousd),
    }
    projection: Json = {
        "totalTokens": burn.projected_tokens,
        "costUsd": json_usd(burn.projected_cost_picousd),
        "remainingMinutes": burn.remaining_ms // 60_000,
    }
    if currency is not None:
        rate["costPerHour"] = _own(burn.cost_per_hour_picousd, currency)
        projection["cost"] = _own(burn.projected_cost_picousd, currency)
    return {"burnRate": rate, "projection": projection}


def share_json(share: Share, named: str, currency: Currency | None = None) -> Json:
    """A part of a row, by model or by agent."""
    who: Json = {named: share.name}
    if share.provider is not None:
        who["provider"] = share.provider
    return who | totals_json(share.totals, currency)


def totals_json(totals: UsageTotals, currency: Currency | None = None) -> Json:
    """The figures of some calls."""
    cost = totals.known_cost_picousd
    body: Json = {
        "calls": totals.requests,
        "unpricedCalls": totals.unpriced_requests,
        "lowerBoundCalls": totals.lower_bound_requests,
        "listPriceCalls": totals.list_price_requests,
        "inputTokens": totals.input_tokens,
        "uncachedInputTokens": totals.uncached_input_tokens,
        "cacheReadTokens": totals.cache_read_input_tokens,
        "cacheWriteTokens": totals.cache_write_input_tokens,
        "outputTokens": totals.output_tokens,
        "reasoningTokens": totals.reasoning_output_tokens,
        "totalTokens": totals.total_tokens,
        "costUsd": None if cost is None else json_usd(cost),
        "costStatus": cost_status(totals),
    }
    if currency is not None:
        body |= {"cost": None if cost is None else _own(cost, currency), "currency": currency.code}
    return body


def cost_status(totals: UsageTotals) -> str:
    """`complete`, `lower_bound` when the true cost is higher, `unknown` when no call has a price."""
    if totals.known_cost_picousd is None:
        return "unknown"
    return "lower_bound" if totals.is_partial else "complete"


def _own(picousd: int, currency: Currency) -> float:
    return round(float(currency.convert(picousd)), 10)


def reconciliation_json(found: Reconciliation, currency: Currency | None = None) -> Json:
    """What each source saw."""
    return enveloped(
        {
            "timezone": found.timezone,
            "since": None if found.since is None else found.since.isoformat(),
            "until": None if found.until is None else found.until.isoformat(),
            "totals": totals_json(found.totals, currency),
            "sources": [_source_json(view, currency) for view in found.sources],
            "coverage": [_coverage_json(pair, currency) for pair in found.coverages],
            "agentTotals": [_claim_json(claim) for claim in found.claims],
        }
    )


def _claim_json(claim: AgentClaim) -> Json:
    def figures(totals: UsageTotals) -> Json:
        tokens = {"inputTokens": totals.input_tokens, "outputTokens": totals.output_tokens}
        return {**tokens, "costUsd": json_usd(totals.cost_picousd)}

    return {
        "agent": claim.agent_name,
        "conversationId": claim.conversation_id,
        "said": figures(claim.said),
        "known": {"calls": claim.known.requests, **figures(claim.known)},
        "share": None if claim.share is None else round(float(claim.share), 6),
    }


def _source_json(view: SourceView, currency: Currency | None) -> Json:
    return {
        "source": view.source,
        "seen": totals_json(view.seen, currency),
        "only": totals_json(view.only, currency),
        "onlyModels": [share_json(share, "model", currency) for share in view.only_models],
        "onlyAgents": [share_json(share, "agent", currency) for share in view.only_agents],
    }


def _coverage_json(pair: Coverage, currency: Currency | None) -> Json:
    return {
        "of": pair.of,
        "by": pair.by,
        "share": round(float(pair.share), 6),
        "unit": "dollars" if pair.in_dollars else "calls",
        "both": totals_json(pair.both, currency),
        "whole": totals_json(pair.whole, currency),
    }


def live_json(seen: LiveSnapshot, currency: Currency | None = None) -> Json:
    """The ledger at one moment."""
    return enveloped(
        {
            "time": iso(seen.at_ms),
            "date": seen.day.isoformat(),
            "today": totals_json(seen.today, currency),
            "models": [share_json(share, "model", currency) for share in seen.models],
            "agents": [share_json(share, "agent", currency) for share in seen.agents],
            "lastHourUsd": json_usd(seen.last_hour_picousd),
            "paceUsdPerHour": json_usd(seen.pace_picousd),
            "sessions": [session_json(session) for session in seen.sessions],
            "calls": [call_json(call) for call in seen.calls],
        }
    )
