"""
What importing logs costs, against ccusage on the same logs and against nothing new.

    python -m benchmarks import --megabytes 1000 --files 5000

ccusage is found as `ccusage` on the path or by `CCUSAGE`; without it its rows are left out. It keeps nothing and sums
anew each time; an import prices every call and writes it to the ledger, once. The goals are those the project set
itself; a row that misses its goal is marked.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from benchmarks.import_bench import scan_only, sum_only
from benchmarks.installed import Installation
from benchmarks.log_generator import claude_home, codex_home
from benchmarks.measure import Row, paired, wall
from codesession.services.importing.handover import BATCH

RUNS = 5
START_S = 0.030
"""What one appended line may cost beside half as much again as starting the interpreter."""
RSS_MB = 200
GOALS = {"cold": 1.0, "scan": 0.5, "again": 0.05, "line": 1.0, "rss": 1.0}


def rows(installation: Installation, options: argparse.Namespace) -> list[Row]:
    """A first import, one without news, one of a single line."""
    home, size, files = installation.folder / "agents", options.megabytes * 1_000_000, options.files
    claude_home(home / ".claude", size=size * 7 // 10, files=files * 7 // 10)
    codex_home(home / ".codex", size=size * 3 // 10, files=files * 3 // 10)
    environment = {**installation.environment, "HOME": str(home)}
    ledgers = itertools.count()
    what = f"cs import of {options.megabytes} MB, {files} files"
    runs = min(RUNS, options.runs)

    def imported(ledger: int) -> float:
        return wall([installation.cs, "import", "--json"], {**environment, **_ledger(installation, ledger)})

    def cold() -> float:
        return imported(next(ledgers))

    def empty() -> Path:
        ledger = _ledger(installation, next(ledgers))
        subprocess.run([installation.cs, "list"], env={**environment, **ledger}, stdout=subprocess.DEVNULL, check=True)
        return Path(ledger["CODESESSION_DB_PATH"])

    return [
        *_against_ccusage(installation, home, environment, cold, empty, what, runs),
        paired(f"{what}, nothing new", "the first import", GOALS["again"], lambda: imported(0), cold, runs),
        _one_line(installation, home, {**environment, **_ledger(installation, 0)}, options.runs),
        _memory(installation, {**environment, **_ledger(installation, next(ledgers))}, what),
    ]


def _ledger(installation: Installation, number: int) -> dict[str, str]:
    return {"CODESESSION_DB_PATH": str(installation.folder / f"import-{number}.db")}


def _against_ccusage(
    installation: Installation,
    home: Path,
    environment: Mapping[str, str],
    cold: Callable[[], float],
    empty: Callable[[], Path],
    what: str,
    runs: int,
) -> list[Row]:
    ccusage = os.environ.get("CCUSAGE") or shutil.which("ccusage")
    if ccusage is None:
        print("ccusage not installed", file=sys.stderr, flush=True)
        return []

    def theirs() -> float:
        return wall([ccusage, "daily", "--json", "--offline"], environment)

    def ours(name: str) -> Callable[[], float]:
        code = f"import sys; from benchmarks.import_rows import {name}; {name}(sys.argv[1])"
        return lambda: wall([sys.executable, "-c", code, str(home)], os.environ)

    return [
        paired(what, "ccusage, which keeps nothing", GOALS["cold"], cold, theirs, runs),
        paired("reading alone, by the importers", "ccusage", GOALS["scan"], ours("scanned"), theirs, runs),
        paired("reading alone, the least there is to do", "ccusage", GOALS["scan"], ours("summed"), theirs, runs),
        _rows_alone(Path(_ledger(installation, 0)["CODESESSION_DB_PATH"]), empty, theirs, runs),
    ]


def _rows_alone(imported: Path, empty: Callable[[], Path], theirs: Callable[[], float], runs: int) -> Row:
    """What SQLite itself needs: the calls are there as they are to be written, not read, priced or summed."""
    with closing(sqlite3.connect(imported)) as ledger:
        calls = ledger.execute("SELECT * FROM model_requests ORDER BY id").fetchall()
    insert = f"INSERT INTO model_requests VALUES ({', '.join('?' * len(calls[0]))})"

    def written() -> float:
        with closing(sqlite3.connect(empty())) as ledger:
            ledger.executescript("PRAGMA synchronous = NORMAL; PRAGMA cache_size = -32000")  # as an import has it
            started = time.perf_counter()
            for first in range(0, len(calls), BATCH):
                with ledger:
                    ledger.executemany(insert, calls[first : first + BATCH])
            return time.perf_counter() - started

    return paired("writing the rows of calls alone", "ccusage", GOALS["cold"], written, theirs, runs)


def _one_line(installation: Installation, home: Path, environment: Mapping[str, str], runs: int) -> Row:
    """What an agent's hook costs after every turn, as a share of what it may cost."""
    log = min(home.glob(".claude/projects/*/*.jsonl"))
    last = json.loads(log.read_bytes().splitlines()[-1])
    hook = json.dumps({"transcript_path": str(log), "cwd": str(home)}).encode()

    def line() -> float:
        last["requestId"] = last["message"]["id"] = last["uuid"] = str(uuid.uuid4())
        with log.open("a") as file:
            file.write(json.dumps(last, separators=(",", ":")) + "\n")
        started = time.perf_counter()
        subprocess.run([installation.cs, "auto-log"], env=dict(environment), input=hook, check=True)
        return time.perf_counter() - started

    def allowed() -> float:
        return 1.5 * wall(installation.baseline(), environment) + START_S

    return paired("one appended line", "1.5x starting + 30 ms", GOALS["line"], line, allowed, runs)


def _memory(installation: Installation, environment: Mapping[str, str], what: str) -> Row:
    """The largest process of an import, helpers included."""
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    command = [installation.python, "-c", code, installation.cs, "import", "--json"]
    told = subprocess.run(command, env=dict(environment), capture_output=True, check=True)
    megabytes = int(told.stdout) * 1024 / 1e6
    return Row(f"{what}: memory", f"{RSS_MB} MB", megabytes / RSS_MB, GOALS["rss"], megabytes, "MB")


def summed(home: str) -> None:
    """The least any reader in this language has to do."""
    sum_only(Path(home))


def scanned(home: str) -> None:
    """What an import reads, each call once, summed."""
    scan_only(Path(home))
