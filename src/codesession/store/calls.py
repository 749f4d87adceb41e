"""Model calls in the ledger: counted once, revised on request, every counter in step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext

from codesession.domain.facts import replace
from codesession.domain.request import ModelRequest, merge
from codesession.store import call_rows, rows
from codesession.store import queries as q
from codesession.store.database import Database, Row
from codesession.store.settling import settle
from codesession.store.twins import as_seen, is_another, log_twin, under_its_keys

_PAGE = 1_000
"""Rows looked at together when the whole ledger is walked through."""


class SqlCalls:
    """The part of `SqlStore` that only commands with model calls load."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, requests: Sequence[ModelRequest]) -> int:
        """Count calls once, in one transaction; returns how many were new."""
        with self._db.transaction():
            return sum(self._insert_request(request) for request in requests)

    def read(self, found: Iterable[Row]) -> list[ModelRequest]:
        """Calls from their columns."""
        return [call_rows.request_of(row) for row in found]

    def revise(
        self,
        revise: Callable[[ModelRequest], tuple[ModelRequest, str] | None],
        *,
        since_ms: int,
        at_ms: int,
        dry_run: bool,
    ) -> None:
        """Offer every call since a moment to `revise`; keep its changes and the old figures in one transaction."""
        after = 0
        with nullcontext() if dry_run else self._db.transaction():
            while page := self._db.query(q.REQUESTS_SINCE, {"after": after, "since_ms": since_ms, "limit": _PAGE}):
                after = page[-1][0]
                for row in page:
                    known = call_rows.request_of(row)
                    revised = revise(known)
                    if revised is not None and not dry_run:
                        self._revise(known, *revised, at_ms=at_ms)

    def count(self, request: ModelRequest, sign: int = 1) -> None:
        """Every counter that a row of the ledger moves; with `sign` -1, takes it back. Inside its transaction."""
        _, group, counts = call_rows.prepared(request)
        if sign == -1:
            counts = tuple(-count for count in counts)
        counts = call_rows.parted([counts])
        moved = dict(zip(q.COUNTER_COLUMNS, counts, strict=True))
        rollup = call_rows.rollup_of(group)
        self._db.execute(q.COUNT_FOR_ROLLUP, {**moved, **dict(zip(q.ROLLUP_KEYS, rollup, strict=True))})
        spending = (*call_rows.spending_of(rollup), *call_rows.spent(counts))
        self._db.execute(q.COUNT_FOR_SPENDING, dict(zip(q.SPENDING_KEYS + q.SPENDING, spending, strict=True)))
        if request.session_id is not None:
            use = zip(q.SESSION_USE_KEYS, call_rows.session_use_of(group, request.session_id), strict=True)
            self._db.execute(q.COUNT_FOR_SESSION, {**moved, "session_id": request.session_id})
            self._db.execute(q.COUNT_FOR_SESSION_USE, {**moved, **dict(use)})
        if request.import_id is not None:
            from codesession.store.import_queries import COUNT_FOR_CURSOR, TOTAL_COLUMNS

            totals = zip(TOTAL_COLUMNS, call_rows.cursor_counts(counts), strict=True)
            self._db.execute(COUNT_FOR_CURSOR, {"id": request.import_id, **dict(totals)})

    def _revise(self, known: ModelRequest, changed: ModelRequest, reason: str, *, at_ms: int) -> None:
        old = {**call_rows.request_params(known), "request_id": known.id, "revised_at_ms": at_ms, "reason": reason}
        self._db.execute(q.INSERT_REVISION, old)
        self._db.execute(q.UPDATE_REQUEST, {**call_rows.request_params(changed), "id": known.id})
        self.count(known, -1)
        self.count(changed)

    def _insert_request(self, request: ModelRequest) -> bool:
        if request.project is None and request.session_id is not None:
            request = self._with_project(request)
        for seen in under_its_keys(request):
            params = call_rows.request_params(seen)
            if inserted := self._db.query(q.INSERT_REQUEST, params):
                return self._is_new(seen, inserted[0][0])
            known = call_rows.request_of(self._db.query(q.REQUEST_BY_KEY, params)[0])
            if not is_another(self._db, known, seen):
                break
        self._update(known, merge(known, seen), seen.reservation)
        return False

    def _is_new(self, request: ModelRequest, row_id: int) -> bool:
        """Whether a call whose key was free is not one that a log showed under another."""
        twin = log_twin(self._db, request)
        if twin is None:
            self.count(request)
            settle(self._db, request, row_id)
            return True
        self._db.execute(q.DELETE_REQUEST, {"id": row_id})
        self._update(twin, as_seen(merge(twin, request), twin, request), request.reservation)
        return False

    def _update(self, known: ModelRequest, merged: ModelRequest, reservation: str | None) -> None:
        """A call that was known already, with what another sighting adds."""
        if merged != known:
            self._db.execute(q.UPDATE_REQUEST, {**call_rows.request_params(merged), "id": known.id})
            self.count(known, -1)
            self.count(merged)
            if merged.session_id != known.session_id:
                self._left(known.session_id)
        settle(self._db, replace(merged, reservation=reservation), known.id)

    def _with_project(self, request: ModelRequest) -> ModelRequest:
        found = self._db.query(q.SESSION_BY_ID, {"id": request.session_id})
        return replace(request, project=rows.session_of(found[0]).directory) if found else request

    def _left(self, session_id: int | None) -> None:
        """A call went to another session: one that was made from a log may be empty now."""
        from codesession.store.log_sessions import LogSessions

        LogSessions(self._db, {}).settle({session_id})
