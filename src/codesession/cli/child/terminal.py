"""The controlling terminal that we share with a wrapped command."""

from __future__ import annotations

import os
import termios


class Terminal:
    """Who has the foreground, and the modes a killed command leaves behind."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        # In the background the modes are the shell's own line editor's, no use to anybody later.
        self._modes = termios.tcgetattr(fd) if self.is_foreground() else None

    @classmethod
    def controlling(cls) -> Terminal | None:
        """The controlling terminal of this process, or None: CI, cron, a daemon, a process after `setsid`."""
        try:
            fd = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
        except OSError:  # ENXIO is how a system says that there is none; an unusable one is none for us.
            return None
        try:
            return cls(fd)
        except (OSError, termios.error):  # It vanished in between.
            os.close(fd)
            return None

    def is_foreground(self) -> bool:
        """Whether keys typed now would signal our process group."""
        try:
            return os.tcgetpgrp(self._fd) == os.getpgrp()
        except OSError:  # The terminal was closed: nobody types there any more.
            return False

    def restore(self) -> None:
        """
        Put back the modes from the start, if we are still in the foreground.

        A shell does this for a command that a signal killed; it sees us exit normally and would keep the raw mode.
        """
        if self._modes is None or not self.is_foreground():
            return
        try:
            termios.tcsetattr(self._fd, termios.TCSANOW, self._modes)
        except termios.error:  # Closed since the line above: there is nothing left to put right.
            return

    def close(self) -> None:
        """Let go of the terminal; it cannot be used afterwards."""
        os.close(self._fd)
