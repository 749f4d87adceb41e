"""
One file's news as calls that only have to be counted.

Everything here works without the ledger, so that it can be done by another process: reading, pricing, naming the
sessions, preparing rows. (Running totals ask what was booked; their formats are read where the ledger is.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from codesession.domain.facts import NamedTuple, fact, field, replace
from codesession.domain.plain import PlainCall
from codesession.domain.sighting import Conversation, Sighting, owner_rank
from codesession.domain.spelling import spelled
from codesession.errors import CodesessionError
from codesession.services.importing import scan
from codesession.services.importing.forms import FileLayouts, Forms, Layouts
from codesession.services.importing.places import Repositories, plan
from codesession.services.recording import row_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from codesession.domain.imports import AgentTotal, ImportCursor, PlannedSession
    from codesession.domain.plain import Seen
    from codesession.domain.pricing import Cost
    from codesession.domain.request import ModelRequest
    from codesession.importers.base import Importer, LogFile
    from codesession.services.recording import Costs, Recording
    from codesession.store.base_imports import ImportStore

PART = 2_000
"""Calls of a file handed over together."""
Booked = Callable[[str, str], "str | None"]
"""What is booked of a running total, by agent and name."""


class News(NamedTuple):
    """A file that has something new."""

    path: str
    root: Path
    stamp: scan.Stamp
    cursor: ImportCursor


@fact(slots=True)
class FilePart:
    """Some of a file's news; the last part of a file carries its cursor, or why there is none."""

    calls: list[tuple[Any, ...]] = field(default_factory=list)
    sessions: dict[str, PlannedSession] = field(default_factory=dict)
    agent_totals: list[AgentTotal] = field(default_factory=list)
    booked: dict[tuple[str, str], str] = field(default_factory=dict)
    cursor: ImportCursor | None = None
    problem: str | None = None
    """Why the file could not be read to its end."""
    unpriced_because: str | None = None
    """Why calls were kept without a price, where the price file is to blame."""
    last: bool = False


@fact(frozen=True, slots=True, kw_only=True)
class Reading:
    """How the files of one agent are read."""

    importer: Importer
    store: ImportStore
    recording: Recording
    costs: Costs
    repositories: Repositories
    since_ms: int | None = None
    agent_name: str | None = None
    """Another name for the agent that made the calls."""
    prompt_titles: bool = False
    layouts: Layouts

    def calls(self, log: LogFile) -> Iterator[Seen]:
        """The calls of one pass over a file."""
        read: Callable[[LogFile], Iterator[Seen]] = getattr(self.importer, "plainly", self.importer.read)
        return read(log)

    def parts(self, news: News, booked: Booked | None = None) -> Iterator[FilePart]:
        """A file's news. What a file holds is never an error: where it cannot be read, the last part says so."""
        reader = _FileReader(self, news, booked)
        try:
            yield from reader.parts()
        except CodesessionError:
            raise
        except Exception as error:  # one file must not cost the others; it is named and read again next time
            reader.part.problem = f"{spelled(news.path)}: {error or type(error).__name__}"
        reader.part.unpriced_because = self.recording.problem
        reader.part.last = True
        yield reader.part


class _FileReader:
    """One pass over one file."""

    def __init__(self, reading: Reading, news: News, booked: Booked | None) -> None:
        self.part = FilePart()
        self._reading = reading
        self._news = news
        self._log = scan.begin(reading.importer, news.cursor, news.stamp, news.root, reading.since_ms)
        self._log.want_prompts = reading.prompt_titles
        if booked is not None:
            agent_name = news.cursor.agent_name
            self._log.booked = lambda name: self.part.booked.get((agent_name, name)) or booked(agent_name, name)
        self._row_of = partial(_row_of, reading, self._log, news.cursor.id)
        self._forms = Forms(
            reading.costs,
            FileLayouts(reading.layouts, self._row_of, import_id=news.cursor.id, conversation_id=self._log.path.stem),
        )
        self._planned: set[str] = set()

    def parts(self) -> Iterator[FilePart]:
        """Every full part; what is left is in `part`."""
        log, cursor, since_ms = self._log, self._news.cursor, self._reading.since_ms
        resumed = log.start > 0
        remembers = resumed or bool(log.state)
        lines = 0
        skipped = False
        for call in self._reading.calls(log):
            if since_ms is not None and _started(call) < since_ms:
                skipped = True
                continue
            lines += call.lines
            self.part.calls.append(self._plain(call) if isinstance(call, PlainCall) else self._single(call))
            if len(self.part.calls) >= PART:
                full, self.part = self.part, FilePart()
                yield full
        done = scan.finish(cursor, log, self._news.stamp, resumed=resumed, lines=lines + log.repeats)
        done.since_ms = since_ms if skipped else cursor.since_ms if remembers else None
        self._finish(done)

    def _plain(self, call: PlainCall) -> tuple[Any, ...]:
        """Price a call and make it ready for the ledger."""
        conversation_id = call.like.observation.context.conversation_id
        if conversation_id not in self._planned:
            return self._single(call.sighting)
        return self._forms.fill_plain(call, self._log.first_ms or 0) or self._single(call.sighting)

    def _single(self, sighting: Sighting) -> tuple[Any, ...]:
        """The same for any call."""
        context, reading, log = sighting.observation.context, self._reading, self._log
        conversation_id = context.conversation_id or log.path.stem
        if conversation_id not in self._planned:
            self._plan(conversation_id)
        if sighting.books is not None:
            name, booked = sighting.books
            self.part.booked[self._news.cursor.agent_name, name] = booked
        call = self._forms.fill(sighting, log.first_ms or 0)
        if call is None:
            row = self._row_of(sighting, reading.costs.of(sighting.observation))
            call = reading.store.prepared(row, ids_may_clash=sighting.ids_may_clash)
        return call

    def _finish(self, cursor: ImportCursor) -> None:
        """The file has been read: titles may have come after the calls."""
        log = self._log
        for conversation in log.conversations.values():
            if conversation.id in self._planned or conversation.title:
                self._plan(conversation.id)
        self.part.agent_totals.extend(log.agent_totals.values())
        self.part.cursor = cursor

    def _plan(self, conversation_id: str) -> None:
        self._planned.add(conversation_id)
        known = self._log.conversations.get(conversation_id) or Conversation(id=conversation_id)
        self.part.sessions[conversation_id] = plan(
            known,
            agent_name=self._news.cursor.agent_name,
            fallback=str(self._log.root),
            repositories=self._reading.repositories,
        )


def _started(call: Seen) -> int:
    return call.started_at_ms if isinstance(call, PlainCall) else call.observation.context.started_at_ms


def _row_of(reading: Reading, log: LogFile, import_id: int | None, sighting: Sighting, cost: Cost) -> ModelRequest:
    context = sighting.observation.context
    row = row_of(
        sighting.observation.response,
        context,
        cost,
        conversation_id=context.conversation_id or log.path.stem,
        agent_name=reading.agent_name or context.agent_name,
        project=reading.repositories.of(context.project)[0] if context.project else None,
        request_id=sighting.request_id,
        owner_rank=owner_rank(sighting, log.first_ms or 0),
        import_id=import_id,
    )
    return row if sighting.log_key is None else replace(row, log_key=sighting.log_key)
