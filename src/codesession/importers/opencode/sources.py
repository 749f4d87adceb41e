"""Where OpenCode keeps messages: a database, or (before it) one file per message."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codesession.importers import sqlite
from codesession.importers.documents import child, decode_object, read_document, read_side_file
from codesession.importers.opencode import projected
from codesession.importers.opencode.messages import (
    STEP,
    Message,
    Session,
    answers,
    log_key,
    message_of,
    moment,
    moments,
    sightings,
)
from codesession.providers.counting import text

if TYPE_CHECKING:
    from codesession.domain.sighting import Sighting
    from codesession.importers.base import LogFile


_NAME = re.compile(r"[\w-]+", re.ASCII)
"""What ids of sessions are made of."""


class MessageFiles:
    """The message files of one storage: where equal answers are told apart by their order."""

    def __init__(self, storage: Path) -> None:
        self._storage = storage
        self._by_moment: dict[int, list[Path]] | None = None
        self._copies: tuple[Path, dict[str, int]] | None = None
        """The folder that was looked at last, and the numbers of the copies in it."""

    def number(self, folder: Path, message: Message) -> int:
        """How many messages before this one are alike in all that copies keep: among originals, or of one session."""
        if not message.is_copy:
            before = (path for path in self._near(message) if path.stem < message.id)
            return sum(not other.is_copy and other.twin == message.twin for other in _read(before))
        if self._copies is None or self._copies[0] != folder or message.id not in self._copies[1]:
            alike: Counter[str] = Counter()
            numbers: dict[str, int] = {}
            for copy in filter(lambda found: found.is_copy, _read(sorted(folder.glob("msg_*.json")))):
                numbers[copy.id] = alike[copy.twin]
                alike[copy.twin] += 1
            self._copies = folder, numbers
        return self._copies[1].get(message.id, 0)

    def _near(self, message: Message) -> Iterator[Path]:
        """The messages made when this one was created."""
        if self._by_moment is None:
            self._by_moment = defaultdict(list)
            for path in self._storage.glob("message/*/msg_*.json"):
                made = moment(path.stem)
                if made is not None:
                    self._by_moment[made].append(path)
        return (path for at in moments(message.created_ms) for path in self._by_moment.get(at, ()))


def _read(paths: Iterable[Path]) -> Iterator[Message]:
    found = (message_of(path.stem, child(read_side_file(path))) for path in paths)
    return (message for message in found if message is not None)


def from_database(log: LogFile, agent_name: str) -> Iterator[Sighting]:
    """The calls of a database."""
    decided = log.state.get("copies") or {}
    return sqlite.read(log, lambda database: sightings(agent_name, _messages(log, database), decided))


def _messages(log: LogFile, database: sqlite.Database) -> Iterator[tuple[Session, Message]]:
    known: dict[str, Session] = {}
    columns = ("id", "parent_id", "directory", "version", "title")
    for table in ("session", "session_v2"):
        for row in database.rows(table, columns):
            known[str(row["id"])] = _session(str(row["id"]), row["parent_id"], row)
    steps: dict[str, list[dict[str, Any]]] = {}
    for session in known.values():
        if session.has_steps:
            steps.update(_stored_steps(database, session.id))
    beside = projected.Beside(database)
    rows = database.rows("message", ("id", "session_id", "data"), order="session_id, id")
    for number, row in enumerate(rows, 1):
        data = decode_object(row["data"]) if isinstance(row["data"], str | bytes) else None
        if data is None:
            log.bad_line("a message that is no JSON object", number)
            continue
        session = known.get(str(row["session_id"])) or Session(id=str(row["session_id"]))
        message = message_of(str(row["id"]), data, session, steps.get(str(row["id"]), ()))
        beside.note(str(row["id"]), session.id, data)
        if message is not None:
            yield _told(log, session, message)
    for session_id, message in beside.answers(log):
        yield _told(log, known.get(session_id) or Session(id=session_id), message)


def _told(log: LogFile, session: Session, message: Message) -> tuple[Session, Message]:
    log.first_ms = min(message.created_ms, log.first_ms or message.created_ms)
    _tell(log, session)
    return session, message


def _stored_steps(database: sqlite.Database, session_id: str) -> dict[str, list[dict[str, Any]]]:
    """What ended the steps of a session's messages."""
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    where = "session_id = ? AND data LIKE ?"
    for row in database.rows("part", ("id", "message_id", "data"), where=where, values=(session_id, f'%"{STEP}"%')):
        part = decode_object(row["data"]) if isinstance(row["data"], str | bytes) else None
        if part is not None and part.get("type") == STEP:
            found[str(row["message_id"])].append({**part, "id": row["id"]})
    return found


def from_file(log: LogFile, agent_name: str, files: MessageFiles) -> Iterator[Sighting]:
    """The call of a message file."""
    data = read_document(log)
    if not isinstance(data, dict) or data.get("role") != "assistant":
        return
    session = _session_file(log, text(data, "sessionID") or log.path.parent.name)
    steps = list(_step_files(log.path)) if session.has_steps else ()
    message = message_of(text(data, "id") or log.path.stem, data, session, steps)
    if message is None:
        return
    log.first_ms = message.created_ms
    _tell(log, session)
    shared = log_key(agent_name, message.twin, files.number(log.path.parent, message))
    yield from answers(agent_name, session, message, shared, log.state.get("copies") or {})


def _step_files(path: Path) -> Iterator[dict[str, Any]]:
    """What ended the steps of a message: `storage/part/<message>/`, before `storage/part/<session>/<message>/`."""
    parts = path.parent.parent.parent / "part"
    for folder in (parts / path.stem, parts / path.parent.name / path.stem):
        for file in sorted(folder.glob("prt_*.json")):
            part = child(read_side_file(file))
            if part.get("type") == STEP:
                yield {**part, "id": file.stem}


def _session_file(log: LogFile, session_id: str) -> Session:
    """`storage/session/<project>/<session>.json` beside `storage/message/<session>/`; `info/<session>.json` before."""
    storage = log.path.parent.parent.parent
    if not _NAME.fullmatch(session_id):  # nothing that could lead elsewhere
        return Session(id=session_id)
    for path in (*sorted(storage.glob(f"session/*/{session_id}.json")), storage / "info" / f"{session_id}.json"):
        found = read_side_file(path)
        if isinstance(found, dict):
            return _session(session_id, found.get("parentID"), found)
    return Session(id=session_id)


def _session(session_id: str, parent: Any, facts: dict[str, Any]) -> Session:
    return Session(
        id=session_id,
        parent=parent if isinstance(parent, str) and parent else None,
        directory=text(facts, "directory"),
        version=text(facts, "version"),
        title=text(facts, "title"),
    )


def _tell(log: LogFile, session: Session) -> None:
    if session.id not in log.conversations:
        log.conversation(session.id, title=session.title, directory=session.directory, parent=session.parent)
