"""Migrations are numbered, whole or not at all, and applied once."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from codesession.domain.pricing import CostStatus
from codesession.domain.request import Source, UsageStatus
from codesession.domain.usage import TokenUsage
from codesession.errors import StorageError
from codesession.store import migrate
from codesession.store.database import Database, Row
from codesession.store.migrate import LATEST, apply_migrations, check_version, migrations, statements
from codesession.store.queries import COUNTERS, ROLLUP_KEYS, SESSION_USE_KEYS, SPENDING, SPENDING_KEYS
from codesession.store.sql_store import SqlStore
from codesession.store.sqlite import SqliteDatabase
from support.ledger import NOW_MS, make_request, make_session

LEDGER = Path("/home/ada/sessions.db")


def test_numbers_run_from_one_without_gaps_to_the_latest() -> None:
    """`LATEST` is what an open ledger is compared with; a migration that it forgot would never be applied."""
    assert [number for number, _ in migrations()] == list(range(1, LATEST + 1))


def test_every_statement_is_complete_sql() -> None:
    """A statement that was cut at the wrong semicolon would fail on a user's machine only."""
    for _, sql in migrations():
        found = statements(sql, identity=SqliteDatabase.identity)
        assert found
        assert all(sqlite3.complete_statement(statement + ";") for statement in found)
        assert not any("{" in statement for statement in found)


def test_statements_end_at_a_semicolon_at_the_end_of_a_line() -> None:
    """One inside a line is part of the statement; blank ones are none."""
    sql = "CREATE TABLE a (\n  x {identity}\n);\n\nINSERT INTO a VALUES ('1;2');\n"
    assert statements(sql, identity="ID") == ["CREATE TABLE a (\n  x ID\n)", "INSERT INTO a VALUES ('1;2')"]


@pytest.mark.parametrize(("version", "due"), [(0, True), (LATEST - 1, True), (LATEST, False)])
def test_an_older_ledger_is_due(version: int, due: bool) -> None:
    """A current one costs no look at the migrations."""
    assert check_version(version, LEDGER) is due


def test_a_newer_ledger_is_refused_with_the_way_out() -> None:
    """Writing into a schema that is not known would damage it."""
    with pytest.raises(StorageError, match=f"schema {LATEST + 1}") as caught:
        check_version(LATEST + 1, LEDGER)
    assert "update" in (caught.value.hint or "")
    assert caught.value.facts == {"path": str(LEDGER)}
    assert str(LEDGER) in caught.value.message


def test_a_migration_that_fails_leaves_the_version_before_it(
    sqlite: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came before stays applied, nothing of the failed one is there, and mending it is enough."""
    good, bad = LATEST + 1, LATEST + 2
    extra = [(good, "CREATE TABLE good (x INT);\n"), (bad, "CREATE TABLE half (x INT);\nnot sql;\n")]
    monkeypatch.setattr(migrate, "LATEST", bad)
    monkeypatch.setattr(migrate, "migrations", lambda: extra)
    with pytest.raises(StorageError):
        apply_migrations(sqlite, at_ms=NOW_MS)
    assert sqlite.schema_version() == good
    assert (sqlite.has_table("good"), sqlite.has_table("half")) == (True, False)

    monkeypatch.setattr(migrate, "migrations", lambda: [*extra[:1], (bad, "CREATE TABLE half (x INT);\n")])
    apply_migrations(sqlite, at_ms=NOW_MS)
    assert (sqlite.schema_version(), sqlite.has_table("half")) == (bad, True)


def test_who_still_runs_while_a_newer_version_upgrades_the_ledger_writes_no_more(sqlite: SqliteDatabase) -> None:
    """It does not know what else has to be counted; what it reads it may go on reading."""
    store = SqlStore(sqlite)
    with sqlite.transaction():
        sqlite.set_schema_version(LATEST + 1, at_ms=NOW_MS)
    with pytest.raises(StorageError, match=f"has schema {LATEST + 1}") as caught:
        store.add_request(make_request())
    assert "restart" in str(caught.value.hint)
    assert store.requests(None, limit=None) == []


def test_what_is_applied_is_not_applied_again(database: Database) -> None:
    """Two programs that both saw an old ledger: the second re-reads the version inside the lock."""
    apply_migrations(database, at_ms=NOW_MS + 1)
    assert database.query("SELECT DISTINCT applied_at_ms FROM schema_migrations") == [(NOW_MS,)]


@pytest.mark.parametrize("version", range(1, LATEST))
def test_a_ledger_of_every_earlier_version_comes_to_the_schema_of_a_new_one(tmp_path: Path, version: int) -> None:
    """Tables, columns and indexes are the same, however old the file is."""
    old = tmp_path / "old.db"
    raw = sqlite3.connect(old)
    for number, sql in migrations():
        if number <= version:
            for statement in statements(sql, identity=SqliteDatabase.identity):
                raw.execute(statement)
    raw.execute("CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, applied_at_ms INTEGER NOT NULL)")
    raw.execute(f"PRAGMA user_version = {version}")
    raw.commit()
    raw.close()

    upgraded = SqliteDatabase(old, now_ms=NOW_MS)
    fresh = SqliteDatabase(tmp_path / "new.db", now_ms=NOW_MS)
    assert shape(upgraded) == shape(fresh)


SESSION_USES = f"SELECT {', '.join(SESSION_USE_KEYS + COUNTERS)} FROM session_usage ORDER BY id"


def test_what_sessions_used_is_counted_for_the_calls_an_older_ledger_has(database: Database) -> None:
    """The migration comes to what recording the same calls would have counted, in the same order."""
    store = SqlStore(database)
    session = store.create_session(make_session(), exclusive=True)
    assert session is not None
    seen: list[dict[str, object]] = [
        {"agent_name": "zeta", "subagent_id": "a", "response_model": "dated"},
        {"agent_name": "alpha", "conversation_id": "c", "sources": frozenset({Source.LOG, Source.PROXY})},
        {"usage": None, "reported_total_tokens": 7, "cost_picousd": None, "cost_status": CostStatus.UNKNOWN},
        {"usage": None, "usage_status": UsageStatus.LOWER_BOUND, "response_model": ""},
        {"agent_name": "zeta", "subagent_id": "b", "response_model": "dated"},
    ]
    store.add_requests([make_request(session_id=session.id, **changes) for changes in seen])
    store.add_request(make_request())
    recorded = database.query(SESSION_USES)

    database.execute("DROP TABLE session_usage")
    database.execute("CREATE INDEX model_requests_by_model ON model_requests (request_model)")
    migrate_again(database, 8)
    for number, column in ADDED.items():
        count_again(database, number, column, new_tables=("session_usage",))

    assert len(recorded) == 3
    assert database.query(SESSION_USES) == recorded


def test_what_was_spent_is_counted_for_the_calls_an_older_ledger_has(database: Database) -> None:
    """Per project and agent, by thirty days."""
    store = SqlStore(database)
    seen: list[dict[str, object]] = [
        {"project": "/a", "agent_name": "x"},
        {"project": "/a", "agent_name": "x", "started_at_ms": NOW_MS + 3_600_000},
        {"project": "/b", "cost_picousd": None, "cost_status": CostStatus.UNKNOWN},
        {"project": "/b", "usage_status": UsageStatus.LOWER_BOUND},
        {"project": "/a", "agent_name": "x", "started_at_ms": NOW_MS + 40 * 24 * 3_600_000},
    ]
    store.add_requests([make_request(**changes) for changes in seen])
    spending = f"SELECT {', '.join(SPENDING_KEYS + SPENDING)} FROM spending ORDER BY 1, 2, 3"
    recorded = database.query(spending)
    database.execute("DROP TABLE spending")
    migrate_again(database, 9)
    migrate_again(database, 14)
    assert len(recorded) == 3
    assert database.query(spending) == recorded


def test_calls_at_list_price_are_counted_for_the_calls_an_older_ledger_has(database: Database) -> None:
    """In every counter as recording them would have: of sessions, of their use, of every quarter of an hour."""
    store = SqlStore(database)
    for directory in ("/a", "/b", "/c"):
        assert store.create_session(make_session(directory), exclusive=True) is not None
    listed: list[dict[str, object]] = [
        {},
        {"started_at_ms": NOW_MS + 3_600_000},
        {"response_model": "dated", "agent_name": "x", "conversation_id": "c", "subagent_id": "s"},
        {"response_model": "", "project": "/a", "sources": frozenset({Source.LOG, Source.PROXY})},
        {"session_id": 2},
        {"session_id": None},
    ]
    others: list[dict[str, object]] = [{}, {"session_id": 3}, {"agent_name": "x"}, {"session_id": None}]
    status = CostStatus.LIST_PRICE
    store.add_requests([make_request(**{"session_id": 1, "cost_status": status, **changes}) for changes in listed])
    store.add_requests([make_request(**{"session_id": 1, **changes}) for changes in others])
    recorded = counted(database, "list_price_requests")

    count_again(database, 11, "list_price_requests")

    assert recorded[0] == [(1, 4), (2, 1), (3, 0)]
    assert [sum(row[-1] for row in rows) for rows in recorded[1:]] == [6, 5]
    assert counted(database, "list_price_requests") == recorded


def test_one_hour_writes_are_counted_for_the_calls_an_older_ledger_has(database: Database) -> None:
    """The same for tokens that calls wrote into a cache for an hour."""
    store = SqlStore(database)
    for directory in ("/a", "/b"):
        assert store.create_session(make_session(directory), exclusive=True) is not None
    seen: list[dict[str, object]] = [
        {"session_id": 1, "usage": wrote(1)},
        {"session_id": 1, "usage": wrote(20), "agent_name": "x", "conversation_id": "c", "subagent_id": "s"},
        {"session_id": 1, "usage": wrote(0)},
        {"session_id": 2, "usage": None, "cost_picousd": None, "cost_status": CostStatus.UNKNOWN},
        {"usage": wrote(300), "started_at_ms": NOW_MS + 3_600_000, "sources": frozenset({Source.LOG, Source.PROXY})},
    ]
    store.add_requests([make_request(**changes) for changes in seen])
    recorded = counted(database, "cache_write_1h_input_tokens")

    count_again(database, 13, "cache_write_1h_input_tokens")

    assert recorded[0] == [(1, 21), (2, 0)]
    assert [sum(row[-1] for row in rows) for rows in recorded[1:]] == [321, 21]
    assert counted(database, "cache_write_1h_input_tokens") == recorded


def wrote(tokens: int) -> TokenUsage:
    """Usage with so many tokens that are kept for an hour."""
    return TokenUsage(
        input_tokens=1_000, cache_write_input_tokens=tokens + 5, cache_write_1h_input_tokens=tokens, output_tokens=1
    )


def migrate_again(database: Database, number: int) -> None:
    """One migration, whatever the ledger says that it has."""
    for statement in statements(dict(migrations())[number], identity=database.identity):
        database.execute(statement)


ADDED = {11: "list_price_requests", 13: "cache_write_1h_input_tokens", 15: "cost_dollars"}
"""Migrations that added a counter."""


def count_again(database: Database, number: int, column: str, *, new_tables: tuple[str, ...] = ()) -> None:
    """Such a migration; other tables than these have its column already and only begin at zero again."""
    for statement in statements(dict(migrations())[number], identity=database.identity):
        added = re.search(r"ALTER TABLE (\w+)", statement)
        if added is not None and added[1] not in new_tables:
            database.execute(f"UPDATE {added[1]} SET {column} = 0")
        else:
            database.execute(statement)


def counted(database: Database, column: str) -> list[list[Row]]:
    """What a counter says: by session, by quarter of an hour, by use of a session."""
    by = {"sessions": ("id",), "usage_rollups": ROLLUP_KEYS, "session_usage": SESSION_USE_KEYS}
    return [sorted(database.query(f"SELECT {', '.join(keys)}, {column} FROM {table}")) for table, keys in by.items()]


def shape(database: SqliteDatabase) -> dict[str, object]:
    """Every table with its columns, every index with what it covers."""
    names = database.query("SELECT type, name, tbl_name FROM sqlite_master ORDER BY 1, 2")
    columns = {name: database.query(f"PRAGMA table_info({name})") for kind, name, _ in names if kind == "table"}
    indexes = {name: database.query(f"PRAGMA index_info({name})") for kind, name, _ in names if kind == "index"}
    return {"names": names, "columns": columns, "indexes": indexes}
