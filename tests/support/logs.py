"""Log lines as agents write them, and an import into a ledger of its own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from codesession.domain.sighting import Sighting
from codesession.importers.base import Importer, LogFile, Places
from codesession.prices import PriceBook
from codesession.services.importing.outcome import AgentImport
from codesession.services.importing.service import ImportRequest, ImportService
from codesession.services.recording import Recording
from codesession.services.repo import locate
from codesession.store.importing import SqlImports
from codesession.store.sql_store import SqlStore
from codesession.store.sqlite import SqliteDatabase
from support.ledger import COST

SAMPLES = Path(__file__).parents[1] / "importers" / "data"
NOON_MS = 1_772_366_400_000
"""2026-03-01T12:00:00Z"""

Line = dict[str, Any]


def iso(at_ms: int) -> str:
    """A time as agents write it."""
    moment = datetime.fromtimestamp(at_ms / 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at_ms % 1000:03d}Z"


def claude_line(
    message_id: str | None = "msg_1",
    *,
    request_id: str | None = "req_1",
    session: str = "parent",
    at_ms: int = NOON_MS,
    output: int = 321,
    read: int = 8000,
    model: str = "claude-sonnet-4-6",
    text: str = "All done.",
    version: str = "2.1.112",
    usage: Line | None = None,
    **fields: Any,
) -> Line:
    """An assistant line of Claude Code: 3 uncached tokens, 1,200 written to the cache."""
    counts = usage or {
        "input_tokens": 3,
        "cache_creation_input_tokens": 1200,
        "cache_read_input_tokens": read,
        "output_tokens": output,
        "cache_creation": {"ephemeral_5m_input_tokens": 1000, "ephemeral_1h_input_tokens": 200},
        "service_tier": "standard",
    }
    message = {"id": message_id, "model": model, "content": [{"type": "text", "text": text}], "usage": counts}
    line: Line = {
        "type": "assistant",
        "timestamp": iso(at_ms),
        "sessionId": session,
        "version": version,
        "cwd": "/nowhere/widgets",
        "gitBranch": "main",
        "uuid": f"{session}-{message_id}-{at_ms}",
        "message": message | {"stop_details": None},
    }
    if request_id is not None:
        line["requestId"] = request_id
    return line | fields


def codex_meta(thread: str, *, version: str = "0.125.0", **fields: Any) -> Line:
    """The first line of a rollout."""
    payload = {"id": thread, "cwd": "/nowhere/widgets", "cli_version": version, "model_provider": "openai"}
    return codex_event("session_meta", payload | fields)


def codex_event(kind: str, payload: Line, *, at_ms: int = NOON_MS, **fields: Any) -> Line:
    """A line of a rollout."""
    return {"timestamp": iso(at_ms), "type": kind, "payload": payload, **fields}


def codex_turn(turn: str | None, *, model: str = "gpt-5.1-codex", at_ms: int = NOON_MS) -> Line:
    """A turn begins."""
    named = {} if turn is None else {"turn_id": turn}
    return codex_event("turn_context", {**named, "model": model}, at_ms=at_ms)


def codex_usage(prompt: int = 9000, output: int = 321) -> Line:
    """Counts of one response, 8,000 of the prompt cached and 100 of the output reasoning."""
    return {
        "input_tokens": prompt,
        "cached_input_tokens": 8000,
        "output_tokens": output,
        "reasoning_output_tokens": 100,
        "total_tokens": prompt + output,
    }


def codex_count(number: int, *, at_ms: int | None = None, last: Line | None = None) -> Line:
    """The cumulative count after `number` equal responses."""
    usage = codex_usage()
    info = {"total_token_usage": {k: v * number for k, v in usage.items()}, "last_token_usage": last or usage}
    return codex_event("event_msg", {"type": "token_count", "info": info}, at_ms=at_ms or NOON_MS + number)


def codex_record(response_id: str, thread: str, *, turn: str = "t1", at_ms: int = NOON_MS) -> Line:
    """One response of a new version."""
    payload = {"response_id": response_id, "thread_id": thread, "turn_id": turn, "usage": codex_usage()}
    return codex_event("token_usage_record", payload, at_ms=at_ms)


def encode(lines: Iterable[Line | bytes]) -> bytes:
    """Lines as a file holds them."""
    return b"".join((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines)


def write_log(path: Path, lines: Iterable[Line | bytes]) -> Path:
    """A log file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode(lines))
    return path


def read_all(importer: Importer, *paths: Path, root: Path | None = None) -> list[Sighting]:
    """Every sighting of some files, read in this order."""
    logs = (LogFile(path=path, root=root or path.parent) for path in paths)
    return [sighting for log in logs for sighting in importer.read(log)]


class Ledger:
    """A ledger and imports into it."""

    def __init__(self, folder: Path, *, environment: dict[str, str] | None = None, prompt_titles: bool = False) -> None:
        self.database = SqliteDatabase(folder / "sessions.db", now_ms=NOON_MS)
        self.store = SqlStore(self.database)
        self.imports = SqlImports(self.database)
        book = PriceBook.load()
        self.recording = Recording(self.store, lambda: book, lambda: NOON_MS)
        places = Places(environment=environment or {}, home=folder / "home")
        self.service = ImportService(
            self.imports, self.recording, lambda: book, locate, places, prompt_titles=prompt_titles
        )

    def run(self, path: Path | None = None, *agents: str, **wanted: Any) -> dict[str, AgentImport]:
        """Import, and tell by agent."""
        outcome = self.service.run(ImportRequest(agents=agents, path=path, **wanted))
        return {agent.agent_name: agent for agent in outcome.agents}

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the ledger."""
        return self.database.query(sql)

    def calls_by_conversation(self) -> dict[str, int]:
        """How many calls each conversation pays for."""
        rows = self.query("SELECT conversation_id, COUNT(*) FROM model_requests GROUP BY 1")
        return {name: int(calls) for name, calls in rows}

    def state(self) -> dict[str, Any]:
        """Everything that must not depend on the order of reading: calls, what they cost, who pays."""
        calls = self.query(
            "SELECT provider_name, response_model, conversation_id, subagent_id, started_at_ms,"
            " input_tokens, output_tokens, cache_read_input_tokens, cache_write_1h_input_tokens,"
            " usage_status, cost_picousd FROM model_requests"
        )
        sessions = self.query(f"SELECT conversation_id, requests, input_tokens, {COST} FROM sessions")
        return {"calls": sorted(calls, key=repr), "sessions": sorted(sessions, key=repr)}

    def check(self) -> None:
        """Counters of sessions, rollups and cursors say what the calls say."""
        sums = "COUNT(*), {}".format(_sums("cost_picousd"))
        columns = _sums(COST)
        (calls,) = self.query(f"SELECT {sums} FROM model_requests")
        (rollups,) = self.query(f"SELECT COALESCE(SUM(requests), 0), {columns} FROM usage_rollups")
        (cursors,) = self.query(f"SELECT COALESCE(SUM(calls), 0), {columns} FROM import_cursors")
        (imported,) = self.query(f"SELECT {sums} FROM model_requests WHERE import_id IS NOT NULL")
        assert rollups == calls
        assert cursors == imported
        for row in self.query(f"SELECT session_id, {sums} FROM model_requests WHERE session_id IS NOT NULL GROUP BY 1"):
            counted = f"requests, input_tokens, output_tokens, {COST}"
            assert self.query(f"SELECT {counted} FROM sessions WHERE id = {row[0]}") == [row[1:]]

    def close(self) -> None:
        """Let go of the file."""
        self.database.close()


def _sums(cost: str) -> str:
    return ", ".join(f"COALESCE(SUM({name}), 0)" for name in ("input_tokens", "output_tokens", cost))


@contextmanager
def ledger(folder: Path, **options: Any) -> Iterator[Ledger]:
    """A ledger in a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    opened = Ledger(folder, **options)
    try:
        yield opened
    finally:
        opened.close()
