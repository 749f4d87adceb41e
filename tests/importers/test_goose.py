"""Goose's calls, and its running totals."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from codesession.importers.base import LogFile, Places
from codesession.importers.goose import DATABASE, Goose
from support.logs import Ledger, read_all

TABLE = (
    "id, working_dir, name, created_at, updated_at, provider_name, model_config_json, accumulated_input_tokens,"
    " accumulated_output_tokens, accumulated_total_tokens, parent_session_id"
)


def database(path: Path, *, cache: bool = False) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    more = ", accumulated_cache_read_tokens, accumulated_cache_write_tokens" if cache else ""
    connection.execute(f"CREATE TABLE sessions ({TABLE}{more})")
    connection.execute("CREATE TABLE messages (session_id, role, created_timestamp)")
    return connection


def put(connection: sqlite3.Connection, session: str, prompt: int, output: int, **fields: Any) -> None:
    """A session's row as it is now."""
    row = {
        "id": session,
        "working_dir": "/nowhere/w",
        "name": "Fix it",
        "created_at": "2026-03-01 12:00:00",
        "updated_at": "2026-03-01 13:00:00",
        "provider_name": "anthropic",
        "model_config_json": json.dumps({"model_name": "claude-opus-4-6"}),
        "accumulated_input_tokens": prompt,
        "accumulated_output_tokens": output,
        "accumulated_total_tokens": prompt + output,
    } | fields
    connection.execute("DELETE FROM sessions WHERE id = ?", (session,))
    marks = ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO sessions ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))


def spend(connection: sqlite3.Connection, session: str, prompt: int, output: int, **fields: Any) -> None:
    """A call as the ledger of newer schemas keeps it, and in the session's total."""
    row = {
        "session_id": session,
        "created_timestamp": 1772370000,
        "model": "claude-opus-4-6",
        "input_tokens": prompt,
        "output_tokens": output,
        "total_tokens": prompt + output,
    } | fields
    names = ("session_id", "created_timestamp", "model", "input_tokens", "output_tokens", "total_tokens", "cost_source")
    columns = ", ".join(names)
    connection.execute(f"CREATE TABLE IF NOT EXISTS usage_ledger (id INTEGER PRIMARY KEY, {columns}, cost)")
    marks = ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO usage_ledger ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))
    if fields.get("cost_source") != "carried_forward":
        connection.execute(
            "UPDATE sessions SET accumulated_input_tokens = accumulated_input_tokens + ?, accumulated_output_tokens ="
            " accumulated_output_tokens + ?, accumulated_total_tokens = accumulated_total_tokens + ? WHERE id = ?",
            (prompt, output, prompt + output, session),
        )


def talk(connection: sqlite3.Connection, session: str, *said: tuple[str, int]) -> None:
    """Who spoke, how long after the session was made, in seconds."""
    began = 1772366400
    connection.executemany("INSERT INTO messages VALUES (?, ?, ?)", [(session, who, began + at) for who, at in said])


@pytest.mark.parametrize("early", [False, True])
def test_calls_of_the_ledger_are_exact_and_what_was_before_is_booked_once(
    imported: Ledger, tmp_path: Path, early: bool
) -> None:
    """Each with its own model and time; an import before the schema changed makes no difference."""
    connection = database(tmp_path / DATABASE)
    put(connection, "1", 9000, 300)
    if early:
        imported.run(tmp_path, "goose")
    spend(connection, "1", 9000, 300, cost_source="carried_forward")
    spend(connection, "1", 100, 10, cost=0.5, cost_source="provider_reported")
    spend(connection, "1", 200, 20, model="claude-haiku-4-5", created_timestamp=1772456400, cost=0.1)
    for _ in range(2):
        imported.run(tmp_path, "goose")
    rows = imported.query(
        "SELECT response_model, input_tokens, usage_status, cost_status FROM model_requests ORDER BY input_tokens"
    )
    assert rows == [
        ("claude-opus-4-6", 100, "complete", "reported"),
        ("claude-haiku-4-5", 200, "complete", "exact"),
        ("claude-opus-4-6", 9000, "lower_bound", "lower_bound"),
    ]
    imported.check()


@pytest.mark.parametrize("goes_on", [False, True])
def test_a_total_that_came_with_an_imported_conversation_is_not_its_own(
    imported: Ledger, tmp_path: Path, goes_on: bool
) -> None:
    """Goose takes over conversations of Claude Code and others, their totals too; a fork's total is its own."""
    connection = database(tmp_path / DATABASE)
    for session in ("brought", "fork"):
        put(connection, session, 9000, 300)
        talk(connection, session, ("user", -7200), ("assistant", -7100))
    talk(connection, "fork", ("user", 100), ("assistant", 101))
    if goes_on:
        for session in ("brought", "fork"):
            talk(connection, session, ("user", 3500), ("assistant", 3590))
            spend(connection, session, 9000, 300, cost_source="carried_forward")
            spend(connection, session, 100, 10)
    imported.run(tmp_path, "goose")
    assert imported.calls_by_conversation() == ({"brought": 1, "fork": 2} if goes_on else {"fork": 1})
    imported.check()


def test_calls_that_another_agent_made_for_goose_are_left_to_its_log(tmp_path: Path) -> None:
    """As a provider of Goose, Claude Code keeps its transcripts."""
    connection = database(tmp_path / DATABASE)
    put(connection, "1", 9000, 300, provider_name="claude-code")
    assert read_all(Goose(), tmp_path / DATABASE) == []


def test_every_import_books_what_the_totals_gained(imported: Ledger, tmp_path: Path) -> None:
    """At the time of the session's last change, as an estimate; twice is once."""
    connection = database(tmp_path / DATABASE)
    put(connection, "1", 9000, 300)
    imported.run(tmp_path, "goose")
    put(connection, "1", 18000, 600, updated_at="2026-03-02 13:00:00")
    put(connection, "2", 50, 5, parent_session_id="1")
    for _ in range(2):
        imported.run(tmp_path, "goose")
    rows = imported.query(
        "SELECT input_tokens, output_tokens, usage_status FROM model_requests ORDER BY started_at_ms, id"
    )
    assert rows == [(9000, 300, "lower_bound"), (50, 5, "lower_bound"), (9000, 300, "lower_bound")]
    assert imported.query("SELECT conversation_id, requests, name FROM sessions") == [("1", 3, "Fix it")]
    imported.check()


@pytest.mark.parametrize(("prompt", "total"), [(9203, 9524), (3, 9524)])
def test_the_total_says_whether_the_prompt_holds_the_cache(tmp_path: Path, prompt: int, total: int) -> None:
    """Newer schemas split the cache off, inside or beside the prompt."""
    connection = database(tmp_path / DATABASE, cache=True)
    counts = {"accumulated_cache_read_tokens": 8000, "accumulated_cache_write_tokens": 1200}
    put(connection, "1", prompt, 321, accumulated_total_tokens=total, **counts)
    (call,) = read_all(Goose(), tmp_path / DATABASE)
    usage = call.observation.response.usage
    assert usage is not None
    assert (usage.input_tokens, usage.cache_read_input_tokens, usage.cache_write_input_tokens) == (9203, 8000, 1200)


def test_a_total_is_priced_as_the_calls_it_came_from(tmp_path: Path) -> None:
    """Messages say how many there were."""
    connection = database(tmp_path / DATABASE)
    put(connection, "1", 900_000, 5000)
    connection.executemany("INSERT INTO messages VALUES ('1', ?, NULL)", [("assistant",), ("user",)] * 100)
    (call,) = read_all(Goose(), tmp_path / DATABASE)
    assert len(call.observation.response.parts) == 9


def test_old_schemas_and_empty_sessions(tmp_path: Path) -> None:
    """No messages, no configuration, no counts: read as far as they go."""
    connection = database(tmp_path / DATABASE)
    put(connection, "1", 10, 1, model_config_json="{", updated_at=None, accumulated_total_tokens=None)
    put(connection, "2", 0, 0)
    put(connection, "3", 10, 1, updated_at="x", created_at=None)
    for change in ("DROP TABLE messages", "ALTER TABLE sessions DROP COLUMN parent_session_id"):
        connection.execute(change)
    log = LogFile(path=tmp_path / DATABASE, root=tmp_path)
    (call,) = Goose().read(log)
    assert call.observation.response.model is None
    assert log.bad_count == 1


def test_homes_on_every_system(tmp_path: Path) -> None:
    """`GOOSE_PATH_ROOT` before all; a database of the same name elsewhere is not Goose's."""

    def home(platform: str, **environment: str) -> Path:
        return Goose().homes(Places(environment=environment, home=Path("/h"), platform=platform))[0]

    assert home("linux") == Path("/h/.local/share/goose")
    assert home("linux", XDG_DATA_HOME="/x") == Path("/x/goose")
    assert home("win32", APPDATA="/a") == Path("/a/Block/goose/data")
    assert home("linux", GOOSE_PATH_ROOT="/g") == Path("/g")
    head = b"SQLite format 3\x00" + b"CREATE TABLE other"
    assert Goose().recognises(Path("/x/goose/sessions") / DATABASE, head)
    assert not Goose().recognises(Path("/x/else") / DATABASE, head)
    database(tmp_path / "sessions" / DATABASE)
    assert list(Goose().files(tmp_path)) == [tmp_path / "sessions" / DATABASE]
