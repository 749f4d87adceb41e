"""
OpenCode's messages from 2.0 on: rows of the table `session_message`, a row for every answer.

Versions before have the table as well: for answers to prompts that came through their server's newer interface, and at
times once more for those that `message` holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from codesession.importers.documents import child, decode_object
from codesession.importers.opencode.messages import ABORTED, Message, message_of
from codesession.importers.times import epoch_ms

if TYPE_CHECKING:
    from codesession.importers.base import LogFile
    from codesession.importers.sqlite import Database

_KINDS = ("assistant", "compaction")


class Beside:
    """The rows of `session_message` that no row of `message` tells of."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._may_come_twice = not database.has("session_v2")
        self._ids: set[str] = set()
        self._spans: defaultdict[str, list[tuple[int, int | None, str]]] = defaultdict(list)
        """By session: when an answer in `message` began and ended, and what it is known by."""

    def note(self, message_id: str, session_id: str, data: dict[str, Any]) -> None:
        """A row of `message`."""
        self._ids.add(message_id)
        began = epoch_ms(child(data, "time").get("created"))
        if data.get("role") == "assistant" and began is not None:
            self._spans[session_id].append((began, epoch_ms(child(data, "time").get("completed")), _facts(data)))

    def answers(self, log: LogFile) -> Iterator[tuple[str, Message]]:
        """The other answers, each with its session; copies only where what they were copied from is not there."""
        places = {(row["session_id"], row["seq"]) for row in self._rows("session_id", "seq")}
        origins = {
            row["id"]: row["fork_session_id"]
            for table in ("session", "session_v2")
            for row in self._database.rows(table, ("id", "fork_session_id"))
        }
        for number, row in enumerate(self._rows("id", "session_id", "seq", "data"), 1):
            data = decode_object(row["data"]) if isinstance(row["data"], str | bytes) else None
            if data is None:
                log.bad_line("a message that is no JSON object", number)
                continue
            message = message_of(str(row["id"]), _as_before(data))
            if message is None or message.id in self._ids:
                continue
            copied = message.is_copy and (origins.get(row["session_id"]), row["seq"]) in places
            if copied or self._is_told(str(row["session_id"]), message):
                log.repeats += 1
                continue
            yield str(row["session_id"]), message

    def _rows(self, *columns: str) -> Iterator[dict[str, Any]]:
        return self._database.rows("session_message", columns, where="type IN (?, ?)", values=_KINDS)

    def _is_told(self, session_id: str, message: Message) -> bool:
        """Whether `message` holds an answer of that time with these counts, or before 2.0 one that is on its way."""
        at_ms, facts = message.created_ms, _facts(message.data)
        return any(
            began <= at_ms and (self._may_come_twice if ended is None else at_ms <= ended and facts == known)
            for began, ended, known in self._spans.get(session_id, ())
        )


def _as_before(data: dict[str, Any]) -> dict[str, Any]:
    """A row in the form of earlier messages."""
    model, error = child(data, "model"), child(data, "error").get("type")
    named = {"name": ABORTED if error == "aborted" else error} if error is not None else None
    names = {"role": "assistant", "modelID": model.get("id"), "providerID": model.get("providerID"), "error": named}
    return data | names


def _facts(data: dict[str, Any]) -> str:
    tokens = child(data, "tokens")
    cache = child(tokens, "cache")
    counts = (tokens.get("input"), tokens.get("output"), tokens.get("reasoning"), cache.get("read"), cache.get("write"))
    return repr((data.get("modelID"), counts))
