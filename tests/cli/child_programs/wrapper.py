"""
What `cs run` does around its command, and no more: `wrapper.py COMMAND…`.

With KILL_FIFO=PATH in the environment, a writer to that pipe ends the command, KILL_GRACE seconds given.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from codesession.cli.child import Child, CommandNotStartedError, signals_held, spawn


def kill_when_told(child: Child, fifo: str) -> None:
    """As a budget does it, from another thread."""
    Path(fifo).read_text()
    child.kill_group(grace_seconds=float(os.environ["KILL_GRACE"]))


def main() -> int:
    """Run the command beside a thread that stands for the proxy."""
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    try:
        child = spawn(sys.argv[1:], os.environ)
    except CommandNotStartedError as error:
        print(error.message, "|", error.hint, file=sys.stderr, flush=True)
        return error.exit_status
    if fifo := os.environ.get("KILL_FIFO"):
        threading.Thread(target=kill_when_told, args=(child, fifo), daemon=True).start()
    status = child.wait()
    child.kill_group(grace_seconds=0)
    return status


if __name__ == "__main__":
    with signals_held():
        os._exit(main())  # Still held: a late signal of a test must not change the status.
