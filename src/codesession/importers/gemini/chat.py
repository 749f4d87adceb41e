"""
One chat as calls: of every message the last line that has its largest output.

A message is written again when its tools have run, repeated in checkpoints (`$set`), and stays billed when the
user rewinds the chat. A line with nothing but zeros knows no usage, and takes back none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.sighting import Sighting
from codesession.importers.billers import biller_of
from codesession.importers.counts import Layout, Reading, answer
from codesession.importers.documents import child, children
from codesession.importers.times import epoch_ms
from codesession.providers.counting import text

if TYPE_CHECKING:
    from codesession.importers.base import LogFile

LAYOUT = Layout(
    input="input",
    output="output",
    cache_read="cached",
    reasoning="thoughts",
    tool_input="tool",
    total="total",
    cache_inside=True,
    reasoning_inside=False,
)
API = "gemini.generate_content"


@dataclass(slots=True)
class _Answer:
    """One message while its lines come in."""

    at_ms: int
    message: dict[str, Any]
    reading: Reading
    said_ms: int
    lines: int = 1

    def add(self, other: _Answer) -> None:
        """A further line of the message."""
        self.lines += 1
        self.at_ms = min(self.at_ms, other.at_ms)
        if _weight(other.reading) >= _weight(self.reading):
            self.message, self.reading, self.said_ms = other.message, other.reading, other.said_ms


class Chat:
    """Collects the messages of one file; `calls` gives each answer once."""

    def __init__(self, log: LogFile, agent_name: str, directory: str | None, *, biller: str = "google") -> None:
        self._log = log
        self._agent_name = agent_name
        self._directory = directory
        self._biller = biller
        """Who bills where the model does not tell."""
        self._session = log.path.name.split(".json", 1)[0]
        self._parents: dict[str, str] = {}
        self._titles: dict[str, str] = {}
        self._answers: dict[tuple[str, str], _Answer] = {}
        """By session and message: a file may have several headers."""

    def document(self, whole: dict[str, Any]) -> None:
        """A chat that is one JSON object (before the line format)."""
        self._header(whole)
        for message in children(whole, "messages"):
            self._message(message)

    def line(self, entry: dict[str, Any]) -> None:
        """A header, a message or a change (`$set`)."""
        change = child(entry, "$set")
        if change:
            self._entitle(change)
            for message in children(change, "messages"):
                self._message(message)
        elif "sessionId" in entry and "type" not in entry:
            self._header(entry)
        else:
            self._message(entry)

    def _header(self, header: dict[str, Any]) -> None:
        self._session = text(header, "sessionId") or self._session
        self._entitle(header)
        directories = header.get("directories")
        if self._directory is None and isinstance(directories, list) and directories:
            self._directory = directories[0] if isinstance(directories[0], str) else None
        folder = self._log.path.parent.name
        if header.get("kind") == "subagent" and folder not in ("chats", self._session):
            self._parents[self._session] = folder
        if self._log.first_ms is None:
            self._log.first_ms = epoch_ms(header.get("startTime"))

    def _entitle(self, said: dict[str, Any]) -> None:
        title = text(said, "summary")
        if title:
            self._titles[self._session] = title

    def _message(self, message: dict[str, Any]) -> None:
        if message.get("type") != "gemini" or not isinstance(message.get("tokens"), dict):
            return
        at_ms = epoch_ms(message.get("timestamp"))
        if at_ms is None:
            self._log.bad_line("a call without a time")
            return
        key = self._session, text(message, "id") or f"{at_ms}"
        found = _Answer(at_ms, message, LAYOUT.read(message["tokens"]), at_ms)
        known = self._answers.setdefault(key, found)
        if known is not found:
            known.add(found)

    def calls(self) -> Iterator[Sighting]:
        """Every answer of the chat."""
        for (session, key), said in self._answers.items():
            parent = self._parents.get(session)
            self._log.conversation(session, title=self._titles.get(session), directory=self._directory, parent=parent)
            model = text(said.message, "model")
            response = answer(
                said.reading,
                provider_name=biller_of(model, self._biller),
                api=API,
                key=f"~{self._agent_name}:{session}:{key}",
                model=model,
            )
            context = CallContext(
                source=Source.LOG,
                started_at_ms=said.at_ms,
                conversation_id=session,
                agent_name=self._agent_name,
                subagent_id=session if parent else None,
                project=self._directory,
            )
            yield Sighting(
                observation=Observation(response=response, context=context),
                said_after_ms=said.said_ms - said.at_ms,
                lines=said.lines,
            )


def _weight(reading: Reading) -> tuple[bool, bool, int]:
    """How much a line knows of what its message used, as the ledger weighs it."""
    usage = reading.usage
    return usage is not None, reading.complete, 0 if usage is None else usage.output_tokens
