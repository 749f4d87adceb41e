"""The ledger in SQL, on any database that `store.database` describes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from codesession.domain.money import PICO
from codesession.domain.session import NewSession, Session, SessionStatus
from codesession.store import queries as q
from codesession.store import rows
from codesession.store.database import Database

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from codesession.domain.request import ModelRequest
    from codesession.domain.totals import ModelTotal, SessionStats
    from codesession.domain.work import SessionCommit, SessionFile, SessionNote
    from codesession.store.calls import SqlCalls

_NO_LIMIT = 2**62


def _limit(wanted: int | None) -> int:
    return _NO_LIMIT if wanted is None else min(wanted, _NO_LIMIT)


class SqlStore:
    """Implements `store.base.Store`. One instance per thread."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()

    # sessions

    def create_session(self, new: NewSession, *, exclusive: bool) -> Session | None:
        """Open a session. With `exclusive`, None if its directory has an active one already."""
        with self._db.transaction():
            if exclusive and self._db.query(q.ACTIVE_SESSIONS_OF, {"directory": rows.text(new.directory)}):
                return None
            params: dict[str, Any] = {name: getattr(new, name, None) for name in q.NEW_SESSION_COLUMNS}
            params = {k: rows.text(v) if isinstance(v, str) else v for k, v in params.items()}
            ((session_id,),) = self._db.query(q.INSERT_SESSION, {**params, "status": str(SessionStatus.ACTIVE)})
            if new.baseline is not None:
                self._db.execute(q.INSERT_BASELINE, {"session_id": session_id, "baseline": rows.text(new.baseline)})
            if new.outer_id is not None:
                self._db.execute(q.NEST_SESSION, {"session_id": session_id, "outer_id": new.outer_id})
            if new.budget_picousd is not None:
                from codesession.store.budgeting import insert_session_budget

                insert_session_budget(self._db, session_id, new)
            return self.session(session_id)

    def session(self, session_id: int) -> Session | None:
        """One session by its number."""
        return self._one(q.SESSION_BY_ID, id=session_id)

    def active_sessions(self, directory: str | None = None) -> list[Session]:
        """Active sessions, oldest first; of one directory if given."""
        if directory is None:
            found = self._db.query(q.ACTIVE_SESSIONS)
        else:
            found = self._db.query(q.ACTIVE_SESSIONS_OF, {"directory": rows.text(directory)})
        return [rows.session_of(row) for row in found]

    def sessions(self, *, limit: int | None, status: SessionStatus | None = None) -> list[Session]:
        """Sessions, newest first."""
        params: dict[str, Any] = {"limit": _limit(limit)}
        if status is None:
            found = self._db.query(q.SESSIONS, params)
        else:
            found = self._db.query(q.SESSIONS_OF_STATUS, {**params, "status": str(status)})
        return [rows.session_of(row) for row in found]

    def newest_session(self) -> Session | None:
        """The session that was started last."""
        return self._one(q.SESSIONS, limit=1)

    def baseline(self, session_id: int) -> str | None:
        """The serialised repository state that `create_session` was given."""
        found = self._db.query(q.BASELINE, {"session_id": session_id})
        return found[0][0] if found else None

    def finish_session(
        self,
        session_id: int,
        *,
        ended_at_ms: int,
        notes: str | None,
        commits: Iterable[tuple[str, str, int]] = (),
        files: Iterable[tuple[str, str]] = (),
    ) -> Session | None:
        """End an active session together with the work found; None if it is not active (any more)."""
        notes = None if notes is None else rows.text(notes)
        with self._db.transaction():
            ended = self._db.execute(q.FINISH_SESSION, {"id": session_id, "ended_at_ms": ended_at_ms, "notes": notes})
            if not ended:
                return None
            self._insert_commits(session_id, commits)
            self._insert_files(session_id, files, at_ms=ended_at_ms)
            return self.session(session_id)

    def stats(self) -> SessionStats:
        """Totals over completed sessions."""
        from codesession.domain.totals import SessionStats

        (found,) = self._db.query(q.STATS)
        sessions, duration, files, commits, dollars, rest, tokens, calls, unpriced, lower, listed = map(int, found)
        return SessionStats(
            sessions=sessions,
            duration_ms=duration,
            files_changed=files,
            commits=commits,
            cost_picousd=dollars * PICO + rest,
            total_tokens=tokens,
            requests=calls,
            unpriced_requests=unpriced,
            lower_bound_requests=lower,
            list_price_requests=listed,
        )

    # the work of a session

    def add_files(self, session_id: int, files: Iterable[tuple[str, str]], *, at_ms: int) -> None:
        """Keep (path, change type) pairs; a later one of the same path replaces the earlier."""
        with self._db.transaction():
            self._insert_files(session_id, files, at_ms=at_ms)

    def add_commits(self, session_id: int, commits: Iterable[tuple[str, str, int]]) -> None:
        """Keep (hash, message, time in ms); a known hash is left alone."""
        with self._db.transaction():
            self._insert_commits(session_id, commits)

    def add_note(self, session_id: int, message: str, *, at_ms: int) -> SessionNote:
        """Keep a remark."""
        from codesession.domain.work import SessionNote

        message = rows.text(message)
        with self._db.transaction():
            ((note_id,),) = self._db.query(
                q.INSERT_NOTE, {"session_id": session_id, "message": message, "created_at_ms": at_ms}
            )
        return SessionNote(id=note_id, session_id=session_id, message=message, created_at_ms=at_ms)

    def files(self, session_id: int) -> list[SessionFile]:
        """Files of a session in the order they were noticed."""
        from codesession.domain.work import SessionFile

        names = ("id", "session_id", "file_path", "change_type", "changed_at_ms")
        return [
            SessionFile(**dict(zip(names, row, strict=True)))
            for row in self._db.query(q.FILES, {"session_id": session_id})
        ]

    def commits(self, session_id: int) -> list[SessionCommit]:
        """Commits of a session, oldest first."""
        from codesession.domain.work import SessionCommit

        names = ("id", "session_id", "hash", "message", "committed_at_ms")
        return [
            SessionCommit(**dict(zip(names, row, strict=True)))
            for row in self._db.query(q.COMMITS, {"session_id": session_id})
        ]

    def notes(self, session_id: int) -> list[SessionNote]:
        """Remarks of a session, oldest first."""
        from codesession.domain.work import SessionNote

        names = ("id", "session_id", "message", "created_at_ms")
        return [
            SessionNote(**dict(zip(names, row, strict=True)))
            for row in self._db.query(q.NOTES, {"session_id": session_id})
        ]

    # model calls

    def add_request(self, request: ModelRequest) -> bool:
        """Count a model call once. False if it was known already and has been merged."""
        return self.add_requests([request]) == 1

    def request_id(self, provider_name: str, response_id: str) -> int | None:
        """The number of a call in the ledger; None when none is known by that id."""
        key = {"provider_name": rows.text(provider_name), "response_id": rows.text(response_id)}
        found = self._db.query(q.REQUEST_ID, key)
        return found[0][0] if found else None

    def request(self, provider_name: str, response_id: str) -> ModelRequest | None:
        """A call in the ledger; None when none is known by that id."""
        key = {"provider_name": rows.text(provider_name), "response_id": rows.text(response_id)}
        return next(iter(self._calls.read(self._db.query(q.REQUEST_BY_KEY, key))), None)

    def add_requests(self, requests: Sequence[ModelRequest]) -> int:
        """`add_request` for many in one transaction; returns how many were new."""
        return self._calls.add(requests)

    def revise_costs(
        self,
        revise: Callable[[ModelRequest], tuple[ModelRequest, str] | None],
        *,
        since_ms: int,
        at_ms: int,
        dry_run: bool,
    ) -> None:
        """Offer every call since a moment to `revise`; keep its changes and the old figures in one transaction."""
        self._calls.revise(revise, since_ms=since_ms, at_ms=at_ms, dry_run=dry_run)

    def unpriced_models(self) -> list[tuple[str, str, int]]:
        """(provider, model, calls) of what has no cost, most calls first."""
        return [(provider, model, int(calls)) for provider, model, calls in self._db.query(q.UNPRICED_MODELS)]

    def requests(self, session_id: int, *, limit: int | None) -> list[ModelRequest]:
        """The newest calls of a session, in the order they happened."""
        found = self._db.query(q.REQUESTS, {"session_id": session_id, "limit": _limit(limit)})
        return self._calls.read(reversed(found)) if found else []

    def agent_names(self, session_id: int) -> list[str]:
        """The agents that made calls in a session, in order of appearance."""
        return [name for (name,) in self._db.query(q.AGENT_NAMES, {"session_id": session_id})]

    def model_totals(self, session_id: int) -> list[ModelTotal]:
        """Cost per model of a session, dearest first."""
        from codesession.domain.totals import ModelTotal

        totals = [
            ModelTotal(
                provider_name=provider,
                model=model,
                requests=int(calls),
                total_tokens=int(tokens),
                cost_picousd=int(dollars) * PICO + int(rest),
                unpriced_requests=int(unpriced),
                lower_bound_requests=int(lower),
                list_price_requests=int(listed),
            )
            for provider, model, calls, tokens, dollars, rest, unpriced, lower, listed in self._db.query(
                q.MODEL_TOTALS, {"session_id": session_id}
            )
        ]
        return sorted(totals, key=lambda m: (-m.cost_picousd, -m.total_tokens, m.provider_name, m.model))

    @cached_property
    def _calls(self) -> SqlCalls:
        from codesession.store.calls import SqlCalls

        return SqlCalls(self._db)

    # inside a transaction

    def _one(self, sql: str, **params: Any) -> Session | None:
        found = self._db.query(sql, params)
        return rows.session_of(found[0]) if found else None

    def _insert_files(self, session_id: int, files: Iterable[tuple[str, str]], *, at_ms: int) -> None:
        added = 0
        for path, change_type in files:
            params = {"session_id": session_id, "file_path": rows.text(path)}
            added += not self._db.query(q.KNOWN_FILE, params)
            self._db.execute(q.UPSERT_FILE, {**params, "change_type": change_type, "changed_at_ms": at_ms})
        if added:
            self._db.execute(q.ADD_FILES_CHANGED, {"session_id": session_id, "added": added})

    def _insert_commits(self, session_id: int, commits: Iterable[tuple[str, str, int]]) -> None:
        added = 0
        for commit_hash, message, at_ms in commits:
            params = {
                "session_id": session_id,
                "hash": commit_hash,
                "message": rows.text(message),
                "committed_at_ms": at_ms,
            }
            added += self._db.execute(q.INSERT_COMMIT, params)
        if added:
            self._db.execute(q.ADD_COMMITS, {"session_id": session_id, "added": added})
