"""
Model calls that wait beside the ledger while it is locked, full, read-only, damaged or gone.

One file for all processes of a user, one line per call, read by nobody but its owner. Whoever appends or empties
it holds its lock, which the system gives back when a process dies: a kill in the middle of emptying leaves the
lines, and the ledger knows those it has taken by their ids.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from codesession.errors import CodesessionError, RefusedError, StorageError

if TYPE_CHECKING:
    from codesession.domain.request import Observation

LIMIT_BYTES = 32 * 1024 * 1024
"""Some forty thousand calls: days of work without a ledger."""
_CHUNK = 500
"""Calls handed to the ledger in one transaction."""

Keep = Callable[[Sequence["Observation"]], object]
"""Takes calls into the ledger, all or none; raises when it cannot."""


class SpoolFullError(CodesessionError):
    """The bound is reached: further calls can only be counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drained:
    """What became of the waiting calls."""

    recorded: int = 0
    rejected: int = 0
    """Lines that are no call, and calls that no ledger takes; they are in the file of rejects."""
    problem: str | None = None
    """Why calls are still waiting."""


class Spool:
    """The file of one ledger."""

    def __init__(self, ledger: Path, limit: int = LIMIT_BYTES) -> None:
        self.path = ledger.with_name(ledger.name + ".spool")
        self.rejects = ledger.with_name(ledger.name + ".rejected")
        self._limit = limit

    def is_empty(self) -> bool:
        """Whether nothing waits: one look at the file's size."""
        try:
            return self.path.stat().st_size == 0
        except OSError:  # not there, as it should be, or not to be reached: then it cannot be emptied either
            return True

    def add(self, calls: Sequence[Observation]) -> None:
        """Append calls, all or none. Raises `OSError` or `SpoolFullError` when they cannot be kept here."""
        from codesession.services.spool_line import to_line

        lines = b"".join(map(to_line, calls))
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _locked(self.path, wait=True) as file:
            if file is None:
                raise BlockingIOError("the spool is locked")
            self._append(file, lines)

    def waiting(self) -> int:
        """How many calls wait."""
        return _count_lines(self.path)

    def rejected(self) -> int:
        """How many lines the ledger would not take."""
        return _count_lines(self.rejects)

    def drain(self, keep: Keep) -> Drained:
        """
        Hand what waits to the ledger and forget it; nothing is done while another process does it.

        A call that was handed over before (the process that did it was killed) is known to the ledger by its id.
        """
        if self.is_empty():
            return Drained()
        try:
            with _locked(self.path, wait=False) as file:
                return Drained() if file is None else self._empty(file, keep)
        except OSError as error:
            return Drained(problem=str(error))

    def _append(self, file: int, lines: bytes) -> None:
        size = os.fstat(file).st_size
        if size + len(lines) > self._limit:
            raise SpoolFullError(f"{self.path} has reached its bound of {self._limit:,} bytes")
        if size and os.pread(file, 1, size - 1) != b"\n":  # a machine that lost power left half a line
            lines = b"\n" + lines
        try:
            written = os.write(file, lines)
            if written < len(lines):
                raise OSError(28, "no space left for a waiting call")
        except OSError:
            os.ftruncate(file, size)
            raise

    def _empty(self, file: int, keep: Keep) -> Drained:
        raw = _read(file).splitlines(keepends=True)
        calls, rejects = _parsed(raw)
        recorded, problem = 0, None
        pending = iter(calls)
        while problem is None and (chunk := list(islice(pending, _CHUNK))):
            taken, refused, problem = _handed_over(chunk, keep)
            recorded += taken
            rejects += refused
        if problem is not None:
            return Drained(recorded=recorded, problem=problem)
        if rejects:
            with _locked(self.rejects, wait=True) as other:
                if other is not None:
                    self._append(other, b"".join(rejects))
        os.ftruncate(file, 0)
        return Drained(recorded=recorded, rejected=len(rejects))


_Line = tuple[bytes, "Observation"]


def _parsed(raw: list[bytes]) -> tuple[list[_Line], list[bytes]]:
    from codesession.services.spool_line import from_line

    calls: list[_Line] = []
    rejects: list[bytes] = []
    for line in raw:
        try:
            calls.append((line, from_line(line)))
        except ValueError:  # cut by a loss of power, or not ours: kept apart for whoever wants to look
            rejects.append(line if line.endswith(b"\n") else line + b"\n")
    return calls, rejects


def _handed_over(chunk: list[_Line], keep: Keep) -> tuple[int, list[bytes], str | None]:
    """How many were taken, the lines that never will be, and why the ledger takes none now."""
    try:
        keep([call for _, call in chunk])
    except Exception as error:  # told apart: the ledger may be the cause, or one of the calls
        if _is_away(error):
            return 0, [], _words(error)
    else:
        return len(chunk), [], None
    refused: list[bytes] = []
    for done, (line, call) in enumerate(chunk):
        try:
            keep([call])
        except Exception as error:  # kept apart, or all wait on: nothing is dropped
            if _is_away(error):
                return done - len(refused), [], _words(error)
            refused.append(line)
    return len(chunk) - len(refused), refused, None


def _is_away(error: Exception) -> bool:
    """Whether it says nothing of a call: another try may go well, also where others were just taken."""
    return isinstance(error, StorageError | OSError | MemoryError) and not isinstance(error, RefusedError)


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__


def _read(file: int) -> bytes:
    with open(file, "rb", closefd=False) as reader:
        reader.seek(0)
        return reader.read()


def _count_lines(path: Path) -> int:
    try:
        return path.read_bytes().count(b"\n")
    except OSError:  # not there: nothing waits
        return 0


@contextmanager
def _locked(path: Path, *, wait: bool) -> Iterator[int | None]:
    """The file, open for appending by its owner only and locked; None when somebody else has it and nobody waits."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        yield file if _lock(file, wait=wait) else None
    finally:
        os.close(file)  # gives the lock back


def _lock(file: int, *, wait: bool) -> bool:
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(file, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True
