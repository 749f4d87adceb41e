"""OpenCode's messages, and the fork copies among them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from codesession.domain.sighting import Claim
from codesession.importers.base import LogFile, Places
from codesession.importers.opencode import Kilo, MimoCode, OpenCode
from support.logs import NOON_MS, Ledger, ledger, read_all

REAL = Path(__file__).parents[3] / "shared" / "agents" / "logs" / "opencode" / "generated"
Row = tuple[str, str, dict[str, Any] | str]


def made(at_ms: int, number: int = 1) -> str:
    """A message id that was made at a moment."""
    return f"msg_{((at_ms & (2**36 - 1)) << 12) + number:012x}Wvxyzabcdefghi"


def reply(created_ms: int, *, output: int = 221, **fields: Any) -> dict[str, Any]:
    tokens = {"input": 3, "output": output, "reasoning": 100, "cache": {"read": 8000, "write": 1200}}
    data = {"role": "assistant", "modelID": "claude-opus-4-6", "providerID": "mine", "agent": "build", "cost": 0.02}
    data |= {"tokens": tokens | {"total": 9303 + output}, "path": {"cwd": "/nowhere/w", "root": "/nowhere/w"}}
    return data | {"time": {"created": created_ms, "completed": created_ms + 500}} | fields


def database(path: Path, messages: Iterable[Row], sessions: Iterable[tuple[Any, ...]] = ()) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("CREATE TABLE IF NOT EXISTS message (id, session_id, time_created, data)")
    connection.execute("CREATE TABLE IF NOT EXISTS session (id, parent_id, directory, version, title, cost)")
    for name, session, data in messages:
        text = data if isinstance(data, str) else json.dumps(data)
        connection.execute("INSERT INTO message VALUES (?, ?, 0, ?)", (name, session, text))
    for row in sessions:
        connection.execute("INSERT INTO session VALUES (?, ?, '/nowhere/w', '1.18.33', ?, 99)", row)
    connection.close()
    return path


def write_message(storage: Path, data: dict[str, Any]) -> None:
    path = storage / "message" / data["sessionID"] / f"{data['id']}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data))


@pytest.mark.skipif(not REAL.exists(), reason="the recorded database is not beside this checkout")
def test_a_recorded_database_with_a_fork_counts_what_was_answered(imported: Ledger) -> None:
    """Version 1.18.33: nine rows, three of them copies; the fork made one call."""
    found = imported.run(REAL)["opencode"]
    totals = found.totals
    assert (totals.calls, found.duplicates) == (6, 3)
    uncached = totals.input_tokens - totals.cache_read_input_tokens - totals.cache_write_input_tokens
    assert (uncached, totals.cache_read_input_tokens, totals.cache_write_input_tokens) == (1015, 48000, 6000)
    assert totals.output_tokens == 1326 + 600
    owners = {name[-6:]: calls for name, calls in imported.calls_by_conversation().items()}
    assert owners == {"A0KwAQ": 3, "3ROG3U": 1, "arPcbN": 2}
    before = imported.state()
    imported.run(REAL)
    assert imported.state() == before
    imported.check()


def test_a_copy_belongs_to_the_session_whose_ids_are_as_old_as_its_messages(tmp_path: Path) -> None:
    """Whatever the order of rows and names: the fork's ids are seconds younger than what they name."""
    rows: list[Row] = [
        (made(NOON_MS + 9000), "ses_a_fork", reply(NOON_MS)),
        (made(NOON_MS - 1), "ses_z_original", reply(NOON_MS)),
        (made(NOON_MS + 9500), "ses_a_fork", reply(NOON_MS + 9500)),
    ]
    calls = read_all(OpenCode(), database(tmp_path / "opencode.db", rows))
    claims = [(call.claim, call.observation.context.conversation_id) for call in calls]
    assert claims == [
        (Claim.ORIGINAL, "ses_z_original"),
        (Claim.ORIGINAL, "ses_a_fork"),
        (Claim.UNMARKED, "ses_a_fork"),
    ]
    original, _, copy = calls
    assert copy.observation.response.response_id == original.log_key != original.observation.response.response_id


def test_a_copy_whose_original_was_deleted_stays_the_same_call(imported: Ledger, tmp_path: Path) -> None:
    """The first import saw both; the second finds the copy alone."""
    path = database(
        tmp_path / "opencode.db",
        [(made(NOON_MS), "ses_1", reply(NOON_MS)), (made(NOON_MS + 8000), "ses_2", reply(NOON_MS))],
    )
    imported.run(tmp_path)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("DELETE FROM message WHERE session_id = 'ses_1'")
    connection.close()
    assert imported.run(tmp_path)["opencode"].new_calls == 0
    assert imported.calls_by_conversation() == {"ses_1": 1}


@pytest.mark.parametrize(
    "seen",
    [
        ("copy", "original"),
        ("original", "-original", "copy"),
        ("original copy", "-original", "again"),
        ("copy again",),
        ("again", "copy", "original"),
        ("copy", "file"),
        ("file", "copy"),
        ("elsewhere", "copy"),
        ("copy", "elsewhere"),
    ],
)
def test_a_copy_is_its_originals_call_whatever_is_there_when_it_is_read(
    imported: Ledger, tmp_path: Path, seen: tuple[str, ...]
) -> None:
    """The original comes later, is gone, is a message file, or stands in another database."""
    logs = tmp_path / "logs"
    ids = {"original": made(NOON_MS), "copy": made(NOON_MS + 9000), "again": made(NOON_MS + 20_000)}
    path = database(logs / "a" / "opencode.db", [])
    for step in seen:
        for name in step.split():
            if name.startswith("-"):
                with sqlite3.connect(path, isolation_level=None) as connection:
                    connection.execute("DELETE FROM message WHERE id = ?", (ids[name[1:]],))
                connection.close()
            elif name == "file":
                write_message(
                    path.parent / "storage", reply(NOON_MS) | {"id": ids["original"], "sessionID": "original"}
                )
            elif name == "elsewhere":
                database(logs / "b" / "opencode.db", [(ids["original"], "original", reply(NOON_MS))])
            else:
                database(path, [(ids[name], name, reply(NOON_MS))])
        imported.run(logs, "opencode")
    owner = "original" if any(name in " ".join(seen) for name in ("original", "file", "elsewhere")) else "copy"
    if owner == "original":
        assert imported.calls_by_conversation() == {owner: 1}
    assert imported.query("SELECT COUNT(*), SUM(output_tokens) FROM model_requests") == [(1, 321)]
    before = imported.state()
    imported.run(logs, "opencode")
    assert imported.state() == before
    imported.check()


def test_a_copy_finds_a_call_whose_counts_grew(imported: Ledger, tmp_path: Path) -> None:
    """It was read while it was written; the copy has its last counts."""
    path = database(tmp_path / "opencode.db", [(made(NOON_MS), "ses_1", reply(NOON_MS, output=20))])
    imported.run(tmp_path)
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.execute("UPDATE message SET data = ?", (json.dumps(reply(NOON_MS)),))
    connection.close()
    imported.run(tmp_path)
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.execute("DELETE FROM message")
    connection.close()
    database(path, [(made(NOON_MS + 9000), "ses_2", reply(NOON_MS))])
    imported.run(tmp_path)
    assert imported.calls_by_conversation() == {"ses_1": 1}


@pytest.mark.parametrize("files", [False, True])
def test_equal_answers_of_one_session_are_different_calls(imported: Ledger, tmp_path: Path, files: bool) -> None:
    """Two originals, and their copies in one fork, whichever are read first."""
    copies = [(made(NOON_MS + 9000, n), "ses_2", reply(NOON_MS)) for n in (1, 2)]
    originals = [(made(NOON_MS, n), "ses_1", reply(NOON_MS)) for n in (1, 2)]
    for rows in (copies, originals):
        for name, session, data in rows if files else ():
            write_message(tmp_path / "opencode" / "storage", data | {"id": name, "sessionID": session})
        database(tmp_path / "opencode" / "opencode.db", () if files else rows)
        assert imported.run(tmp_path)["opencode"].totals.calls == 2
    assert imported.calls_by_conversation() == {"ses_1": 2}
    imported.check()


def test_copies_are_what_earlier_imports_took_them_for(tmp_path: Path) -> None:
    """Their original may be gone since, so that only their memory knows its name."""
    name = made(NOON_MS + 9000)
    log = LogFile(path=database(tmp_path / "opencode.db", [(name, "s", reply(NOON_MS))]), root=tmp_path)
    log.state = {"copies": {name: "msg_known"}}
    (call,) = OpenCode().read(log)
    assert call.observation.response.response_id == "~opencode:msg_known"
    assert call.log_key != call.observation.response.response_id


def test_a_message_that_changes_stays_one_call(imported: Ledger, tmp_path: Path) -> None:
    """Its counts grow while it is written; the file of an older version may hold an earlier state of it."""
    name = made(NOON_MS)
    early = reply(NOON_MS, output=20) | {"time": {"created": NOON_MS}, "id": name, "sessionID": "ses_1", "mode": "plan"}
    write_message(tmp_path / "storage", early)
    imported.run(tmp_path)
    path = database(tmp_path / "opencode.db", [(name, "ses_1", early)])
    assert imported.run(tmp_path)["opencode"].new_calls == 0
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("UPDATE message SET data = ?", (json.dumps(reply(NOON_MS)),))
    connection.close()
    assert imported.run(tmp_path)["opencode"].new_calls == 0
    assert imported.query("SELECT output_tokens FROM model_requests") == [(321,)]
    imported.check()


def test_a_copy_needs_a_twin(imported: Ledger, tmp_path: Path) -> None:
    """Both moments, model and counts; the folder may be another. Its original may be a file beside the database."""
    storage = tmp_path / "storage"
    for at_ms in (NOON_MS, NOON_MS + 100):
        write_message(storage, reply(at_ms) | {"id": made(at_ms), "sessionID": "ses_1"})
    copied = reply(NOON_MS) | {"id": made(NOON_MS + 5000), "sessionID": "ses_2", "path": {"cwd": "/else/w"}}
    write_message(storage, copied)
    database(tmp_path / "opencode.db", [(made(NOON_MS + 9000), "ses_3", reply(NOON_MS + 100))])
    imported.run(tmp_path)
    assert imported.calls_by_conversation() == {"ses_1": 2}
    twinless = [
        (made(NOON_MS + 9001), "ses_3", reply(NOON_MS, output=9)),
        (made(NOON_MS + 99_000), "ses_4", reply(NOON_MS, output=9)),
    ]
    database(tmp_path / "opencode.db", twinless)
    assert imported.run(tmp_path)["opencode"].new_calls == 1


def test_equal_answers_of_sub_agents_side_by_side_are_different_calls(imported: Ledger, tmp_path: Path) -> None:
    """Same millisecond, same counts, two ids of that moment; a fork copies both."""
    rows: list[Row] = [
        (made(NOON_MS, 1), "ses_1", reply(NOON_MS)),
        (made(NOON_MS, 2), "ses_2", reply(NOON_MS)),
        (made(NOON_MS + 9000, 1), "ses_3", reply(NOON_MS)),
        (made(NOON_MS + 9000, 2), "ses_3", reply(NOON_MS)),
    ]
    database(
        tmp_path / "opencode.db", rows, [("ses_1", "ses_0", "One"), ("ses_2", "ses_0", "Two"), ("ses_0", None, "Top")]
    )
    assert imported.run(tmp_path)["opencode"].totals.calls == 2
    assert imported.calls_by_conversation() == {"ses_1": 1, "ses_2": 1}
    assert imported.query("SELECT conversation_id, requests FROM sessions") == [("ses_0", 2)]


def test_message_files_and_database_are_one_storage(imported: Ledger, tmp_path: Path) -> None:
    """Files of an older version that stayed beside the database hold the same calls."""
    folder = tmp_path / "opencode" / "storage"
    name = made(NOON_MS)
    (folder / "message" / "ses_1").mkdir(parents=True)
    (folder / "session" / "p").mkdir(parents=True)
    told = reply(NOON_MS) | {"id": name, "sessionID": "ses_1"}
    (folder / "message" / "ses_1" / f"{name}.json").write_text(json.dumps(told))
    (folder / "session" / "p" / "ses_1.json").write_text(json.dumps({"id": "ses_1", "title": "Old", "version": "0.9"}))
    imported.run(tmp_path)
    assert imported.query("SELECT name, requests FROM sessions") == [("Old", 1)]
    database(tmp_path / "opencode" / "opencode.db", [(name, "ses_1", reply(NOON_MS))])
    assert imported.run(tmp_path)["opencode"].new_calls == 0
    assert imported.query("SELECT agent_version FROM model_requests") == [("0.9",)]


def test_answers_on_their_way_wait_and_failed_ones_are_none(tmp_path: Path) -> None:
    """An aborted one was billed, nobody knows how much."""
    nothing = {"input": 0, "output": 0, "reasoning": 0, "cache": {"read": 0, "write": 0}}
    running = reply(NOON_MS, tokens=nothing) | {"time": {"created": NOON_MS}}
    rows: list[Row] = [
        (made(NOON_MS), "s", running),
        (made(NOON_MS + 1), "s", reply(NOON_MS + 1, tokens=nothing, error={"name": "APIError"})),
        (made(NOON_MS + 2), "s", reply(NOON_MS + 2, tokens=nothing, error={"name": "MessageAbortedError"})),
        (made(NOON_MS + 3), "s", reply(NOON_MS + 3, error={"name": "MessageAbortedError"})),
    ]
    unknown, cut = (
        call.observation.response for call in read_all(OpenCode(), database(tmp_path / "opencode.db", rows))
    )
    assert (unknown.parts, unknown.complete) == ((), False)
    assert (cut.usage is not None, cut.complete) == (True, False)


def test_the_agents_own_cost_is_no_price(tmp_path: Path) -> None:
    """Nor are the sums of a session, which hold the copies."""
    (call,) = read_all(OpenCode(), database(tmp_path / "opencode.db", [(made(NOON_MS), "s", reply(NOON_MS))]))
    assert str(call.observation.response.facts.agent_cost_usd) == "0.02"
    assert call.observation.response.facts.reported_cost_usd is None


def test_rows_that_cannot_be_read_are_counted(tmp_path: Path) -> None:
    """Broken JSON, NULL, blobs, another schema."""
    rows: list[Row] = [("m1", "s", "{"), ("m2", "s", "[]"), ("odd id", "s", reply(NOON_MS))]
    path = database(tmp_path / "opencode.db", rows)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("INSERT INTO message VALUES (NULL, NULL, NULL, NULL)")
    connection.execute("ALTER TABLE session DROP COLUMN version")
    connection.close()
    log = LogFile(path=path, root=tmp_path)
    assert len(list(OpenCode().read(log))) == 1
    assert log.bad_count == 3


def test_homes_and_relatives() -> None:
    """`OPENCODE_DB` names the database, `XDG_DATA_HOME` the folder; relatives are told by theirs."""

    def places(**environment: str) -> Places:
        return Places(environment=environment, home=Path("/h"))

    assert OpenCode().homes(places()) == [Path("/h/.local/share/opencode")]
    assert OpenCode().homes(places(XDG_DATA_HOME="/x")) == [Path("/x/opencode")]
    assert Kilo().homes(places()) == [Path("/h/.local/share/kilo")]
    assert MimoCode().recognises(Path("/x/mimocode/mimocode.db"), b"SQLite format 3\x00")
    assert not OpenCode().recognises(Path("/x/kilo/storage/message/ses/msg_1.json"), b'{"role"')


def test_a_database_named_by_the_variable_is_read(tmp_path: Path) -> None:
    """Under whatever name, absolute or below the usual folder; nothing else of its folder is looked at."""
    database(tmp_path / "mine.sqlite", [(made(NOON_MS), "s", reply(NOON_MS))])
    environment = {"OPENCODE_DB": str(tmp_path / "mine.sqlite")}
    with ledger(tmp_path / "ledger", environment=environment) as opened:
        assert opened.run()["opencode"].totals.calls == 1
    places = Places(environment={"OPENCODE_DB": "other.db"}, home=Path("/h"))
    assert OpenCode().homes(places)[0] == Path("/h/.local/share/opencode/other.db")


def import_answer(imported: Ledger, home: Path, told: dict[str, Any], version: str) -> None:
    """One message in a session that a version of OpenCode began."""
    path = database(home / "opencode.db", [(made(NOON_MS), "s", told)], [("s", None, "T")])
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.execute("UPDATE session SET version = ?", (version,))
    connection.close()
    imported.run(home)


@pytest.mark.parametrize(
    ("version", "provider", "output"),
    [("1.0.150", "mine", 321), ("0.6.3", "google", 421), ("1.18.33", "mine", 421), ("dev", "mine", 421)],
)
def test_early_versions_kept_the_providers_own_output(
    imported: Ledger, tmp_path: Path, version: str, provider: str, output: int
) -> None:
    """With reasoning, as most providers count it. There was no total that could tell."""
    told = reply(NOON_MS, output=321, providerID=provider)
    del told["tokens"]["total"]
    import_answer(imported, tmp_path, told, version)
    assert imported.query("SELECT output_tokens, reasoning_output_tokens FROM model_requests") == [(output, 100)]


@pytest.mark.parametrize(
    ("version", "provider", "told", "prompt"),
    [
        ("0.15.2", "openai", 9000, 9000),
        ("0.15.2", "mine", 3, 9203),
        ("0.15.2", "anthropic", 20_000, 29_200),
        ("0.15.2", "google-vertex-anthropic", 20_000, 29_200),
        ("1.0.150", "openai", 20_000, 29_200),
        ("0.15.2", "goes on with 1.1", 20_000, 29_200),
        ("0.15.2", "goes on with 1.18", 20_000, 29_200),
    ],
)
def test_the_first_versions_kept_the_providers_own_prompt(
    imported: Ledger, tmp_path: Path, version: str, provider: str, told: int, prompt: int
) -> None:
    """With the cache, as all count it but Anthropic."""
    written = 0 if told == 9000 else 1200
    tokens: dict[str, Any] = {"input": told, "output": 321, "reasoning": 0, "cache": {"read": 8000, "write": written}}
    if "1.18" in provider:
        tokens["total"] = prompt + 321
    answer = reply(NOON_MS, providerID=provider, tokens=tokens)
    if "1.1" in provider:
        answer["finish"] = "stop"
    import_answer(imported, tmp_path, answer, version)
    assert imported.query("SELECT input_tokens, cache_read_input_tokens FROM model_requests") == [(prompt, 8000)]


@pytest.mark.parametrize(
    ("version", "provider", "told", "prompt"),
    [
        ("1.3.4", "anthropic", 9203, 9203),
        ("1.3.5", "amazon-bedrock", 9203, 9203),
        ("1.3.5", "openai", 9203, 18_403),
        ("1.3.5", "anthropic", 3, 9203),
        ("1.3.3", "anthropic", 9203, 18_403),
        ("1.3.6", "anthropic", 9203, 18_403),
    ],
)
def test_two_versions_told_the_cache_of_anthropics_wire_twice(
    imported: Ledger, tmp_path: Path, version: str, provider: str, told: int, prompt: int
) -> None:
    """In the prompt and beside it, as the total did; a later version may go on with the session."""
    cache = {"read": 8000, "write": 1200}
    tokens = {"input": told, "output": 321, "reasoning": 0, "cache": cache, "total": told + 321 + 9200}
    answer = reply(NOON_MS, providerID=provider, tokens=tokens)
    if "1.1" in provider:
        answer["finish"] = "stop"
    import_answer(imported, tmp_path, answer, version)
    assert imported.query("SELECT input_tokens, output_tokens FROM model_requests") == [(prompt, 321)]


@pytest.mark.parametrize("kept", ["database", "part", "part/ses_1"])
def test_every_answer_of_an_early_message_is_counted(imported: Ledger, tmp_path: Path, kept: str) -> None:
    """It has the counts of its last step and the cost of all; a fork repeats the steps under new ids."""
    copied_ms = NOON_MS + 9000
    whole = reply(NOON_MS, output=30) | {"cost": 0.06}
    messages = [(made(NOON_MS), "ses_1"), (made(copied_ms), "ses_2")]
    parts = [
        (made(at_ms + 400 * n).replace("msg", "prt"), name, session, n)
        for (name, session), at_ms in zip(messages, (NOON_MS, copied_ms), strict=True)
        for n in (1, 2, 3)
    ]
    told = [
        (part, name, session, {"type": "step-finish", "cost": n / 100, "tokens": reply(0, output=n * 10)["tokens"]})
        for part, name, session, n in parts
    ]
    storage = tmp_path / "opencode" / "storage"
    if kept == "database":
        rows: list[Row] = [(name, session, whole) for name, session in messages]
        path = database(tmp_path / "opencode" / "opencode.db", rows, [(session, None, "T") for _, session in messages])
        with sqlite3.connect(path, isolation_level=None) as connection:
            connection.execute("UPDATE session SET version = '0.6.3'")
            connection.execute("CREATE TABLE part (id, message_id, session_id, data)")
            connection.execute("INSERT INTO part VALUES ('prt_x', ?, 'ses_1', '{\"type\":\"text\"}')", messages[0][:1])
            for part, name, session, data in told:
                connection.execute("INSERT INTO part VALUES (?, ?, ?, ?)", (part, name, session, json.dumps(data)))
        connection.close()
    else:
        for name, session in messages:
            write_message(storage, whole | {"id": name, "sessionID": session})
            info = storage / "session" / "p" / f"{session}.json"
            info.parent.mkdir(parents=True, exist_ok=True)
            info.write_text(json.dumps({"id": session, "version": "0.6.3"}))
        for part, name, session, data in told:
            folder = storage / "part" / (f"{session}/{name}" if kept != "part" else name)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{part}.json").write_text(json.dumps(data))
    assert imported.run(tmp_path, "opencode")["opencode"].totals.calls == 3
    found = imported.query("SELECT conversation_id, output_tokens FROM model_requests ORDER BY started_at_ms")
    assert found == [("ses_1", 110), ("ses_1", 120), ("ses_1", 130)]
    before = imported.state()
    imported.run(tmp_path, "opencode")
    assert imported.state() == before
    imported.check()


def test_messages_of_the_first_versions_are_read(imported: Ledger, tmp_path: Path) -> None:
    """Counts and times stood in `metadata`; sub-agents were told by the session beside it."""
    later = reply(NOON_MS)
    assistant = {name: later[name] for name in ("modelID", "providerID", "path", "cost", "tokens")}
    told: dict[str, Any] = {"id": made(NOON_MS), "role": "assistant", "parts": [{"type": "step-start"}] * 2}
    told["metadata"] = {"time": later["time"], "sessionID": "ses_1", "assistant": assistant}
    storage = tmp_path / "opencode" / "project" / "w" / "storage" / "session"
    write_message(storage, told | {"sessionID": "ses_1"})
    (storage / "info").mkdir()
    (storage / "info" / "ses_1.json").write_text(json.dumps({"id": "ses_1", "parentID": "ses_0", "version": "0.1.9"}))
    assert imported.run(tmp_path)["opencode"].totals.calls == 1
    columns = "conversation_id, subagent_id, response_model, output_tokens, usage_status"
    assert imported.query(f"SELECT {columns} FROM model_requests") == [
        ("ses_1", "ses_1", "claude-opus-4-6", 321, "lower_bound")
    ]


@pytest.mark.parametrize("session", ["\ud800", "a**b", "../../x", "/etc/x"])
def test_a_sessions_odd_name_leads_nowhere(tmp_path: Path, session: str) -> None:
    """The call counts all the same."""
    path = tmp_path / "storage" / "message" / "ses_1" / f"{made(NOON_MS)}.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(reply(NOON_MS) | {"sessionID": session}))
    (call,) = read_all(OpenCode(), path)
    assert call.observation.context.conversation_id == session


def row(name: str, session: str, seq: int, created_ms: int, **fields: Any) -> tuple[Any, ...]:
    """An answer as 2.0 keeps it."""
    told = {key: value for key, value in reply(created_ms).items() if key not in ("role", "modelID", "providerID")}
    kind = fields.pop("type", "assistant")
    data = told | {"model": {"id": "claude-opus-4-6", "providerID": "anthropic"}} | fields
    return name, session, kind, seq, json.dumps(data)


def newer(path: Path, rows: Iterable[tuple[Any, ...]], forks: dict[str, str | None]) -> Path:
    """A database of 2.0; `forks` has its sessions, and what they were forked from."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("CREATE TABLE session_message (id, session_id, type, seq, data)")
    connection.execute("CREATE TABLE session_v2 (id, fork_session_id, directory, version, title)")
    connection.executemany("INSERT INTO session_message VALUES (?, ?, ?, ?, ?)", rows)
    connection.executemany("INSERT INTO session_v2 VALUES (?, ?, '/nowhere/w', '2.0.25', 'Fix it')", forks.items())
    connection.close()
    return path


def test_messages_of_version_2_are_read(imported: Ledger, tmp_path: Path) -> None:
    """A row for every answer; a fork's copies have numbers behind their ids; a compaction may tell its usage."""
    fork, none = made(NOON_MS + 900), {"tokens": None}
    rows = [
        row(made(NOON_MS), "ses_main", 3, NOON_MS),
        row(made(NOON_MS + 5000), "ses_main", 4, NOON_MS + 5000, **none, error={"type": "aborted"}),
        row(made(NOON_MS + 6000), "ses_main", 5, NOON_MS + 6000, **none, error={"type": "provider"}),
        row(made(NOON_MS + 7000), "ses_main", 6, NOON_MS + 7000, type="compaction", time={"created": NOON_MS + 7000}),
        row(made(NOON_MS + 8000), "ses_main", 7, NOON_MS + 8000, **none, time={"created": NOON_MS + 8000}),
        (made(NOON_MS + 9000), "ses_main", "user", 8, json.dumps({"text": "x", "time": {"created": NOON_MS + 9000}})),
        row(f"{fork}_3", "ses_fork", 3, NOON_MS),
        row(made(NOON_MS + 9500), "ses_fork", 9, NOON_MS + 9500),
    ]
    path = newer(tmp_path / "opencode.db", rows, {"ses_main": None, "ses_fork": "ses_main"})
    for _ in range(2):
        imported.run(tmp_path)
    assert imported.calls_by_conversation() == {"ses_main": 3, "ses_fork": 1}
    answer = imported.query("SELECT input_tokens, output_tokens, reasoning_output_tokens FROM model_requests LIMIT 1")
    assert answer == [(9203, 321, 100)]
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("DELETE FROM session_message WHERE session_id = 'ses_main'")
    imported.run(tmp_path)
    assert imported.calls_by_conversation() == {"ses_main": 3, "ses_fork": 1}
    imported.check()


def test_an_answer_that_both_tables_hold_is_one_call(imported: Ledger, tmp_path: Path) -> None:
    """Brought over from before 2.0 under its id, with rounded times; or written twice by a version between."""
    told = reply(NOON_MS, output=7)
    path = database(tmp_path / "opencode.db", [(made(NOON_MS), "ses_old", told)], [("ses_old", None, "Old")])
    tokens = told["tokens"] | {"total": None}
    newer(
        path,
        [
            row(made(NOON_MS), "ses_old", 0, NOON_MS + 1, tokens=tokens),
            row("msg_" + made(NOON_MS + 40)[4:], "ses_old", 1, NOON_MS + 40, tokens=tokens),
            row(made(NOON_MS + 9000), "ses_old", 2, NOON_MS + 9000, tokens=tokens),
        ],
        {"ses_old": None},
    )
    imported.run(tmp_path)
    assert imported.calls_by_conversation() == {"ses_old": 2}
    imported.check()
