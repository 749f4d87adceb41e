"""The tools as a client sees them: parameters with their limits, a typed answer, errors as JSON."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

from mcp_types import CallToolResult, TextContent
from pydantic import Field

from codesession.domain.budget import BudgetAction, BudgetPeriod, BudgetScope, NewBudget
from codesession.domain.money import MAX_USD, to_picousd
from codesession.errors import CodesessionError
from codesession.mcp_server import answers, reading, writing
from codesession.mcp_server.reading import ReportKind
from codesession.services.recording import ReportedCall

if TYPE_CHECKING:
    from codesession.app import App
    from codesession.services.worker import Worker

Directory = Annotated[
    str | None,
    Field(description="Absolute path you work in; sessions belong to its git root. Default: where this server runs."),
]
SessionId = Annotated[int | None, Field(description="A session by number. Default: the one active in the directory.")]
Count = Annotated[int, Field(ge=0)]
Dollars = Annotated[float, Field(ge=0, le=int(MAX_USD), description="US dollars")]
Days = Annotated[int | None, Field(ge=1, le=36_500)]


class Tools:
    """
    Every public method is a tool.

    `quick` answers what takes milliseconds; `patient` what asks git or reads logs, so that it holds up nothing else.
    """

    def __init__(self, quick: Worker[App], patient: Worker[App]) -> None:
        self._quick = quick
        self._patient = patient

    async def session_status(
        self, directory: Directory = None, sessionId: SessionId = None
    ) -> Annotated[CallToolResult, answers.SessionStatus]:
        """Cost, tokens, duration and notes of the active session. Look here before expensive work."""
        return await _answer(self._quick, lambda app: reading.status(app, directory, sessionId))

    async def start_session(
        self,
        name: Annotated[str, Field(description="What you are about to do: Fix the login redirect")],
        directory: Directory = None,
        budget: Annotated[Dollars | None, Field(description="What the session may cost, in US dollars")] = None,
        resume: Annotated[bool, Field(description="Continue the session that is open here, if there is one")] = False,
        closeStale: Annotated[bool, Field(description="End sessions that were left open here first")] = False,
    ) -> Annotated[CallToolResult, answers.StartedSession]:
        """Begin to track a task: costs, files, commits. Call it once at the start."""
        return await _answer(
            self._patient,
            lambda app: writing.start(app, name, directory, budget, resume=resume, close_stale=closeStale),
        )

    async def end_session(
        self,
        notes: Annotated[str | None, Field(description="What was done, in a sentence")] = None,
        directory: Directory = None,
        sessionId: SessionId = None,
    ) -> Annotated[CallToolResult, answers.SessionSummary]:
        """End the session and get everything it came to: cost by model, changed files, commits."""
        return await _answer(self._patient, lambda app: writing.end(app, directory, sessionId, notes))

    async def log_ai_usage(
        self,
        provider: Annotated[str, Field(description="Who bills the call: anthropic, openai, google, mistral, …")],
        model: Annotated[str, Field(description="The model that answered")],
        promptTokens: Annotated[Count | None, Field(description="The whole prompt, cached tokens included")] = None,
        completionTokens: Annotated[Count | None, Field(description="The whole answer, reasoning included")] = None,
        tokens: Annotated[Count | None, Field(description="A bare total, where nothing else is known")] = None,
        cacheReadTokens: Annotated[Count, Field(description="Part of the prompt read from a cache")] = 0,
        cacheWriteTokens: Annotated[Count, Field(description="Part of the prompt written to a cache")] = 0,
        reasoningTokens: Annotated[Count, Field(description="Part of the answer that was reasoning")] = 0,
        cost: Annotated[Dollars | None, Field(description="US dollars; default: from the price list")] = None,
        agentName: str | None = None,
        responseId: Annotated[str | None, Field(description="The provider's id; seen twice, it counts once")] = None,
        directory: Directory = None,
        sessionId: SessionId = None,
    ) -> Annotated[CallToolResult, answers.Logged]:
        """Record a model call that nobody else sees. Not needed under `cs run` or where logs are imported."""
        call = ReportedCall(
            provider=provider,
            model=model,
            total_tokens=tokens,
            input_tokens=promptTokens,
            output_tokens=completionTokens,
            cache_read_input_tokens=cacheReadTokens,
            cache_write_input_tokens=cacheWriteTokens,
            reasoning_output_tokens=reasoningTokens,
            cost_usd=writing.dollars(cost),
            agent_name=agentName,
            response_id=responseId,
        )
        return await _answer(self._quick, lambda app: writing.log(app, directory, sessionId, call))

    async def add_note(
        self,
        message: Annotated[str, Field(description="A milestone, a decision, a finding")],
        directory: Directory = None,
        sessionId: SessionId = None,
    ) -> Annotated[CallToolResult, answers.AddedNote]:
        """Keep a remark with the session, with the time."""
        return await _answer(self._quick, lambda app: writing.note(app, directory, sessionId, message))

    async def get_stats(self) -> Annotated[CallToolResult, answers.Stats]:
        """Totals over all completed sessions."""
        return await _answer(self._quick, reading.stats)

    async def list_sessions(
        self, limit: Annotated[int, Field(ge=1, le=1000)] = 10
    ) -> Annotated[CallToolResult, answers.SessionList]:
        """Recent sessions, newest first. The text is the bare array."""
        return await _answer(self._quick, lambda app: reading.session_list(app, limit), named="sessions")

    async def check_budget(
        self, directory: Directory = None, sessionId: SessionId = None
    ) -> Annotated[CallToolResult, answers.BudgetCheck]:
        """What the session spent on which model, and what the budgets leave. Check it before expensive work."""
        return await _answer(self._quick, lambda app: reading.budget_check(app, directory, sessionId))

    async def set_budget(
        self,
        amount: Dollars,
        scope: Literal["session", "project", "global"] = "session",
        period: Annotated[
            Literal["total", "day", "week", "month"], Field(description="A session's budget is a total")
        ] = "total",
        action: Annotated[Literal["stop", "warn"], Field(description="What happens when it is used up")] = "stop",
        name: str | None = None,
        directory: Directory = None,
        sessionId: SessionId = None,
    ) -> Annotated[CallToolResult, answers.BudgetSet]:
        """Set a budget, or lower one. Only the user can raise one that is there."""
        wanted = NewBudget(
            scope=BudgetScope(scope),
            limit_picousd=to_picousd(Decimal(str(amount))),
            period=BudgetPeriod(period),
            action=BudgetAction(action),
            name=name,
        )
        return await _answer(self._quick, lambda app: writing.set_budget(app, directory, sessionId, wanted))

    async def report(
        self,
        kind: ReportKind = "daily",
        since: Annotated[date | None, Field(description="The first day, YYYY-MM-DD")] = None,
        until: Annotated[date | None, Field(description="The last day, YYYY-MM-DD")] = None,
        last: Annotated[
            int | None, Field(ge=1, le=1000, description="The last N days, weeks, … or rows; default: 30")
        ] = None,
    ) -> Annotated[CallToolResult, answers.Report]:
        """What was used and what it cost by day, week, month, session, model, agent, project, …"""
        rows = last if last is not None or since is not None else 30
        return await _answer(self._patient, lambda app: reading.report(app, kind, since, until, rows))

    async def import_logs(
        self,
        agents: Annotated[
            list[str] | None, Field(description="claude-code, codex, …; default: every agent whose logs are found")
        ] = None,
        sinceDays: Annotated[Days, Field(description="Only calls of so many days")] = None,
    ) -> Annotated[CallToolResult, answers.Imported]:
        """Import what agents wrote into their own logs: exact usage, every call once."""
        return await _answer(self._patient, lambda app: writing.import_logs(app, agents or [], sinceDays))


async def _answer(worker: Worker[App], question: Callable[[App], Any], *, named: str | None = None) -> CallToolResult:
    """The answer as text and as structured content; `named` wraps an array, which the latter cannot be."""
    try:
        found = await asyncio.wrap_future(worker.ask(question))
    except CodesessionError as error:
        return problem(error)
    text = json.dumps(found, ensure_ascii=False)
    return CallToolResult(
        content=[TextContent(type="text", text=text)],
        structured_content=found if named is None else {named: found},
    )


def problem(error: CodesessionError) -> CallToolResult:
    """An error that the model can read and act on."""
    body: answers.Problem = {"error": error.message, "code": error.code}
    if error.hint:
        body["hint"] = error.hint
    return CallToolResult(
        content=[TextContent(type="text", text=json.dumps({**error.facts, **body}, ensure_ascii=False))], is_error=True
    )
