"""Copilot's events and its database, which show the same calls."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from codesession.domain.sighting import Claim
from codesession.importers import sqlite
from codesession.importers.base import LogFile, Places
from codesession.importers.copilot import EVENTS, STORE, Copilot
from support.logs import NOON_MS, SAMPLES, Ledger, iso, read_all, write_log

RUN = SAMPLES / "copilot" / "copilot-1.0.102"
REAL = Path(__file__).parents[3] / "shared" / "agents" / "logs" / "copilot" / "generated" / "copilot-1.0.102"
SESSION = "64150952-5026-46f7-ace2-f373ac3be860"
SUMMER_MS = NOON_MS + 150 * 86_400_000
"""2026-07-29: GitHub bills credits."""


def event(kind: str, data: dict[str, Any], at_ms: int = NOON_MS) -> dict[str, Any]:
    return {"type": kind, "data": data, "id": f"{kind}-{at_ms}", "timestamp": iso(at_ms)}


def start(session: str = "s", at_ms: int = NOON_MS) -> dict[str, Any]:
    context = {"cwd": "/nowhere/w", "gitRoot": "/nowhere/w", "branch": "main"}
    return event("session.start", {"sessionId": session, "copilotVersion": "1.0.1", "context": context}, at_ms)


def record(call: str, at_ms: int = NOON_MS, *, source: str = "s", **fields: Any) -> dict[str, Any]:
    usage = {"model": "claude-opus-4-6", "inputTokens": 9203, "outputTokens": 321, "cacheReadTokens": 8000}
    usage |= {"cacheWriteTokens": 1200, "reasoningTokens": 100, "apiCallId": call, "providerCallId": f"req-{call}"}
    usage |= {"accounting": {"sourceSessionId": source, "usageId": call}, "apiEndpoint": "/v1/messages"}
    return event("session.usage_record", {"usage": usage | fields}, at_ms)


def answer(at_ms: int = NOON_MS) -> dict[str, Any]:
    return event("assistant.message", {"content": "done"}, at_ms)


def shutdown(count: int, at_ms: int, nano: int = 0) -> dict[str, Any]:
    usage = {"inputTokens": 9203 * count, "outputTokens": 321 * count, "cacheReadTokens": 8000 * count}
    metric = {"requests": {"count": count, "cost": count}, "usage": usage, "totalNanoAiu": nano}
    return event("session.shutdown", {"modelMetrics": {"claude-opus-4-6": metric}}, at_ms)


def store(path: Path, rows: Iterable[tuple[str, int, int | None]]) -> Path:
    """A database with calls: session, time and credits."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("CREATE TABLE sessions (id, cwd, branch)")
    connection.execute("INSERT INTO sessions VALUES ('s', '/nowhere/w', 'main')")
    connection.execute(
        "CREATE TABLE assistant_usage_events (id INTEGER PRIMARY KEY, session_id, agent_id, model, input_tokens,"
        " output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, total_nano_aiu, created_at)"
    )
    for session, at_ms, nano in rows:
        counts = (session, "claude-opus-4-6", 9203, 321, 8000, 1200, 100, nano, iso(at_ms))
        connection.execute(
            "INSERT INTO assistant_usage_events VALUES (NULL, ?, NULL, ?, ?, ?, ?, ?, ?, ?, ?)",
            counts,
        )
    connection.close()
    return path


def test_every_record_is_a_call(imported: Ledger) -> None:
    """The prompt holds what was read from and written to the cache; ids, branch and version are there."""
    totals = imported.run(RUN)["copilot"].totals
    assert (totals.calls, totals.input_tokens, totals.output_tokens) == (2, 6 + 16000 + 2400, 642)
    assert (totals.cache_read_input_tokens, totals.cache_write_input_tokens) == (16000, 2400)
    columns = "response_id, request_id, provider_name, agent_version, git_branch, reasoning_output_tokens"
    assert imported.query(f"SELECT {columns} FROM model_requests ORDER BY 1")[0] == (
        *("msg_mock00000003", "req_mock000003", "anthropic", "1.0.102", "main", 100),
    )
    before = imported.state()
    imported.run(RUN)
    assert imported.state() == before
    imported.check()


@pytest.mark.skipif(not REAL.exists(), reason="the recorded database is not beside this checkout")
def test_a_recorded_database_adds_only_the_session_without_events(imported: Ledger) -> None:
    """Two sessions in the database, the events of one beside it: four calls, none twice."""
    imported.run(REAL)
    assert imported.calls_by_conversation() == {SESSION: 2, "f2f176b1-6839-43ce-a545-a65e8fb918d5": 2}


def test_the_database_counts_only_what_the_events_do_not_show(imported: Ledger, tmp_path: Path) -> None:
    """A session updated to a version with records: what came before it is taken from the database."""
    lines = [start(), answer(NOON_MS + 1), record("b", NOON_MS + 20), answer(NOON_MS + 21)]
    write_log(tmp_path / "session-state" / "s" / EVENTS, lines)
    store(tmp_path / STORE, [("s", NOON_MS + 1, None), ("s", NOON_MS + 20, None), ("gone", NOON_MS + 5, None)])
    imported.run(tmp_path)
    assert imported.calls_by_conversation() == {"s": 2, "gone": 1}


@pytest.mark.parametrize("first", ["events", "rows"])
def test_events_and_database_are_joined_in_either_order(imported: Ledger, tmp_path: Path, first: str) -> None:
    """Brought here one after the other: ids, branch and version are those of the events."""
    places = {"events": tmp_path / "a", "rows": tmp_path / "b"}
    times = [NOON_MS + 20, NOON_MS + 20, NOON_MS + 900]
    records = [record(f"c{n}", at_ms) for n, at_ms in enumerate(times)]
    write_log(places["events"] / "session-state" / "s" / EVENTS, [start(), *records])
    places["rows"].mkdir()
    store(places["rows"] / STORE, [("s", at_ms, None) for at_ms in times])
    for name in (first, *sorted(places), first):
        imported.run(places[name])
        imported.check()
    assert imported.calls_by_conversation() == {"s": 3}
    columns = "response_id, request_id, agent_version, git_branch"
    found = imported.query(f"SELECT {columns} FROM model_requests ORDER BY 1")
    assert found == [(f"c{n}", f"req-c{n}", "1.0.1", "main") for n in range(3)]


@pytest.mark.parametrize("order", [("a", "b", "rows"), ("rows", "b", "a")])
@pytest.mark.parametrize("named", ["req-{}", None])
def test_a_server_that_names_answers_alike_loses_no_call(
    imported: Ledger, tmp_path: Path, order: tuple[str, ...], named: str | None
) -> None:
    """A local one draws ids, a gateway has one for all; rows and copies are the calls they were."""
    asked = {NOON_MS + number: {"inputTokens": 9203 + number} for number in range(4)}

    def told(at_ms: int, session: str = "s") -> dict[str, Any]:
        asked_by = named.format(at_ms) if named else None
        return record("chatcmpl-1", at_ms, source=session, providerCallId=asked_by, **asked[at_ms])

    first, second, third, fourth = asked
    write_log(tmp_path / "a" / "session-state" / "s" / EVENTS, [start(), told(first), told(second), told(third)])
    lines = [start("t"), told(first), told(second), told(fourth, "t")]
    write_log(tmp_path / "b" / "session-state" / "t" / EVENTS, lines)
    (tmp_path / "rows").mkdir()
    store(tmp_path / "rows" / STORE, [("s", first, None), ("s", second, None)])
    with closing(sqlite3.connect(tmp_path / "rows" / STORE, isolation_level=None)) as rows:
        rows.execute(f"UPDATE assistant_usage_events SET input_tokens = 9204 WHERE created_at = '{iso(second)}'")
    for name in order:
        imported.run(tmp_path / name, "copilot")
    found = imported.query("SELECT conversation_id, input_tokens FROM model_requests ORDER BY started_at_ms")
    assert found == [("s", 9203), ("s", 9204), ("s", 9205), ("t", 9206)]
    before = imported.state()
    for name in ("a", "b"):
        path = next((tmp_path / name).rglob(EVENTS))
        path.write_bytes(b"\n" + path.read_bytes())
        imported.run(tmp_path / name, "copilot")
    assert imported.state() == before
    imported.check()


def test_rows_of_a_biller_only_guessed_keep_their_names_where_a_gateway_has_one_for_all(
    imported: Ledger, tmp_path: Path
) -> None:
    """The database came first and knows no host: of two answers with one id, only one can have it as its name."""
    (tmp_path / "rows").mkdir()
    times = [NOON_MS + 20, NOON_MS + 900]
    store(tmp_path / "rows" / STORE, [("older", NOON_MS - 1, None), *(("s", at_ms, None) for at_ms in times)])
    imported.run(tmp_path / "rows")
    told = [record("mock", at_ms, providerCallId=None, isByok=True, modelProvider="azure") for at_ms in times]
    for number in (1, 2):
        write_log(tmp_path / "a" / "session-state" / "s" / EVENTS, [start(), *told[:number]])
        imported.run(tmp_path / "a")
        imported.check()
    assert imported.calls_by_conversation() == {"older": 1, "s": 2}


def test_a_row_timed_in_whole_seconds_is_the_record_of_that_second(imported: Ledger, tmp_path: Path) -> None:
    """The column's default is SQL's clock, which knows no fractions."""
    write_log(tmp_path / "session-state" / "s" / EVENTS, [start(), record("a", NOON_MS + 242), answer(NOON_MS + 250)])
    store(tmp_path / STORE, [("s", NOON_MS, None), ("s", NOON_MS - 1000, None)])
    imported.run(tmp_path)
    assert imported.calls_by_conversation() == {"s": 2}


def test_events_that_were_deleted_are_not_counted_again_from_the_database(imported: Ledger, tmp_path: Path) -> None:
    """What they showed once is remembered."""
    events = write_log(tmp_path / "session-state" / "s" / EVENTS, [start(), record("a", NOON_MS + 20)])
    path = store(tmp_path / STORE, [("s", NOON_MS + 20, None)])
    imported.run(tmp_path)
    events.unlink()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("UPDATE sessions SET cwd = '/nowhere/else'")
    connection.execute("VACUUM")
    connection.close()
    assert imported.run(tmp_path)["copilot"].new_calls == 0
    assert imported.calls_by_conversation() == {"s": 1}


def test_a_row_whose_record_may_be_on_its_way_waits(imported: Ledger, tmp_path: Path) -> None:
    """The events of a running session have no answer yet: the record with the id comes first."""
    events = write_log(tmp_path / "session-state" / "s" / EVENTS, [start()])
    store(tmp_path / STORE, [("s", NOON_MS + 20, None)])
    imported.run(tmp_path)
    assert imported.calls_by_conversation() == {}
    with events.open("ab") as file:
        file.write(json.dumps(record("a", NOON_MS + 20)).encode() + b"\n")
    imported.run(tmp_path)
    assert imported.query("SELECT response_id FROM model_requests") == [("a",)]


def test_credits_are_the_providers_own_word(tmp_path: Path) -> None:
    """A billion of them are a credit, a cent, since June 2026; with an own key there are none."""
    lines = [
        start(),
        record("a", SUMMER_MS, totalNanoAiu=1_510_581_560_000),
        record("b", SUMMER_MS, copilotUsage={"totalNanoAiu": 5e9}),
        record("c", NOON_MS, totalNanoAiu=5e9),
        record("d", SUMMER_MS, totalNanoAiu=0, isByok=True, modelProvider="anthropic"),
        record("e", SUMMER_MS, totalNanoAiu=0, aiCreditsStatus="unavailable"),
    ]
    responses = [call.observation.response for call in read_all(Copilot(), write_log(tmp_path / EVENTS, lines))]
    costs = [response.facts.reported_cost_usd for response in responses]
    assert costs == [Decimal("15.1058156"), Decimal("0.05"), None, None, None]
    assert [response.provider_name for response in responses] == [
        *["github_copilot"] * 3,
        "anthropic",
        "github_copilot",
    ]


def test_a_copied_record_belongs_to_the_session_it_names(tmp_path: Path) -> None:
    """`sourceSessionId` is the one that made the call."""
    path = write_log(tmp_path / EVENTS, [start("fork"), record("a", source="origin"), record("b", source="fork")])
    copy, own = read_all(Copilot(), path)
    assert (copy.claim, copy.observation.context.conversation_id) == (Claim.NAMED_COPY, "origin")
    assert (own.claim, own.observation.context.conversation_id) == (Claim.ORIGINAL, "fork")


@pytest.mark.parametrize("first", [EVENTS, STORE])
def test_a_copied_record_is_the_row_of_the_session_it_names(imported: Ledger, tmp_path: Path, first: str) -> None:
    """The events of that session are gone; whichever of the two is read first."""

    def put(name: str) -> None:
        if name == STORE:
            store(tmp_path / STORE, [("old", NOON_MS, None)])
        else:
            write_log(tmp_path / "session-state" / "s" / EVENTS, [start(), record("call_1", source="old")])

    for name in (first, STORE if first == EVENTS else EVENTS):
        put(name)
        imported.run(tmp_path, "copilot")
    assert imported.query("SELECT response_id, conversation_id FROM model_requests") == [("call_1", "old")]
    imported.check()


def test_totals_of_versions_without_records_are_booked_as_they_grow(imported: Ledger, tmp_path: Path) -> None:
    """The second shutdown holds the first: an estimate, and only where nothing shows the calls."""
    lines = [start(), shutdown(2, NOON_MS), shutdown(5, NOON_MS + 90_000_000)]
    path = write_log(tmp_path / "session-state" / "s.jsonl", lines)
    imported.run(tmp_path, "copilot")
    rows = imported.query("SELECT started_at_ms, input_tokens, usage_status FROM model_requests ORDER BY 1")
    assert rows == [(NOON_MS, 2 * 9203, "lower_bound"), (NOON_MS + 90_000_000, 3 * 9203, "lower_bound")]
    with path.open("ab") as file:
        file.write(json.dumps(shutdown(1, NOON_MS + 95_000_000)).encode() + b"\n")
    imported.run(tmp_path, "copilot")
    assert imported.query("SELECT SUM(output_tokens) FROM model_requests") == [(6 * 321,)]
    imported.check()


@pytest.mark.parametrize(("is_restored", "calls"), [(False, 2 + 5 + 5), (True, 5 + 0)])
def test_totals_begin_anew_where_a_resume_does_not_restore_them(
    imported: Ledger, tmp_path: Path, is_restored: bool, calls: int
) -> None:
    """Versions with checkpoints take them up again; those before forgot them, however much came after."""
    checkpoint = event("session.usage_checkpoint", {"totalNanoAiu": 0}) if is_restored else answer()
    resumed = event("session.resume", {"eventCount": 3})
    lines = [start(), answer(), shutdown(2, NOON_MS), resumed, checkpoint, shutdown(5, NOON_MS + 9)]
    lines += [resumed, shutdown(5, NOON_MS + 99)]
    for end in range(1, len(lines) + 1):
        write_log(tmp_path / "session-state" / "s" / EVENTS, lines[:end])
        imported.run(tmp_path, "copilot")
    assert imported.query("SELECT SUM(output_tokens) FROM model_requests") == [(calls * 321,)]
    imported.check()


@pytest.mark.parametrize("cut", [2, 3])
def test_totals_stay_when_a_version_with_records_goes_on(imported: Ledger, tmp_path: Path, cut: int) -> None:
    """Calls of the version before are shown nowhere else; later totals hold what is recorded."""
    lines = [start(), shutdown(2, NOON_MS), record("call_1", NOON_MS + 9), shutdown(3, NOON_MS + 99)]
    for end in (cut, len(lines)):
        write_log(tmp_path / "session-state" / "s" / EVENTS, lines[:end])
        imported.run(tmp_path, "copilot")
        assert imported.query("SELECT SUM(output_tokens) FROM model_requests") == [((min(end, 3)) * 321,)]
    imported.check()


def test_totals_count_up_to_the_first_call_that_is_shown(imported: Ledger, tmp_path: Path) -> None:
    """A version with records and rows went on with a session; later versions may delete older rows."""
    later = NOON_MS + 90_000
    lines = [start(), answer(), shutdown(2, NOON_MS), record("c1", later), record("c2", later + 9)]
    write_log(tmp_path / "session-state" / "s" / EVENTS, [*lines, shutdown(4, later + 99)])
    store(tmp_path / STORE, [("s", later, None), ("s", later + 9, None)])
    imported.run(tmp_path, "copilot")
    (tmp_path / STORE).unlink()
    store(tmp_path / STORE, [("s", later + 9, None)])
    write_log(tmp_path / "session-state" / "s" / EVENTS, [*lines, shutdown(4, later + 99), answer()])
    imported.run(tmp_path, "copilot")
    found = imported.query("SELECT input_tokens, usage_status FROM model_requests ORDER BY started_at_ms")
    assert found == [(2 * 9203, "lower_bound"), (9203, "complete"), (9203, "complete")]
    imported.check()


def test_totals_are_left_where_calls_are_shown(tmp_path: Path) -> None:
    """By records, or by rows of the database."""
    write_log(tmp_path / "session-state" / "a" / EVENTS, [start("a"), record("x", source="a"), shutdown(1, NOON_MS)])
    write_log(tmp_path / "session-state" / "s" / EVENTS, [start("s"), answer(), shutdown(1, NOON_MS)])
    store(tmp_path / STORE, [("s", NOON_MS, None)])
    importer = Copilot()
    calls = read_all(importer, *importer.files(tmp_path), root=tmp_path)
    assert sorted(str(call.observation.context.conversation_id) for call in calls) == ["a", "s"]
    assert all(call.observation.response.complete for call in calls)


def test_totals_wait_for_a_database_that_is_locked(
    imported: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may show the calls; once it has, they are not counted by totals when it is gone."""
    monkeypatch.setattr(sqlite, "_BUSY_SECONDS", 0.01)
    write_log(tmp_path / "session-state" / "s" / EVENTS, [start(), answer(), shutdown(1, NOON_MS)])
    with closing(sqlite3.connect(store(tmp_path / STORE, [("s", NOON_MS, None)]))) as live:
        live.execute("BEGIN EXCLUSIVE")
        assert len(imported.run(tmp_path, "copilot")["copilot"].problems) == 2
        assert imported.calls_by_conversation() == {}
    imported.run(tmp_path, "copilot")
    (tmp_path / STORE).unlink()
    lines = [start(), answer(), shutdown(1, NOON_MS), event("session.resume", {})]
    write_log(tmp_path / "session-state" / "s" / EVENTS, lines)
    imported.run(tmp_path, "copilot")
    assert imported.query("SELECT SUM(output_tokens) FROM model_requests") == [(321,)]


def test_a_row_with_credits_is_billed_by_github(tmp_path: Path) -> None:
    """A row without them, by the maker of the model: the user brought a key."""
    path = store(tmp_path / STORE, [("s", SUMMER_MS, 2_000_000_000), ("s", SUMMER_MS + 1, None)])
    with_credits, own = (call.observation.response for call in read_all(Copilot(), path))
    assert (with_credits.provider_name, with_credits.facts.reported_cost_usd) == ("github_copilot", Decimal("0.02"))
    assert (own.provider_name, own.facts.reported_cost_usd) == ("anthropic", None)


def test_hostile_files_are_counted_not_raised(tmp_path: Path) -> None:
    """Broken lines, rows without a time, a database that is none."""
    path = write_log(
        tmp_path / EVENTS, [start(), b'{"type":"session.usage_record"', record("a"), record("b") | {"timestamp": 0}]
    )
    log = LogFile(path=path, root=tmp_path)
    assert (len(list(Copilot().read(log))), log.bad_count) == (1, 2)
    (tmp_path / STORE).write_bytes(b"no database at all")
    log = LogFile(path=tmp_path / STORE, root=tmp_path)
    assert (list(Copilot().read(log)), log.bad_count) == ([], 1)


def test_the_agents_variable_moves_its_home() -> None:
    """`COPILOT_HOME`."""
    assert Copilot().homes(Places(environment={"COPILOT_HOME": "/c"}, home=Path("/h"))) == [Path("/c")]
