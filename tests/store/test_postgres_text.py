"""What is said to PostgreSQL, and about it."""

from __future__ import annotations

import pytest

from codesession.errors import InvalidInputError
from codesession.store.postgres_text import describe, reason_of, translate


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT :a, :b_2 WHERE x = :a", "SELECT %(a)s, %(b_2)s WHERE x = %(a)s"),
        ("SELECT x::bigint, :a::text", "SELECT x::bigint, %(a)s::text"),
        ("SELECT cost % 1000 WHERE s LIKE '%:log%'", "SELECT cost %% 1000 WHERE s LIKE '%%:log%%'"),
        ("SELECT 'it''s :not' || :a", "SELECT 'it''s :not' || %(a)s"),
        ('SELECT "a:b%" FROM t', 'SELECT "a:b%%" FROM t'),
        ("SELECT 1 -- don't :touch 5%\n, :a", "SELECT 1 -- don't :touch 5%%\n, %(a)s"),
    ],
)
def test_parameters_are_named_as_the_driver_wants_them(sql: str, expected: str) -> None:
    """Casts, text, names and comments are left alone; every percent sign is doubled."""
    assert translate(sql) == expected


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("postgresql://ada:secret@db.example.com:5433/costs", "postgresql://db.example.com:5433/costs"),
        ("postgres://ada:s%40cret@db/costs?sslmode=require", "postgresql://db/costs"),
        ("postgresql://ada@/costs?host=/run/pg", "postgresql:///run/pg/costs"),
        ("postgresql:///costs?password=secret", "postgresql://local socket/costs"),
        ("postgresql://ada:secret@[::1]:5432/costs", "postgresql://::1:5432/costs"),
    ],
)
def test_a_ledger_is_called_by_server_and_database(url: str, name: str) -> None:
    """Never by user, password or options."""
    assert describe(url) == name


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ada:se@cret@db/costs",
        "postgresql://ada:se/cret@db/costs",
        "postgresql://ada:se#cret@db/costs",
        "postgresql://ada:se?cret@db/costs",
        "postgresql://ada:12?cret@db/costs",
        "mysql://ada:secret@db/costs",
        "postgresql+psycopg://ada:secret@db/costs",
        "host=db password=secret",
        "secret",
    ],
)
def test_what_is_no_url_is_refused_without_showing_any_of_it(url: str) -> None:
    """A password that was not encoded would be taken for a host, a port or a database, and shown."""
    with pytest.raises(InvalidInputError, match="CODESESSION_DATABASE_URL") as caught:
        describe(url)
    assert "cret" not in f"{caught.value.message} {caught.value.facts}"
    assert "percent-encoded" in (caught.value.hint or "")
    assert caught.value.__cause__ is None


def test_a_reason_is_one_line_with_what_to_do() -> None:
    """The server's further lines may hold values."""
    assert reason_of(
        'connection failed: connection to server at "db" failed: Connection refused\n\tIs it running?\n', None
    ) == (
        'connection to server at "db" failed: Connection refused',
        "check that the server runs and that CODESESSION_DATABASE_URL names it",
    )
    assert reason_of("canceling statement due to lock timeout", "55P03")[0] == "it is locked by another writer"
    assert reason_of("permission denied for table sessions", "42501")[1].startswith("the user")
    refused = 'connection failed: connection to server on socket "/x" failed: FATAL:  database "costs" does not exist'
    assert reason_of(refused, None)[0] == 'database "costs" does not exist'
    assert reason_of("", None) == ("the server hung up", "look at the server's log")
