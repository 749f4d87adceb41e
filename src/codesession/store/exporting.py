"""The ledger call by call, for other programs; on any database that `store.database` describes."""

from __future__ import annotations

from collections.abc import Iterator

from codesession.domain.report import CallFilter, Dimension
from codesession.domain.request import ModelRequest
from codesession.store.call_rows import request_of
from codesession.store.database import Database
from codesession.store.queries import REQUESTS_SELECTED
from codesession.store.report_queries import LEDGER, Where, add_calls, add_span

# What a provider never told the usage of has no figure whatever its price; a bare total is a usage, too.
_WITHOUT_USAGE = f"""
SELECT provider_name, {LEDGER[Dimension.MODEL]}, COUNT(*) FROM model_requests
WHERE cost_picousd IS NULL AND usage_status = 'missing' AND COALESCE(reported_total_tokens, 0) = 0 GROUP BY 1, 2
"""
_SESSIONS = "SELECT id, uid, name FROM sessions"


class SqlExports:
    """Implements `services.exports.service.ExportStore`. One instance per thread, as its database."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def calls(
        self, where: CallFilter, *, since_ms: int | None, until_ms: int | None, limit: int | None
    ) -> Iterator[ModelRequest]:
        """Calls that began in a span, oldest first, one by one; the newest `limit` of them, newest first."""
        asked = Where()
        add_span(asked, "started_at_ms", since_ms, until_ms)
        add_calls(asked, where, LEDGER)
        order = "started_at_ms, id" if limit is None else "started_at_ms DESC, id DESC LIMIT :limit"
        params = asked.params if limit is None else {**asked.params, "limit": limit}
        sql = f"{REQUESTS_SELECTED}{asked.sql()} ORDER BY {order}"
        for row in self._db.stream(sql, params):
            yield request_of(row)

    def without_usage(self) -> dict[tuple[str, str], int]:
        """(provider, model) to its calls that have no cost because nobody told what they used."""
        return {(provider, model): int(calls) for provider, model, calls in self._db.query(_WITHOUT_USAGE)}

    def session_names(self) -> dict[int, tuple[str, str]]:
        """Session number to uid and name."""
        return {number: (uid, name) for number, uid, name in self._db.query(_SESSIONS)}
