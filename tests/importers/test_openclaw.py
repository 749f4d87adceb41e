"""OpenClaw's database and transcripts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import zstandard

from codesession.importers.base import LogFile, Places
from codesession.importers.openclaw import DATABASE, OpenClaw, QClaw
from support.logs import NOON_MS, SAMPLES, Ledger, codex_count, codex_meta, codex_turn, iso, read_all, write_log

RUN = SAMPLES / "openclaw" / "openclaw-2026.9.6"
REAL = Path(__file__).parents[3] / "shared" / "agents" / "logs" / "openclaw" / "generated" / "openclaw-2026.9.6"
SESSION = "e7dd0377-0840-4987-b552-eaa9d67c1808"
THREAD = "0198a000-0000-7000-8000-000000000001"


def header(session: str, at_ms: int) -> dict[str, Any]:
    return {"type": "session", "version": 4, "id": session, "timestamp": iso(at_ms), "cwd": "/nowhere/w"}


def reply(response_id: str, at_ms: int) -> dict[str, Any]:
    usage = {"input": 3, "output": 321, "cacheRead": 8000, "cacheWrite": 1200, "cacheWrite1h": 200, "totalTokens": 9524}
    message = {"role": "assistant", "provider": "mine", "model": "claude-opus-4-6", "usage": usage}
    message |= {"responseId": response_id, "timestamp": at_ms, "__openclaw": {"runId": "run"}}
    return {"type": "message", "id": f"e-{response_id}", "timestamp": iso(at_ms), "message": message}


def database(path: Path, sessions: dict[str, Iterable[Any]], *, packed: bool = False) -> Path:
    """An agent's database with these events; sessions begin an hour apart, the second is a sub-agent of the first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("CREATE TABLE transcript_events (session_id, seq, event_json, event_zstd)")
    connection.execute(
        "CREATE TABLE session_windows (session_id, session_key, spawned_by, created_at, previous_session_id)"
    )
    connection.execute("CREATE TABLE session_nodes (session_key, current_session_id, display_name)")
    for number, (session, events) in enumerate(sessions.items()):
        key, spawner = f"agent:main:{session}", "agent:main:first" if session == "child" else None
        window = (session, key, spawner, NOON_MS + number * 3_600_000, None)
        connection.execute("INSERT INTO session_windows VALUES (?, ?, ?, ?, ?)", window)
        connection.execute("INSERT INTO session_nodes VALUES (?, ?, ?)", (key, session, f"About {session}"))
        for seq, event in enumerate(events):
            plain = event if isinstance(event, str) else json.dumps(event)
            blob = zstandard.compress(plain.encode()) if packed else None
            row = (session, seq, None if packed else plain, blob)
            connection.execute("INSERT INTO transcript_events VALUES (?, ?, ?, ?)", row)
    connection.close()
    return path


def test_a_transcript_counts_what_the_api_answered(imported: Ledger) -> None:
    """Two calls, their cache writes split by time-to-live."""
    totals = imported.run(RUN)["openclaw"].totals
    assert (totals.calls, totals.input_tokens, totals.output_tokens) == (2, 2 * 9203, 642)
    assert (totals.cache_read_input_tokens, totals.cache_write_input_tokens) == (16000, 2400)
    assert totals.cache_write_1h_input_tokens == 400
    assert imported.calls_by_conversation() == {SESSION: 2}
    imported.check()


@pytest.mark.skipif(not REAL.exists(), reason="the recorded database is not beside this checkout")
def test_a_recorded_database_and_its_transcript_are_the_same_calls(imported: Ledger) -> None:
    """A database of version 2026.9.6, which newer SQLite functions guard."""
    found = imported.run(REAL)["openclaw"]
    assert (found.totals.calls, found.duplicates) == (2, 2)
    before = imported.state()
    imported.run(REAL)
    assert imported.state() == before


def test_a_session_without_a_beginning_owns_no_copies(imported: Ledger, tmp_path: Path) -> None:
    """Neither a header nor a window says when it began: the others are known to be that old."""
    copied = [reply("r1", NOON_MS + 10)]
    sessions = {"zz": [header("zz", NOON_MS), *copied], "aa": [*copied, reply("r2", NOON_MS + 90)]}
    path = database(tmp_path / "agents" / "main" / "agent" / DATABASE, sessions)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("DELETE FROM session_windows WHERE session_id = 'aa'")
    connection.close()
    imported.run(tmp_path)
    assert imported.calls_by_conversation() == {"zz": 1, "aa": 1}


def test_an_answer_without_id_and_time_is_told_by_its_event(imported: Ledger, tmp_path: Path) -> None:
    """A copy keeps the event's id under a time of its own."""
    sessions = tmp_path / "agents" / "main" / "sessions"
    event = reply("r1", NOON_MS + 10)
    del event["message"]["responseId"], event["message"]["timestamp"]
    write_log(sessions / "first.jsonl", [header("first", NOON_MS), event])
    copy = event | {"timestamp": iso(NOON_MS + 99_000)}
    write_log(sessions / "copy.jsonl", [header("copy", NOON_MS + 90_000), copy])
    imported.run(tmp_path)
    assert imported.calls_by_conversation() == {"first": 1}


@pytest.mark.parametrize("packed", [False, True])
def test_copies_in_a_database_belong_to_the_oldest_session(imported: Ledger, tmp_path: Path, packed: bool) -> None:
    """A fork and a compaction repeat events with their ids, whatever their session is called."""
    copied = [reply("r1", NOON_MS + 10), reply("r2", NOON_MS + 20)]
    sessions = {
        "zz-first": [header("zz-first", NOON_MS), *copied],
        "aa-fork": [header("aa-fork", NOON_MS + 3_600_000), *copied, reply("r3", NOON_MS + 3_700_000)],
    }
    database(tmp_path / "agents" / "main" / "agent" / DATABASE, sessions, packed=packed)
    found = imported.run(tmp_path)["openclaw"]
    assert (found.totals.calls, found.duplicates) == (3, 2)
    assert imported.calls_by_conversation() == {"zz-first": 2, "aa-fork": 1}


def test_sessions_whose_answers_a_gateway_names_alike_keep_their_own(imported: Ledger, tmp_path: Path) -> None:
    """A fork's copies are those of the session that they agree with, also where a compaction took the counts away."""
    answers = [reply("mock", NOON_MS + 10 + number) for number in range(4)]
    for number, event in enumerate(answers):
        event["id"] = f"e{number}"
        event["message"]["usage"] |= {"input": 3 + number, "totalTokens": 9524 + number}
    emptied = answers[0] | {"message": answers[0]["message"] | {"usage": {"input": 0, "output": 0}}}
    sessions = {
        "first": [header("first", NOON_MS), *answers[:2]],
        "other": [header("other", NOON_MS), answers[2]],
        "z-fork": [header("z-fork", NOON_MS + 3_600_000), answers[1], emptied, answers[3]],
    }
    database(tmp_path / "agents" / "main" / "agent" / DATABASE, sessions)
    imported.run(tmp_path)
    assert imported.calls_by_conversation() == {"first": 2, "other": 1, "z-fork": 1}
    imported.check()


def test_a_sub_agents_calls_belong_to_the_session_that_spawned_it(imported: Ledger, tmp_path: Path) -> None:
    """By the key of the session that started it."""
    sessions = {"first": [header("first", NOON_MS), reply("r1", NOON_MS)]}
    sessions["child"] = [header("child", NOON_MS + 5), reply("r2", NOON_MS + 6)]
    database(tmp_path / DATABASE, sessions)
    imported.run(tmp_path)
    assert imported.query("SELECT conversation_id, requests, name FROM sessions") == [("first", 2, "About first")]
    assert imported.query("SELECT subagent_id FROM model_requests ORDER BY started_at_ms") == [(None,), ("child",)]


def test_a_database_that_grew_adds_only_what_is_new(imported: Ledger, tmp_path: Path) -> None:
    """It is read as a whole; the ids do the rest."""
    path = database(tmp_path / DATABASE, {"s": [header("s", NOON_MS), reply("r1", NOON_MS)]})
    imported.run(tmp_path)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(
        "INSERT INTO transcript_events VALUES ('s', 9, ?, NULL)", (json.dumps(reply("r2", NOON_MS + 1)),)
    )
    connection.close()
    assert imported.run(tmp_path)["openclaw"].new_calls == 1
    assert imported.calls_by_conversation() == {"s": 2}


def test_compressed_events_without_the_package_are_counted_with_a_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be read is said, with what to do about it."""
    path = database(tmp_path / DATABASE, {"s": [header("s", NOON_MS), reply("r1", NOON_MS)]}, packed=True)
    monkeypatch.setitem(__import__("sys").modules, "zstandard", None)
    log = LogFile(path=path, root=tmp_path)
    assert list(OpenClaw().read(log)) == []
    assert log.bad_count == 2
    assert "zstandard" in log.bad_lines[0].reason


def test_broken_events_cost_only_themselves(tmp_path: Path) -> None:
    """A blob that is no zstd, an event that is no JSON, a table of another version."""
    path = database(tmp_path / DATABASE, {"s": [header("s", NOON_MS), '{"usage": ', reply("r1", NOON_MS)]})
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("INSERT INTO transcript_events VALUES ('s', 7, NULL, ?)", (b"\x28\xb5\x2f\xfdbroken",))
    connection.execute("INSERT INTO transcript_events VALUES (NULL, NULL, NULL, NULL)")
    connection.execute("DROP TABLE session_windows")
    connection.close()
    log = LogFile(path=path, root=tmp_path)
    assert len(list(OpenClaw().read(log))) == 1
    assert log.bad_count == 2


def test_archives_inside_the_database_are_read(imported: Ledger, tmp_path: Path) -> None:
    """A session that was reset keeps its calls."""
    path = database(tmp_path / DATABASE, {"s": [header("s", NOON_MS), reply("r1", NOON_MS)]})
    lines = b"\n".join(json.dumps(event).encode() for event in (header("old", NOON_MS - 9), reply("r0", NOON_MS - 8)))
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("CREATE TABLE session_transcript_archives (session_id, encoding, archive_blob)")
    connection.execute(
        "INSERT INTO session_transcript_archives VALUES ('old', 'zstd', ?)", (zstandard.compress(lines),)
    )
    connection.close()
    imported.run(tmp_path)
    assert imported.calls_by_conversation() == {"s": 1, "old": 1}


def test_deleted_and_reset_transcripts_are_found(imported: Ledger, tmp_path: Path) -> None:
    """Under the names they get, plain or compressed; what is none of ours is left."""
    folder = tmp_path / "agents" / "main" / "sessions"
    names = (
        "a.jsonl",
        "b.jsonl.reset.2026-09-01T00-00-00.000Z",
        "c.jsonl.full.bak",
        "d.jsonl.deleted.1.abc.zst",
        "e.txt",
        "f.jsonl.bak",
    )
    for name in names:
        session = name.split(".")[0]
        write_log(folder / name, [header(session, NOON_MS), reply(f"r-{session}", NOON_MS)])
    zst = folder / names[3]
    zst.write_bytes(zstandard.compress(zst.read_bytes()))
    imported.run(tmp_path, "openclaw")
    assert imported.calls_by_conversation() == {"a": 1, "b": 1, "c": 1, "d": 1, "f": 1}


def test_a_copied_home_is_told_by_where_its_transcripts_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not every transcript names the agent, and a compressed one shows nothing until it is unpacked."""
    plain = json.dumps(header("s", NOON_MS)).encode() + b"\n"
    packed = zstandard.compress(plain)
    placed, elsewhere = tmp_path / "agents" / "main" / "sessions", tmp_path / "sessions" / "--w--"
    assert OpenClaw().recognises(placed / "s.jsonl", plain)
    assert OpenClaw().recognises(placed / "s.jsonl.zst", packed)
    assert not OpenClaw().recognises(elsewhere / "s.jsonl", plain)
    assert not OpenClaw().recognises(placed / "s.jsonl.zst", packed[:6])
    monkeypatch.setitem(__import__("sys").modules, "zstandard", None)
    assert OpenClaw().recognises(placed / "s.jsonl.zst", packed)


def test_notices_of_the_gateway_are_no_calls(tmp_path: Path) -> None:
    """Messages that the program itself delivered have no model behind them."""
    notice = reply("r1", NOON_MS)
    notice["message"] |= {"provider": "openclaw", "model": "delivery-mirror", "usage": {"input": 0, "output": 0}}
    path = write_log(tmp_path / "s.jsonl", [header("s", NOON_MS), notice])
    assert read_all(OpenClaw(), path) == []


def test_homes_follow_the_agents_variables() -> None:
    """State folder, home and profile; the names it had before; relatives have their own."""

    def homes(**environment: str) -> list[str]:
        return [str(home) for home in OpenClaw().homes(Places(environment=environment, home=Path("/h")))]

    assert homes()[0] == "/h/.openclaw"
    assert "/h/.clawdbot" in homes()
    assert homes(OPENCLAW_STATE_DIR="/state")[0] == "/state"
    assert homes(OPENCLAW_PROFILE="work")[0] == "/h/.openclaw-work"
    assert homes(OPENCLAW_HOME="/o")[0] == "/o/.openclaw"
    assert QClaw().homes(Places(environment={}, home=Path("/h"))) == [Path("/h/.qclaw")]
    path, head = Path("/h/.qclaw/agents/main/agent") / DATABASE, b"SQLite format 3\x00"
    assert (OpenClaw().recognises(path, head), QClaw().recognises(path, head)) == (False, True)


def rollout(home: Path, thread: str = THREAD) -> Path:
    """What Codex writes in a home: one turn of two responses."""
    path = home / "sessions" / "2026" / "03" / "01" / f"rollout-2026-03-01T12-00-00-{thread}.jsonl"
    return write_log(path, [codex_meta(thread), codex_turn("t1"), codex_count(1), codex_count(2)])


def mirror(thread: str = THREAD, turn: str = "t1") -> dict[str, Any]:
    """What OpenClaw's own transcript shows of such a turn: its last answer, with the usage of its last response."""
    event = reply("r1", NOON_MS + 2)
    del event["message"]["responseId"]
    event["message"]["idempotencyKey"] = f"codex-app-server:{thread}:{turn}:assistant"
    return event


@pytest.mark.parametrize("agents", [(), ("openclaw",)])
def test_a_turn_of_codex_is_counted_by_its_rollout(imported: Ledger, tmp_path: Path, agents: tuple[str, ...]) -> None:
    """Every response of it, as OpenClaw's; its message in the transcript repeats the last, also when all is reread."""
    home = tmp_path / ".openclaw" / "agents" / "main" / "agent"
    path = rollout(home / "codex-home")
    database(home / DATABASE, {"first": [header("first", NOON_MS), reply("r0", NOON_MS), mirror()]})
    found = imported.run(tmp_path / ".openclaw", *agents)
    assert {name: result.totals.calls for name, result in found.items() if result.totals.calls} == {"openclaw": 3}
    assert imported.calls_by_conversation() == {"first": 1, THREAD: 2}
    path.unlink()
    connection = sqlite3.connect(home / DATABASE, isolation_level=None)
    connection.execute(
        "INSERT INTO transcript_events VALUES ('first', 9, ?, NULL)", (json.dumps(reply("r2", NOON_MS)),)
    )
    connection.close()
    imported.run(tmp_path / ".openclaw", *agents)
    assert imported.calls_by_conversation() == {"first": 2, THREAD: 2}


def test_runs_of_codexs_command_line_are_openclaws(imported: Ledger, tmp_path: Path) -> None:
    """Each profile has a home; transcripts tell no usage of them."""
    rollout(tmp_path / "agents" / "main" / "agent" / "cli-auth" / "codex" / "work")
    assert imported.run(tmp_path)["openclaw"].totals.calls == 2


def test_a_transcript_before_the_database_repeats_rollouts_too(imported: Ledger, tmp_path: Path) -> None:
    """It lies beside the folder that has the rollouts."""
    home = tmp_path / "agents" / "main"
    rollout(home / "agent" / "codex-home")
    write_log(home / "sessions" / "first.jsonl", [header("first", NOON_MS), mirror()])
    imported.run(tmp_path)
    assert imported.calls_by_conversation() == {THREAD: 2}


def test_a_turn_whose_rollout_is_gone_is_counted_by_its_message(imported: Ledger, tmp_path: Path) -> None:
    """The last response is what is left of it; what the thread held before OpenClaw took it over was never its own."""
    events = [header("first", NOON_MS), mirror(), mirror(turn="history:t0")]
    write_log(tmp_path / "agents" / "main" / "sessions" / "first.jsonl", events)
    imported.run(tmp_path)
    assert imported.calls_by_conversation() == {"first": 1}


def test_a_turn_of_another_agents_command_line_is_in_that_ones_log(tmp_path: Path) -> None:
    """Its message sums the turn up; any other command line has no log that is known."""
    ran = [reply(name, NOON_MS) for name in ("claude-cli", "codex-cli", "google-gemini-cli", "mine-cli")]
    for event in ran:
        event["message"] |= {"api": "cli", "provider": event["message"].pop("responseId")}
    log = write_log(tmp_path / "agents" / "main" / "sessions" / "a.jsonl", [header("a", NOON_MS), *ran])
    (call,) = read_all(OpenClaw(), log)
    assert str(call.observation.response.response_id).startswith("~openclaw:e-mine-cli:")


def test_a_thread_of_the_users_own_codex_is_counted_there(imported: Ledger, tmp_path: Path) -> None:
    """OpenClaw can go on with one, in the home of the user's Codex."""
    rollout(tmp_path / ".codex")
    log = write_log(
        tmp_path / ".openclaw" / "agents" / "main" / "sessions" / "a.jsonl", [header("a", NOON_MS), mirror()]
    )
    assert read_all(OpenClaw(), log) == []
