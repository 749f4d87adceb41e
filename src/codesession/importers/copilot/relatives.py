"""
What the files of a home know of each other: a call stands in the events and in the database, and only the events
have its id. Looked up when one of them asks, each file once.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from codesession.domain.facts import NamedTuple
from codesession.importers import sqlite
from codesession.importers.base import LogFile
from codesession.importers.documents import decode_object
from codesession.importers.jsonl import open_log, scan_string
from codesession.importers.times import epoch_ms

RECORD = b'"session.usage_record"'
ANSWER = b'"assistant.message"'


class _Beginning(NamedTuple):
    """How a session's events begin."""

    record_ms: int | None
    answered: bool
    """There was an answer before the first record, or without any."""


class Relatives:
    """The event files and databases of one home."""

    def __init__(self, files: list[Path]) -> None:
        self._events = [path for path in files if path.suffix == ".jsonl"]
        self._stores = [path for path in files if path.suffix != ".jsonl"]
        self._by_session: dict[str, Path] | None = None
        self._beginnings: dict[str, _Beginning | None] = {}
        self._stored: dict[str, int] | None = None

    def first_record_ms(self, session: str) -> int | None:
        """When a session's events first show a call with its id; None if they never do."""
        found = self._beginning(session)
        return None if found is None else found.record_ms

    def may_be_recorded_yet(self, session: str) -> bool:
        """Whether there are events that do not show an answer so far: a record of its call may be on its way."""
        found = self._beginning(session)
        return found is not None and found.record_ms is None and not found.answered

    def stored_since_ms(self, session: str) -> int | None:
        """When the databases of the home first show a call of a session; raises `OSError` where one is locked."""
        if self._stored is None:
            stored: dict[str, int] = {}
            for name, at_ms in (call for path in self._stores for call in _stored_calls(path)):
                stored[name] = min(at_ms, stored.get(name, at_ms))
            self._stored = stored
        return self._stored.get(session)

    def _beginning(self, session: str) -> _Beginning | None:
        if session not in self._beginnings:
            path = self._events_by_session().get(session)
            self._beginnings[session] = None if path is None else _beginning_of(path)
        return self._beginnings[session]

    def _events_by_session(self) -> dict[str, Path]:
        if self._by_session is None:
            self._by_session = {}
            for path in self._events:
                session = _session_of(path)
                if session is not None:
                    self._by_session[session] = path
        return self._by_session


def _session_of(path: Path) -> str | None:
    try:
        with open_log(path) as file:
            return scan_string(file.readline(1 << 16), b"sessionId")
    except OSError:  # unreadable events know of no call
        return None


def _beginning_of(path: Path) -> _Beginning | None:
    """The first record of a call; an answer in front of it was made by a version without records."""
    answered = False
    try:
        with open_log(path) as file:
            for line in file:
                if RECORD in line:
                    at_ms = epoch_ms((decode_object(line) or {}).get("timestamp"))
                    return _Beginning(at_ms, answered)
                answered = answered or ANSWER in line
    except OSError:  # unreadable events know of no call
        return None
    return _Beginning(None, answered)


def _stored_calls(path: Path) -> Iterator[tuple[str, int]]:
    def calls(database: sqlite.Database) -> Iterator[tuple[str, int]]:
        for row in database.rows("assistant_usage_events", ("session_id", "created_at")):
            at_ms = epoch_ms(row["created_at"])
            if at_ms is not None:
                yield str(row["session_id"]), at_ms

    return sqlite.read(LogFile(path=path, root=path.parent), calls)
