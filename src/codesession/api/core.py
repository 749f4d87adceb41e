"""
What a session does with the ledger: one implementation for programs that wait and for event loops.

Methods that take an `App` run in the ledger's thread; `session.py` and `aio.py` hand them over. Problems of the
ledger never reach the program: `guarded` turns them into one warning. What the caller did wrong, and a budget that
says stop, do reach it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from codesession.api.config import SessionOptions
from codesession.api.ledger import log, settings_of, worker_for
from codesession.api.summary import SessionSummary, summary_of
from codesession.app import now_ms
from codesession.domain.budget import Spender
from codesession.domain.facts import NamedTuple
from codesession.domain.money import json_usd
from codesession.domain.request import CallContext, Observation, Source
from codesession.errors import (
    BudgetExceededError,
    InvalidInputError,
    MissingTokensError,
    NoActiveSessionError,
    PriceFileError,
    UnknownModelError,
)
from codesession.services.budgets.service import exceeded

if TYPE_CHECKING:
    from codesession.api.watching import FileWatch
    from codesession.app import App
    from codesession.domain.budget import CallDemand, Standing
    from codesession.domain.request import ModelRequest
    from codesession.domain.session import Session
    from codesession.domain.usage import ModelResponse
    from codesession.services.budgets.service import Ruling
    from codesession.services.recording import ReportedCall
    from codesession.services.sessions import SessionService
    from codesession.services.worker import Worker

_MAX_ERROR = 300
"""Characters of an error that are noted: messages of SDKs may quote a prompt."""


class Recorded(NamedTuple):
    """A call that was recorded."""

    cost: float | None
    model: str


class Guard:
    """A block whose errors reach the program only if they are meant for it."""

    def __init__(self, core: SessionCore) -> None:
        self._core = core

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        return isinstance(error, Exception) and not self._core.lets_through(error)


class SessionCore:
    """One session of a program."""

    def __init__(self, name: str, options: SessionOptions) -> None:
        self.name = name
        self.options = options
        self.environment = settings_of(os.environ)
        self.directory = Path.cwd() if options.directory is None else Path(options.directory)
        self.session: Session | None = None
        """As the ledger had it last; None before the start, and when it could not be recorded."""
        self.summary: SessionSummary | None = None
        self.outer: SessionCore | None = None
        """The session that was current where this one was begun: what is spent here counts for its budget too."""
        self.agent_name = options.agent
        self.is_started = False
        self._watch: FileWatch | None = None
        self._warned = False
        self._known: set[tuple[str, str]] = set()
        """Calls that were recorded here; touched in the ledger's thread only."""

    @property
    def worker(self) -> Worker[App]:
        """The ledger's thread."""
        return worker_for(self.environment)

    @property
    def is_active(self) -> bool:
        """Begun, and not ended by the program."""
        return self.is_started and self.summary is None

    @property
    def spender(self) -> Spender:
        """Who spends here."""
        session = self.session
        return Spender(
            session_id=None if session is None else session.id,
            project=None if session is None else session.directory,
            agent_name=self.agent_name,
        )

    # what reaches the program

    def guarded(self) -> Guard:
        """Around what may fail for reasons that are not the program's."""
        return Guard(self)

    def lets_through(self, error: Exception) -> bool:
        """Whether an error is meant for the program; any other becomes the warning."""
        if isinstance(error, BudgetExceededError):
            self._call_back(self.options.on_budget_exceeded, error.spent, error.budget)
            return True
        if isinstance(error, InvalidInputError | MissingTokensError) and not isinstance(error, PriceFileError):
            return True
        self.trouble(error)
        return False

    def trouble(self, error: BaseException | str) -> None:
        """The one warning of this session."""
        if not self._warned:
            self._warned = True
            reason = str(error) or type(error).__name__
            log.warning('codesession: "%s" is not recorded in full: %s', self.name, reason)

    def told(self, recorded: Recorded | None) -> None:
        """Tell the program about a call that was recorded."""
        session = self.session
        if recorded is not None and session is not None:
            self._call_back(self.options.on_ai_usage, recorded.cost, json_usd(session.cost_picousd), recorded.model)

    def _call_back(self, callback: Callable[..., object] | None, *arguments: object) -> None:
        if callback is None:
            return
        try:
            callback(*arguments)
        except Exception as error:  # a callback that fails must not take the call with it
            self.trouble(error)

    def check_open(self) -> None:
        """Raise unless the session was begun and has not ended."""
        if not self.is_started:
            raise InvalidInputError(f'session "{self.name}" has not been started', hint="call start() first")
        if self.summary is not None:
            raise InvalidInputError(f'session "{self.name}" has ended', hint="begin a new one")

    @property
    def spent(self) -> float:
        """Dollars, as of the last look."""
        return 0.0 if self.session is None else json_usd(self.session.cost_picousd)

    @property
    def tokens(self) -> int:
        """As of the last look."""
        return 0 if self.session is None else self.session.total_tokens

    @property
    def budget_remaining(self) -> float | None:
        """Dollars of the session's own budget, never below 0; None without one. As of the last look."""
        limit = self.options.budget_picousd if self.session is None else self.session.budget_picousd
        cost = 0 if self.session is None else self.session.spent_picousd
        return None if limit is None else json_usd(max(0, limit - cost))

    def stop_watching(self) -> None:
        """No file changes are told from now on. Waits for the callback that runs, so not in the ledger's thread."""
        if self._watch is not None:
            self._watch.stop()

    def fits(self, picousd: int) -> bool:
        """Whether so much fits into the session's own budget, as far as can be told without the ledger."""
        limit = self.options.budget_picousd
        return limit is None or picousd + (0 if self.session is None else self.session.spent_picousd) <= limit

    # in the ledger's thread

    def start(self, app: App) -> int | None:
        """Begin. Other sessions, here and elsewhere, go on."""
        if not self.directory.is_dir():
            raise InvalidInputError(f"{self.directory} is not a directory")
        started = self._sessions(app).start(
            self.name,
            self.directory,
            parallel=True,
            budget_picousd=self.options.budget_picousd,
            budget_strict=self.options.strict,
            outer_id=self._outer_id,
        )
        self.session = started.session
        self.agent_name = self.options.agent or app.settings.agent_name
        if self.options.on_file_change is not None:
            from codesession.api.watching import FileWatch

            self._watch = FileWatch(self.environment, started.session, self.options.on_file_change, self.trouble)
        return started.session.id

    @property
    def _outer_id(self) -> int | None:
        outer = self.outer
        if outer is None or outer.session is None or outer.environment != self.environment:
            return None
        return outer.session.id

    def _sessions(self, app: App) -> SessionService:
        if self.options.git:
            return app.sessions
        from codesession.domain.repo import Baseline, Scan
        from codesession.domain.scope import Scope
        from codesession.services.scopes import Scopes
        from codesession.services.sessions import Repo, SessionService

        def locate(directory: Path) -> Scope:
            return Scope(directory=directory.resolve(), git_root=None)

        repo = Repo(lambda _: Baseline.unknown(now_ms()), lambda *_: Scan())
        scopes = Scopes(app.store, locate, app.settings.session_id)
        return SessionService(app.store, scopes, repo, now_ms, app.settings.home, app.settings.ledger_path)

    def refresh(self, app: App) -> None:
        """Look at the session again: others may count calls for it too."""
        if self.session is not None:
            self.session = app.store.session(self.session.id) or self.session

    def log_reported(self, app: App, call: ReportedCall) -> Recorded | None:
        """Record a call that is announced with its counts; raises before a budget would be exceeded by it."""
        session = self.session
        if session is None:
            return None
        try:
            request = app.recording.quote(call, session).request
        except UnknownModelError as error:
            self.trouble(error)
            return self._log_unpriced(app, call)
        app.budgets.ensure(self.spender, request.cost_picousd or 0)
        return self._add(app, request)

    def _log_unpriced(self, app: App, call: ReportedCall) -> Recorded | None:
        from codesession.services.recording import unpriced_response

        response, total = unpriced_response(call)
        observation = Observation(response=response, context=self.context(agent_name=call.agent_name))
        return self._add(app, app.recording.priced(observation, reported_total_tokens=total))

    def log_response(self, app: App, response: ModelResponse, agent_name: str | None) -> Recorded | None:
        """Record a call that was made; the money is spent, so it is kept, and then the budget is asked."""
        if self.session is None:
            return None
        observation = Observation(response=response, context=self.context(agent_name=agent_name))
        recorded = self._add(app, app.recording.priced(observation))
        for standing in app.budgets.standings(self.spender):
            if _is_exceeded(standing):
                raise exceeded(standing)
        return recorded

    def keep(self, app: App, observation: Observation) -> Recorded | None:
        """Record a call that was watched."""
        return self._add(app, app.recording.priced(observation))

    def keep_all(self, app: App, observations: Sequence[Observation]) -> list[Recorded]:
        """Record calls whose results were fetched together; returns what is new of this session, if anybody listens."""
        app.recording.record(observations)
        self._recorded(app)
        if self.options.on_ai_usage is None or self.session is None:
            return []
        calls = [seen for seen in observations if seen.context.batch_id != seen.response.response_id]
        names = [(seen.response.provider_name, seen.response.response_id or "") for seen in calls]
        rows = [row for name in names if name not in self._known and (row := app.store.request(*name)) is not None]
        ours = [row for row in rows if row.session_id == self.session.id]
        return [new for row in ours if (new := self._new(row)) is not None]

    def _add(self, app: App, request: ModelRequest) -> Recorded | None:
        """None for a call that came before, as one that was watched does when it is logged too."""
        app.store.add_request(request)
        self._recorded(app)
        return self._new(request)

    def _new(self, request: ModelRequest) -> Recorded | None:
        identity = (request.provider_name, request.response_id)
        if identity in self._known:
            return None
        self._known.add(identity)
        cost = None if request.cost_picousd is None else json_usd(request.cost_picousd)
        return Recorded(cost, request.model)

    def _recorded(self, app: App) -> None:
        if app.recording.problem:
            self.trouble(app.recording.problem)
        self.refresh(app)

    def context(self, *, agent_name: str | None = None, started_at_ms: int | None = None) -> CallContext:
        """A call of this session."""
        session = self.session
        return CallContext(
            source=Source.API,
            started_at_ms=now_ms() if started_at_ms is None else started_at_ms,
            session_id=None if session is None else session.id,
            project=None if session is None else session.directory,
            agent_name=agent_name or self.agent_name,
        )

    def can_afford(self, app: App, picousd: int) -> bool:
        """Whether every budget that holds here has room for so much more."""
        if self.session is None:
            return self.fits(picousd)
        try:
            app.budgets.ensure(self.spender, picousd)
        except BudgetExceededError:
            return False
        return True

    def rule(self, app: App, demand: CallDemand, at_ms: int) -> Ruling:
        """Ask the budgets for a call that is about to be made, and set its upper estimate aside."""
        return app.budgets.request(self.spender, demand, None, at_ms)

    def ensure(self, app: App) -> None:
        """Raise when nothing may be spent any more."""
        app.budgets.ensure(self.spender)

    def note(self, app: App, message: str) -> None:
        """Keep a remark."""
        if self.session is not None:
            app.sessions.note(message, self.session.id, self.directory)

    def end(self, app: App, notes: str | None) -> SessionSummary:
        """End, and say what it came to; also when somebody else ended it meanwhile."""
        if self.session is None:
            return self.unrecorded()
        sessions = self._sessions(app)
        try:
            detail = sessions.end(self.session.id, self.directory, notes=notes)
        except NoActiveSessionError:
            detail = sessions.detail(self.session.id)
        self.session = detail.session
        return summary_of(detail, self.options.metadata)

    def unrecorded(self) -> SessionSummary:
        """All that can be said where the ledger could not be used."""
        return SessionSummary(
            session_id=None,
            name=self.name,
            budget_remaining=self.budget_remaining,
            metadata=self.options.metadata,
        )


def _is_exceeded(standing: Standing) -> bool:
    return standing.is_armed and standing.used_picousd > standing.limit_picousd


def error_note(error: BaseException) -> str:
    """What is noted when a session ends with an error."""
    said = str(error).strip().partition("\n")[0][:_MAX_ERROR]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
