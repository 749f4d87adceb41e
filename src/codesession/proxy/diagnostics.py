"""What went wrong, in counters and single lines. No line ever holds a header, a body or a query string."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable


def to_stderr(line: str) -> None:
    """The default sink: one line on stderr."""
    print(f"codesession proxy: {line}", file=sys.stderr, flush=True)


class Diagnostics:
    """Counts events by name and tells a sink about the ones that a person can act on."""

    def __init__(self, log: Callable[[str], None] = to_stderr) -> None:
        self._log = log
        self.counts: Counter[str] = Counter()
        """For example calls, recorded, upstream_failed, client_gone, unreadable, refused."""

    def count(self, event: str) -> None:
        """Something expected happened."""
        self.counts[event] += 1

    def report(self, event: str, detail: str) -> None:
        """
        Something failed. Each kind is written at most ten times, so that a dead network cannot flood a terminal.

        A sink that fails (a closed stderr) is ignored: reporting must never break a call.
        """
        self.counts[event] += 1
        if self.counts[event] > 10:
            return
        try:
            self._log(f"{event.replace('_', ' ')}: {detail}")
        except (OSError, ValueError):  # stderr is gone; the counter still tells
            self.counts["log_failed"] += 1
