"""PostgreSQL as a ledger: what it does beside what every ledger does."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codesession.domain.budget import BudgetScope, Decision, NewBudget, Reservation, Spender
from codesession.domain.ids import uuid7
from codesession.domain.report import Bucket, Dimension
from codesession.domain.request import ModelRequest
from codesession.errors import InvalidInputError, RefusedError, StorageError
from codesession.services.reports import ReportService
from codesession.store import migrate
from codesession.store import postgres as postgres_module
from codesession.store.budgeting import SqlBudgets
from codesession.store.database import Database
from codesession.store.migrate import LATEST, apply_migrations, migrations, statements
from codesession.store.postgres import PostgresDatabase
from codesession.store.postgres_text import describe
from codesession.store.reporting import SqlReports
from codesession.store.sql_store import SqlStore
from codesession.store.sqlite import SqliteDatabase
from support.ledger import NOW_MS, make_request, make_session
from support.postgres import PostgresServer
from support.usage import request_in

Connect = Callable[..., PostgresDatabase]


@pytest.fixture
def connect(postgres: PostgresServer) -> Iterator[Connect]:
    """Opens connections to one empty ledger, or to the URL that is given."""
    shared = postgres.empty_ledger()
    opened: list[PostgresDatabase] = []

    def run(url: str = shared, **options: float) -> PostgresDatabase:
        opened.append(PostgresDatabase(url, now_ms=NOW_MS, **options))
        return opened[-1]

    yield run
    for each in opened:
        each.close()


def add_project(database: PostgresDatabase, path: str) -> None:
    database.execute("INSERT INTO projects (path, added_at_ms) VALUES (:path, 1)", {"path": path})


def projects(database: PostgresDatabase) -> list[str]:
    return [path for (path,) in database.query("SELECT path FROM projects ORDER BY id")]


def kill(database: PostgresDatabase, server: PostgresServer) -> None:
    """The server ends the connection, as at a restart or after a time without use."""
    ((pid,),) = database.query("SELECT pg_backend_pid()")
    server.admin(f"SELECT pg_terminate_backend({pid}, 5000)")


def shape(database: PostgresDatabase) -> list[tuple[object, ...]]:
    """Every column with its type, every index with what it covers."""
    columns = database.query(
        "SELECT table_name, ordinal_position, column_name, data_type, is_nullable, column_default"
        " FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"
    )
    return columns + database.query("SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 2")


def test_both_databases_have_the_same_tables_and_columns(connect: Connect, sqlite: SqliteDatabase) -> None:
    """One set of migrations; only the row that writers hold is PostgreSQL's own."""
    found: dict[str, list[str]] = {}
    for row in shape(connect()):
        if len(row) == 6 and row[0] != "ledger_writes":
            found.setdefault(str(row[0]), []).append(str(row[2]))
    names = [name for (name,) in sqlite.query("SELECT name FROM sqlite_master WHERE type = 'table' AND sql <> ''")]
    ours = {name: [str(row[1]) for row in sqlite.query(f"PRAGMA table_info({name})")] for name in names}
    ours.pop("sqlite_sequence", None)
    assert found == ours


@pytest.mark.parametrize("version", range(1, LATEST))
def test_a_ledger_of_every_earlier_version_is_brought_to_the_newest(
    postgres: PostgresServer, connect: Connect, monkeypatch: pytest.MonkeyPatch, version: int
) -> None:
    """By whoever opens it next; once."""
    url, every = postgres.new_database(), migrations()
    with monkeypatch.context() as then:
        then.setattr(migrate, "migrations", lambda: every[:version])
        old = connect(url)
        assert old.schema_version() == version
    assert shape(connect(url)) == shape(connect())
    assert old.query("SELECT COUNT(*), COUNT(DISTINCT version) FROM schema_migrations") == [(LATEST, LATEST)]


def test_a_migration_that_fails_leaves_the_version_before_it(
    postgres: PostgresServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of it is there, and mending it is enough."""
    database = connect(postgres.new_database())
    bad = "CREATE TABLE half (x INT);\nnot sql;\n"
    monkeypatch.setattr(migrate, "migrations", lambda: [(LATEST + 1, bad)])
    with pytest.raises(StorageError, match="syntax"):
        apply_migrations(database, at_ms=NOW_MS)
    assert database.schema_version() == LATEST
    assert database.query("SELECT to_regclass('half') IS NULL") == [(True,)]


def test_a_ledger_of_a_newer_version_is_refused(postgres: PostgresServer, connect: Connect) -> None:
    """An older program must not write into a schema it does not know."""
    url = postgres.new_database()
    connect(url).set_schema_version(99, at_ms=NOW_MS)
    with pytest.raises(StorageError, match="schema 99"):
        connect(url)


def test_who_still_runs_while_a_newer_version_upgrades_the_ledger_writes_no_more(
    postgres: PostgresServer, connect: Connect
) -> None:
    """Not even when it has waited for the upgrade; what it reads it may go on reading."""
    url = postgres.new_database()
    running, newer = connect(url), connect(url)
    with ThreadPoolExecutor(1) as pool:
        with newer.transaction():
            writing = pool.submit(add_project, running, "/a")
            newer.set_schema_version(LATEST + 1, at_ms=NOW_MS)
        with pytest.raises(StorageError, match=f"has schema {LATEST + 1}"):
            writing.result(20)
    assert projects(running) == []


@pytest.mark.parametrize(
    "table", ["schema_migrations (version TEXT)", "sessions (id INT)"], ids=lambda table: table.split()[0]
)
def test_the_tables_of_another_program_are_left_alone(postgres: PostgresServer, connect: Connect, table: str) -> None:
    """Names that others use as well; the way out is a database of its own."""
    import psycopg

    url = postgres.new_database()
    with psycopg.connect(url, autocommit=True) as other:
        other.execute(f"CREATE TABLE {table}".encode())
        with pytest.raises(StorageError) as caught:
            connect(url)
        assert "database of its own" in (caught.value.hint or "")
        assert other.execute("SELECT to_regclass('model_requests')").fetchall() == [(None,)]


_OPEN = """
import sys
from codesession.store.postgres import PostgresDatabase
PostgresDatabase(sys.argv[1], now_ms=1).close()
"""


def test_many_processes_may_make_the_ledger_at_once(postgres: PostgresServer, connect: Connect) -> None:
    """One of them migrates, all of them find the schema."""
    url = postgres.new_database()
    environment = {**os.environ, "PYTHONPATH": "src"}
    started = [subprocess.Popen([sys.executable, "-c", _OPEN, url], env=environment) for _ in range(6)]
    assert [process.wait(60) for process in started] == [0] * 6
    counts = "SELECT COUNT(*), COUNT(DISTINCT version) FROM schema_migrations"
    assert connect(url).query(counts) == [(LATEST, LATEST)]


def test_writers_take_turns_and_readers_go_on(connect: Connect) -> None:
    """A second writer waits, then says who is in the way; what it wanted is not done."""
    first, second = connect(), connect(busy_timeout_s=0.1)
    with first.transaction():
        add_project(first, "/a")
        assert projects(second) == []
        for write in (lambda: add_project(second, "/b"), lambda: second.execute_many("DELETE FROM projects", [{}])):
            with pytest.raises(StorageError, match="locked") as caught:
                write()
            assert "another program" in (caught.value.hint or "")
    assert projects(second) == ["/a"]
    add_project(second, "/b")
    assert projects(first) == ["/a", "/b"]


def test_a_writer_that_hangs_is_cut_off(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped, or behind a network that is gone: the others write on, and nothing of it is kept."""
    monkeypatch.setattr(postgres_module, "HANGING_WRITER_S", 1)
    hanging, other = connect(), connect()
    with pytest.raises(StorageError), hanging.transaction():
        add_project(hanging, "/hung")
        add_project(other, "/a")
        add_project(hanging, "/too late")
    assert projects(hanging) == ["/a"]


def test_only_one_of_many_gets_the_last_money(connect: Connect) -> None:
    """Looking and reserving are one turn: eight at once never spend a budget twice."""
    budgets = SqlBudgets(connect())
    budgets.put(NewBudget(scope=BudgetScope.GLOBAL, limit_picousd=100, strict=True), uid="b", at_ms=NOW_MS)
    together = threading.Barrier(8)

    def reserve(number: int) -> Decision:
        mine = SqlBudgets(connect())
        wanted = Reservation(
            uid=str(number),
            spender=Spender(session_id=None, project="/repo", agent_name=None),
            conversation_id=None,
            provider_name="anthropic",
            request_model="m",
            amount_picousd=60,
            created_at_ms=NOW_MS,
            expires_at_ms=NOW_MS + 1_000,
        )
        together.wait(30)
        return mine.reserve(wanted, lambda _: None)[0]

    with ThreadPoolExecutor(8) as pool:
        decisions = list(pool.map(reserve, range(8)))
    assert sorted(decisions) == [Decision.GO] + [Decision.WAIT] * 7


def test_others_are_told_that_somebody_wrote(connect: Connect) -> None:
    """Lone statements count too; reading and what was taken back do not."""
    writer, follower = connect(), connect()
    before = follower.change_mark()
    projects(writer)
    with pytest.raises(RuntimeError), writer.transaction():
        add_project(writer, "/a")
        raise RuntimeError
    assert follower.change_mark() == before
    add_project(writer, "/a")
    assert follower.change_mark() != before


def test_a_connection_that_died_is_renewed(postgres: PostgresServer, connect: Connect) -> None:
    """For reading, for a lone statement, for a transaction: whoever asks notices nothing."""
    database = connect()
    for step in (lambda: projects(database), lambda: add_project(database, "/a")):
        kill(database, postgres)
        step()
    assert projects(database) == ["/a"]


def test_a_connection_that_dies_in_a_transaction_takes_it_along(postgres: PostgresServer, connect: Connect) -> None:
    """Half of a transaction must not be done again on its own."""
    database = connect()
    with pytest.raises(StorageError), database.transaction():
        add_project(database, "/a")
        kill(database, postgres)
        add_project(database, "/b")
    assert projects(database) == []
    add_project(database, "/c")
    assert projects(database) == ["/c"]


def test_a_transaction_that_the_server_took_back_is_an_error(connect: Connect) -> None:
    """After a failed statement PostgreSQL answers COMMIT with ROLLBACK and no error."""
    database = connect()
    with pytest.raises(StorageError, match="took a transaction back"), database.transaction():
        add_project(database, "/a")
        with pytest.raises(StorageError):
            database.execute("INSERT INTO projects (path) VALUES ('/b')")
    assert projects(database) == []


def test_long_results_come_in_portions(connect: Connect) -> None:
    """
    Other statements, other streams and a reader that stops are all possible meanwhile.

    No cursor is left in the server's session: a pooler gives the next transaction another one.
    """
    database = connect()
    numbers = "SELECT n FROM generate_series(1, :last) AS n"
    first, second = database.stream(numbers, {"last": 2_500}), database.stream(numbers, {"last": 3})
    assert [next(first), next(second)] == [(1,), (1,)]
    assert database.query("SELECT name FROM pg_cursors") == []
    add_project(database, "/a")
    assert len(list(first)) == 2_499
    del second
    with database.transaction():
        assert list(database.stream(numbers, {"last": 2})) == [(1,), (2,)]
    with pytest.raises(StorageError, match="does not exist"):
        list(database.stream("SELECT nothing"))


def test_the_url_may_say_how_to_connect(postgres: PostgresServer, connect: Connect) -> None:
    """Its word counts before ours, but for the encoding: text must come back as it was."""
    url = postgres.empty_ledger() + "&connect_timeout=9&application_name=fleet&client_encoding=latin1"
    database = connect(url)
    assert database.query("SELECT current_setting('application_name'), '…'") == [("fleet", "…")]
    assert connect().query("SELECT current_setting('application_name')") == [("codesession",)]


def test_sums_are_whole_numbers(connect: Connect) -> None:
    """PostgreSQL sums 64-bit numbers as decimals; money stays an `int` however large."""
    database = connect()
    store = SqlStore(database)
    for number in range(3):
        store.add_request(make_request(cost_picousd=9 * 10**18, started_at_ms=NOW_MS + number * 10**7))
    ((total,),) = database.query("SELECT SUM(cost_picousd) FROM model_requests")
    assert (type(total), total) == (int, 27 * 10**18)


def test_a_number_that_no_column_holds_is_a_storage_error(connect: Connect) -> None:
    """As on SQLite: refused, nothing cut off, and told apart from a server that is away."""
    store = SqlStore(connect())
    with pytest.raises(RefusedError, match="out of range"):
        store.add_request(make_request(cost_picousd=2**63))
    assert store.create_session(make_session(), exclusive=True)


def test_missing_rights_are_said_with_the_way_out(postgres: PostgresServer, connect: Connect) -> None:
    """A user who may only connect."""
    url = postgres.new_database()
    owner = connect(url)
    owner.execute("CREATE ROLE guest LOGIN")
    with pytest.raises(StorageError, match="permission denied") as caught:
        connect(url.replace("postgres@", "guest@"))
    assert "rights" in (caught.value.hint or "")


def test_a_member_needs_rights_on_the_tables_only(postgres: PostgresServer, connect: Connect) -> None:
    """Not to make any: that is for whoever opens the ledger first."""
    url = postgres.new_database()
    owner = connect(url)
    owner.execute("CREATE ROLE member LOGIN")
    owner.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO member")
    store = SqlStore(connect(url.replace("postgres@", "member@")))
    session = store.create_session(make_session(), exclusive=True)
    assert session is not None
    assert store.add_request(make_request(session_id=session.id))


@pytest.mark.parametrize("where", ["127.0.0.1:1", "[::1]:1", "no-such-host.invalid"])
def test_a_server_that_is_not_there_is_named_without_the_password(where: str) -> None:
    """Host and database, the reason, what to do."""
    url = f"postgresql://ada:hush@{where}/costs"
    with pytest.raises(StorageError) as caught:
        PostgresDatabase(url, now_ms=NOW_MS, busy_timeout_s=2)
    error = caught.value
    assert describe(url) in error.message
    assert error.hint
    assert "hush" not in f"{error.message} {error.hint} {error.facts}"


def test_an_option_that_does_not_exist_is_refused_without_showing_it() -> None:
    """The library's own words would: it may be part of a password."""
    with pytest.raises(InvalidInputError) as caught:
        PostgresDatabase("postgresql://db.example.com/costs?hush=1", now_ms=NOW_MS)
    assert "hush" not in f"{caught.value.message} {caught.value.hint}"


def test_a_server_that_lets_us_wait_is_not_asked_again_at_once() -> None:
    """A listener that never answers: the second attempt costs nothing, in no thread."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://ada@127.0.0.1:{silent.getsockname()[1]}/costs"
        with pytest.raises(StorageError):
            PostgresDatabase(url, now_ms=NOW_MS, busy_timeout_s=2)
        with pytest.raises(StorageError, match="a moment ago"):
            PostgresDatabase(url, now_ms=NOW_MS)


def test_without_the_driver_the_error_says_how_to_install_it() -> None:
    """It is an extra: most people keep their ledger in a file."""
    code = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from codesession.errors import UnavailableError\n"
        "try:\n    import codesession.store.postgres\n"
        "except UnavailableError as error:\n    print(error.hint)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": "src"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "pip install 'codesession[postgres]'\n"


def test_every_migration_is_sql_that_both_databases_take() -> None:
    """The one difference is the self-numbering key."""
    for _, sql in migrations():
        ours = statements(sql, identity=PostgresDatabase.identity)
        assert [s.replace(PostgresDatabase.identity, SqliteDatabase.identity) for s in ours] == statements(
            sql, identity=SqliteDatabase.identity
        )


WORDS = st.sampled_from(
    ["a", "A", "B", "\u00e4", "x_y", "x%y", "a b", "10", "9", "\x00", "\ud800", "\U0001f600", "o'x"]
)
CALLS = st.builds(
    make_request,
    response_id=st.sampled_from("abcde"),
    provider_name=WORDS,
    request_model=WORDS,
    agent_name=st.none() | WORDS,
    conversation_id=st.none() | WORDS,
    session_id=st.none() | st.just(1),
    started_at_ms=st.integers(NOW_MS - 10**10, NOW_MS),
    cost_picousd=st.none() | st.integers(0, 10**18),
)


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(calls=st.lists(CALLS, min_size=4, max_size=16))
def test_the_same_calls_come_to_the_same_reports_as_on_sqlite(
    connect: Connect, postgres: PostgresServer, tmp_path: Path, calls: list[ModelRequest]
) -> None:
    """Order, letters, sums and what is not known, whatever the words are."""
    postgres.empty_ledger()
    with closing(SqliteDatabase(tmp_path / uuid7(NOW_MS), now_ms=NOW_MS)) as sqlite:
        assert everything_told(sqlite, calls) == everything_told(connect(), calls)


def everything_told(database: Database, calls: list[ModelRequest]) -> list[object]:
    """What reports and sessions say of calls that are recorded in an empty ledger."""
    store, reports = SqlStore(database), ReportService(SqlReports(database), lambda: NOW_MS)
    store.create_session(make_session(uid="one"), exclusive=False)
    new = [store.add_request(call) for call in calls]
    asked = request_in("Asia/Kolkata", breakdown=True)
    by_kind = [reports.by_dimension(dimension, asked) for dimension in Dimension]
    by_time = [reports.by_time(bucket, asked) for bucket in (Bucket.DAY, Bucket.WEEK, Bucket.MONTH)]
    by_session = [reports.by_session(asked), reports.by_conversation(asked), reports.windows(asked)]
    kept = [store.session(1), store.requests(1, limit=None), store.model_totals(1), store.agent_names(1)]
    return [new, by_kind, by_time, by_session, kept]
