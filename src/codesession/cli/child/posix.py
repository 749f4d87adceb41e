"""
Start, follow and signal a command on POSIX systems.

With a controlling terminal the command stays in our process group. It is then in the terminal's foreground group
exactly when it would be without us, so keys, job control, pipelines and resizing reach it from the kernel, and our own
copy of a key's signal is swallowed. Without a terminal it leads a group of its own, which is signalled as a whole.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial

from codesession.cli.child.processes import command_group
from codesession.cli.child.signals import (
    FOR_THE_COMMAND_ALONE,
    HELD,
    KEYBOARD,
    PASSED_ON,
    Arrival,
    are_held,
    mask_for_child,
    next_signal,
)
from codesession.cli.child.start_error import not_started
from codesession.cli.child.terminal import Terminal

_IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)
"""An ignored signal stays ignored across exec; a command expects these two to act."""


def spawn(argv: Sequence[str], env: Mapping[str, str]) -> Child:
    """
    Start `argv` without a shell, with our standard streams and exactly the environment `env`.

    The program is searched on our own PATH. Inside `signals_held` only, best before any thread exists.
    Raises CommandNotStartedError.
    """
    if not are_held():
        raise RuntimeError("spawn() belongs inside signals_held()")
    terminal = Terminal.controlling()
    start = partial(
        os.posix_spawnp, argv[0], list(argv), env, setsigmask=mask_for_child(), setsigdef=_IGNORED_BY_PYTHON
    )
    try:
        pid = start(setpgroup=0) if terminal is None else start()
    except OSError as error:
        if terminal is not None:
            terminal.close()
        raise not_started(argv[0], error) from error
    return Child(pid, terminal)


class Child:
    """A running command. `wait` in the main thread; signal it from any thread."""

    def __init__(self, pid: int, terminal: Terminal | None) -> None:
        self.pid = pid
        self._terminal = terminal
        self._stopped = False
        self._exit_status: int | None = None
        self._over = threading.Event()
        # Reaping frees the process id for anybody; no signal may be under way to it at that moment.
        self._reaping = threading.Lock()

    def wait(self) -> int:
        """Pass signals on and share stops until the command is over; its exit code, or 128 + the killing signal."""
        while self._exit_status is None:
            change = self._next_change()
            if change is None:
                self._meet(next_signal())
            elif os.WIFSTOPPED(change):
                self._stop_as_well(os.WSTOPSIG(change))
        return self._exit_status

    def kill_group(self, signum: int = signal.SIGTERM, *, grace_seconds: float = 5.0) -> None:
        """
        End the command with all its processes: `signum` first, SIGKILL if it still runs after the grace period.

        Returns at the command's end or after the SIGKILL. For another thread than the one in `wait`.
        """
        self.pass_on(signum)
        self.pass_on(signal.SIGCONT)  # A stopped process would not act on the first.
        if not self._over.wait(grace_seconds):
            self.pass_on(signal.SIGKILL)

    def pass_on(self, signum: int) -> None:
        """
        Signal the command and what it started in its process group; nothing once it is over.

        In a terminal those are found by descent, because pipeline neighbours and a calling script share the group.
        """
        with self._reaping:
            if self._exit_status is not None:
                return
            if signum in FOR_THE_COMMAND_ALONE:
                _kill(self.pid, signum)
            elif self._terminal is None:
                _kill(-self.pid, signum)
            else:
                for pid in command_group(self.pid):
                    _kill(pid, signum)

    def _next_change(self) -> int | None:
        """The wait status of the command's latest stop, continuation or end; None if nothing is new."""
        with self._reaping:
            pid, change = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED | os.WCONTINUED)
            if pid == 0:
                return None
            self._stopped = os.WIFSTOPPED(change)
            if os.WIFEXITED(change) or os.WIFSIGNALED(change):
                self._finish(change)
            return change

    def _finish(self, change: int) -> None:
        code = os.waitstatus_to_exitcode(change)
        if self._terminal is not None:
            if os.WIFSIGNALED(change):
                self._terminal.restore()
            self._terminal.close()
        self._exit_status = code if code >= 0 else 128 - code
        self._over.set()

    def _meet(self, arrival: Arrival) -> None:
        if arrival.signum == signal.SIGCONT:
            if self._stopped:  # Someone continued us alone, by `kill`; `fg` continues the group.
                self.pass_on(signal.SIGCONT)
        elif arrival.signum in PASSED_ON and not self._has_its_copy(arrival):
            self.pass_on(arrival.signum)

    def _has_its_copy(self, arrival: Arrival) -> bool:
        """Whether the command got this signal without us, or sent it itself."""
        if arrival.sender == self.pid:
            return True
        if self._terminal is None:
            return False
        if arrival.from_kernel is None:
            return arrival.signum in KEYBOARD and self._terminal.is_foreground()
        if arrival.signum == signal.SIGHUP and os.getsid(0) == os.getpid():
            return False  # A terminal that closes tells the session leader only.
        return arrival.from_kernel

    def _stop_as_well(self, signum: int) -> None:
        """
        Follow the command into its stop, so that the shell sees its job stopped and takes the terminal back.

        Only now: a full-screen program that catches Ctrl+Z first puts the terminal in order. Programs that read the
        key themselves and stop only themselves are followed too. Returns when somebody continues us.
        """
        if self._terminal is None or signal.SIGCONT in signal.sigpending():
            return  # Nobody controls jobs here, or we were told to go on before we could stop.
        os.kill(os.getpid(), signum)  # Before unblocking, to merge with a copy from the terminal: one stop, not two.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signum})
        signal.pthread_sigmask(signal.SIG_BLOCK, {signum} & HELD)


def _kill(pid: int, signum: int) -> None:
    """Ended meanwhile, or another user's (sudo): the same `kill` by hand would reach nobody either."""
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signum)
