"""
Insights: what stands out in a ledger beside plain sums.

Front ends ask `InsightService` only; how each figure is made, and what of it is an estimate, stands in its module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from codesession.domain.insights import (
        CacheWaste,
        CallPoint,
        CommitCost,
        DearHour,
        Diff,
        Event,
        Hotspot,
        Savings,
        SessionCommitCost,
        Standing,
        WhatIf,
    )
    from codesession.domain.pricing import ModelRates
    from codesession.domain.report import Dimension, ReportRequest, SessionUse, UsageTotals
    from codesession.domain.request import ModelRequest
    from codesession.domain.session import Session
    from codesession.store.base import Store
    from codesession.store.base_insights import InsightStore
    from codesession.store.base_reports import ReportStore


class Rates(Protocol):
    """What insights ask of the price book."""

    def rates(self, provider: str | None, model: str, at_ms: int) -> ModelRates | None:
        """List rates of a model per million tokens at a moment, None when they are not known."""


class InsightService:
    """Answers about a ledger. Belongs to one thread, as its stores."""

    def __init__(
        self,
        store: InsightStore,
        report_store: ReportStore,
        ledger: Store,
        prices: Callable[[], Rates],
        clock: Callable[[], int],
    ) -> None:
        self._store = store
        self._report_store = report_store
        self._ledger = ledger
        self._load_prices = prices
        self._clock = clock

    @property
    def _prices(self) -> Rates:
        return self._load_prices()

    def change_mark(self) -> int:
        """Another number after every change that another connection committed."""
        return self._store.change_mark()

    def calls_page(
        self,
        session_id: int,
        *,
        limit: int,
        offset: int,
        descending: bool,
        model: str | None = None,
        agent_name: str | None = None,
    ) -> tuple[list[ModelRequest], int]:
        """A page of a session's calls, and how many there are."""
        return self._store.calls_page(
            session_id, limit=limit, offset=offset, descending=descending, model=model, agent_name=agent_name
        )

    def call_points(self, session_id: int) -> list[CallPoint]:
        """All calls of a session, oldest first."""
        return self._store.call_points(session_id)

    def session_uses(self, session_ids: Sequence[int]) -> list[SessionUse]:
        """What sessions used, by model, agent and whether a sub-agent did."""
        from codesession.domain.report import CallFilter

        return self._report_store.session_uses(session_ids, where=CallFilter())

    def spent_since(self, since_ms: int) -> int:
        """What calls that began since a moment cost, in pico-dollars."""
        return sum(cost for _, cost in self._report_store.spending(since_ms=since_ms))

    def names(self) -> dict[Dimension, list[str]]:
        """Every model, provider, agent, project and set of sources there is, dearest first."""
        from codesession.services.insights.naming import names

        return names(self._report_store)

    def diff(self, session: Session, *, path: str | None, commit: str | None) -> Diff:
        """What a session changed, as git prints it."""
        from codesession.services.insights.diffs import diff_of

        files, commits = self._ledger.files(session.id), self._ledger.commits(session.id)
        return diff_of(session, files, commits, path=path, commit=commit)

    def savings(self, request: ReportRequest) -> Savings:
        """What caching saved in the time asked for."""
        from codesession.services.insights.caching import savings

        return savings(self._report_store, self._prices, request)

    def saved(self, parts: Iterable[tuple[str, str, UsageTotals]], at_ms: int) -> Savings:
        """What caching saved in (provider, model, totals) at the prices of a moment."""
        from codesession.services.insights.caching import saved

        return saved(self._prices, ((provider, model, totals, at_ms) for provider, model, totals in parts))

    def cache_waste(self, request: ReportRequest) -> CacheWaste:
        """Cache writes that nobody read."""
        from codesession.services.insights.caching import cache_waste

        return cache_waste(self._store, self._prices, request)

    def standing(self, request: ReportRequest) -> Standing:
        """The running day, week and month beside those before, and where the month is going."""
        from codesession.services.insights.standing import standing

        return standing(self._report_store, request, now_ms=self._clock())

    def what_if(self, request: ReportRequest, *, model: str, provider: str | None, target: ModelRates) -> WhatIf:
        """A model's calls at another one's prices."""
        from codesession.services.insights.comparing import what_if

        return what_if(
            self._report_store,
            self._prices,
            request,
            model=model,
            provider=provider,
            target=target,
            now_ms=self._clock(),
        )

    def hotspots(self, request: ReportRequest, *, limit: int, offset: int) -> tuple[list[Hotspot], int]:
        """Files that many sessions change, and how many there are."""
        from codesession.services.reports.spans import asked_ms

        since, until = asked_ms(request)
        return self._store.hotspots(
            since_ms=since, until_ms=until, projects=request.where.projects, limit=limit, offset=offset
        )

    def dearest_hours(self, request: ReportRequest, *, limit: int) -> list[DearHour]:
        """The dearest hours of the local clock."""
        from codesession.services.insights.comparing import dearest_hours

        return dearest_hours(self._report_store, request, limit=limit)

    def commit_costs(self, session_id: int) -> list[CommitCost]:
        """Cost per commit of a session, oldest first."""
        from codesession.services.insights.storyline import commit_costs

        return commit_costs(self._ledger.commits(session_id), self._store.call_points(session_id))

    def dearest_commits(self, request: ReportRequest, *, limit: int) -> list[SessionCommitCost]:
        """The dearest commits of the dearest sessions that made any."""
        from codesession.services.insights.storyline import dearest_commits

        return dearest_commits(self._store, self._ledger, request, limit=limit)

    def events(self, session: Session) -> list[Event]:
        """Everything that happened in a session, oldest first."""
        from codesession.services.insights.storyline import events

        return events(self._ledger, session, self._store.call_points(session.id))
