"""Recording off the request path: never waits, never raises, never forgets to say what was lost."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from codesession.app import App
from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.usage import ModelResponse
from codesession.errors import StorageError
from codesession.services import writer as module
from codesession.services.recording import Recording
from codesession.services.spool import Spool
from codesession.services.writer import BATCH, BackgroundWriter
from codesession.store.migrate import LATEST
from support.ledger import make_session


@dataclass
class Ledger:
    """Takes batches, or refuses them as a test says; opened in the writer's thread."""

    batches: list[list[str]] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    away: bool = False
    opened: int = 0
    threads: set[int] = field(default_factory=set)
    gate: threading.Event = field(default_factory=threading.Event)
    problem: str | None = None

    @contextmanager
    def open(self) -> Iterator[Recording]:
        self.opened += 1
        yield self  # type: ignore[misc]  # what the writer uses of a recording is below

    def record(self, observations: Sequence[Observation]) -> int:
        self.threads.add(threading.get_ident())
        assert self.gate.wait(20)
        names = [str(o.response.response_id) for o in observations]
        if self.away:
            raise StorageError("the disk is full")
        if self.refused & set(names):
            raise ValueError("a row that no database takes")
        if names:
            self.batches.append(names)
        return len(names)

    record_late = record

    @property
    def names(self) -> list[str]:
        return [name for batch in self.batches for name in batch]


@pytest.fixture
def ledger() -> Ledger:
    made = Ledger()
    made.gate.set()
    return made


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "sessions.db")


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look again at once instead of a second later."""
    monkeypatch.setattr(module, "RETRY_S", 0.01)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def call(name: object) -> Observation:
    return Observation(
        response=ModelResponse(provider_name="x", api="y", response_id=str(name)),
        context=CallContext(source=Source.PROXY, started_at_ms=0),
    )


def test_everything_submitted_is_written_in_order_by_one_thread(ledger: Ledger, spool: Spool) -> None:
    """The connection belongs to that thread."""
    writer = BackgroundWriter(ledger.open, spool)
    for number in range(1_000):
        writer.submit(call(number))
    assert writer.close()
    assert ledger.names == [str(n) for n in range(1_000)]
    assert (writer.written, writer.missing, writer.problem, ledger.opened) == (1_000, 0, None, 1)
    assert ledger.threads.isdisjoint({threading.get_ident()})
    assert len(ledger.threads) == 1
    assert not spool.path.exists()


def test_submit_does_not_wait_for_the_ledger_and_what_piled_up_goes_in_batches(ledger: Ledger, spool: Spool) -> None:
    """A ledger that hangs for a while delays no call; afterwards a thousand need a handful of transactions."""
    ledger.gate.clear()
    writer = BackgroundWriter(ledger.open, spool)
    for number in range(1_000):
        writer.submit(call(number))
    assert writer.written == 0
    ledger.gate.set()
    assert writer.close()
    assert max(len(batch) for batch in ledger.batches) == BATCH
    assert len(ledger.batches) <= 1_000 / BATCH + 1


def test_one_call_the_ledger_refuses_does_not_take_its_neighbours_along(ledger: Ledger, spool: Spool) -> None:
    """They wait a moment with it, are taken one by one, and it is put apart with the reason."""
    ledger.refused = {"3"}
    ledger.gate.clear()
    writer = BackgroundWriter(ledger.open, spool)
    for number in range(6):
        writer.submit(call(number))
    ledger.gate.set()
    assert writer.close()
    assert sorted(ledger.names) == ["0", "1", "2", "4", "5"]
    assert (writer.written, writer.missing, spool.rejected(), spool.waiting()) == (5, 1, 1, 0)
    assert writer.problem == "a row that no database takes"


@pytest.mark.usefixtures("soon")
def test_a_ledger_that_comes_back_gets_the_calls_without_any_further_one(ledger: Ledger, spool: Spool) -> None:
    """Meanwhile they are on disk, where a kill cannot reach them."""
    ledger.away = True
    writer = BackgroundWriter(ledger.open, spool)
    for name in "abc":
        writer.submit(call(name))
    until(lambda: writer.spooled == 3)
    assert (writer.written, spool.waiting(), writer.missing) == (0, 3, 0)
    ledger.away = False
    until(lambda: writer.written == 3)
    assert spool.is_empty()
    assert writer.close()
    assert (sorted(ledger.names), writer.spooled, writer.missing) == (["a", "b", "c"], 0, 0)


def test_a_ledger_that_cannot_be_opened_leaves_the_calls_waiting(spool: Spool) -> None:
    """The thread lives on, the reason is kept."""

    @contextmanager
    def no_ledger() -> Iterator[Recording]:
        raise StorageError("it is a directory")
        yield

    writer = BackgroundWriter(no_ledger, spool)
    writer.submit(call("a"))
    writer.submit(call("b"))
    assert writer.close()
    assert (writer.written, writer.spooled, writer.missing, writer.problem) == (0, 2, 0, "it is a directory")
    assert spool.waiting() == 2


@pytest.mark.usefixtures("soon")
def test_without_any_disk_calls_are_held_in_memory_up_to_a_bound(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk that gets room again costs nothing; beyond the bound calls are counted as missing."""
    held = 2 * BATCH + 1
    monkeypatch.setattr("codesession.services.writer.HELD", held)
    (tmp_path / "file").write_text("in the way of the folder")
    ledger.away = True
    writer = BackgroundWriter(ledger.open, Spool(tmp_path / "file" / "sessions.db"))
    for number in range(held + 7):
        writer.submit(call(number))
    until(lambda: writer._queue.empty())
    assert writer.missing == held + 7
    ledger.away = False
    assert writer.close()
    assert (writer.written, writer.missing) == (held, 7)
    assert "the disk is full" in (writer.problem or "")
    assert "file" in (writer.problem or "")


def test_calls_there_was_no_time_for_are_missing_and_not_forgotten(ledger: Ledger, spool: Spool) -> None:
    """A close that gives up leaves a number to be reported."""
    ledger.gate.clear()
    writer = BackgroundWriter(ledger.open, spool)
    writer.submit(call("a"))
    writer.submit(call("b"))
    assert not writer.close(timeout=0.05)
    assert writer.missing == 2
    ledger.gate.set()
    assert writer.close()
    assert writer.missing == 0


def test_a_writer_that_had_nothing_to_do_closes_at_once(ledger: Ledger, spool: Spool) -> None:
    """No thread is started, no ledger opened."""
    assert BackgroundWriter(ledger.open, spool).close()
    assert ledger.opened == 0


def test_why_calls_are_unpriced_is_passed_on(ledger: Ledger, spool: Spool) -> None:
    """A broken price file loses no call, and is still said."""
    ledger.problem = "cannot read pricing.json"
    writer = BackgroundWriter(ledger.open, spool)
    writer.submit(call("a"))
    assert writer.close()
    assert (writer.written, writer.problem, writer.notice) == (1, None, "cannot read pricing.json")


def test_many_threads_may_submit_at_once(ledger: Ledger, spool: Spool) -> None:
    """One writer thread, every call exactly once."""
    writer = BackgroundWriter(ledger.open, spool)
    threads = [
        threading.Thread(target=lambda t=t: [writer.submit(call(f"{t}-{n}")) for n in range(200)]) for t in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert writer.close()
    assert len(ledger.names) == len(set(ledger.names)) == writer.written == 1_600
    assert ledger.opened == 1


# the same over a real ledger


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    made = App(environment={"HOME": str(tmp_path)})
    yield made
    made.close()


def counted(app: App) -> int:
    with sqlite3.connect(app.settings.ledger_path) as raw:
        ((rows,),) = raw.execute("SELECT COUNT(*) FROM model_requests").fetchall()
    raw.close()
    return int(rows)


def nameless(at_ms: int = 1_795_312_800_000, session_id: int | None = None) -> Observation:
    return Observation(
        response=ModelResponse(provider_name="x", api="openai.chat"),
        context=CallContext(source=Source.PROXY, started_at_ms=at_ms, session_id=session_id),
    )


def test_a_locked_ledger_is_not_waited_for_and_the_next_command_takes_the_calls_in_once(app: App) -> None:
    """A call without an id keeps the one it was given at first, so that handing it over twice counts it once."""
    assert app.store.active_sessions() == []
    path = app.settings.ledger_path
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    writer = app.background_writer()
    writer.submit(nameless())
    assert writer.close()
    assert (writer.written, writer.spooled) == (0, 1)
    lines = Spool(path).path.read_bytes()
    holder.execute("ROLLBACK")
    holder.close()
    for _ in range(2):
        assert app.for_thread().store.active_sessions() == []
        assert counted(app) == 1
        assert Spool(path).is_empty()
        Spool(path).path.write_bytes(lines)  # as if the process had been killed before it could forget them


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("way", ["deleted", "moved away and back"])
def test_a_ledger_that_vanishes_while_it_is_open_swallows_no_call(app: App, way: str) -> None:
    """SQLite would go on writing into the deleted file; no new ledger is begun behind the user's back."""
    assert app.store.active_sessions() == []
    path = app.settings.ledger_path
    writer = app.background_writer()
    writer.submit(nameless())
    until(lambda: writer.written == 1)
    app.close()
    away = path.with_name("elsewhere")
    away.mkdir()
    for file in path.parent.glob("sessions.db*"):
        os.replace(file, away / file.name)
    writer.submit(nameless())
    until(lambda: writer.spooled == 1)
    assert not path.exists()
    assert "gone" in (writer.problem or "")
    if way == "deleted":
        assert app.for_thread().store.active_sessions() == []  # any command of the user
        until(lambda: counted(app) == 1)  # taken in by it, or by the writer, whoever comes first
    else:
        for file in away.glob("sessions.db*"):
            os.replace(file, path.parent / file.name)
        until(lambda: writer.written == 2)
        assert counted(app) == 2
    assert writer.close()
    assert writer.missing == 0


def test_a_ledger_that_a_newer_version_upgrades_meanwhile_gets_the_calls_from_that_version(app: App) -> None:
    """A proxy may outlive an update: what it would write now would be missing in counters that it does not know."""
    assert app.store.active_sessions() == []
    writer = app.background_writer()
    writer.submit(nameless())
    until(lambda: writer.written == 1)
    with closing(sqlite3.connect(app.settings.ledger_path, isolation_level=None)) as newer:
        newer.execute(f"PRAGMA user_version = {LATEST + 1}")
    writer.submit(nameless())
    assert writer.close()
    assert (writer.written, writer.spooled, writer.missing, counted(app)) == (1, 1, 0, 1)
    assert f"has schema {LATEST + 1}, this codesession knows up to {LATEST}" in (writer.problem or "")


def test_waiting_calls_are_not_given_to_a_session_that_is_not_theirs(app: App) -> None:
    """Another ledger numbers its sessions from 1 again: unattributed is better than wrong."""
    session = app.store.create_session(make_session(), exclusive=True)
    assert session is not None
    before, after = session.started_at_ms - 1, session.started_at_ms
    calls = [nameless(after, session.id), nameless(before, session.id), nameless(after, session.id + 90)]
    Spool(app.settings.ledger_path).add([module._identified(each) for each in calls])
    known = app.for_thread().store.session(session.id)
    assert known is not None
    assert known.requests == 1
    assert counted(app) == 3
