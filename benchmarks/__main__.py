"""
`make bench`: measure, print the table.

A row compares two things on this machine in this run, in turn (A B A B …), and says the median of the ratios; or one
thing with a bound that stands in the row (memory, what a page waits for). Figures are printed for orientation.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks import import_rows, ledger_bench, price_bench, proxy_rows, run_bench, start_bench, web_bench
from benchmarks.installed import Installation
from benchmarks.measure import Row, table

SUITES = {
    "start": start_bench.rows,
    "import": import_rows.rows,
    "ledger": ledger_bench.rows,
    "price": price_bench.rows,
    "run": run_bench.rows,
    "proxy": proxy_rows.rows,
    "web": web_bench.rows,
}


def main() -> int:
    """Run the chosen suites; exit status 1 when a figure misses its goal."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("suites", nargs="*", choices=[*SUITES, []], help="default: all of them")
    parser.add_argument("--rows", type=int, default=1_000_000, help="calls in the large ledger")
    parser.add_argument("--runs", type=int, default=15, help="pairs per row")
    parser.add_argument("--megabytes", type=int, default=100, help="logs to import")
    parser.add_argument("--files", type=int, default=500, help="in so many files")
    options = parser.parse_args()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="codesession-bench-") as folder:
        installation = Installation.prepare(Path(folder))
        for name in options.suites or SUITES:
            print(f"measuring {name} …", file=sys.stderr, flush=True)
            rows += SUITES[name](installation, options)
    print(table(rows))
    return 0 if all(row.ok for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
