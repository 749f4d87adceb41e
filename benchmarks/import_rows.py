"""
What importing logs costs: against reading and summing the same logs with ccusage, and against nothing new.

ccusage is found as `ccusage` on the path or by `CCUSAGE`; without it its rows are left out. It keeps nothing and sums
anew each time; an import prices every call and writes it to the ledger, once.
"""

from __future__ import annotations

import argparse
import itertools
import os
import shutil
import sys
from pathlib import Path

from benchmarks.import_bench import sum_only
from benchmarks.installed import Installation
from benchmarks.log_generator import claude_home, codex_home
from benchmarks.measure import Row, paired, wall

MEGABYTES = 100
FILES = 500
RUNS = 3
GOALS = {"cold": 12.0, "again": 0.15, "sum": 40.0, "again against ccusage": 1.5}


def rows(installation: Installation, options: argparse.Namespace) -> list[Row]:
    """A first import, and one without news."""
    home = installation.folder / "agents"
    size = MEGABYTES * 1_000_000
    claude_home(home / ".claude", size=size * 7 // 10, files=FILES * 7 // 10)
    codex_home(home / ".codex", size=size * 3 // 10, files=FILES * 3 // 10)
    count = itertools.count()

    def imported(ledger: str) -> float:
        environment = {**installation.environment, "HOME": str(home), "CODESESSION_DB_PATH": ledger}
        return wall([installation.cs, "import", "--json"], environment)

    def cold() -> float:
        return imported(str(installation.folder / f"import-{next(count)}.db"))

    def again() -> float:
        return imported(str(installation.folder / "import-0.db"))

    def summed() -> float:
        command = [sys.executable, "-c", "import sys; from benchmarks.import_rows import main; main(sys.argv[1])"]
        return wall([*command, str(home)], os.environ)

    what = f"cs import of {MEGABYTES} MB, {FILES} files"
    runs = min(RUNS, options.runs)
    found = [
        paired(what, "reading and summing alone", GOALS["sum"], cold, summed, runs),
        paired(f"{what}, nothing new", "the first import", GOALS["again"], again, cold, runs),
    ]
    ccusage = os.environ.get("CCUSAGE") or shutil.which("ccusage")
    if ccusage is None:
        print("ccusage not installed", file=sys.stderr, flush=True)
        return found
    named = [ccusage, "daily", "--json", "--offline"]

    def theirs() -> float:
        return wall(named, {**installation.environment, "HOME": str(home)})

    found.append(paired(what, "ccusage, which keeps nothing", GOALS["cold"], cold, theirs, runs))
    found.append(paired(f"{what}, nothing new", "ccusage", GOALS["again against ccusage"], again, theirs, runs))
    return found


def main(home: str) -> None:
    """The least any reader in this language has to do."""
    sum_only(Path(home))
