"""Single key presses while a picture is on the screen."""

from __future__ import annotations

import sys
import threading
import time
from typing import Any

_SLICE_S = 0.05
"""How long a signal may have to wait to be noticed."""


class Keys:
    """Reads keys without Enter; the terminal is put back as it was at the end. Without one there are no keys."""

    def __init__(self) -> None:
        self._terminal = sys.stdin is not None and sys.stdin.isatty()
        self._before: list[Any] | None = None

    def __enter__(self) -> Keys:
        if self._terminal and sys.platform != "win32":
            import termios
            import tty

            self._before = termios.tcgetattr(sys.stdin)
            tty.setcbreak(sys.stdin, termios.TCSANOW)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None and sys.platform != "win32":
            import termios

            try:
                termios.tcsetattr(sys.stdin, termios.TCSANOW, self._before)
            except termios.error:
                return  # the terminal is gone, and its settings with it

    def pressed(self, stop: threading.Event, seconds: float) -> set[str]:
        """Wait up to `seconds` for keys, or for `stop`; returns those pressed."""
        until = time.monotonic() + seconds
        while not stop.is_set() and (left := until - time.monotonic()) > 0:
            if keys := self._waiting(min(left, _SLICE_S)):
                return set(keys)
        return set()

    def _waiting(self, seconds: float) -> str:
        if not self._terminal:
            time.sleep(seconds)
            return ""
        if sys.platform == "win32":
            return _windows_keys(seconds)
        import os
        import select

        if not select.select([sys.stdin], [], [], seconds)[0]:
            return ""
        read = os.read(sys.stdin.fileno(), 64)
        if not read:
            self._terminal = False
        return read.decode("utf-8", "replace")


def _windows_keys(seconds: float) -> str:
    import msvcrt

    keys = ""
    time.sleep(seconds)
    while msvcrt.kbhit():  # type: ignore[attr-defined]  # there on Windows only
        keys += msvcrt.getwch()  # type: ignore[attr-defined]
    return keys
