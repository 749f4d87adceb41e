"""
What the SQL store needs of a database: named parameters, rows as tuples, a transaction that takes the
write lock at its start.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from codesession.domain.facts import Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from typing import Any, TypeAlias

Row: TypeAlias = "tuple[Any, ...]"
Params: TypeAlias = "Mapping[str, Any]"

_NONE: Params = {}


class Database(Protocol):
    """A connection; not shared between threads."""

    identity: str
    """The dialect's type for a self-numbering primary key."""

    def query(self, sql: str, params: Params = _NONE) -> list[Row]:
        """Rows of a SELECT, or of a statement with RETURNING."""

    def execute(self, sql: str, params: Params = _NONE) -> int:
        """Run a statement; returns how many rows it changed."""

    def execute_many(self, sql: str, params: Sequence[Params]) -> None:
        """Run a statement once per set of parameters; nothing for none."""

    def insert_many(self, table: str, columns: tuple[str, ...], values: Sequence[Row]) -> None:
        """Insert rows of a table of ours, values in the order of the columns; nothing for none."""

    def stream(self, sql: str, params: Params = _NONE) -> Iterator[Row]:
        """Rows of a SELECT one by one, for results that must not be held in memory."""

    def transaction(self) -> AbstractContextManager[None]:
        """Take the write lock; commit at the end, roll back on an exception."""

    def change_mark(self) -> int:
        """Another number after every change that another connection committed; reads no table of the ledger."""

    def schema_version(self) -> int:
        """The newest migration that was applied, 0 for an empty database."""

    def set_schema_version(self, version: int, *, at_ms: int) -> None:
        """Note an applied migration, inside its transaction."""

    def close(self) -> None:
        """Close the connection."""
