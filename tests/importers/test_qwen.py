"""Qwen Code's chats."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from codesession.importers.base import Places
from codesession.importers.qwen import Qwen
from support.logs import NOON_MS, SAMPLES, Ledger, iso, ledger, read_all, write_log

RUN = SAMPLES / "qwen" / "qwen-0.24.4"


def line(number: int, **fields: Any) -> dict[str, Any]:
    told = {"uuid": f"u{number}", "sessionId": "s", "timestamp": iso(NOON_MS + number), "cwd": "/nowhere/w"}
    return told | {"version": "0.24.4", "gitBranch": "main", **fields}


def report(number: int, *, thoughts: int = 100, total: int = 9321, **fields: Any) -> dict[str, Any]:
    event = {
        "event.name": "qwen-code.api_response",
        "response_id": f"r{number}",
        "model": "qwen3-coder-plus",
        "input_token_count": 9000,
        "output_token_count": 321,
        "cached_content_token_count": 8000,
        "thoughts_token_count": thoughts,
        "total_token_count": total,
        "auth_type": "openai",
    }
    return line(number, type="system", subtype="ui_telemetry", systemPayload={"uiEvent": event | fields})


def message(number: int, prompt: int = 9000) -> dict[str, Any]:
    usage = {"promptTokenCount": prompt, "candidatesTokenCount": 321, "cachedContentTokenCount": 8000}
    usage |= {"thoughtsTokenCount": 100, "totalTokenCount": prompt + 321}
    return line(number, type="assistant", model="qwen3-coder-plus", usageMetadata=usage)


def test_usage_that_stands_there_twice_counts_once(imported: Ledger) -> None:
    """Reported and in the message; the cached part is inside the prompt; sums of the session are left alone."""
    totals = imported.run(RUN, "qwen")["qwen-code"].totals
    assert (totals.calls, totals.total_tokens) == (2, 18642)
    assert (totals.input_tokens, totals.cache_read_input_tokens, totals.output_tokens) == (18000, 16000, 642)
    rows = imported.query("SELECT response_id, provider_name, agent_version, prompt_id FROM model_requests ORDER BY 1")
    assert rows[0][:3] == ("chatcmpl-mock000001", "alibaba", "0.24.4")
    assert rows[0][3].endswith("########0")
    before = imported.state()
    imported.run(RUN, "qwen")
    assert imported.state() == before
    imported.check()


def test_messages_count_where_nothing_is_reported(tmp_path: Path) -> None:
    """Chats of versions without reports."""
    old = write_log(tmp_path / "old.jsonl", [message(1), message(2)])
    assert [call.observation.response.response_id for call in read_all(Qwen(), old)] == [
        "~qwen-code:u1",
        "~qwen-code:u2",
    ]


def test_a_report_that_comes_after_its_message_is_the_same_call(imported: Ledger, tmp_path: Path) -> None:
    """The order of the two lines is nobody's promise; the counts may be told otherwise there."""
    told = [message(1), message(2, 5000), report(3), message(4), report(5), message(6)]
    write_log(tmp_path / "logs" / "c.jsonl", told)
    imported.run(tmp_path / "logs", "qwen")
    assert imported.query("SELECT response_id, input_tokens FROM model_requests ORDER BY 1") == [
        ("r3", 9000),
        ("r5", 9000),
    ]
    before = imported.state()
    write_log(tmp_path / "logs" / "copy.jsonl", told)
    imported.run(tmp_path / "logs", "qwen")
    assert imported.state() == before


def test_messages_of_a_version_that_did_not_report_stay_calls(imported: Ledger, tmp_path: Path) -> None:
    """The chat was gone on with by one that does, minutes later; its calls may count the same."""
    later = 600_000
    told = [message(1), message(2), report(later), message(later), message(later + 9), report(later + 9)]
    write_log(tmp_path / "logs" / "c.jsonl", told)
    imported.run(tmp_path / "logs", "qwen")
    names = [name for (name,) in imported.query("SELECT response_id FROM model_requests ORDER BY started_at_ms")]
    assert names == ["~qwen-code:u1", "~qwen-code:u2", f"r{later}", f"r{later + 9}"]


def test_only_new_lines_are_read(imported: Ledger, tmp_path: Path) -> None:
    """A second pass remembers that this chat reports."""
    path = write_log(tmp_path / "logs" / "c.jsonl", [report(1), message(2)])
    imported.run(tmp_path / "logs", "qwen")
    with path.open("ab") as file:
        file.write(b"".join(json.dumps(each).encode() + b"\n" for each in (message(3), report(4), message(5))))
    assert imported.run(tmp_path / "logs", "qwen")["qwen-code"].new_calls == 1
    assert imported.calls_by_conversation() == {"s": 2}


def test_thoughts_are_inside_or_outside_as_the_total_says(tmp_path: Path) -> None:
    """Inside on the OpenAI wire, outside on the Gemini wire."""
    lines = [report(1), report(2, total=9421, auth_type="gemini-api-key", model="gemini-3-pro")]
    inside, outside = (call.observation.response for call in read_all(Qwen(), write_log(tmp_path / "c.jsonl", lines)))
    assert inside.usage is not None
    assert outside.usage is not None
    assert (inside.usage.output_tokens, outside.usage.output_tokens) == (321, 421)
    assert (inside.api, outside.api) == ("openai.chat", "gemini.generate_content")
    assert (inside.provider_name, outside.provider_name) == ("alibaba", "google")


def test_broken_lines_are_counted(imported: Ledger, tmp_path: Path) -> None:
    """They cost only themselves; a call without a time cannot be placed."""
    lines: list[Any] = [report(1), b'{"usageMetadata": ', report(2, **{"event.timestamp": None}) | {"timestamp": None}]
    write_log(tmp_path / "logs" / "c.jsonl", lines)
    totals = imported.run(tmp_path / "logs", "qwen")["qwen-code"].totals
    assert (totals.calls, totals.bad_lines) == (1, 2)


def test_chats_are_found_and_recognised(tmp_path: Path) -> None:
    """By folder and by their first lines; never the sums, nor sub-agents' stories of calls that chats report."""
    write_log(tmp_path / "projects" / "p" / "chats" / "c.jsonl", [report(1)])
    write_log(tmp_path / "usage_record.jsonl", [{"sessionId": "s"}])
    told = write_log(tmp_path / "projects" / "p" / "subagents" / "s" / "agent-1.jsonl", [message(1)])
    for folder in (tmp_path, tmp_path / "projects", tmp_path / "projects" / "p", told.parent):
        assert [path.name for path in Qwen().files(folder)] == (["c.jsonl"] if folder != told.parent else [])
    assert not Qwen().recognises(told, told.read_bytes())
    assert Qwen().recognises(tmp_path / "c.jsonl", json.dumps(report(1)).encode())
    assert not Qwen().recognises(tmp_path / "c.jsonl", b'{"sessionId":"x","type":"user"}')
    assert Qwen().homes(Places(environment={"QWEN_HOME": "/q"}, home=Path("/h"))) == [Path("/q")]


@pytest.mark.parametrize("name", ["a", "z"])
def test_a_branch_repeats_the_calls_of_the_chat_it_names(imported: Ledger, tmp_path: Path, name: str) -> None:
    """Lines keep ids and times, so that nothing but `forkedFrom` tells who made the call; a branch may be branched."""

    def copied(told: dict[str, Any], session: str, origin: str) -> dict[str, Any]:
        return told | {"sessionId": session, "forkedFrom": {"sessionId": origin, "messageUuid": told["uuid"]}}

    logs = tmp_path / "logs"
    branch = [copied(message(1), name, "s"), copied(report(2), name, "s"), report(3) | {"sessionId": name}]
    again = [copied(each, "twice", name) for each in branch] + [report(4) | {"sessionId": "twice"}]
    for file, lines in (("twice", again), (name, branch), ("s", [message(1), report(2)])):
        write_log(logs / f"{file}.jsonl", lines)
        imported.run(logs, "qwen")
    assert imported.calls_by_conversation() == {"s": 1, name: 1, "twice": 1}
    imported.check()


def test_whole_chats_of_early_versions_are_read(tmp_path: Path) -> None:
    """They were Gemini CLI's, with thoughts inside the output on the OpenAI wire."""
    tokens = {"input": 9000, "output": 321, "cached": 8000, "thoughts": 100, "tool": 0, "total": 9321}
    told = {"id": "m", "timestamp": iso(NOON_MS), "type": "gemini", "model": "coder-model", "tokens": tokens}
    chat = {"sessionId": "s", "projectHash": "p", "lastUpdated": iso(NOON_MS), "messages": [told]}
    home = tmp_path / "home" / ".qwen"
    write_log(home / "tmp" / "p" / "chats" / "session-1.json", [chat])
    write_log(home / "projects" / "p" / "chats" / "c.jsonl", [report(1)])
    with ledger(tmp_path / "own") as own, ledger(tmp_path) as usual:
        for found in (own.run(home), usual.run()):
            totals = found["qwen-code"].totals
            assert (totals.calls, totals.input_tokens, totals.output_tokens) == (2, 18000, 642)
            assert list(found) == ["qwen-code"]
        assert usual.query("SELECT DISTINCT provider_name FROM model_requests") == [("alibaba",)]


def test_calls_of_a_gateway_that_names_all_of_them_alike_are_different_calls(imported: Ledger, tmp_path: Path) -> None:
    """As servers do that were made for tests; a branch repeats them, and a second pass finds them again."""
    same = {"response_id": "chatcmpl-mock"}
    told = [report(1, **same), report(2, **same, input_token_count=9100, total_token_count=9421)]
    branch = [each | {"sessionId": "b", "forkedFrom": {"sessionId": "s", "messageUuid": each["uuid"]}} for each in told]
    for name, lines in (("b", branch), ("s", told), ("t", [report(3, **same, input_token_count=8500)])):
        write_log(tmp_path / "logs" / f"{name}.jsonl", lines)
        imported.run(tmp_path / "logs", "qwen")
    found = imported.query("SELECT conversation_id, input_tokens FROM model_requests ORDER BY started_at_ms")
    assert [prompt for _, prompt in found] == [9000, 9100, 8500]
    before = imported.state()
    (tmp_path / "logs" / "s.jsonl").write_bytes(b"\n" + (tmp_path / "logs" / "s.jsonl").read_bytes())
    imported.run(tmp_path / "logs", "qwen")
    assert imported.state() == before
    imported.check()


def test_the_first_calls_of_chats_through_such_a_gateway_are_different_calls(imported: Ledger, tmp_path: Path) -> None:
    """Their messages stand before their reports, and are the same calls."""
    for number, name in enumerate("abc", 1):
        prompt = 9000 + number
        counts = {"input_token_count": prompt, "total_token_count": prompt + 321}
        told = [message(number * 100, prompt), report(number * 100 + 1, response_id="chatcmpl-mock", **counts)]
        write_log(tmp_path / "logs" / f"{name}.jsonl", [each | {"sessionId": name} for each in told])
        imported.run(tmp_path / "logs", "qwen")
    found = imported.query("SELECT conversation_id, input_tokens FROM model_requests ORDER BY 1")
    assert found == [("a", 9001), ("b", 9002), ("c", 9003)]
    imported.check()
