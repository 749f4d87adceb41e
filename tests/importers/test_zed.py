"""Zed's threads."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import zstandard

from codesession.importers.base import LogFile, Places
from codesession.importers.zed import DATABASE, Zed
from support.logs import NOON_MS, Ledger, iso, read_all

COUNTS = {"input_tokens": 3, "output_tokens": 321, "cache_read_input_tokens": 8000, "cache_creation_input_tokens": 1200}
MODEL = {"provider": "anthropic", "model": "claude-opus-4-6"}


def put(path: Path, thread: str, content: Any, *, packed: bool = True, **fields: Any) -> Path:
    """One thread in a database."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(
        "CREATE TABLE IF NOT EXISTS threads (id TEXT PRIMARY KEY, parent_id TEXT, folder_paths TEXT, summary TEXT,"
        " updated_at TEXT, data_type TEXT, data BLOB)"
    )
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    row = {
        "parent_id": None,
        "folder_paths": "/nowhere/w\n/nowhere/x",
        "summary": "Fix it",
        "at": iso(NOON_MS),
    } | fields
    data = zstandard.compress(raw) if packed and not isinstance(content, bytes) else raw
    values = (thread, *row.values(), "zstd" if packed else "json", data)
    connection.execute("INSERT OR REPLACE INTO threads VALUES (?, ?, ?, ?, ?, ?, ?)", values)
    connection.close()
    return path


def counts(times: int) -> dict[str, int]:
    return {name: count * times for name, count in COUNTS.items()}


def thread(messages: int, total: int = 0, /, **fields: Any) -> dict[str, Any]:
    """A thread that shows a request for every message, and so many in its total."""
    usages = {f"m{n}": COUNTS for n in range(messages)}
    return {"model": MODEL, "request_token_usage": usages, "cumulative_token_usage": counts(total)} | fields


def used(imported: Ledger) -> tuple[int, int]:
    """Output and cache reads of all calls."""
    found = imported.query("SELECT SUM(output_tokens), SUM(cache_read_input_tokens) FROM model_requests")[0]
    return found[0], found[1]


def test_every_message_of_an_older_thread_is_a_call(imported: Ledger, tmp_path: Path) -> None:
    """Packed or not; a thread that grew adds what is new, a sub-agent's belongs to the session that asked for it."""
    path = put(tmp_path / "threads" / DATABASE, "t", thread(1))
    put(path, "u", thread(1), packed=False, parent_id="t")
    imported.run(tmp_path)
    put(path, "t", thread(3), at=iso(NOON_MS + 9))
    for _ in range(2):
        imported.run(tmp_path)
    assert imported.calls_by_conversation() == {"t": 3, "u": 1}
    rows = imported.query("SELECT DISTINCT input_tokens, cache_read_input_tokens, output_tokens FROM model_requests")
    assert rows == [(9203, 8000, 321)]
    assert imported.query("SELECT name, requests FROM sessions") == [("Fix it", 4)]


def test_a_thread_counts_by_its_total(imported: Ledger, tmp_path: Path) -> None:
    """A message shows its last request only: what the ones before it used is in the total, in steps or at once."""
    path = put(tmp_path / "threads" / DATABASE, "t", thread(1, 1))
    put(path, "at once", thread(2, 7))
    put(path, "compacted", {"model": MODEL, "cumulative_token_usage": COUNTS})
    for messages, total in ((1, 1), (1, 4), (2, 5), (2, 7)):
        put(path, "t", thread(messages, total), at=iso(NOON_MS + total))
        for _ in range(2):
            imported.run(tmp_path)
    assert used(imported) == (15 * 321, 15 * 8000)
    copy = put(tmp_path / "copy" / "threads" / DATABASE, "t", thread(1, 1))
    imported.run(copy.parent)
    assert used(imported) == (15 * 321, 15 * 8000)
    imported.check()


def test_a_total_that_began_later_adds_what_the_messages_do_not_show(imported: Ledger, tmp_path: Path) -> None:
    """Versions in between had none: theirs is in the messages alone."""
    path = put(tmp_path / "threads" / DATABASE, "t", thread(3))
    for messages, total in ((3, 0), (4, 2), (4, 5), (5, 6)):
        put(path, "t", thread(messages, total), at=iso(NOON_MS + total))
        imported.run(tmp_path)
    assert used(imported) == (6 * 321, 6 * 8000)


@pytest.mark.parametrize(("answers", "complete"), [(2, True), (3, False)])
def test_an_older_thread_with_more_answers_than_it_shows_is_a_lower_bound(
    tmp_path: Path, answers: int, complete: bool
) -> None:
    """A message keeps the counts of its last request only."""
    messages = [{"User": {}}, *({"Agent": {}} for _ in range(answers)), "Resume"]
    path = put(tmp_path / DATABASE, "t", thread(2, messages=messages))
    assert [call.observation.response.complete for call in read_all(Zed(), path)] == [complete] * 2


def test_what_is_no_call_is_left_out(tmp_path: Path) -> None:
    """Threads made elsewhere, without counts, or unreadable."""
    path = put(tmp_path / DATABASE, "shared", thread(1, imported=True))
    put(path, "empty", {"request_token_usage": {"m": {"input_tokens": 0}}})
    put(path, "broken", b"nothing")
    put(path, "list", b"[]", packed=False)
    put(path, "timeless", thread(1), at=None)
    log = LogFile(path=path, root=tmp_path)
    assert list(Zed().read(log)) == []
    assert log.bad_count == 3


def test_without_the_optional_package_a_thread_is_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And says what to install."""
    log = LogFile(path=put(tmp_path / DATABASE, "t", thread(1)), root=tmp_path)
    monkeypatch.setitem(__import__("sys").modules, "zstandard", None)
    assert list(Zed().read(log)) == []
    assert "zstandard" in log.bad_lines[0].reason


def test_homes_by_platform(tmp_path: Path) -> None:
    """And the database is told by its table."""

    def home(platform: str) -> Path:
        return Zed().homes(Places(environment={}, home=Path("/h"), platform=platform))[0]

    assert home("linux") == Path("/h/.local/share/zed")
    assert home("darwin") == Path("/h/Library/Application Support/Zed")
    assert home("win32") == Path("/h/AppData/Local/Zed")
    path = put(tmp_path / DATABASE, "t", thread(1))
    assert Zed().recognises(path, path.read_bytes()[:4096])
    assert not Zed().recognises(tmp_path / "other.db", path.read_bytes()[:4096])
