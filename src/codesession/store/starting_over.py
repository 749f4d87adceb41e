"""
Begin anew: an empty ledger in the same file, after a copy of it was put beside it.

The file stays where it is, because other processes may have it open. What is no history is kept: registered projects,
alert rules, budgets that are not one session's, and how far logs were read (or the next import would bring all back).
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from codesession.domain.facts import NamedTuple
from codesession.errors import StorageError
from codesession.store.import_queries import TOTAL_COLUMNS

if TYPE_CHECKING:
    from codesession.store.sqlite import SqliteDatabase

KEPT = frozenset({"schema_migrations", "projects", "alert_rules", "budgets", "import_cursors", "booked_totals"})
"""Tables whose rows stay, at least in part."""

_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name"


class StartedOver(NamedTuple):
    """What was there before, and where it is now."""

    backup: Path
    sessions: int
    calls: int


def start_over(database: SqliteDatabase, *, now_ms: int) -> StartedOver:
    """
    Copy the ledger and empty it in one transaction; raises `StorageError` with the ledger as it was.

    Nobody writes between the two: what a proxy recorded then would be in neither.
    """
    backup = _backup_path(database.path, now_ms)
    with database.transaction():
        database.backup(backup)
        database.execute("PRAGMA defer_foreign_keys = ON")
        ((sessions,),) = database.query("SELECT COUNT(*) FROM sessions")
        ((calls,),) = database.query("SELECT COUNT(*) FROM model_requests")
        for (table,) in database.query(_TABLES):
            if table not in KEPT:
                database.execute(f'DELETE FROM "{table}"')
        database.execute("DELETE FROM budgets WHERE session_id IS NOT NULL")
        database.execute(f"UPDATE import_cursors SET {', '.join(f'{name} = 0' for name in TOTAL_COLUMNS)}")
    with suppress(StorageError):  # it is empty, only not yet small
        database.execute("VACUUM")
    return StartedOver(backup=backup, sessions=int(sessions), calls=int(calls))


def _backup_path(path: Path, now_ms: int) -> Path:
    """A name that is not taken, not even by a second reset in the same millisecond."""
    moment = datetime.fromtimestamp(now_ms // 1000, UTC)
    return path.with_name(f"{path.name}.backup-{moment:%Y%m%d-%H%M%S}-{now_ms % 1000:03d}")
