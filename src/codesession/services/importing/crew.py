"""
Processes that read files while this one writes the ledger.

Only for much work, and only where a copy of this process is safe to make: on Linux, with no other thread running.
Everywhere else files are read here, with the same result in the same order. A helper gets every nth file and sends
what it read through a pipe of its own, which holds it back when the ledger is slower; so memory stays what it is.
A helper that dies (out of memory) leaves its files to be read here.
"""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Iterator, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

    from codesession.services.importing.news import FilePart, News, Reading

Task = tuple["Reading", "News"]

WORTH_IT = 32 << 20
"""Bytes to read from which on helpers pay for their start."""
_MOST = 4
_PIPE = 1 << 20
"""Bytes a helper may be ahead of the ledger."""
_F_SETPIPE_SZ = 1031
_LENGTH = 8


class Crew:
    """Hands out what is in the files of some tasks, which must be asked for in their order."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._pipes: list[BinaryIO | None] = []
        self._helpers: list[int] = []
        self._at = {news.path: number for number, (_, news) in enumerate(tasks)}
        size = sum(news.stamp.size - news.cursor.start for _, news in tasks)
        for number in range(_helpers() if size >= WORTH_IT else 0):
            self._start(tasks[number :: _helpers()])

    def parts(self, task: Task) -> Iterator[FilePart]:
        """What is new in a file."""
        reading, news = task
        number = self._at.get(news.path)
        if self._pipes and number is not None:
            helper = number % len(self._pipes)
            while (part := self._receive(helper)) is not None:
                yield part
                if part.last:
                    return
        yield from reading.parts(news)

    def close(self) -> None:
        """Nothing more is wanted: helpers that are still at work find their pipe closed and end."""
        for pipe in self._pipes:
            if pipe is not None:
                pipe.close()
        for helper in self._helpers:
            os.waitpid(helper, 0)
        self._pipes, self._helpers = [], []

    def _start(self, tasks: Sequence[Task]) -> None:
        read_end, write_end = os.pipe()
        helper = os.fork()
        if helper == 0:
            try:
                for pipe in self._pipes:
                    if pipe is not None:
                        pipe.close()
                os.close(read_end)
                _work(tasks, write_end)
            finally:
                os._exit(0)  # nothing of what this is a copy of may be tidied up here
        os.close(write_end)
        self._pipes.append(os.fdopen(read_end, "rb"))
        self._helpers.append(helper)

    def _receive(self, helper: int) -> FilePart | None:
        """The next part that a helper sent; None when it sends no more."""
        pipe = self._pipes[helper]
        if pipe is None:
            return None
        length = int.from_bytes(pipe.read(_LENGTH), "big")
        sent = pipe.read(length)
        if not length or len(sent) < length:
            pipe.close()
            self._pipes[helper] = None
            return None
        return _unpacked(sent)


def _helpers() -> int:
    """How many processes can read beside this one; 0 where a copy of it is not safe."""
    if sys.platform != "linux" or not _is_alone():
        return 0
    processors = len(os.sched_getaffinity(0))
    return min(processors, _MOST) if processors > 1 else 0


def _is_alone() -> bool:
    """Whether no other thread runs: a lock that one holds would be held for ever in the copy."""
    threading = sys.modules.get("threading")
    return threading is None or threading.active_count() == 1


def _work(tasks: Sequence[Task], write_end: int) -> None:
    """A helper's life: its files, one after the other."""
    import gc
    import signal

    gc.disable()  # it makes no circles, and looking for them is a tenth of its work
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the one who asked; this one ends with the pipe
    _enlarge(write_end)
    with os.fdopen(write_end, "wb") as pipe:
        try:
            for reading, news in tasks:
                for part in reading.parts(news):
                    packed = _packed(part)
                    pipe.write(len(packed).to_bytes(_LENGTH, "big") + packed)
        except Exception:  # told by the pipe's end: the files are read again where errors can be shown
            return


def _enlarge(pipe: int) -> None:
    import fcntl

    try:
        fcntl.fcntl(pipe, _F_SETPIPE_SZ, _PIPE)
    except OSError:  # a limit of the system: then a helper waits more often
        return


def _packed(part: FilePart) -> bytes:
    """Calls are plain values, which `marshal` copies several times as fast as `pickle`."""
    import pickle  # only where there is much to read, as in `_unpacked`

    calls, part.calls = part.calls, []
    return pickle.dumps((marshal.dumps([tuple(call) for call in calls]), part), pickle.HIGHEST_PROTOCOL)


def _unpacked(sent: bytes) -> FilePart:
    import pickle

    calls, part = pickle.loads(sent)  # noqa: S301 - from our own copy
    found: FilePart = part
    found.calls = marshal.loads(calls)  # noqa: S302
    return found
