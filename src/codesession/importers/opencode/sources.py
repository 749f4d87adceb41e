"""Where OpenCode keeps messages: a database, or (before it) one file per message."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codesession.importers import sqlite
from codesession.importers.documents import child, decode_object, read_document, read_side_file
from codesession.importers.opencode.messages import Message, Session, message_of, moment, moments, sightings
from codesession.providers.counting import text

if TYPE_CHECKING:
    from codesession.domain.sighting import Sighting
    from codesession.importers.base import LogFile


class MessageFiles:
    """The message files of one storage by the moments of their ids: where copies look for what they are copies of."""

    def __init__(self, storage: Path) -> None:
        self._storage = storage
        self._by_moment: dict[int, list[Path]] | None = None

    def near(self, message: Message) -> list[Message]:
        """The messages made when this one was created."""
        if self._by_moment is None:
            self._by_moment = defaultdict(list)
            for path in self._storage.glob("message/*/msg_*.json"):
                made = moment(path.stem)
                if made is not None:
                    self._by_moment[made].append(path)
        paths = (path for at in moments(message.created_ms) for path in self._by_moment.get(at, ()))
        found = (message_of(path.stem, child(read_side_file(path))) for path in paths)
        return [other for other in found if other is not None and not other.is_copy]


def from_database(log: LogFile, agent_name: str, files: MessageFiles) -> Iterator[Sighting]:
    """The calls of a database."""
    decided = log.state.setdefault("copies", {})
    return sqlite.read(log, lambda database: sightings(agent_name, _messages(log, database), decided, files.near))


def _messages(log: LogFile, database: sqlite.Database) -> Iterator[tuple[Session, Message]]:
    known: dict[str, Session] = {}
    columns = ("id", "parent_id", "directory", "version", "title")
    for row in database.rows("session", columns):
        known[str(row["id"])] = _session(str(row["id"]), row["parent_id"], row)
    rows = database.rows("message", ("id", "session_id", "data"), order="session_id, id")
    for number, row in enumerate(rows, 1):
        data = decode_object(row["data"]) if isinstance(row["data"], str | bytes) else None
        if data is None:
            log.bad_line("a message that is no JSON object", number)
            continue
        message = message_of(str(row["id"]), data)
        if message is not None:
            session = known.get(str(row["session_id"])) or Session(id=str(row["session_id"]))
            log.first_ms = min(message.created_ms, log.first_ms or message.created_ms)
            _tell(log, session)
            yield session, message


def from_file(log: LogFile, agent_name: str, files: MessageFiles) -> Iterator[Sighting]:
    """The call of a message file."""
    data = read_document(log)
    if not isinstance(data, dict):
        return
    message = message_of(text(data, "id") or log.path.stem, data)
    if message is None:
        return
    log.first_ms = message.created_ms
    session = _session_file(log, text(data, "sessionID") or log.path.parent.name)
    _tell(log, session)
    yield from sightings(agent_name, [(session, message)], log.state.setdefault("copies", {}), files.near)


def _session_file(log: LogFile, session_id: str) -> Session:
    """`storage/session/<project>/<session>.json` beside `storage/message/<session>/`."""
    storage = log.path.parent.parent.parent
    for path in sorted(storage.glob(f"session/*/{session_id}.json")):
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
