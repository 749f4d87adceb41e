"""
How fast logs are imported, and what an import costs when nothing is new.

    python -m benchmarks.import_bench --megabytes 200 --files 1000

Beside the import stands the least any reader has to do on this machine in this run: read every line and decode the
ones with usage. CPU time is that of all processes.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from benchmarks.log_generator import claude_home, codex_home
from codesession.app import App
from codesession.domain.imports import ImportCursor
from codesession.domain.plain import PlainCall, Seen
from codesession.importers.base import LogFile
from codesession.importers.claude_code import ClaudeCode
from codesession.importers.codex import Codex
from codesession.services.importing.crew import Crew
from codesession.services.importing.news import FilePart, News
from codesession.services.importing.scan import stamp
from codesession.services.importing.service import ImportRequest


class _Usage(msgspec.Struct):
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_input_tokens: int = 0


class _Message(msgspec.Struct):
    id: str | None = None
    usage: _Usage | None = None


class _Line(msgspec.Struct):
    message: _Message | None = None
    payload: msgspec.Raw = msgspec.Raw(b"null")


def sum_only(root: Path) -> int:
    """The floor: lines, decoded where they have usage, summed; no identity, no price, no ledger."""
    decode = msgspec.json.Decoder(_Line).decode
    total = 0
    for path in root.rglob("*.jsonl"):
        with path.open("rb", buffering=1 << 20) as file:
            for line in file:
                if b'usage"' in line and (message := decode(line).message) and message.usage:
                    total += message.usage.output_tokens
    return total


class _Scan:
    """Stands where an import has its `Reading`: the calls as they are read, without a price and without a row."""

    def __init__(self, importer: ClaudeCode | Codex) -> None:
        self.importer = importer

    def parts(self, news: News) -> Iterator[FilePart]:
        """The calls of one file: who bills, the response's id, tokens."""
        calls = map(_counted, self.importer.plainly(LogFile(path=Path(news.path), root=news.root)))
        yield FilePart(calls=[call for call in calls if call is not None], last=True)


def _counted(call: Seen) -> tuple[str, str | None, int] | None:
    if isinstance(call, PlainCall):
        tokens = call.counts.input_tokens + call.counts.output_tokens
        return call.like.observation.response.provider_name, call.response_id, tokens
    response = call.observation.response
    return (
        None if response.usage is None else (response.provider_name, response.response_id, response.usage.total_tokens)
    )


def scan_only(root: Path) -> int:
    """The importers' own reading, in as many processes as an import has: each call once; no price, no ledger."""
    tasks = []
    for scan, home in ((_Scan(ClaudeCode()), root / ".claude"), (_Scan(Codex()), root / ".codex")):
        for path in map(str, scan.importer.files(home)):
            news = News(path, home, stamp(path), ImportCursor(id=0, agent_name=scan.importer.name, path=path))
            tasks.append((scan, news))
    crew = Crew(tasks)
    found: dict[tuple[str, str | None], int] = {}
    for task in tasks:
        for part in crew.parts(task):
            for provider, response_id, tokens in part.calls:
                found[provider, response_id] = tokens
    crew.close()
    return sum(found.values())


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """CPU seconds, those of helpers included, and wall seconds."""
    cpu, wall = sum(os.times()[:4]), time.perf_counter()
    work()
    return sum(os.times()[:4]) - cpu, time.perf_counter() - wall


def main() -> None:
    """Generate, import cold, import again, append a little, import again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        size, files = wanted.megabytes * 1_000_000, wanted.files
        written = [
            claude_home(home / ".claude", size=size * 7 // 10, files=files * 7 // 10 or 1),
            codex_home(home / ".codex", size=size * 3 // 10, files=files * 3 // 10 or 1),
        ]
        total = sum(part.size for part in written) / 1e6
        print(f"{total:.0f} MB, {sum(p.files for p in written)} files, {sum(p.calls for p in written)} calls")
        for run in range(wanted.runs):
            app = App({"HOME": folder, "CODESESSION_DB_PATH": str(home / f"{run}.db"), "PATH": ""})
            rows = (
                ("sum only", lambda: sum_only(home)),
                ("scan only", lambda: scan_only(home)),
                ("cold import", lambda app=app: app.importing.run(ImportRequest())),
                ("nothing new", lambda app=app: app.importing.run(ImportRequest())),
            )
            for name, work in rows:
                cpu, wall = timed(work)
                print(f"{name:12} {cpu:7.2f} s CPU {wall:7.2f} s wall {total / cpu:8.0f} MB/s CPU")
            app.close()


if __name__ == "__main__":
    main()
