"""Imports in SQL, on any database that `store.database` describes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from codesession.domain.imports import ImportBatch, ImportCursor, ImportTotals
from codesession.domain.money import PICO
from codesession.domain.request import ModelRequest
from codesession.store import import_queries as iq
from codesession.store import rows
from codesession.store.bulk import BulkImport
from codesession.store.call_rows import CallForm, ImportedCall, prepared
from codesession.store.database import Database, Row


class SqlImports:
    """Implements `store.base_imports.ImportStore`. One instance per thread."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._proxied: list[str] | None = None
        """Providers whose calls the proxy saw, looked up once per run: every run begins with the cursors."""

    def cursors(self, agent_name: str, paths: Iterable[str] | None = None) -> dict[str, ImportCursor]:
        """How far the logs of an agent were read, by path: all of them, or these."""
        self._proxied = None
        columns = ("id", *iq.CURSOR_COLUMNS)
        found = (
            ImportCursor(**dict(zip(columns, row, strict=True)))
            for row in self._of_logs(iq.CURSORS, iq.CURSOR, agent_name, paths)
        )
        return {cursor.path: cursor for cursor in found}

    def open_cursors(self, agent_name: str, paths: Iterable[str]) -> dict[str, ImportCursor]:
        """Cursors for files that have none yet; returns all of the agent's."""
        wanted = [{"agent_name": agent_name, "path": rows.text(path)} for path in paths]
        if wanted:
            with self._db.transaction():
                self._db.execute_many(iq.OPEN_CURSOR, wanted)
        return self.cursors(agent_name)

    def totals(self, agent_name: str, paths: Iterable[str] | None = None) -> dict[str, tuple[ImportTotals, str]]:
        """What was imported from each log of an agent, or from these, by path; and its named unreadable lines."""
        found = self._of_logs(iq.CURSOR_TOTALS, iq.CURSOR_TOTAL, agent_name, paths)
        return {
            path: (ImportTotals(lines=lines, bad_lines=bad, **_summed(sums)), named)
            for path, lines, bad, named, *sums in found
        }

    def _of_logs(self, every: str, one: str, agent_name: str, paths: Iterable[str] | None) -> list[Row]:
        if paths is None:
            return self._db.query(every, {"agent_name": agent_name})
        wanted = ({"agent_name": agent_name, "path": rows.text(path)} for path in paths)
        return [row for params in wanted for row in self._db.query(one, params)]

    def booked(self, agent_name: str, name: str) -> str | None:
        """What is booked of an agent's running total, as the batch said it; None for nothing."""
        found = self._db.query(iq.BOOKED, {"agent_name": agent_name, "name": rows.text(name)})
        return found[0][0] if found else None

    def prepared(self, request: ModelRequest, *, ids_may_clash: bool = False) -> ImportedCall:
        """A call as a batch wants it: plain values, made without the ledger. `ids_may_clash`: see `Sighting`."""
        return ImportedCall.of(request, ids_may_clash=ids_may_clash)

    def form(self, like: ModelRequest, *, ids_may_clash: bool = False) -> CallForm:
        """What prepares calls that differ from this one in their own facts alone."""
        return CallForm(prepared(like), ids_may_clash=ids_may_clash)

    def take(self, batch: ImportBatch, reprice: Callable[[ModelRequest], ModelRequest]) -> int:
        """Keep a batch: each call once, charged to the conversation that made it; returns how many were new."""
        with self._db.transaction():
            if self._proxied is None:
                self._proxied = [name for (name,) in self._db.query(iq.PROXIED_PROVIDERS)]
            hosts = [name for (name,) in self._db.query(iq.HOSTS)]
            return BulkImport(self._db, reprice, self._proxied, hosts).run(batch)


def _summed(columns: list[int]) -> dict[str, int]:
    *plain, dollars, rest = columns
    return dict(zip(iq.TOTALS, [*plain, dollars * PICO + rest], strict=True))
