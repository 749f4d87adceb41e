"""
A command that prints a line for every signal it gets: `probe.py NAME…`.

SIGUSR2 ends it with status 7; SIGWINCH adds the terminal's size. The wake-up descriptor counts each delivery, where
Python's handlers would merge two that come close together.
"""

from __future__ import annotations

import os
import signal
import sys


def main() -> None:
    """Announce the process id and its parent's, then report until SIGUSR2."""
    reader, wakeup = os.pipe()
    os.set_blocking(wakeup, False)
    signal.set_wakeup_fd(wakeup)
    for name in [*sys.argv[1:], "SIGUSR2"]:
        signal.signal(signal.Signals[name], lambda *_: None)
    print("ready", os.getpid(), os.getppid(), ".", flush=True)
    while True:
        arrived = os.read(reader, 64)
        for signum in arrived:
            size = "{}x{}".format(*os.get_terminal_size()) if signum == signal.SIGWINCH else ""
            print("got", signal.Signals(signum).name, size, ".", flush=True)
        if signal.SIGUSR2 in arrived:  # Whatever came just before it may stand behind it: handlers run nested.
            os._exit(7)  # at once: what is still on its way would find an interpreter that has given up its handlers


if __name__ == "__main__":
    main()
