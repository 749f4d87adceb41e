"""What the commands cost on a large ledger, against the same commands on an empty one."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.installed import Installation
from benchmarks.measure import Row, paired, wall
from benchmarks.seed import seed
from benchmarks.start_bench import LOG_AI

GOALS = {"log-ai": 1.2, "status": 2.0, "stats": 2.0, "list": 2.0}
COMMANDS = ([*LOG_AI, "--json"], ["status", "--json"], ["stats", "--json"], ["list", "--json"])


def rows(installation: Installation, options: argparse.Namespace) -> list[Row]:
    """`log-ai`, `status`, `stats` and `list` on many calls against none."""
    here = installation.repository("ledger")
    small, large = (str(installation.folder / name) for name in ("empty.db", "large.db"))
    seed(Path(large), calls=options.rows, sessions=max(1, options.rows // 500))
    for ledger in (small, large):
        wall([installation.cs, "start", "bench", "--json"], _with(installation, ledger), here)
    return [
        paired(
            f"cs {command[0]} on {options.rows:,} calls",
            "the same on an empty ledger",
            GOALS[command[0]],
            lambda command=command: wall([installation.cs, *command], _with(installation, large), here),
            lambda command=command: wall([installation.cs, *command], _with(installation, small), here),
            options.runs,
        )
        for command in COMMANDS
    ]


def _with(installation: Installation, ledger: str) -> dict[str, str]:
    return {**installation.environment, "CODESESSION_DB_PATH": ledger}
