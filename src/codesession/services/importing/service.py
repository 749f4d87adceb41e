"""The use case: find the logs, read what is new, tell what is known now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from codesession.domain.facts import Protocol, fact, field, replace
from codesession.domain.spelling import spelled
from codesession.errors import InvalidInputError
from codesession.importers import jsonl, registry
from codesession.services.importing import scan
from codesession.services.importing.crew import Crew
from codesession.services.importing.forms import Layouts
from codesession.services.importing.handover import Handover
from codesession.services.importing.news import News, Reading
from codesession.services.importing.outcome import AgentImport, ImportOutcome, summed
from codesession.services.importing.places import Repositories

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codesession.domain.imports import ImportCursor
    from codesession.domain.scope import Scope
    from codesession.importers.base import Importer, Places
    from codesession.services.recording import Pricer, Recording
    from codesession.store.base_imports import ImportStore


_FEW = 100
"""Up to so many files, what is known is asked for each of them, not for all that were ever imported."""


class Progress(Protocol):
    """Who is told how far an import has come."""

    def begin(self, files: int, size: int) -> None:
        """So many files of so many bytes have something new."""

    def advance(self, size: int) -> None:
        """One file is done."""


@fact(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """What to import."""

    agents: tuple[str, ...] = ()
    """Empty: every agent whose logs are found."""
    path: Path | None = None
    """A folder (or one file) instead of the agents' own homes."""
    files: tuple[Path, ...] = ()
    """Just these files, whatever agent they are of."""
    since_ms: int | None = None
    agent_name: str | None = None
    """Another name for the agent that made the calls."""
    session_id: int | None = None
    """The session to prefer where several cover a call."""


@fact(slots=True)
class _Job:
    """One agent's share of a run."""

    importer: Importer
    roots: list[Path]
    files: list[tuple[str, Path]] = field(default_factory=list)
    """Path and the root it was found below."""
    news: list[News] = field(default_factory=list)
    given: list[str] | None = None
    """The files that were named one by one: nothing else is looked at."""
    new_calls: int = 0
    problems: list[str] = field(default_factory=list)


class ImportService:
    """Imports agents' logs into one ledger."""

    def __init__(
        self,
        store: ImportStore,
        recording: Recording,
        prices: Callable[[], Pricer],
        locate: Callable[[Path], Scope],
        places: Places,
        *,
        prompt_titles: bool = False,
    ) -> None:
        self._store = store
        self._recording = recording
        self._prices = prices
        self._repositories = Repositories(locate)
        self._places = places
        self._prompt_titles = prompt_titles

    def run(self, wanted: ImportRequest, progress: Progress | None = None) -> ImportOutcome:
        """Import what is new. Reading never fails for what a log holds; only the ledger can fail."""
        jobs = self._jobs(wanted)
        for job in jobs:
            self._look(job, wanted.since_ms)
        readings = [(self._reading(job, wanted), job) for job in jobs]
        crew = Crew([(reading, news) for reading, job in readings if job.importer.appends for news in job.news])
        try:
            if progress is not None:
                sizes = [news.stamp.size for job in jobs for news in job.news]
                progress.begin(len(sizes), sum(sizes))
            for reading, job in readings:
                self._import(job, reading, crew, wanted, progress)
        finally:
            crew.close()
        return ImportOutcome(agents=tuple(map(self._told, jobs)), problem=self._recording.problem)

    def roots(self, wanted: ImportRequest) -> list[Path]:
        """The folders a run would look into, also those without a log yet: what `--watch` watches."""
        if wanted.path is not None or wanted.files:
            return sorted({root for job in self._jobs(wanted) for root in job.roots})
        importers = map(registry.load, wanted.agents or registry.names())
        return sorted({root for importer in importers for root in _existing(importer.homes(self._places))})

    # finding

    def _jobs(self, wanted: ImportRequest) -> list[_Job]:
        named = (registry.load(name) for name in dict.fromkeys(wanted.agents or ()))
        single = (wanted.path,) if wanted.path is not None and wanted.path.is_file() else ()
        importers = named if wanted.agents else map(registry.load, registry.names_for(wanted.files or single))
        if wanted.files:
            jobs = _detected(importers, [real for file in wanted.files if (real := _real(file)) is not None])
            for job in jobs:
                job.given = [path for path, _ in job.files] if len(job.files) <= _FEW else None
            return jobs
        if wanted.path is None:
            jobs = [_Job(importer, _existing(importer.homes(self._places))) for importer in importers]
            for job in jobs:
                job.files = [(str(path), root) for root in job.roots for path in job.importer.files(root)]
            return [job for job in jobs if job.files or wanted.agents]
        root = _real(wanted.path)
        if root is None:
            raise InvalidInputError(f"{wanted.path} does not exist", hint="--path is a folder with an agent's logs")
        if wanted.agents:
            return [_Job(importer, [root], _files(importer, root)) for importer in importers]
        return _detected(importers, [root])

    def _look(self, job: _Job, since_ms: int | None) -> None:
        paths = dict(job.files)
        few = list(paths) if len(paths) <= _FEW else None
        known = self._store.cursors(job.importer.name, few)
        news: list[tuple[str, Path, scan.Stamp]] = []
        for path, root in paths.items():
            found = scan.stamp(path, job.importer.companions)
            if found is not None and scan.has_news(known.get(spelled(path)), found, since_ms):
                news.append((path, root, found))
        fresh = [path for path, _, _ in news if spelled(path) not in known]
        cursors = self._store.open_cursors(job.importer.name, fresh) if fresh else known
        job.news = [News(path, root, found, _of_path(path, cursors)) for path, root, found in news]

    # reading

    def _reading(self, job: _Job, wanted: ImportRequest) -> Reading:
        return Reading(
            importer=job.importer,
            store=self._store,
            recording=self._recording,
            costs=self._recording.for_many(),
            repositories=self._repositories,
            since_ms=wanted.since_ms,
            agent_name=wanted.agent_name,
            prompt_titles=self._prompt_titles,
            layouts=Layouts(self._store),
        )

    def _import(
        self, job: _Job, reading: Reading, crew: Crew, wanted: ImportRequest, progress: Progress | None
    ) -> None:
        handover = Handover(
            self._store,
            lambda response, at_ms: self._prices().price(response, at_ms),
            session_id=wanted.session_id,
        )
        for news in job.news:
            found = crew.parts((reading, news)) if job.importer.appends else reading.parts(news, handover.booked)
            for part in found:
                handover.add(part)
                if part.problem:
                    job.problems.append(part.problem)
                self._recording.problem = part.unpriced_because or self._recording.problem
            if progress is not None:
                progress.advance(news.stamp.size)
        handover.flush()
        job.new_calls = handover.new_calls

    # telling

    def _told(self, job: _Job) -> AgentImport:
        roots = tuple(spelled(str(root)) for root in job.roots)
        totals, unreadable = summed(self._store.totals(job.importer.name, job.given), roots)
        return AgentImport(
            agent_name=job.importer.name,
            title=job.importer.title,
            roots=roots,
            files=len(dict(job.files)),
            read_files=len(job.news),
            new_calls=job.new_calls,
            totals=totals,
            unreadable=unreadable,
            problems=tuple(job.problems),
        )


def _of_path(path: str, cursors: Mapping[str, ImportCursor]) -> ImportCursor:
    """A file's cursor, which the ledger keeps by how the path is spelled."""
    found = cursors[spelled(path)]
    return found if found.path == path else replace(found, path=path)


def _real(path: Path) -> Path | None:
    try:
        return path.resolve(strict=True)
    except OSError:
        return None


def _existing(homes: Iterable[Path]) -> list[Path]:
    found = [real for home in homes if (real := _real(home)) is not None]
    return list(dict.fromkeys(found))


def _files(importer: Importer, root: Path) -> list[tuple[str, Path]]:
    if root.is_file():
        return [(str(root), root.parent)]
    return [(str(path), root) for path in importer.files(root)]


def _detected(importers: Iterable[Importer], roots: list[Path]) -> list[_Job]:
    """The formats found below folders; a file that several would take goes to the first."""
    only_files = all(root.is_file() for root in roots)
    heads: dict[str, bytes] = {}
    """Of files that nobody took yet: there may be a hundred thousand."""
    taken: set[str] = set()
    jobs: dict[str, _Job] = {}
    asked: list[Importer] = []

    def ask(importer: Importer, head: Callable[[str], bytes]) -> None:
        for path, below in (found for root in roots for found in _files(importer, root)):
            if path not in taken and importer.recognises(Path(path), head(path)):
                taken.add(path)
                heads.pop(path, None)
                jobs.setdefault(importer.name, _Job(importer, roots)).files.append((path, below))

    def first_bytes(path: str) -> bytes:
        if path not in heads:
            heads[path] = _beginning(path, jsonl.first_bytes)
        return heads[path]

    for importer in importers:
        asked.append(importer)
        ask(importer, first_bytes)
        if only_files and len(taken) == len(roots):
            break
    if any(path.endswith(jsonl.SUFFIX) for path in heads):
        for importer in asked:  # the first lines may be long, and of kinds that every format has
            ask(importer, lambda path: _beginning(path, jsonl.first_lines))
    return list(jobs.values())


def _beginning(path: str, read: Callable[[Path], bytes]) -> bytes:
    try:
        return read(Path(path))
    except OSError:  # named when it is read, if anybody takes it for a log
        return b""
