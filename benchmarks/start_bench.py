"""How fast the commands start that hooks and scripts call all the time."""

from __future__ import annotations

import argparse

from benchmarks.installed import Installation
from benchmarks.measure import Row, paired, wall

GOAL = 4.0

LOG_AI = ["log-ai", "-p", "anthropic", "-m", "claude-sonnet-4-5", "--prompt-tokens", "900", "--completion-tokens", "90"]
COMMANDS = (["status", "--json"], [*LOG_AI, "--json"], ["note", "measured", "--json"])


def rows(installation: Installation, options: argparse.Namespace) -> list[Row]:
    """`cs status|log-ai|note --json` against the bare interpreter."""
    here = installation.repository("start")
    environment = {**installation.environment, "CODESESSION_DB_PATH": str(installation.folder / "start.db")}
    wall([installation.cs, "start", "bench", "--json"], environment, here)
    return [
        paired(
            f"cs {command[0]} --json",
            'python -c "import sqlite3, json"',
            GOAL,
            lambda command=command: wall([installation.cs, *command], environment, here),
            lambda: wall(installation.baseline(), environment, here),
            options.runs,
        )
        for command in COMMANDS
    ]
