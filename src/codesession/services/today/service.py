"""The morning's look: git and gh in parallel over projects, meanwhile the ledger in this thread."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from codesession.domain.periods import GRAIN_MS, day_start_ms, local_date
from codesession.domain.report import CallFilter, Dimension, Span, UsageTotals
from codesession.domain.spelling import spelled
from codesession.domain.today import Project, PullRequest, RepoState, Todo, last_working_day
from codesession.services.repo.gitdir import locate
from codesession.services.repo.process import Git, GitError
from codesession.services.scopes import folder_of
from codesession.services.today import pulls
from codesession.services.today.repository import look
from codesession.services.today.todos import find_todos

if TYPE_CHECKING:
    from concurrent.futures import Future

    from codesession.domain.budget import Standing
    from codesession.domain.request import ModelRequest
    from codesession.domain.session import Session
    from codesession.domain.work import SessionFile, SessionNote
    from codesession.services.budgets.service import BudgetService
    from codesession.services.today.base import ProjectStore
    from codesession.store.base import Store
    from codesession.store.base_reports import ReportStore

GIT_PATIENCE_S = 5.0
"""All git processes of one project together; a project that takes longer is named."""
_AT_ONCE = 16
"""Projects whose git runs at the same time; gh waits for the network and has threads of its own."""
CALLS = 20
"""Calls of a last session that are told; the session has the sums of all."""
CLOSE_PERCENT = 80
"""Part of a budget that is used when it is close to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastSession:
    """The session that was started last, with its newest calls and all its files and notes."""

    session: Session
    calls: list[ModelRequest]
    files: list[SessionFile]
    notes: list[SessionNote]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What git and gh tell of one folder."""

    exists: bool = True
    is_git: bool = True
    state: RepoState | None = None
    todos: tuple[Todo, ...] = ()
    pulls: tuple[PullRequest, ...] | None = None
    """None: nobody was asked, or nobody answered."""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectDay:
    """One project this morning."""

    project: Project
    seen: Seen
    spent: UsageTotals
    """Since the last working day."""
    last: LastSession | None
    unfinished: tuple[Session, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """All of it at one moment."""

    at_ms: int
    day: date
    since: date
    """The last working day; `since_ms` is when it began."""
    since_ms: int
    projects: tuple[ProjectDay, ...]
    last: LastSession | None
    """The session that was started last anywhere."""
    spent: UsageTotals
    """In all projects, registered or not."""
    unfinished_elsewhere: tuple[Session, ...]
    budgets: tuple[Standing, ...]
    """Those of which `CLOSE_PERCENT` or more is used, the fullest first."""


class TodayService:
    """Looks at every registered project. Belongs to one thread, as its stores."""

    def __init__(
        self,
        projects: ProjectStore,
        store: Store,
        reports: ReportStore,
        budgets: BudgetService,
        clock: Callable[[], int],
        zone: Callable[[], tzinfo],
        environment: Mapping[str, str],
    ) -> None:
        self._projects = projects
        self._store = store
        self._reports = reports
        self._budgets = budgets
        self._clock = clock
        self._zone = zone
        self._environment = environment

    def look(self, *, ask_host: bool = True) -> Today:
        """Everything; `ask_host` says whether gh may be asked for pull requests."""
        from concurrent.futures import ThreadPoolExecutor

        now = self._clock()
        day = local_date(self._zone(), now)
        since = last_working_day(day)
        since_ms = day_start_ms(self._zone(), since)
        projects = self._projects.projects()
        gh = self._gh() if ask_host else None
        with ThreadPoolExecutor(_AT_ONCE) as local, ThreadPoolExecutor(max(1, len(projects))) as network:
            asked = [network.submit(_ask_host, project, gh, self._environment) for project in projects]
            looked = [local.submit(_look_at, project, since_ms) for project in projects]
            spent = self._spent(Span(start_ms=since_ms, end_ms=(now // GRAIN_MS + 1) * GRAIN_MS))
            days = self._with_ledger(projects, looked, asked, spent)
        newest = self._store.newest_session()
        inside = {session.id for each in days for session in each.unfinished}
        return Today(
            at_ms=now,
            day=day,
            since=since,
            since_ms=since_ms,
            projects=tuple(days),
            last=None if newest is None else self._told(newest),
            spent=UsageTotals.total(spent.values()),
            unfinished_elsewhere=tuple(each for each in self._store.active_sessions() if each.id not in inside),
            budgets=self._close_budgets(),
        )

    def _with_ledger(
        self,
        projects: Sequence[Project],
        looked: Sequence[Future[Seen]],
        asked: Sequence[Future[Seen]],
        spent: Mapping[str, UsageTotals],
    ) -> list[ProjectDay]:
        places = {project.id: _places(project) for project in projects}
        last = self._projects.last_sessions([path for paths in places.values() for path in paths])
        told = {session.id: self._told(session) for session in last.values()}
        active = self._store.active_sessions()
        days = []
        for project, local, host in zip(projects, looked, asked, strict=True):
            paths = places[project.id]
            newest = max((last[p] for p in paths if p in last), key=lambda s: (s.started_at_ms, s.id), default=None)
            days.append(
                ProjectDay(
                    project=project,
                    seen=_together(local.result(), host.result()),
                    spent=UsageTotals.total(spent[path] for path in paths if path in spent),
                    last=None if newest is None else told[newest.id],
                    unfinished=tuple(session for session in active if session.directory in paths),
                )
            )
        return days

    def _spent(self, span: Span) -> dict[str, UsageTotals]:
        cells = self._reports.usage(span, by=(Dimension.PROJECT,), where=CallFilter())
        return {cell.keys[0]: cell.totals for cell in cells}

    def _told(self, session: Session) -> LastSession:
        return LastSession(
            session=session,
            calls=self._store.requests(session.id, limit=CALLS),
            files=self._store.files(session.id),
            notes=self._store.notes(session.id),
        )

    def _close_budgets(self) -> tuple[Standing, ...]:
        close = [each for each in self._budgets.every() if _used_percent(each) >= CLOSE_PERCENT]
        return tuple(sorted(close, key=_used_percent, reverse=True))

    def _gh(self) -> str | None:
        from shutil import which

        return which("gh", path=self._environment.get("PATH"))


def _used_percent(standing: Standing) -> int:
    return standing.used_picousd * 100 // standing.limit_picousd if standing.limit_picousd > 0 else 100


def _places(project: Project) -> tuple[str, ...]:
    """The directories its sessions may be kept under: as registered, and where git says the root is."""
    return tuple(dict.fromkeys((spelled(str(locate(folder_of(project.path)).directory)), project.path)))


def _look_at(project: Project, since_ms: int) -> Seen:
    """Git's part; runs in a thread and raises nothing."""
    folder = folder_of(project.path)
    if not os.path.isdir(folder):
        return Seen(exists=False, is_git=False, problems=(_why_not(folder),))
    root = locate(folder).git_root
    if root is None:
        return Seen(is_git=False)
    git = Git(root, timeout=GIT_PATIENCE_S)
    try:
        state = look(git, since_ms)
    except GitError as error:
        return Seen(problems=(str(error),))
    try:
        return Seen(state=state, todos=find_todos(git, state.recent_files))
    except GitError as error:
        return Seen(state=state, problems=(str(error),))


def _why_not(folder: Path) -> str:
    return "is no folder" if os.path.lexists(folder) else "does not exist (any more)"


def _ask_host(project: Project, gh: str | None, environment: Mapping[str, str]) -> Seen:
    """The host's part; runs in a thread and raises nothing."""
    root = locate(folder_of(project.path)).git_root
    if gh is None or root is None or not pulls.has_host(root, environment):
        return Seen()
    try:
        return Seen(pulls=pulls.open_pulls(gh, root))
    except pulls.PullsError as error:
        return Seen(problems=(f"pull requests are not known: {error}",))


def _together(local: Seen, host: Seen) -> Seen:
    return Seen(
        exists=local.exists,
        is_git=local.is_git,
        state=local.state,
        todos=local.todos,
        pulls=host.pulls,
        problems=local.problems + host.problems,
    )
