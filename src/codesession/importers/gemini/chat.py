"""
One chat as calls: the last line of every message that has counts.

A message is written again when its tools have run, repeated in checkpoints (`$set`), and stays billed when the
user rewinds the chat.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.sighting import Sighting
from codesession.importers.billers import biller_of
from codesession.importers.counts import Layout, answer
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


class Chat:
    """Collects the messages of one file; `calls` gives each answer once."""

    def __init__(self, log: LogFile, agent_name: str, directory: str | None) -> None:
        self._log = log
        self._agent_name = agent_name
        self._directory = directory
        self._session = log.path.name.split(".json", 1)[0]
        self._parents: dict[str, str] = {}
        self._titles: dict[str, str] = {}
        self._answers: dict[tuple[str, str], dict[str, Any]] = {}
        """By session and message: a file may have several headers."""
        self._repeated: Counter[tuple[str, str]] = Counter()

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
        self._answers[key] = message
        self._repeated[key] += 1

    def calls(self) -> Iterator[Sighting]:
        """Every answer of the chat."""
        for (session, key), message in self._answers.items():
            parent = self._parents.get(session)
            self._log.conversation(session, title=self._titles.get(session), directory=self._directory, parent=parent)
            model = text(message, "model")
            response = answer(
                LAYOUT.read(message["tokens"]),
                provider_name=biller_of(model, "google"),
                api=API,
                key=f"~{self._agent_name}:{session}:{key}",
                model=model,
            )
            context = CallContext(
                source=Source.LOG,
                started_at_ms=epoch_ms(message.get("timestamp")) or 0,
                conversation_id=session,
                agent_name=self._agent_name,
                subagent_id=session if parent else None,
                project=self._directory,
            )
            lines = self._repeated[session, key]
            yield Sighting(observation=Observation(response=response, context=context), lines=lines)
