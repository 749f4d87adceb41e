"""
OpenClaw's events, from its database or from files: the entries of a session tree.

A database holds many sessions, and copies of entries in those that a fork, a compaction or a rewind made. The
oldest session that shows a call has made it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from codesession.domain.sighting import Claim, Sighting
from codesession.importers import sqlite
from codesession.importers.documents import child, decode_object, read_side_file
from codesession.importers.jsonl import ZSTD_MAGIC, unpacked
from codesession.importers.openclaw.harness import Mirrors
from codesession.importers.pi.entries import Tree

if TYPE_CHECKING:
    from codesession.importers.base import LogFile

_NEEDLES = (b'"usage"', b'"session"', b'"model_change"')


@dataclass(slots=True)
class _Session:
    """What the tables say about one session."""

    began_ms: int | None = None
    parent: str | None = None
    origin: str | None = None
    title: str | None = None


def from_file(log: LogFile, agent_name: str) -> Iterator[Sighting]:
    """The calls of a transcript file, an archived or a compressed one."""
    name = log.path.name.split(".jsonl", 1)[0]
    tree = Tree(log, agent_name, fallback=name, parent=_parent_in_index(log, name), copies_are_stamped=True)
    mirrors = Mirrors(log, log.path.parent.parent / "agent")
    for line in log.lines(*_NEEDLES):
        yield from _taken(log, tree, line, mirrors)


def _parent_in_index(log: LogFile, session_id: str) -> str | None:
    """The session that spawned this one, by `sessions.json` beside the file."""
    index = child(read_side_file(log.path.with_name("sessions.json")))
    for entry in index.values():
        if isinstance(entry, dict) and entry.get("sessionId") == session_id:
            found = child(index, str(entry.get("spawnedBy"))).get("sessionId")
            return found if isinstance(found, str) and found != session_id else None
    return None


def from_database(log: LogFile, agent_name: str) -> Iterator[Sighting]:
    """The calls of an agent's database, copies named after the session that made the call."""
    return sqlite.read(log, lambda database: _own_calls(_Reader(log, agent_name, database).sessions()))


def _own_calls(sessions: list[tuple[int | None, list[Sighting]]]) -> Iterator[Sighting]:
    """Copies named after the oldest session; one of which nobody knows when it began is no older than any."""
    owners: dict[tuple[str | None, str | None], str | None] = {}
    for _, sightings in sorted(sessions, key=lambda session: (session[0] is None, session[0] or 0)):
        for sighting in sightings:
            response, mine = sighting.observation.response, sighting.observation.context.conversation_id
            oldest = owners.setdefault((response.response_id, None), mine)
            used = repr(response.usage)  # a gateway may give answers of several sessions one id
            owner = oldest if response.usage is None else owners.setdefault((response.response_id, used), mine)
            yield sighting if owner == mine else _copy_of(sighting, owner)


def _copy_of(sighting: Sighting, owner: str | None) -> Sighting:
    observation = sighting.observation
    context = replace(observation.context, conversation_id=owner, subagent_id=None)
    return replace(sighting, observation=replace(observation, context=context), claim=Claim.NAMED_COPY)


class _Reader:
    """Reads all sessions of one database."""

    def __init__(self, log: LogFile, agent_name: str, database: sqlite.Database) -> None:
        self._log = log
        self._agent_name = agent_name
        self._database = database
        self._known = _sessions(database)
        self._mirrors = Mirrors(log, log.path.parent)

    def sessions(self) -> list[tuple[int | None, list[Sighting]]]:
        """The beginning and the calls of every session, archived ones included."""
        found = []
        columns = ("session_id", "seq", "event_json", "event_zstd")
        events = self._database.rows("transcript_events", columns, order="session_id, seq")
        for session_id, rows in groupby(events, key=lambda row: str(row["session_id"])):
            found.append(self._session(session_id, self._lines(rows)))
        for table in ("session_transcript_archives", "session_transcript_cold_archives"):
            for row in self._database.rows(table, ("session_id", "archive_blob")):
                lines = self._unpacked(row["archive_blob"]).split(b"\n")
                found.append(self._session(str(row["session_id"]), iter(lines)))
        return found

    def _session(self, session_id: str, lines: Iterator[bytes]) -> tuple[int | None, list[Sighting]]:
        known = self._known.get(session_id) or _Session()
        tree = Tree(
            self._log,
            self._agent_name,
            fallback=session_id,
            parent=known.parent,
            origin=known.origin,
            copies_are_stamped=True,
        )
        calls = [sighting for line in lines for sighting in _taken(self._log, tree, line, self._mirrors)]
        if calls and known.title:
            self._log.conversation(tree.conversation, title=known.title)
        return tree.began_ms or known.began_ms, calls

    def _lines(self, rows: Iterator[sqlite.Row]) -> Iterator[bytes]:
        for row in rows:
            self._log.line_number += 1
            packed, plain = row["event_zstd"], row["event_json"]
            if isinstance(plain, str):
                yield plain.encode("utf-8", "replace")
            elif isinstance(packed, bytes):
                yield self._unpacked(packed)

    def _unpacked(self, blob: Any) -> bytes:
        """The content of a blob, compressed or not; nothing, and one unreadable line, where that fails."""
        if not isinstance(blob, bytes) or not blob.startswith(ZSTD_MAGIC):
            return blob if isinstance(blob, bytes) else b""
        try:
            return unpacked(blob)
        except OSError as error:
            self._log.bad_line(str(error))
            return b""


def _taken(log: LogFile, tree: Tree, line: bytes, mirrors: Mirrors) -> Iterator[Sighting]:
    if not any(needle in line for needle in _NEEDLES):
        return
    entry = decode_object(line)
    if entry is None:
        log.bad_line("broken JSON")
        return
    sighting = tree.take(entry)
    if sighting is not None and mirrors.has(entry):
        log.repeats += 1
    elif sighting is not None:
        yield sighting


def _sessions(database: sqlite.Database) -> dict[str, _Session]:
    """Every session's relatives: who spawned it, and what it was forked from."""
    columns = ("session_key", "current_session_id", "fork_source_session_id", "spawned_by", "label", "display_name")
    nodes = {row["session_key"]: row for row in database.rows("session_nodes", columns)}
    current = {key: row["current_session_id"] for key, row in nodes.items()}
    columns = ("session_id", "session_key", "previous_session_id", "spawned_by", "created_at", "display_name")
    found = {}
    for row in database.rows("session_windows", columns):
        node = nodes.get(row["session_key"], {})
        parent = current.get(row["spawned_by"] or node.get("spawned_by"))
        began = row["created_at"]
        found[str(row["session_id"])] = _Session(
            began_ms=began if isinstance(began, int) and began > 0 else None,
            parent=parent if parent != row["session_id"] else None,
            origin=row["previous_session_id"] or node.get("fork_source_session_id"),
            title=node.get("label") or row["display_name"] or node.get("display_name"),
        )
    return found
