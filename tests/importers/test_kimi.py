"""Kimi's wire logs, old and new."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from codesession.domain.sighting import Claim
from codesession.importers.base import Places
from codesession.importers.kimi import WIRE, Kimi
from support.logs import NOON_MS, Ledger, iso, read_all, write_log


def status(message_id: str | None, seconds: float = NOON_MS / 1000, **usage: Any) -> dict[str, Any]:
    counts = {"input_other": 1000, "input_cache_read": 8000, "input_cache_creation": 0, "output": 321} | usage
    payload = {"context_usage": 0.1, "token_usage": counts, "message_id": message_id}
    return {"timestamp": seconds, "message": {"type": "StatusUpdate", "payload": payload}}


def relayed(line: dict[str, Any]) -> dict[str, Any]:
    return line | {"message": {"type": "SubagentEvent", "payload": {"event": line["message"]}}}


def record(at_ms: int, **fields: Any) -> dict[str, Any]:
    usage = {"inputOther": 1000, "inputCacheRead": 8000, "inputCacheCreation": 0, "output": 321}
    return {"type": "usage.record", "model": "my-alias", "usage": usage, "usageScope": "turn", "time": at_ms} | fields


def test_status_updates_of_the_old_agent_are_calls(imported: Ledger, tmp_path: Path) -> None:
    """By the API's id: a sub-agent's calls, relayed to its parent's log, count once, for the sub-agent."""
    directory = hashlib.md5(b"/nowhere/w").hexdigest()
    session = tmp_path / "sessions" / directory / "s1"
    sub = status("chatcmpl-2")
    nothing = {"timestamp": 1.0, "message": {"type": "StatusUpdate", "payload": {"token_usage": None}}}
    write_log(session / WIRE, [{"type": "metadata"}, status("chatcmpl-1"), relayed(sub), nothing])
    write_log(session / "subagents" / "a1" / WIRE, [sub])
    (tmp_path / "kimi.json").write_text(json.dumps({"work_dirs": [{"path": "/else"}, {"path": "/nowhere/w"}]}))
    found = imported.run(tmp_path)["kimi-cli"]
    assert (found.totals.calls, found.duplicates) == (2, 1)
    assert (found.totals.input_tokens, found.totals.output_tokens) == (18000, 642)
    columns = "response_id, conversation_id, subagent_id, project, provider_name, cost_status"
    assert imported.query(f"SELECT {columns} FROM model_requests ORDER BY 1") == [
        ("chatcmpl-1", "s1", None, "/nowhere/w", "moonshot", "unknown"),
        ("chatcmpl-2", "s1", "a1", "/nowhere/w", "moonshot", "unknown"),
    ]
    before = imported.state()
    imported.run(tmp_path)
    assert imported.state() == before
    imported.check()


def test_answers_that_a_gateway_names_alike_are_different_calls(imported: Ledger, tmp_path: Path) -> None:
    """Their prompts tell them apart, also where one is relayed."""
    first, second = (status("mock", NOON_MS / 1000 + number, input_other=number) for number in (1000, 2000))
    session = tmp_path / "sessions" / "0" / "s1"
    write_log(session / WIRE, [first, relayed(second)])
    write_log(session / "subagents" / "a1" / WIRE, [second])
    found = imported.run(tmp_path)["kimi-cli"]
    assert (found.totals.calls, found.totals.input_tokens, found.duplicates) == (2, 19_000, 1)
    imported.check()


def test_usage_records_of_the_new_agent_are_calls(imported: Ledger, tmp_path: Path) -> None:
    """The real model stands in the request before; a compaction's call has no turn; a second pass knows the model."""
    session = tmp_path / "sessions" / "wd_w_0123456789ab" / "session_1"
    lines = [{"type": "llm.request", "model": "kimi-k2.5"}, record(NOON_MS), record(NOON_MS + 5, usageScope="session")]
    path = write_log(session / "agents" / "main" / WIRE, lines)
    write_log(session / "agents" / "sub" / WIRE, [record(NOON_MS)])
    (session / "state.json").write_text(json.dumps({"workDir": "/nowhere/w"}))
    imported.run(tmp_path)
    with path.open("ab") as file:
        file.write(json.dumps(record(NOON_MS + 9)).encode() + b"\n")
    assert imported.run(tmp_path)["kimi-cli"].new_calls == 1
    columns = "started_at_ms, response_model, subagent_id, project"
    assert sorted(imported.query(f"SELECT {columns} FROM model_requests"), key=repr) == [
        (NOON_MS, "kimi-k2.5", None, "/nowhere/w"),
        (NOON_MS, "my-alias", "sub", "/nowhere/w"),
        (NOON_MS + 5, "kimi-k2.5", None, "/nowhere/w"),
        (NOON_MS + 9, "kimi-k2.5", None, "/nowhere/w"),
    ]
    assert imported.calls_by_conversation() == {"session_1": 4}


@pytest.mark.parametrize("order", ["1 2 3", "3 2 1", "2 1 3", "3 1 2"])
def test_a_fork_repeats_its_origins_calls(imported: Ledger, tmp_path: Path, order: str) -> None:
    """Its folder is a copy; a fork may be forked. Sub-agents' calls side by side may be alike."""
    made = {"1": [record(NOON_MS)], "2": [record(NOON_MS + 100)], "3": [record(NOON_MS + 200)]}
    lines = {"1": made["1"], "2": made["1"] + made["2"], "3": made["1"] + made["2"] + made["3"]}
    for number in order.split():
        session = tmp_path / "sessions" / "wd" / f"session_{number}"
        for agent in ("main", "sub"):
            write_log(session / "agents" / agent / WIRE, lines[number])
        state = {"createdAt": iso(NOON_MS + (int(number) - 1) * 100 - 50)}
        if number != "1":
            state["forkedFrom"] = f"session_{int(number) - 1}"
        (session / "state.json").write_text(json.dumps(state))
        imported.run(tmp_path, "kimi")
    assert imported.calls_by_conversation() == {"session_1": 2, "session_2": 2, "session_3": 2}
    before = imported.state()
    imported.run(tmp_path, "kimi")
    assert imported.state() == before
    imported.check()


def test_a_status_without_an_id_is_known_by_time_and_counts(tmp_path: Path) -> None:
    """A relayed sighting steps back behind the sub-agent's own."""
    path = write_log(tmp_path / WIRE, [status(None), relayed(status("a"))])
    plain, copy = read_all(Kimi(), path)
    assert plain.observation.response.response_id is not None
    assert plain.observation.response.response_id.startswith("~kimi-cli:")
    assert (plain.claim, copy.claim) == (Claim.ORIGINAL, Claim.CONTINUATION)


def test_broken_lines_are_counted(imported: Ledger, tmp_path: Path) -> None:
    """Half a line at the end is for the next pass."""
    path = write_log(tmp_path / WIRE, [status("a"), b'{"token_usage" x}', status("b", -5)])
    with path.open("ab") as file:
        file.write(b'{"message":{"type":"StatusUpdate"')
    totals = imported.run(tmp_path, "kimi")["kimi-cli"].totals
    assert (totals.calls, totals.bad_lines) == (1, 3)


def test_homes_of_all_three_agents() -> None:
    """The old and the new command line, each with its variable, and the desktop app."""
    environment = {"KIMI_SHARE_DIR": "/k", "KIMI_CODE_HOME": "/c"}
    assert Kimi().homes(Places(environment=environment, home=Path("/h")))[:2] == [Path("/k"), Path("/c")]
    homes = Kimi().homes(Places(environment={}, home=Path("/h"), platform="darwin"))
    assert homes[:2] == [Path("/h/.kimi"), Path("/h/.kimi-code")]
    assert "kimi-desktop" in homes[2].parts
    assert Kimi().recognises(Path("/h/x/wire.jsonl"), b'{"type":"metadata"}')
