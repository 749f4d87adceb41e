"""
Hold the signals that concern a wrapped command, and take them one at a time with their origin.

They are blocked and fetched, not handled: a handler would run at any point of the program, could not say who sent the
signal, and would leave a gap between starting the command and being ready for it.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

KEYBOARD = frozenset({signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP})
"""What a terminal sends to its whole foreground group for Ctrl+C, Ctrl+\\ and Ctrl+Z."""

FOR_THE_COMMAND_ALONE = frozenset({signal.SIGUSR1, signal.SIGUSR2})
"""A program's private protocol: whoever does not know them dies of them, so they go to nobody else."""

PASSED_ON = KEYBOARD | FOR_THE_COMMAND_ALONE | {signal.SIGTERM, signal.SIGHUP}

_NEWS_OF_THE_CHILD = frozenset({signal.SIGCHLD, signal.SIGCONT})
_BACKGROUND_ACCESS = frozenset({signal.SIGTTIN, signal.SIGTTOU})
"""Sent by the terminal to a whole background group; the command has its copy, and we stop only when it does."""

HELD = PASSED_ON | _NEWS_OF_THE_CHILD | _BACKGROUND_ACCESS


@dataclass(frozen=True, slots=True)
class Arrival:
    """One signal that reached us."""

    signum: int
    from_kernel: bool | None
    """True for the terminal driver's signals, False for `kill`; None where the system does not tell (macOS, BSD)."""
    sender: int | None
    """Process id behind a `kill`, when known."""


@contextmanager
def signals_held() -> Iterator[None]:
    """
    Keep `HELD` signals pending, in this thread and in those it starts, until `next_signal` takes them.

    What is still pending at the end is dropped: it was meant for a command that is over. Main thread only.
    """
    # Kernels may discard a signal that is ignored by default, and reap children unseen if SIGCHLD came in as ignored.
    handlers = {signum: signal.signal(signum, _unused) for signum in _NEWS_OF_THE_CHILD}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, HELD)
    try:
        yield
    finally:
        while pending := signal.sigpending() & HELD:
            signal.sigwait(pending)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for signum, handler in handlers.items():
            signal.signal(signum, signal.SIG_DFL if handler is None else handler)


def are_held() -> bool:
    """Whether this thread runs inside `signals_held`."""
    return signal.pthread_sigmask(signal.SIG_BLOCK, ()) >= HELD


def mask_for_child() -> set[int]:
    """The signal mask outside of `signals_held`."""
    return set(signal.pthread_sigmask(signal.SIG_BLOCK, ()) - HELD)


def next_signal() -> Arrival:
    """Wait for a held signal. Stopping and continuing this process does not interrupt the wait (PEP 475)."""
    if sys.platform == "linux":
        info = signal.sigwaitinfo(HELD)
        # sigaction(2): SI_KERNEL and the CLD_ codes are positive; SI_USER, SI_QUEUE and SI_TKILL are not.
        by_kernel = info.si_code > 0
        arrival = Arrival(info.si_signo, by_kernel, None if by_kernel else info.si_pid)
    else:
        arrival = Arrival(signal.sigwait(HELD), None, None)
    return arrival


def _unused(signum: int, frame: FrameType | None) -> None:
    """Never meant to act: the signal is blocked while this is installed."""
