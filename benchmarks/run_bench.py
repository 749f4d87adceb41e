"""How soon a command starts under `cs run`."""

from __future__ import annotations

import argparse
import subprocess
import time

from benchmarks.installed import Installation
from benchmarks.measure import Row, paired, wall

GOAL = 5.0


def rows(installation: Installation, options: argparse.Namespace) -> list[Row]:
    """From starting `cs run` to the first moment of the command, against the bare interpreter."""
    here = installation.repository("run")
    environment = {**installation.environment, "CODESESSION_DB_PATH": str(installation.folder / "run.db")}
    return [
        paired(
            "start of the command under cs run",
            'python -c "import sqlite3, json"',
            GOAL,
            lambda: _until_started(installation, environment, here),
            lambda: wall(installation.baseline(), environment, here),
            options.runs,
        )
    ]


def _until_started(installation: Installation, environment: dict[str, str], here: str) -> float:
    started = time.time_ns()
    done = subprocess.run(
        [installation.cs, "run", "--", "date", "+%s%N"],
        env=environment,
        cwd=here,
        capture_output=True,
        text=True,
        check=True,
    )
    return (int(done.stdout) - started) / 1e9
