"""Composition root: the only file that names concrete classes. Everything is built when it is first used."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from codesession.errors import CodesessionError, UnavailableError
from codesession.settings import Settings, load_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import tzinfo

    from codesession.domain.repo import Baseline, Scan
    from codesession.importers.base import Places
    from codesession.prices import PriceBook
    from codesession.services.alerts import AlertService
    from codesession.services.branch_cost import BranchCosts
    from codesession.services.budgets.estimating import Estimator
    from codesession.services.budgets.service import BudgetService
    from codesession.services.exports.metrics import Metrics
    from codesession.services.exports.service import ExportService
    from codesession.services.importing.service import ImportService
    from codesession.services.insights import InsightService
    from codesession.services.live import LiveFeed
    from codesession.services.recording import Recording
    from codesession.services.reports import ReportService
    from codesession.services.repricing import Repricing
    from codesession.services.scopes import Scopes
    from codesession.services.sessions import SessionService
    from codesession.services.spool import Spool
    from codesession.services.today.registering import Projects
    from codesession.services.today.service import TodayService
    from codesession.services.writer import BackgroundWriter
    from codesession.store.base import Store
    from codesession.store.base_reports import ReportStore
    from codesession.store.checking import LedgerState
    from codesession.store.database import Database
    from codesession.store.starting_over import StartedOver


_WRITER_PATIENCE_S = 1.0
"""A background writer has a spool to turn to."""
_TAKING_IN_PATIENCE_S = 0.2
"""A command came for something else; the next one tries again."""


def now_ms() -> int:
    """The wall clock: UTC epoch milliseconds."""
    return time.time_ns() // 1_000_000


if TYPE_CHECKING:
    from functools import cached_property as _built_once
else:

    class _built_once:
        """
        A part that is built at first use, without a lock: an app belongs to one thread.

        `functools.cached_property` of Python 3.11 shares one lock between all instances: a thread that waits for the
        ledger would hold up every other thread's app.
        """

        def __init__(self, build):
            self._build = build
            self._name = build.__name__
            self.__doc__ = build.__doc__

        def __get__(self, app, kind=None):
            """Build the part and put it in our place."""
            part = self._build(app)
            app.__dict__[self._name] = part
            return part


class App:
    """One user's services over one ledger. Belongs to one thread, like its database connection."""

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        directory: Path | None = None,
        *,
        patience_s: float | None = None,
    ) -> None:
        self.environment = os.environ if environment is None else environment
        self._directory = directory
        self._patience_s = patience_s
        """How long to wait for another program's write lock; None: as long as a person would."""

    @property
    def directory(self) -> Path:
        """The working directory that scopes are looked up from."""
        if self._directory is not None:
            return self._directory
        try:
            return Path.cwd()
        except FileNotFoundError as error:
            raise UnavailableError("the working directory is gone", hint="go to one that exists: cd ~") from error

    @_built_once
    def settings(self) -> Settings:
        """Settings of this user."""
        return load_settings(self.environment)

    @_built_once
    def _database(self) -> Database:
        patience = {} if self._patience_s is None else {"busy_timeout_s": self._patience_s}
        if url := self.settings.ledger_url:
            from codesession.store.postgres import PostgresDatabase

            return PostgresDatabase(url, now_ms=now_ms(), **patience)
        from codesession.store.sqlite import SqliteDatabase

        return SqliteDatabase(self.settings.ledger_path, now_ms=now_ms(), **patience)

    @_built_once
    def store(self) -> Store:
        """The ledger, opened and brought to the newest schema; calls that waited for it are taken in."""
        from codesession.store.sql_store import SqlStore

        store = SqlStore(self._database)
        if self._patience_s is None:
            self._take_in_waiting()
        return store

    def check_writing(self) -> None:
        """Take a writer's turn and give it back; raises `StorageError`."""
        with self._database.transaction():
            return

    @_built_once
    def _report_store(self) -> ReportStore:
        from codesession.store.reporting import SqlReports

        return SqlReports(self._database)

    @_built_once
    def reports(self) -> ReportService:
        """What was used and what it cost, by time, by kind, by session."""
        from codesession.services.reports import ReportService

        return ReportService(self._report_store, now_ms)

    @_built_once
    def insights(self) -> InsightService:
        """What stands out: hot files, cost per commit, what caching saved."""
        from codesession.services.insights import InsightService
        from codesession.store.insights import SqlInsights

        insights = SqlInsights(self._database)
        return InsightService(insights, self._report_store, self.store, lambda: self.prices, now_ms)

    def live(self, zone: tzinfo) -> LiveFeed:
        """The ledger from moment to moment, with days cut in a zone."""
        from codesession.services.live import LiveFeed

        return LiveFeed(self.store, self._report_store, now_ms, zone)

    @_built_once
    def scopes(self) -> Scopes:
        """Which session a command means."""
        from codesession.services.repo import locate
        from codesession.services.scopes import Scopes

        return Scopes(self.store, locate, self.settings.session_id)

    @_built_once
    def sessions(self) -> SessionService:
        """Begin, end, look at, recover."""
        from codesession.services.sessions import Repo, SessionService

        repo = Repo(_baseline, _scan)
        return SessionService(self.store, self.scopes, repo, now_ms, self.settings.home, self.settings.ledger_path)

    @_built_once
    def prices(self) -> PriceBook:
        """Built-in prices and the user's own."""
        from codesession.prices import PriceBook

        return PriceBook.load(self.settings.price_data, self.settings.price_overrides, self.settings.aliases)

    @_built_once
    def repricing(self) -> Repricing:
        """Price the ledger again."""
        from codesession.services.repricing import Repricing

        return Repricing(self.store, lambda: self.prices, now_ms)

    @_built_once
    def recording(self) -> Recording:
        """Price once, count once."""
        from codesession.services.recording import Recording

        return Recording(self.store, lambda: self.prices, now_ms)

    @_built_once
    def budgets(self) -> BudgetService:
        """What may be spent, and whether it may."""
        from codesession.services.budgets.service import BudgetService
        from codesession.store.budgeting import SqlBudgets

        budgets, zone = SqlBudgets(self._database), lambda: self._budget_zone
        return BudgetService(budgets, self.store, self.scopes, lambda: self._estimator, now_ms, zone)

    @_built_once
    def _estimator(self) -> Estimator:
        from codesession.services.budgets.estimating import Estimator, UnpricedTerms

        settings = self.settings
        terms = UnpricedTerms(refuse=settings.budget_refuses_unpriced, ceiling_picousd=settings.budget_ceiling_picousd)
        return Estimator(lambda: self.prices, terms)

    @_built_once
    def alerts(self) -> AlertService:
        """Warn levels, spending rates, and who is told."""
        from codesession.services.alerts import AlertService
        from codesession.store.alerting import SqlAlerts

        alerts, zone = SqlAlerts(self._database), lambda: self._budget_zone
        return AlertService(alerts, self.budgets, self._report_store, now_ms, zone)

    def has_anything_to_watch(self) -> bool:
        """Whether there is a budget or a rule that could be breached; one quick read, and nothing else is loaded."""
        from codesession.store.budget_queries import ANYTHING_TO_WATCH

        return bool(self._database.query(ANYTHING_TO_WATCH)[0][0])

    @_built_once
    def exports(self) -> ExportService:
        """The ledger for other programs."""
        from codesession.services.exports.service import ExportService
        from codesession.store.exporting import SqlExports

        return ExportService(SqlExports(self._database), self._report_store)

    @_built_once
    def branch_costs(self) -> BranchCosts:
        """What the work on a branch cost."""
        from codesession.services.branch_cost import BranchCosts
        from codesession.store.projects import SqlProjects

        return BranchCosts(SqlProjects(self._database), self.store, self.environment)

    @_built_once
    def metrics(self) -> Metrics:
        """The ledger's sums for Prometheus."""
        from codesession.services.exports.metrics import Metrics

        return Metrics(self._report_store, self.store, self.budgets)

    @_built_once
    def projects(self) -> Projects:
        """The folders the user wants to be told about."""
        from codesession.services.repo import locate
        from codesession.services.today.registering import Projects
        from codesession.store.projects import SqlProjects

        return Projects(SqlProjects(self._database), locate, now_ms)

    @_built_once
    def today(self) -> TodayService:
        """Where every registered project stands."""
        from codesession.services.today.service import TodayService
        from codesession.store.projects import SqlProjects

        projects, zone = SqlProjects(self._database), lambda: self.zone
        return TodayService(projects, self.store, self._report_store, self.budgets, now_ms, zone, self.environment)

    @_built_once
    def zone(self) -> tzinfo:
        """The user's time zone: `TZ`, else the machine's."""
        from codesession.services.zones import zone_of

        return zone_of(None, self.environment)[0]

    @_built_once
    def _budget_zone(self) -> tzinfo:
        from codesession.services.zones import zone_for_budgets

        return zone_for_budgets(self.environment)

    @_built_once
    def importing(self) -> ImportService:
        """Agents' own logs into the ledger."""
        from codesession.services.importing.service import ImportService
        from codesession.services.repo import locate
        from codesession.store.importing import SqlImports

        return ImportService(
            SqlImports(self._database),
            self.recording,
            lambda: self.prices,
            locate,
            self.places,
            prompt_titles=self.settings.import_titles,
        )

    @property
    def places(self) -> Places:
        """Where agents are looked for."""
        from codesession.importers.base import Places

        return Places(environment=self.environment, home=self.settings.home.parent, platform=sys.platform)

    def inspect_ledger(self, path: Path) -> LedgerState:
        """What a ledger file is like, without opening it as ours."""
        from codesession.store.checking import inspect_ledger

        return inspect_ledger(path)

    @property
    def spool(self) -> Spool:
        """Where calls wait that the ledger could not take."""
        from codesession.services.spool import Spool

        return Spool(self.settings.ledger_place)

    @contextmanager
    def on_copy(self) -> Iterator[App]:
        """The same settings over a copy of the ledger that is thrown away: what would happen, without it happening."""
        from tempfile import TemporaryDirectory

        from codesession.store.sqlite import copy_ledger

        ledger = self._own_file(
            "a dry run", hint="try it without CODESESSION_DATABASE_URL, on a new CODESESSION_DB_PATH"
        )
        with TemporaryDirectory(prefix="codesession-") as folder:
            copy = Path(folder) / "sessions.db"
            if ledger.exists():
                copy_ledger(ledger, copy)
            own = App({**self.environment, "CODESESSION_DB_PATH": str(copy)}, self._directory)
            try:
                yield own
            finally:
                own.close()

    def start_over(self) -> StartedOver:
        """Empty the ledger after a backup; raises while a session is active, whose calls would have no place."""
        from codesession.errors import InvalidInputError
        from codesession.store.sqlite import SqliteDatabase
        from codesession.store.starting_over import start_over

        ledger = self._own_file("starting over", hint="keep it with pg_dump, then name an empty database")
        if active := self.store.active_sessions():
            names = ", ".join(f'{session.id} "{session.name}"' for session in active[:3])
            raise InvalidInputError(f"sessions are still active: {names}", hint="end them first")
        database = SqliteDatabase(ledger, now_ms=now_ms())
        try:
            return start_over(database, now_ms=now_ms())
        finally:
            database.close()

    def _own_file(self, what: str, *, hint: str) -> Path:
        """The ledger's file, for what is done to files only; raises where the ledger is on a server."""
        if self.settings.ledger_url is not None:
            where = self.settings.ledger_name
            raise UnavailableError(f"{what} needs a ledger in a file; this one is {where}", hint=hint)
        return self.settings.ledger_path

    def background_writer(self) -> BackgroundWriter:
        """A writer with its own connection, for servers that must not wait for the ledger."""
        from codesession.services.writer import BackgroundWriter

        file = self.settings.ledger_path if self.settings.ledger_url is None else None
        from codesession.services.exports.switch import telemetry_is_wanted

        if telemetry_is_wanted(self.environment):
            return BackgroundWriter(self._telling_recording, self.spool, file)
        return BackgroundWriter(lambda: self._own_recording(_WRITER_PATIENCE_S), self.spool, file)

    @contextmanager
    def _telling_recording(self) -> Iterator[Recording]:
        """A recording that tells a collector too; without the packages for it, one that says so."""
        from codesession.services.exports.otel import Telemetry, TellingRecording

        own = self.for_thread(patience_s=_WRITER_PATIENCE_S)
        recording = TellingRecording(own.store, lambda: own.prices, now_ms)
        try:
            try:
                recording.telemetry = Telemetry.over_otlp()
            except UnavailableError as error:  # the calls are worth more than their telemetry
                recording.problem = f"{error.message}: {error.hint}"
            yield recording
        finally:
            if recording.telemetry is not None:
                recording.telemetry.close()
            own.close()

    def _take_in_waiting(self) -> None:
        """Hand over calls that could not be recorded before; without any this costs one look at a file's size."""
        try:
            if os.stat(f"{self.settings.ledger_place}.spool").st_size == 0:
                return
        except OSError:  # not there: nothing waits
            return
        with suppress(CodesessionError), self._own_recording(_TAKING_IN_PATIENCE_S) as recording:
            self.spool.drain(recording.record_late)  # what cannot be taken in yet waits on; `cs doctor` says so

    @contextmanager
    def _own_recording(self, patience_s: float) -> Iterator[Recording]:
        own = self.for_thread(patience_s=patience_s)
        try:
            yield own.recording
        finally:
            own.close()

    def for_thread(self, *, patience_s: float | None = None) -> App:
        """The same settings with a connection of its own; with `patience_s` one that waits no longer for a lock."""
        return App(self.environment, self._directory, patience_s=patience_s)

    def close(self) -> None:
        """Let go of the ledger, if it was opened."""
        if "_database" in self.__dict__:
            self._database.close()


def _baseline(git_root: Path) -> Baseline:
    from codesession.services import repo

    return repo.baseline(git_root)


def _scan(directory: Path, baseline: str | None, since_ms: int) -> Scan:
    from codesession.services import repo

    return repo.scan_session(directory, baseline, since_ms)
