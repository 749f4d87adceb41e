"""How fast records are priced, and what the price of one call adds to a command."""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
from itertools import cycle, islice
from pathlib import Path

from benchmarks.installed import ROOT, Installation
from benchmarks.measure import Row, paired

RECORDS = 20_000
CALC_GOAL = 8.0
"""Times the CPU of decoding each line with `json` and encoding it again."""
LOAD_GOAL = 1.0
"""Times the CPU of a process that imports `asyncio` and does nothing."""

_BASELINE = """
import json, sys
for line in open(sys.argv[1], encoding="utf-8"):
    print(json.dumps(json.loads(line)))
"""
_PRICE_ONE = """
from codesession.prices import PriceBook
from codesession.domain.usage import ModelResponse, TokenUsage, UsagePart
usage = UsagePart(usage=TokenUsage(input_tokens=900, output_tokens=90))
call = ModelResponse(provider_name="anthropic", api="manual", request_model="claude-sonnet-4-5", parts=(usage,))
print(PriceBook.load().price(call, 1_795_312_800_000).usd)
"""
_WITHOUT_A_PRICE = "import asyncio"


def rows(installation: Installation, options: argparse.Namespace) -> list[Row]:
    """`cs pricing calc` on lines and on an array, and one price from a cold start."""
    lines, array = _records(installation.folder)
    runs = max(3, options.runs // 3)

    def calc(file: Path) -> float:
        return cpu([installation.cs, "pricing", "calc", "--json", str(file)], installation)

    def copied() -> float:
        return cpu([installation.python, "-c", _BASELINE, str(lines)], installation)

    measured = [
        paired(f"cs pricing calc, {RECORDS:,} {kind}", "json.loads + json.dumps", CALC_GOAL, work, copied, runs)
        for kind, work in (("lines", lambda: calc(lines)), ("in an array", lambda: calc(array)))
    ]
    for row in measured:
        print(f"{row.what}: {RECORDS / row.figure:,.0f} records per CPU second", file=sys.stderr)
    one = paired(
        "the first price of a process",
        "import asyncio",
        LOAD_GOAL,
        lambda: cpu([installation.python, "-c", _PRICE_ONE], installation),
        lambda: cpu([installation.python, "-c", _WITHOUT_A_PRICE], installation),
        options.runs,
    )
    return [*measured, one]


def cpu(command: list[str], installation: Installation) -> float:
    """CPU seconds of a process and its children: what other work on the machine does to the clock is left out."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=installation.environment, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _records(folder: Path) -> tuple[Path, Path]:
    """Records as providers send them, every provider in turn: as lines and as one array."""
    found = [
        case
        for path in sorted((ROOT / "tests" / "prices").glob("cases*.json"))
        for case in json.loads(path.read_text(encoding="utf-8"))
        if "usage" in case
    ]
    keys = ("id", "provider", "model", "api", "at", "usage", "response", "request")
    texts = [json.dumps({key: case[key] for key in keys if key in case}) for case in found]
    many = list(islice(cycle(texts), RECORDS))
    lines, array = folder / "records.ndjson", folder / "records.json"
    lines.write_text("\n".join(many) + "\n", encoding="utf-8")
    array.write_text("[" + ",\n".join(many) + "]", encoding="utf-8")
    return lines, array
