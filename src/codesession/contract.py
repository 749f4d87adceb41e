"""
The JSON contract: domain objects as the documented camelCase keys.

The one place that translates. Times are ISO-8601 UTC with `Z`, durations whole seconds, money in dollars as a
number rounded to 1e-10. Keys may be added, never removed or renamed.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from codesession import __version__
from codesession.domain.money import json_usd

if TYPE_CHECKING:
    from codesession.domain.pricing import Cost, ModelRates, PriceLine
    from codesession.domain.request import ModelRequest
    from codesession.domain.session import Session
    from codesession.domain.totals import SessionStats
    from codesession.domain.work import SessionCommit, SessionFile, SessionNote
    from codesession.errors import CodesessionError
    from codesession.services.recording import LoggedCall
    from codesession.services.repricing import RepriceReport
    from codesession.services.sessions import SessionDetail, Started

SCHEMA_VERSION = 1

Json = dict[str, Any]


_LARGE = 200_000
"""Characters from which on it pays to load msgspec: Python's own encoder is several times slower where it indents."""


def indented(value: Any, *, is_one_of_many: bool = False) -> str:
    """JSON that people can read, too."""
    text = json.dumps(value, ensure_ascii=False)
    if len(text) < _LARGE and not is_one_of_many:
        return json.dumps(value, ensure_ascii=False, indent=2)
    import msgspec

    return msgspec.json.format(text.encode("utf-8", "surrogatepass"), indent=2).decode("utf-8", "surrogatepass")


def enveloped(body: Json) -> Json:
    """An object with the version keys every answer carries."""
    return {"schemaVersion": SCHEMA_VERSION, "codesessionVersion": __version__, **body}


def error_json(error: CodesessionError) -> Json:
    """The error envelope."""
    body: Json = {"code": error.code, "message": error.message, **error.facts}
    if error.hint:
        body["hint"] = error.hint
    return enveloped({"error": body})


def iso(at_ms: int) -> str:
    """`2026-11-22T01:58:45.946Z`"""
    return f"{datetime.fromtimestamp(at_ms // 1000, UTC).isoformat()[:19]}.{at_ms % 1000:03d}Z"


def format_duration(duration_ms: int) -> str:
    """`45s`, `3m 12s`, `2h 5m`, `3d 4h`: the two units that matter."""
    seconds = duration_ms // 1000
    if seconds < 60:
        return f"{seconds}s"
    if seconds < 3600:
        return f"{seconds // 60}m {seconds % 60}s"
    if seconds < 86400:
        return f"{seconds // 3600}h {seconds % 3600 // 60}m"
    return f"{seconds // 86400}d {seconds % 86400 // 3600}h"


def session_json(session: Session) -> Json:
    """A session as every list and answer shows it."""
    duration = None if session.ended_at_ms is None else session.duration_ms(session.ended_at_ms)
    return enveloped(
        {
            "id": session.id,
            "name": session.name,
            "status": str(session.status),
            "startTime": iso(session.started_at_ms),
            "endTime": None if session.ended_at_ms is None else iso(session.ended_at_ms),
            "duration": None if duration is None else duration // 1000,
            "durationFormatted": None if duration is None else format_duration(duration),
            "workingDirectory": session.directory,
            "gitRoot": session.git_root,
            "branch": session.git_branch,
            "filesChanged": session.files_changed,
            "commits": session.commits,
            "aiTokens": session.total_tokens,
            "aiCost": json_usd(session.cost_picousd),
            "notes": session.end_notes,
            "uid": session.uid,
            "source": session.source,
            "agentName": session.agent_name,
            "conversationId": session.conversation_id,
            "aiCalls": session.requests,
            "inputTokens": session.input_tokens,
            "cacheReadTokens": session.cache_read_input_tokens,
            "cacheWriteTokens": session.cache_write_input_tokens,
            "outputTokens": session.output_tokens,
            "reasoningTokens": session.reasoning_output_tokens,
            "unpricedCalls": session.unpriced_requests,
            "lowerBoundCalls": session.lower_bound_requests,
            "listPriceCalls": session.list_price_requests,
            "costStatus": session_cost_status(session),
            "budget": None if session.budget_picousd is None else json_usd(session.budget_picousd),
        }
    )


def session_cost_status(session: Session) -> str:
    """
    `complete`, or `lower_bound` when calls are unpriced or only partly known: the true cost is higher.

    Calls at list price leave a cost complete; `listPriceCalls` tells how many of them it holds.
    """
    return "lower_bound" if session.is_partial else "complete"


def started_json(started: Started) -> Json:
    """The answer of `cs start --json`."""
    session = started.session
    body: Json = {
        "id": session.id,
        "name": session.name,
        "directory": session.directory,
        "gitRoot": session.git_root,
        "branch": session.git_branch,
        "uid": session.uid,
        "startTime": iso(session.started_at_ms),
        "budget": None if session.budget_picousd is None else json_usd(session.budget_picousd),
    }
    if started.resumed:
        body["resumed"] = True
    if started.closed:
        body["closed"] = [{"id": s.id, "name": s.name} for s in started.closed]
    return _with_warnings(enveloped(body), started.warnings)


def _with_warnings(body: Json, warnings: tuple[str, ...]) -> Json:
    return {**body, "warnings": list(warnings)} if warnings else body


def call_json(call: ModelRequest) -> Json:
    """One model call. Keys that say nothing are left out, except `cost`: null is a call without a known price."""
    body: Json = {
        "id": call.id,
        "sessionId": call.session_id,
        "provider": call.provider_name,
        "model": call.model,
        "tokens": call.total_tokens,
        "cost": None if call.cost_picousd is None else json_usd(call.cost_picousd),
        "costStatus": str(call.cost_status),
        "timestamp": iso(call.started_at_ms),
        "sources": sorted(call.sources),
    }
    if call.usage is not None:
        body |= {
            "promptTokens": call.usage.input_tokens,
            "completionTokens": call.usage.output_tokens,
            "cacheReadTokens": call.usage.cache_read_input_tokens,
            "cacheWriteTokens": call.usage.cache_write_input_tokens,
            "reasoningTokens": call.usage.reasoning_output_tokens,
        }
    if call.usage_status != "complete":
        body["usageStatus"] = str(call.usage_status)
    optional = {
        "agentName": call.agent_name,
        "requestModel": call.request_model if call.response_model else None,
        "responseId": call.provider_response_id,
        "conversationId": call.conversation_id,
        "subagentId": call.subagent_id,
        "durationMs": call.duration_ms,
        "priceVersion": call.price_version,
    }
    return body | {key: value for key, value in optional.items() if value is not None}


def commit_json(commit: SessionCommit) -> Json:
    """One commit."""
    return {
        "id": commit.id,
        "sessionId": commit.session_id,
        "hash": commit.hash,
        "message": commit.message,
        "timestamp": iso(commit.committed_at_ms),
    }


def file_json(file: SessionFile) -> Json:
    """One changed file."""
    return {
        "id": file.id,
        "sessionId": file.session_id,
        "filePath": file.file_path,
        "changeType": file.change_type,
        "timestamp": iso(file.changed_at_ms),
    }


def note_json(note: SessionNote) -> Json:
    """One remark."""
    return {
        "id": note.id,
        "sessionId": note.session_id,
        "message": note.message,
        "timestamp": iso(note.created_at_ms),
    }


def detail_json(detail: SessionDetail, *, files: bool, commits: bool) -> Json:
    """A session with its calls and notes; lists of files and commits where wanted, else their counts."""
    notes = [note_json(note) for note in detail.notes]
    body = session_json(detail.session) | {
        "aiUsage": [call_json(call) for call in detail.requests],
        "aiUsageCount": detail.session.requests,
        "notes": notes,
        "annotations": notes,
        "endNotes": detail.session.end_notes,
    }
    if files:
        body["files"] = [file_json(file) for file in detail.files]
    if commits:
        body["commits"] = [commit_json(commit) for commit in detail.commits]
    return _with_warnings(body, detail.warnings)


def status_json(detail: SessionDetail) -> Json:
    """A session as it is now."""
    live = detail.session.duration_ms(detail.seen_at_ms)
    return detail_json(detail, files=False, commits=False) | {
        "liveDuration": live // 1000,
        "liveDurationFormatted": format_duration(live),
    }


def export_json(detail: SessionDetail) -> Json:
    """A session as `cs export --format json` writes it: everything; `notes` is the end note, as in a list."""
    session = detail.session
    return detail_json(detail, files=True, commits=True) | {
        "startGitHead": session.start_git_head,
        "notes": session.end_notes,
    }


def stats_json(stats: SessionStats) -> Json:
    """Totals over completed sessions."""
    average = stats.duration_ms // stats.sessions if stats.sessions else 0
    return enveloped(
        {
            "totalSessions": stats.sessions,
            "totalTime": stats.duration_ms // 1000,
            "totalTimeFormatted": format_duration(stats.duration_ms),
            "totalFiles": stats.files_changed,
            "totalCommits": stats.commits,
            "totalAICost": json_usd(stats.cost_picousd),
            "totalAITokens": stats.total_tokens,
            "totalAICalls": stats.requests,
            "unpricedCalls": stats.unpriced_requests,
            "lowerBoundCalls": stats.lower_bound_requests,
            "listPriceCalls": stats.list_price_requests,
            "avgSessionTime": average // 1000,
            "avgSessionFormatted": format_duration(average),
        }
    )


def logged_json(logged: LoggedCall) -> Json:
    """The answer of `cs log-ai --json`."""
    call, rates = logged.request, logged.rates
    pricing: Json = {
        "source": call.cost_source,
        "modelKnown": rates is not None,
        "inputPer1M": None if rates is None else float(rates.input),
        "outputPer1M": None if rates is None else float(rates.output),
        "costStatus": str(call.cost_status),
        "priceVersion": call.price_version,
    }
    session = logged.session
    return enveloped(
        {
            "logged": call_json(call) | {"new": logged.new},
            "pricing": pricing,
            "session": {
                "id": session.id,
                "name": session.name,
                "aiCost": json_usd(session.cost_picousd),
                "aiTokens": session.total_tokens,
            },
        }
    )


def rates_json(rates: ModelRates) -> Json:
    """Rates of a model in dollars per million tokens."""
    optional = {
        "cacheRead": rates.cache_read,
        "cacheWrite": rates.cache_write,
        "cacheWrite1h": rates.cache_write_1h,
    }
    body: Json = {"input": float(rates.input), "output": float(rates.output)}
    body |= {key: float(value) for key, value in optional.items() if value is not None}
    return body | {"provider": rates.provider, "source": rates.source}


def cost_json(cost: Cost) -> Json:
    """One priced record of `cs pricing calc`: decimals as text, exact and unrounded."""
    from codesession.domain.pricing import decimal_string

    body: Json = {
        "costUsd": None if cost.usd is None else decimal_string(cost.usd),
        "status": str(cost.status),
        "lines": [_line_json(line) for line in cost.lines],
        "priceVersion": cost.price_version,
        "model": cost.model,
        "warnings": list(cost.warnings),
    }
    if cost.computed_usd is not None:
        body["computedUsd"] = decimal_string(cost.computed_usd)
    return body


def _line_json(line: PriceLine) -> Json:
    """`per1M` is the price with its multiplier: quantity x per1M / 1,000,000 = usd."""
    from codesession.domain.pricing import decimal_string

    per_million = line.price_usd * line.multiplier
    if line.per != 1_000_000:
        per_million *= 1_000_000 // line.per
    return {
        "item": line.item,
        "quantity": line.quantity,
        "per1M": decimal_string(per_million),
        "usd": decimal_string(line.usd),
    }


def repriced_json(report: RepriceReport) -> Json:
    """What `cs pricing reprice` found."""
    models = [
        {
            "provider": row.provider_name,
            "model": row.model,
            "reason": row.reason,
            "calls": row.calls,
            "oldCostUsd": json_usd(row.old_picousd),
            "newCostUsd": json_usd(row.new_picousd),
            "oldUnpricedCalls": row.old_unpriced,
            "newUnpricedCalls": row.new_unpriced,
        }
        for row in report.models
    ]
    return {"dryRun": report.dry_run, "checked": report.checked, "changed": report.changed, "models": models}
