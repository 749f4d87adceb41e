"""
Regenerate the packaged price files from the installed genai-prices and our corrections.

    python scripts/generate_prices.py            write, and report what changed
    python scripts/generate_prices.py --check    exit 1 when the committed files differ; write nothing

`--date` is the day the corrections were last reviewed (default: the date in the committed files).
"""

from __future__ import annotations

import argparse
import sys

from codesession.prices.catalog import PACKAGED
from codesession.prices.generator import files


def main() -> int:
    """Exit status: 0 done or current, 1 when `--check` finds a difference or a shift looks like a mistake."""
    arguments = _arguments()
    committed = files.read_folder(PACKAGED)
    date = arguments.date or committed.get("index", {}).get("reviewed")
    if date is None:
        print("no committed prices: give --date", file=sys.stderr)
        return 1
    fresh = files.compose(date)
    found = files.changes(committed, fresh)
    for change in found:
        print(f"{'SUSPICIOUS ' if change.suspicious else ''}{change.model}: {change.what}")
    if arguments.check:
        current = committed.keys() == fresh.keys() and all(
            (PACKAGED / f"{name}.json").read_text() == files.render(content) for name, content in fresh.items()
        )
        print("prices are current" if current else "prices differ: run scripts/generate_prices.py", file=sys.stderr)
        return 0 if current else 1
    if any(change.suspicious for change in found) and not arguments.accept:
        print("a price moved more than tenfold: look, then run again with --accept", file=sys.stderr)
        return 1
    files.write_folder(fresh, PACKAGED, mode=0o755)
    print(f"{len(found)} changes, {fresh['index']['version']}", file=sys.stderr)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only compare")
    parser.add_argument("--date", help="review date of the corrections, YYYY-MM-DD")
    parser.add_argument("--accept", action="store_true", help="write although a price moved more than tenfold")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
