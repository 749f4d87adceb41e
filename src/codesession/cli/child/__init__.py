"""
Run a command as if nobody stood between it and the shell.

`cs run agent` must feel like `agent`: its screen, its keys, job control, pipes, signals and exit status.
Use it in this order, from the main thread:

    with signals_held():                 # signals wait here until the command can have them
        child = spawn(argv, environment)
        start_threads()                  # they inherit the held signals, so none is lost in them
        status = child.wait()            # as a shell reports it: the code, or 128 + signal
        end_session()                    # a second Ctrl+C does not cut this short

Everything between `spawn` and the end of the block runs with `HELD` signals blocked, and so do programs started
there: stop those with SIGKILL (`Popen.kill`), as SIGTERM waits at their door too.
"""

from __future__ import annotations

import sys

from codesession.cli.child.start_error import CommandNotStartedError

if sys.platform == "win32":
    from codesession.cli.child.windows import Child, signals_held, spawn
else:
    from codesession.cli.child.posix import Child, spawn
    from codesession.cli.child.signals import signals_held

__all__ = ["Child", "CommandNotStartedError", "signals_held", "spawn"]
