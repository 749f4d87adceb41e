"""
The dashboard on a large ledger: how long its pages wait, how long the very first one, and what open pages cost while
nothing happens.

A call is recorded before every request, so that no answer is merely the one before.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.installed import Installation
from benchmarks.measure import Row
from benchmarks.seed import seed
from codesession.domain.ids import uuid7
from codesession.domain.pricing import CostStatus
from codesession.domain.request import ModelRequest, Source
from codesession.domain.usage import TokenUsage
from codesession.store.sql_store import SqlStore
from codesession.store.sqlite import SqliteDatabase

LONGEST_S = 0.100
"""The 95th percentile that every page must keep."""
IDLE_SHARE = 0.05
"""Of one core, for fifty open pages."""
PAGES = 50
IDLE_S = 20
REQUESTS = 40


def paths(sessions: int) -> dict[str, list[str]]:
    """What the pages ask for when they are opened, and when their owner turns pages or looks at a year."""
    today = datetime.now(UTC).date()
    month, year = (f"since={today - timedelta(days=days)}&until={today}" for days in (29, 365))
    return {
        "Overview": [
            "/api/v1/overview",
            *(f"/api/v1/usage/series?by={by}&{month}" for by in ("model", "project", "agent", "source")),
        ],
        "Overview, a year": [f"/api/v1/usage/series?by=model&bucket=week&{year}", f"/api/v1/usage/series?{year}"],
        "Sessions": [
            "/api/v1/sessions",
            f"/api/v1/sessions?offset={sessions // 2}",
            "/api/v1/sessions?sort=cost",
            "/api/v1/sessions?sort=name&order=asc",
            "/api/v1/sessions?search=99",
            "/api/v1/sessions?project=/repo/7&minCost=0.1",
            "/api/v1/sessions?agent=codex",
            "/api/v1/usage/names",
        ],
        "Models": [
            f"/api/v1/usage/by/model?{month}",
            f"/api/v1/usage/by/agent?{month}",
            f"/api/v1/usage/by/project?{month}",
            f"/api/v1/usage/what-if?modelName=gpt-6.1-sol&targetModel=claude-haiku-5-5&{month}",
        ],
        "Models, a year": [f"/api/v1/usage/by/model?{year}&trend=week"],
    }


def rows(installation: Installation, options: argparse.Namespace) -> list[Row]:
    """Every page, and fifty of them open."""
    ledger = installation.folder / "web.db"
    sessions = max(1, options.rows // 100)
    seed(ledger, calls=options.rows, sessions=sessions)
    asked = paths(sessions)
    environment = {**installation.environment, "CODESESSION_DB_PATH": str(ledger)}
    with serving([installation.cs], environment) as start:
        first = first_figures(start, asked["Overview"][0])
        return [first, *waits(start, ledger, asked), idle(start)]


@contextmanager
def serving(command: list[str], environment: dict[str, str]) -> Iterator[dict[str, Any]]:
    """A dashboard and its start line."""
    process = subprocess.Popen(
        [*command, "dashboard", "--no-open", "--json"], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(10)


def first_figures(start: dict[str, Any], path: str) -> Row:
    """What a browser that is there at once waits for: the sums of the first page, of a server that has just started."""
    took = _ask(start, path)
    return Row(what="Overview of a server just started", against="1 s", ratio=took, goal=1.0, figure=took)


def waits(start: dict[str, Any], ledger: Path, pages: dict[str, list[str]]) -> list[Row]:
    """The 95th percentile of each page's slowest question."""
    store = SqlStore(SqliteDatabase(ledger, now_ms=time.time_ns() // 1_000_000))
    found = []
    for page, asked in pages.items():
        slowest, path = max((_percentile(start, store, path), path) for path in asked)
        what = f"{page}: {path.partition('?')[0].removeprefix('/api/v1')}, 95 of 100 within"
        found.append(Row(what=what, against="100 ms", ratio=slowest / LONGEST_S, goal=1.0, figure=slowest))
    store.close()
    return found


def _percentile(start: dict[str, Any], store: SqlStore, path: str) -> float:
    took = [_ask(start, path)]
    for _ in range(REQUESTS):
        store.add_request(_call())
        took.append(_ask(start, path))
    return sorted(took)[int(len(took) * 0.95)]


def _ask(start: dict[str, Any], path: str) -> float:
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", start["port"], timeout=60)
    connection.request("GET", path, headers={"Authorization": f"Bearer {start['token']}"})
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200, (path, answer.status)
    connection.close()
    return time.perf_counter() - began


def _call() -> ModelRequest:
    now = time.time_ns() // 1_000_000
    uid = uuid7(now)
    return ModelRequest(
        uid=uid,
        provider_name="anthropic",
        response_id=f"bench-{uid}",
        request_model="claude-opus-5-5",
        project="/repo/1",
        agent_name="codex",
        started_at_ms=now,
        usage=TokenUsage(input_tokens=1_000, output_tokens=100),
        cost_picousd=4_500_000_000,
        cost_status=CostStatus.EXACT,
        sources=frozenset({Source.PROXY}),
    )


def idle(start: dict[str, Any]) -> Row:
    """What the server uses of a core while fifty pages are open and nothing happens."""
    streams = [_stream(start) for _ in range(PAGES)]
    time.sleep(2)
    before = _cpu(start["pid"])
    time.sleep(IDLE_S)
    share = (_cpu(start["pid"]) - before) / IDLE_S
    for stream in streams:
        stream.close()
    return Row(
        what=f"{PAGES} open pages while nothing happens, of one core",
        against="5 %",
        ratio=share / IDLE_SHARE,
        goal=1.0,
        figure=share * 100,
        unit="%",
    )


def _stream(start: dict[str, Any]) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection("127.0.0.1", start["port"], timeout=60)
    connection.request("GET", "/api/v1/events", headers={"Authorization": f"Bearer {start['token']}"})
    connection.getresponse().readline()
    return connection


def _cpu(pid: int) -> float:
    """Seconds of processor time a process has used, from Linux's /proc."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
