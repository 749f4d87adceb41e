"""Files read by helper processes: the same ledger, whatever becomes of the helpers."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from codesession.services.importing import crew
from codesession.services.importing.news import FilePart, News, Reading
from support.logs import NOON_MS, claude_line, ledger, write_log

FILES = 12

IS_ALONE = crew._is_alone

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2, reason="no second processor, or no copy of a process"
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Transcripts, each with calls of its own and one that the first one made."""
    folder = tmp_path / "logs"
    for number in range(FILES):
        own = [
            claude_line(f"m{number}-{call}", request_id=f"r{number}-{call}", session=f"s{number}", at_ms=NOON_MS + call)
            for call in range(5)
        ]
        copied = claude_line("m0-0", request_id="r0-0", session=f"s{number}")
        write_log(folder / f"s{number:02}.jsonl", [*own, copied, b"{ broken }"])
    return folder


@pytest.fixture
def helpers(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Helpers for however little there is; the processes that were started."""
    started: list[int] = []
    fork = os.fork

    def forked() -> int:
        helper = fork()
        started.append(helper)
        return helper

    monkeypatch.setattr(crew, "WORTH_IT", 0)
    monkeypatch.setattr(crew, "_is_alone", lambda: True)  # what earlier tests left running does not matter here
    monkeypatch.setattr(os, "fork", forked)
    return started


def imported(home: Path, folder: Path) -> tuple[object, object]:
    """The ledger and what was told, after an import."""
    folder.mkdir()
    with ledger(folder) as kept:
        told = kept.run(home, "claude-code")["claude-code"]
        kept.check()
        return kept.state(), (told.totals, told.new_calls, told.unreadable, told.problems)


def test_helpers_make_no_difference(home: Path, tmp_path: Path, helpers: list[int]) -> None:
    """Every nth file is read elsewhere, and taken in the order of the files."""
    alone = pytest.MonkeyPatch()
    alone.setattr(crew, "_helpers", lambda: 0)
    expected = imported(home, tmp_path / "alone")
    alone.undo()
    assert not helpers
    assert imported(home, tmp_path / "together") == expected
    assert helpers


@pytest.mark.parametrize("after", [0, 3])
def test_a_helper_that_dies_leaves_its_files_to_us(
    after: int, home: Path, tmp_path: Path, helpers: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Out of memory, killed: nothing is missing and nothing is counted twice."""
    expected = imported(home, tmp_path / "well")
    parts, here = Reading.parts, os.getpid()
    read: list[News] = []

    def fatal(reading: Reading, news: News, *booked: object) -> Iterator[FilePart]:
        read.append(news)
        if os.getpid() != here and len(read) > after:
            os._exit(9)
        return parts(reading, news, *booked)  # type: ignore[arg-type]

    monkeypatch.setattr(Reading, "parts", fatal)
    assert imported(home, tmp_path / "ill") == expected


def test_a_process_with_threads_is_not_copied(
    home: Path, tmp_path: Path, helpers: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock that another thread holds would be held for ever in the copy."""
    monkeypatch.setattr(crew, "_is_alone", IS_ALONE)
    done = threading.Event()
    other = threading.Thread(target=done.wait)
    other.start()
    try:
        imported(home, tmp_path / "ledger")
    finally:
        done.set()
        other.join()
    assert not helpers


def test_no_helper_is_left_behind(home: Path, tmp_path: Path, helpers: list[int]) -> None:
    """Not even when the ledger fails in the middle."""
    folder = tmp_path / "ledger"
    folder.mkdir()
    with ledger(folder) as kept, pytest.raises(RuntimeError):
        kept.imports.take = _full  # type: ignore[method-assign]
        kept.run(home, "claude-code")
    assert helpers
    for helper in helpers:
        with pytest.raises(ChildProcessError):
            os.waitpid(helper, os.WNOHANG)


def _full(*_: object) -> int:
    raise RuntimeError("the disk is full")
