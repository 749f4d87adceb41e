"""Recording off the request path: never waits, never raises, never forgets to say what was lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.usage import ModelResponse
from codesession.errors import StorageError
from codesession.services.recording import Recording
from codesession.services.writer import BATCH, BackgroundWriter


@dataclass
class Ledger:
    """Takes batches, or refuses them as a test says; opened in the writer's thread."""

    batches: list[list[str]] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    failures: int = 0
    """How many batches fail before the ledger is back."""
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
        if self.failures:
            self.failures -= 1
            raise StorageError("the disk is full")
        if self.refused & set(names):
            raise ValueError("a row that no database takes")
        self.batches.append(names)
        return len(names)


@pytest.fixture
def ledger() -> Ledger:
    made = Ledger()
    made.gate.set()
    return made


def call(name: object) -> Observation:
    return Observation(
        response=ModelResponse(provider_name="x", api="y", response_id=str(name)),
        context=CallContext(source=Source.PROXY, started_at_ms=0),
    )


def test_everything_submitted_is_written_in_order_by_one_thread(ledger: Ledger) -> None:
    """The connection belongs to that thread."""
    writer = BackgroundWriter(ledger.open)
    for number in range(1_000):
        writer.submit(call(number))
    assert writer.close()
    assert [name for batch in ledger.batches for name in batch] == [str(n) for n in range(1_000)]
    assert (writer.written, writer.lost, writer.missing, writer.problem, ledger.opened) == (1_000, 0, 0, None, 1)
    assert ledger.threads.isdisjoint({threading.get_ident()})
    assert len(ledger.threads) == 1


def test_submit_does_not_wait_for_the_ledger_and_what_piled_up_goes_in_batches(ledger: Ledger) -> None:
    """A ledger that hangs for a while delays no call; afterwards a thousand need a handful of transactions."""
    ledger.gate.clear()
    writer = BackgroundWriter(ledger.open)
    for number in range(1_000):
        writer.submit(call(number))
    assert writer.written == 0
    ledger.gate.set()
    assert writer.close()
    assert max(len(batch) for batch in ledger.batches) == BATCH
    assert len(ledger.batches) <= 1_000 / BATCH + 1


def test_one_call_the_ledger_refuses_does_not_take_its_neighbours_along(ledger: Ledger) -> None:
    """The batch is tried call by call; the reason is kept."""
    ledger.refused = {"3"}
    ledger.gate.clear()
    writer = BackgroundWriter(ledger.open)
    for number in range(6):
        writer.submit(call(number))
    ledger.gate.set()
    assert writer.close()
    assert sorted(name for batch in ledger.batches for name in batch) == ["0", "1", "2", "4", "5"]
    assert (writer.written, writer.lost, writer.missing) == (5, 1, 1)
    assert writer.problem == "a row that no database takes"


def test_a_ledger_that_comes_back_gets_the_calls(ledger: Ledger) -> None:
    """After a failure the connection is opened anew and the same calls are tried again."""
    ledger.failures = 1
    writer = BackgroundWriter(ledger.open)
    writer.submit(call("a"))
    assert writer.close()
    assert (writer.written, writer.lost, ledger.opened) == (1, 0, 2)
    assert writer.problem == "the disk is full"


def test_a_ledger_that_cannot_be_opened_loses_calls_loudly() -> None:
    """The thread lives on, the calls are counted as lost, the first reason is kept."""

    @contextmanager
    def no_ledger() -> Iterator[Recording]:
        raise StorageError("it is a directory")
        yield

    writer = BackgroundWriter(no_ledger)
    writer.submit(call("a"))
    writer.submit(call("b"))
    assert writer.close()
    assert (writer.written, writer.missing, writer.problem) == (0, 2, "it is a directory")


def test_calls_there_was_no_time_for_are_missing_and_not_forgotten(ledger: Ledger) -> None:
    """A close that gives up leaves a number to be reported."""
    ledger.gate.clear()
    writer = BackgroundWriter(ledger.open)
    writer.submit(call("a"))
    writer.submit(call("b"))
    assert not writer.close(timeout=0.05)
    assert writer.missing == 2
    ledger.gate.set()
    assert writer.close()
    assert writer.missing == 0


def test_a_writer_that_had_nothing_to_do_closes_at_once(ledger: Ledger) -> None:
    """No thread is started, no ledger opened."""
    assert BackgroundWriter(ledger.open).close()
    assert ledger.opened == 0


def test_why_calls_are_unpriced_is_passed_on(ledger: Ledger) -> None:
    """A broken price file loses no call, and is still said."""
    ledger.problem = "cannot read pricing.json"
    writer = BackgroundWriter(ledger.open)
    writer.submit(call("a"))
    assert writer.close()
    assert (writer.written, writer.problem) == (1, "cannot read pricing.json")


def test_many_threads_may_submit_at_once(ledger: Ledger) -> None:
    """One writer thread, every call exactly once."""
    writer = BackgroundWriter(ledger.open)
    threads = [
        threading.Thread(target=lambda t=t: [writer.submit(call(f"{t}-{n}")) for n in range(200)]) for t in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert writer.close()
    names = [name for batch in ledger.batches for name in batch]
    assert len(names) == len(set(names)) == writer.written == 1_600
    assert ledger.opened == 1
