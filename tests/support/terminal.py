"""A pseudo-terminal that a test types into and reads from."""

from __future__ import annotations

import fcntl
import os
import re
import select
import struct
import subprocess
import sys
import termios
import time

PATIENCE_S = 20
"""How long something may take to appear; only a failing test waits this long."""

ENTER_SESSION = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""


class Screen:
    """A pseudo-terminal with a session in it, and all that was shown on it."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self.master, slave = os.openpty()
        self.resize(24, 80)
        self.leader = subprocess.Popen(
            [sys.executable, "-c", ENTER_SESSION, *command],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env=environment,
        )
        os.close(slave)
        self.shown = ""
        self._seen = 0

    def resize(self, rows: int, columns: int) -> None:
        """As if the window changed."""
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, keys: str) -> None:
        """Press keys; `\\x03` is Ctrl+C."""
        os.write(self.master, keys.encode())

    def until(self, pattern: str) -> re.Match[str]:
        """Wait for a pattern to appear after what was waited for before."""
        deadline = time.monotonic() + PATIENCE_S
        while (found := re.compile(pattern).search(self.shown, self._seen)) is None:
            if not self._read(deadline):
                raise AssertionError(f"no {pattern!r} after {self.shown[self._seen :]!r}; all: {self.shown!r}")
        self._seen = found.end()
        return found

    def to_the_end(self) -> int:
        """Wait until the session is over and everything is shown; the leader's exit status."""
        deadline = time.monotonic() + PATIENCE_S
        while self._read(deadline):
            pass
        return self.leader.wait(timeout=10)

    def _read(self, deadline: float) -> bool:
        ready, _, _ = select.select([self.master], [], [], max(0, deadline - time.monotonic()))
        try:
            data = os.read(self.master, 65536) if ready else b""
        except OSError:  # EIO: nobody has the other side open any more.
            return False
        self.shown += data.decode(errors="replace")
        return bool(data)

    def hang_up(self) -> None:
        """Close the window."""
        if self.master >= 0:
            os.close(self.master)
            self.master = -1
