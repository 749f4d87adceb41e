"""Bring a database to the newest schema by numbered migrations, in transactions."""

from __future__ import annotations

from pathlib import Path

from codesession.errors import StorageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codesession.store.database import Database

_FOLDER = Path(__file__).with_name("migrations")
LATEST = 15
"""Number of the newest migration; kept here so that opening a current ledger reads no folder."""


def migrations() -> list[tuple[int, str]]:
    """Every migration as (number, SQL), in order."""
    found = sorted(_FOLDER.glob("*.sql"))
    return [(int(path.name.split("_", 1)[0]), path.read_text("utf-8")) for path in found]


def statements(sql: str, *, identity: str) -> list[str]:
    """The single statements of a migration for one dialect."""
    text = sql.replace("{identity}", identity)
    return [part.strip() for part in (text + "\n").split(";\n") if part.strip()]


def check_version(version: int, ledger: Path | str) -> bool:
    """Whether migrations are due; raises when the ledger is newer than this program."""
    if version > LATEST:
        raise StorageError(
            f"the ledger {ledger} has schema {version}, this codesession knows up to {LATEST}",
            hint="update codesession, and restart what still runs: the ledger was written by a newer version",
            path=str(ledger),
        )
    return version < LATEST


def apply_migrations(database: Database, *, at_ms: int) -> None:
    """
    Apply what is missing. Safe when several processes do it at once: each re-reads inside the lock.

    A new ledger is made in one transaction, because each of them waits for the disk; one that holds something
    is brought up step by step.
    """
    steps = migrations()
    for step in [[each] for each in steps] if database.schema_version() else [steps]:
        with database.transaction():
            apply_missing(database, step, at_ms=at_ms)


def apply_missing(database: Database, steps: list[tuple[int, str]], *, at_ms: int) -> None:
    """Apply those of these migrations that the ledger does not have, inside the caller's transaction."""
    for number, sql in steps:
        if database.schema_version() < number:
            for statement in statements(sql, identity=database.identity):
                database.execute(statement)
            database.set_schema_version(number, at_ms=at_ms)
