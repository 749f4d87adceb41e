"""Paired timings and the table they are printed in."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One comparison: how many times the other it is, and what that may be at most."""

    what: str
    against: str
    ratio: float
    goal: float
    figure: float
    unit: str = "s"

    @property
    def ok(self) -> bool:
        """Whether the goal is met."""
        return self.ratio <= self.goal


def wall(command: Sequence[str], environment: Mapping[str, str], cwd: str | None = None) -> float:
    """Seconds a command takes as a whole process, its output thrown away."""
    started = time.perf_counter()
    subprocess.run(command, env=dict(environment), cwd=cwd, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def paired(
    what: str, against: str, goal: float, first: Callable[[], float], second: Callable[[], float], runs: int
) -> Row:
    """Measure two things in turn, after one run of each that does not count."""
    first()
    second()
    pairs = [(first(), second()) for _ in range(runs)]
    return Row(
        what=what,
        against=against,
        ratio=statistics.median(a / b for a, b in pairs),
        goal=goal,
        figure=statistics.median(a for a, _ in pairs),
    )


def table(rows: Sequence[Row]) -> str:
    """Markdown, so that it can be pasted as it is."""
    lines = ["| measured | against | ratio | goal | figure |", "|---|---|---:|---:|---:|"]
    for row in rows:
        mark = "" if row.ok else " ✗"
        value, unit = (row.figure * 1000, "ms") if row.unit == "s" else (row.figure, row.unit)
        figure = f"{value:.{2 if value < 10 else 0}f} {unit}"
        lines.append(f"| {row.what} | {row.against} | {row.ratio:.2f}{mark} | {row.goal:g} | {figure} |")
    return "\n".join(lines)
