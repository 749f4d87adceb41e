"""Sessions: begin, end, look at, recover."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from codesession.domain.ids import uuid7
from codesession.domain.session import NewSession, Session
from codesession.domain.spelling import spelled
from codesession.errors import (
    InvalidInputError,
    NoActiveSessionError,
    SessionActiveError,
    SessionNotFoundError,
    UnavailableError,
)
from codesession.services.scopes import folder_of

if TYPE_CHECKING:
    from codesession.domain.repo import Baseline, Scan
    from codesession.domain.request import ModelRequest
    from codesession.domain.scope import Scope
    from codesession.domain.totals import ModelTotal, SessionStats
    from codesession.domain.work import SessionCommit, SessionFile, SessionNote
    from codesession.services.scopes import Scopes
    from codesession.store.base import Store

MAX_NAME = 1_000
"""Characters in a session's name."""
MAX_NOTE = 100_000
"""Characters in a note."""
NEWEST_CALLS = 1_000
"""How many calls a session's detail holds unless all are asked for."""
_ATTEMPTS = 100
"""Starts that may come in between before we give up; each of them opens one session and leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A session that was begun or taken up again."""

    session: Session
    resumed: bool = False
    closed: tuple[Session, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDetail:
    """A session with everything recorded for it."""

    session: Session
    requests: list[ModelRequest]
    files: list[SessionFile]
    commits: list[SessionCommit]
    notes: list[SessionNote]
    seen_at_ms: int
    warnings: tuple[str, ...] = ()


class Repo:
    """The repository functions a session needs; `services.repo` implements them with the git program."""

    def __init__(self, baseline: Callable[[Path], Baseline], scan: Callable[[Path, str | None, int], Scan]) -> None:
        self.baseline = baseline
        self.scan = scan


class SessionService:
    """Begins, ends and shows sessions."""

    def __init__(
        self, store: Store, scopes: Scopes, repo: Repo, clock: Callable[[], int], own_folder: Path, ledger: Path
    ) -> None:
        self._own_folder = own_folder.resolve()
        self._ledger = ledger.resolve()
        self._store = store
        self._scopes = scopes
        self._repo = repo
        self._clock = clock

    def start(
        self,
        name: str,
        directory: Path,
        *,
        resume: bool = False,
        close_stale: bool = False,
        parallel: bool = False,
        budget_picousd: int | None = None,
        budget_strict: bool = False,
        outer_id: int | None = None,
    ) -> Started:
        """
        Begin a session in the scope of `directory`.

        `resume` takes up the scope's open session instead; `close_stale` ends the scope's open sessions
        first; `parallel` allows another beside them (`cs run`), which counts for the budgets of the session
        `outer_id`, else of the run, that it is begun in. Inside a `cs run` the two former join the run's own
        session: ending it would take the budget and the attribution away from the running command.
        """
        name = checked_name(name)
        scope = self._scopes.scope(directory)
        surrounding = self._scopes.surrounding()
        if (
            surrounding is not None
            and (resume or close_stale)
            and surrounding.directory == spelled(str(scope.directory))
        ):
            return Started(session=surrounding, resumed=True)
        closed: list[Session] = []
        for _ in range(_ATTEMPTS):
            open_here = self._store.active_sessions(str(scope.directory))
            if resume and open_here:
                return Started(session=open_here[-1], resumed=True)
            if close_stale:
                closed += self._close_each(open_here, f'closed by the start of "{name}"')
            elif open_here and not parallel:
                raise SessionActiveError(open_here[-1].id, open_here[-1].name)
            begun = self._begin(name, scope, parallel, budget_picousd, budget_strict, outer_id)
            if begun is not None:
                return replace(begun, closed=tuple(closed))
        raise UnavailableError("other programs keep opening sessions here", hint="try again")

    def _begin(
        self,
        name: str,
        scope: Scope,
        parallel: bool,
        budget_picousd: int | None,
        budget_strict: bool,
        outer_id: int | None,
    ) -> Started | None:
        """Open a session; None when somebody else opened one since we looked."""
        baseline = self._repo.baseline(scope.git_root) if scope.git_root is not None else None
        now = self._clock()
        if outer_id is None and (outer := self._scopes.begun_in()) is not None:
            outer_id = outer.id
        session = self._store.create_session(
            NewSession(
                uid=uuid7(now),
                name=name,
                directory=str(scope.directory),
                git_root=None if scope.git_root is None else str(scope.git_root),
                git_branch=baseline.branch if baseline else None,
                start_git_head=baseline.head if baseline else None,
                baseline=baseline.to_json() if baseline else None,
                started_at_ms=now,
                budget_picousd=budget_picousd,
                budget_strict=budget_strict,
                outer_id=outer_id if parallel else None,
            ),
            exclusive=not parallel,
        )
        if session is None:
            return None
        return Started(session=session, warnings=baseline.warnings if baseline else ())

    def end(self, session_id: int | None, directory: Path, *, notes: str | None = None) -> SessionDetail:
        """End a session: look once at what happened in its repository, keep it, return everything."""
        session = self._scopes.chosen(session_id, directory)
        warnings = self._finish(session, notes) if session.is_active else None
        if warnings is None:
            message = f'session {session.id} "{session.name}" has already ended'
            raise NoActiveSessionError(message, hint=f"`cs show {session.id}` shows what it came to")
        return replace(self.detail(session.id), warnings=warnings)

    def _close_each(self, sessions: Iterable[Session], notes: str) -> list[Session]:
        """End sessions; those that nobody else ended meanwhile, as they are now."""
        return [self._scopes.by_id(each.id) for each in sessions if self._finish(each, notes) is not None]

    def _finish(self, session: Session, notes: str | None) -> tuple[str, ...] | None:
        """End a session with its work; warnings, or None when somebody else ended it meanwhile."""
        notes = checked_note(notes) if notes else None
        directory = folder_of(session.directory)
        scan = self._repo.scan(directory, self._store.baseline(session.id), session.started_at_ms)
        ended = self._store.finish_session(
            session.id,
            ended_at_ms=self._clock(),
            notes=notes,
            commits=[(c.hash, c.message, c.committed_at_ms) for c in scan.commits],
            files=[(f.path, f.change_type) for f in scan.files if not self.is_ours(directory / f.path)],
        )
        return scan.warnings if ended is not None else None

    def is_ours(self, file: Path) -> bool:
        """Whether a file is this program's own: people keep their home directory, or the ledger, in git."""
        return self._own_folder in file.parents or (
            file.parent == self._ledger.parent and file.name.startswith(self._ledger.name)
        )

    def status(self, session_id: int | None, directory: Path, *, all_calls: bool = False) -> SessionDetail:
        """The session that a command here would mean, with everything recorded so far."""
        return self.detail(self._scopes.chosen(session_id, directory).id, all_calls=all_calls)

    def detail(self, session_id: int, *, all_calls: bool = False) -> SessionDetail:
        """One session with everything recorded for it; the newest calls unless all are asked for."""
        return self._detail_of(self._scopes.by_id(session_id), all_calls=all_calls)

    def newest(self, *, all_calls: bool = False) -> SessionDetail:
        """The session that was started last."""
        session = self._store.newest_session()
        if session is None:
            raise SessionNotFoundError(None)
        return self._detail_of(session, all_calls=all_calls)

    def _detail_of(self, session: Session, *, all_calls: bool) -> SessionDetail:
        return SessionDetail(
            session=session,
            requests=self._store.requests(session.id, limit=None if all_calls else NEWEST_CALLS),
            files=self._store.files(session.id),
            commits=self._store.commits(session.id),
            notes=self._store.notes(session.id),
            seen_at_ms=self._clock(),
        )

    def note(self, message: str, session_id: int | None, directory: Path) -> tuple[SessionNote, Session]:
        """Keep a remark with a session."""
        message = checked_note(message)
        session = self._scopes.chosen(session_id, directory)
        return self._store.add_note(session.id, message, at_ms=self._clock()), session

    def newest_first(self, *, limit: int | None) -> list[Session]:
        """Sessions, newest first."""
        return self._store.sessions(limit=limit)

    def stats(self) -> SessionStats:
        """Totals over completed sessions."""
        return self._store.stats()

    def model_totals(self, session_id: int) -> list[ModelTotal]:
        """Cost per model of a session, dearest first."""
        return self._store.model_totals(session_id)

    def agent_names(self, session_id: int) -> list[str]:
        """The agents that made calls in a session."""
        return self._store.agent_names(session_id)

    def export(self, *, limit: int | None) -> Iterator[SessionDetail]:
        """Sessions with everything, newest first, one at a time."""
        for session in self._store.sessions(limit=limit):
            yield self._detail_of(session, all_calls=True)

    def recover(self, *, max_age_ms: int) -> list[Session]:
        """End every session that has been active for longer than `max_age_ms`."""
        now = self._clock()
        left_open = [each for each in self._store.active_sessions() if now - each.started_at_ms >= max_age_ms]
        return self._close_each(left_open, "recovered: it was still active after its age limit")

    def now_ms(self) -> int:
        """The moment durations of active sessions are counted to."""
        return self._clock()


def checked_name(name: str) -> str:
    """A session name that says something and fits; raises `InvalidInputError`."""
    if not name.strip():
        raise InvalidInputError("the session name is empty", hint='say what you are doing: cs start "Fix the login"')
    if len(name) > MAX_NAME:
        raise InvalidInputError(f"the session name has {len(name):,} characters; {MAX_NAME:,} are allowed")
    return name


def checked_note(message: str) -> str:
    """A note that says something and fits; raises `InvalidInputError`."""
    if not message.strip():
        raise InvalidInputError("the note is empty", hint='cs note "what you found"')
    if len(message) > MAX_NOTE:
        raise InvalidInputError(f"the note has {len(message):,} characters; {MAX_NOTE:,} are allowed")
    return message
