"""A call that a log showed first, and the proxy's sighting of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from codesession.domain.request import ModelRequest, Source
from codesession.store.sql_store import SqlStore
from codesession.store.sqlite import SqliteDatabase
from codesession.store.twins import as_seen, log_twin
from support.ledger import NOW_MS, make_request

LOG, PROXY = frozenset({Source.LOG}), frozenset({Source.PROXY})


def logged(response_id: str = "~a:1", **fields: object) -> ModelRequest:
    return make_request(response_id=response_id, sources=LOG, started_at_ms=NOW_MS + 2000, **fields)


def seen(**fields: object) -> ModelRequest:
    return make_request(response_id="msg_1", sources=PROXY, started_at_ms=NOW_MS, duration_ms=2000, **fields)


@pytest.mark.parametrize("response_id", ["~a:1", "msg_1"])
def test_the_row_of_a_log_is_found(database: SqliteDatabase, response_id: str) -> None:
    """Without an id, or with the same id of another biller."""
    row = logged(response_id, provider_name="google")
    SqlStore(database).add_request(row)
    twin = log_twin(database, seen())
    assert twin is not None
    assert replace(twin, id=None) == row


@pytest.mark.parametrize(
    "other",
    [
        {"response_id": "msg_2"},
        {"request_model": "another"},
        {"started_at_ms": NOW_MS + 60_000},
        {"agent_name": "codex"},
        {"sources": LOG | PROXY},
    ],
)
def test_what_differs_is_another_call(database: SqliteDatabase, other: dict[str, object]) -> None:
    """An id of its own, another model, moment or agent, or seen by the proxy already."""
    SqlStore(database).add_request(replace(logged(agent_name="claude-code"), **other))  # type: ignore[arg-type]
    assert log_twin(database, seen(agent_name="claude-code")) is None


def test_only_the_proxy_and_only_usage_is_looked_for(database: SqliteDatabase) -> None:
    """Logs find each other by their keys; an answer without counts matches nothing."""
    SqlStore(database).add_request(logged())
    assert log_twin(database, replace(seen(), sources=LOG)) is None
    assert log_twin(database, replace(seen(), usage=None)) is None


def test_the_log_finds_the_row_under_its_own_name() -> None:
    """Derived keys are kept; an id of the provider needs no second name."""
    derived, proxied = logged(), seen()
    assert as_seen(derived, derived, proxied).log_key == "~a:1"
    assert as_seen(derived, derived, proxied).response_id == "msg_1"
    named = logged("msg_1")
    assert as_seen(named, named, proxied).log_key is None
