"""Start and follow a command on Windows, where the console tells every process in it about Ctrl+C."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from codesession.cli.child.start_error import not_started

if sys.platform == "win32":

    @contextmanager
    def signals_held() -> Iterator[None]:
        """Ignore Ctrl+C and Ctrl+Break: the command gets its own from the console. Main thread only."""
        handlers = {signum: signal.signal(signum, signal.SIG_IGN) for signum in (signal.SIGINT, signal.SIGBREAK)}
        try:
            yield
        finally:
            for signum, handler in handlers.items():
                signal.signal(signum, signal.SIG_DFL if handler is None else handler)

    def spawn(argv: Sequence[str], env: Mapping[str, str]) -> Child:
        """
        Start `argv` in our console, with our standard streams and the environment `env`.

        Agents installed by npm are `.cmd` files, which only a full name starts. Raises CommandNotStartedError.
        """
        program = shutil.which(argv[0])
        try:
            if program is None:
                raise FileNotFoundError(2, "No such file or directory", argv[0])
            return Child(subprocess.Popen([program, *argv[1:]], env=dict(env)))
        except OSError as error:
            raise not_started(argv[0], error) from error

    class Child:
        """A running command."""

        def __init__(self, process: subprocess.Popen[bytes]) -> None:
            self._process = process
            self.pid = process.pid

        def wait(self) -> int:
            """The command's exit code."""
            return self._process.wait()

        def kill_group(self, signum: int = signal.SIGTERM, *, grace_seconds: float = 5.0) -> None:
            """
            End the command with everything it started, by force.

            Windows has no signal that a console program could be asked with from outside its group.
            """
            del signum, grace_seconds
            tree = ["taskkill", "/T", "/F", "/PID", str(self.pid)]
            subprocess.run(tree, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
