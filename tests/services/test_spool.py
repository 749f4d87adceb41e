"""Calls that wait for the ledger: kept by many processes, handed over once, bounded, private."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.usage import ModelResponse
from codesession.errors import RefusedError, StorageError
from codesession.services.spool import Spool, SpoolFullError
from codesession.services.spool_line import to_line
from support.shell import SOURCE


def call(name: object) -> Observation:
    return Observation(
        response=ModelResponse(provider_name="x", api="y", response_id=str(name)),
        context=CallContext(source=Source.PROXY, started_at_ms=0),
    )


@dataclass
class Taker:
    """A ledger that takes batches whole, or refuses what a test says."""

    refused: set[str] = field(default_factory=set)
    busy_at: set[str] = field(default_factory=set)
    """Somebody else is writing when one of these is handed over, once."""
    away: bool = False
    taken: list[str] = field(default_factory=list)

    def keep(self, calls: Sequence[Observation]) -> None:
        names = [str(each.response.response_id) for each in calls]
        if self.refused & set(names):
            raise RefusedError("a number that no column holds")
        if self.away or self.busy_at & set(names):
            self.busy_at.clear()
            raise StorageError("the ledger is locked")
        self.taken += names


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "folder" / "sessions.db")


def test_what_waits_is_handed_over_once_and_in_order(spool: Spool) -> None:
    """Then the spool is empty, and a second hand-over does nothing."""
    assert spool.is_empty()
    spool.add([call(1), call(2)])
    spool.add([call(3)])
    assert (spool.is_empty(), spool.waiting()) == (False, 3)
    ledger = Taker()
    assert spool.drain(ledger.keep).recorded == 3
    assert ledger.taken == ["1", "2", "3"]
    assert spool.is_empty()
    assert spool.drain(ledger.keep).recorded == 0


def test_file_and_folder_are_the_owners_only(spool: Spool) -> None:
    """As the ledger is."""
    spool.add([call(1)])
    assert stat.S_IMODE(spool.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(spool.path.parent.stat().st_mode) == 0o700


def test_a_ledger_that_is_still_away_leaves_everything_waiting(spool: Spool) -> None:
    """And says why."""
    spool.add([call(n) for n in range(1_200)])
    ledger = Taker(away=True)
    assert spool.drain(ledger.keep).problem == "the ledger is locked"
    assert spool.waiting() == 1_200
    ledger.away = False
    assert spool.drain(ledger.keep).recorded == 1_200


def test_a_call_that_no_ledger_takes_is_put_apart_and_keeps_nobody_waiting(spool: Spool) -> None:
    """It is kept in a file of its own, as it was."""
    spool.add([call(n) for n in range(5)])
    ledger = Taker(refused={"0", "3"})
    drained = spool.drain(ledger.keep)
    assert (drained.recorded, drained.rejected, ledger.taken) == (3, 2, ["1", "2", "4"])
    assert spool.is_empty()
    assert spool.rejects.read_bytes() == to_line(call(0)) + to_line(call(3))
    assert spool.rejected() == 2


def test_who_finds_the_ledger_locked_in_the_middle_puts_no_call_apart(spool: Spool) -> None:
    """Others were taken a moment before: that says nothing of this one, which waits on."""
    spool.add([call(n) for n in range(4)])
    ledger = Taker(refused={"0"}, busy_at={"2"})
    assert spool.drain(ledger.keep).problem == "the ledger is locked"
    assert (spool.waiting(), spool.rejected()) == (4, 0)

    assert spool.drain(ledger.keep).rejected == 1
    assert {"1", "2", "3"} == set(ledger.taken)


def test_half_a_line_is_put_apart_and_the_next_call_begins_a_line(spool: Spool) -> None:
    """A machine that lost power cost one call, not its neighbours."""
    spool.add([call(1)])
    with spool.path.open("ab") as file:
        file.write(to_line(call(2))[:20])
    spool.add([call(3)])
    ledger = Taker()
    drained = spool.drain(ledger.keep)
    assert (ledger.taken, drained.rejected) == (["1", "3"], 1)


def test_the_bound_holds_and_what_fits_is_kept(tmp_path: Path) -> None:
    """Beyond it the caller is told, and the file is as it was."""
    size = len(to_line(call(1)))
    spool = Spool(tmp_path / "sessions.db", limit=size * 2 + 5)
    spool.add([call(1)])
    spool.add([call(2)])
    with pytest.raises(SpoolFullError):
        spool.add([call(3)])
    assert spool.waiting() == 2


def test_a_folder_that_cannot_be_made_is_an_error_for_the_caller(tmp_path: Path) -> None:
    """Who then counts in memory."""
    (tmp_path / "file").write_text("in the way")
    spool = Spool(tmp_path / "file" / "sessions.db")
    with pytest.raises(OSError):
        spool.add([call(1)])
    assert spool.is_empty()


APPEND = """
import sys
from pathlib import Path
from codesession.domain.request import CallContext, Observation, Source
from codesession.domain.usage import ModelResponse
from codesession.services.spool import Spool
spool = Spool(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    name = f"{sys.argv[2]}-{number}"
    spool.add([Observation(response=ModelResponse(provider_name="x", api="y", response_id=name),
                           context=CallContext(source=Source.PROXY, started_at_ms=0))])
    print(name, flush=True)
"""


def appender(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", APPEND, str(path), name, str(count)],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_processes_that_append_are_killed_and_emptied_meanwhile_lose_nothing(spool: Spool, tmp_path: Path) -> None:
    """Every call that `add` returned for is handed over exactly once, whoever was killed when."""
    ledger = Taker()
    path = tmp_path / "folder" / "sessions.db"
    processes = [appender(path, str(number), 100_000) for number in range(3)]
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        spool.drain(ledger.keep)
    for process in processes:
        process.send_signal(signal.SIGKILL)
    outputs = [process.communicate(timeout=20)[0] for process in processes]
    acknowledged = {line for output in outputs for line in output.split("\n")[:-1]}  # the last may be cut
    spool.drain(ledger.keep)
    assert len(acknowledged) > 30
    assert acknowledged <= set(ledger.taken)
    assert len(ledger.taken) == len(set(ledger.taken))
    assert spool.rejected() == 0


def test_a_kill_between_ledger_and_spool_leaves_the_calls_for_the_next(spool: Spool) -> None:
    """They are handed over again: the ledger knows them by their ids."""
    spool.add([call(1)])
    child = os.fork()
    if child == 0:

        def killed(_: Sequence[Observation]) -> None:
            os.kill(os.getpid(), signal.SIGKILL)

        spool.drain(killed)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    ledger = Taker()
    assert spool.drain(ledger.keep).recorded == 1


def test_nobody_waits_for_another_process_that_is_emptying_it(spool: Spool) -> None:
    """A command has other things to do."""
    spool.add([call(1)])
    inner = Taker()

    def keep(calls: Sequence[Observation]) -> None:
        assert Spool(spool.path.with_name("sessions.db")).drain(inner.keep).recorded == 0

    assert spool.drain(keep).recorded == 1
    assert inner.taken == []
