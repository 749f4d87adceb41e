"""Gemini CLI's chats."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from codesession.importers.base import LogFile, Places
from codesession.importers.gemini import Gemini
from support.logs import NOON_MS, SAMPLES, Ledger, iso, read_all, write_log

RUN = SAMPLES / "gemini" / "gemini-0.61.0"
PUBLIC = Path(__file__).parents[3] / "shared" / "agents" / "logs" / "gemini" / "public"


def header(session: str = "s", **fields: Any) -> dict[str, Any]:
    return {"sessionId": session, "projectHash": "ab", "startTime": iso(NOON_MS), "kind": "main", **fields}


def message(name: str, *, output: int = 221, **fields: Any) -> dict[str, Any]:
    counts = {"input": 9000, "output": output, "cached": 8000, "thoughts": 100, "tool": 0, "total": 9100 + output}
    said = {"id": name, "timestamp": iso(NOON_MS), "type": "gemini", "model": "gemini-3.8-flash", "tokens": counts}
    return said | fields


def test_every_answer_counts_once_with_its_thoughts(imported: Ledger) -> None:
    """One message stands there twice, and thoughts are billed as output."""
    found = imported.run(RUN)["gemini-cli"]
    totals = found.totals
    assert (totals.calls, found.duplicates) == (2, 1)
    assert (totals.input_tokens, totals.cache_read_input_tokens, totals.output_tokens) == (18000, 16000, 442 + 200)
    assert imported.query("SELECT SUM(reasoning_output_tokens) FROM model_requests") == [(200,)]
    imported.check()
    before = imported.state()
    imported.run(RUN)
    assert imported.state() == before


def test_checkpoints_repeat_and_rewinds_take_nothing_back(tmp_path: Path) -> None:
    """The last line of a message counts; what was rewound was billed."""
    lines = [
        header(),
        message("a", output=1),
        {"$set": {"messages": [message("a"), {"type": "user", "id": "u"}, None]}},
        {"$rewindTo": "a"},
        message("b"),
        {"$set": {"lastUpdated": iso(NOON_MS), "summary": "Fix it"}},
    ]
    log = LogFile(path=write_log(tmp_path / "c.jsonl", lines), root=tmp_path)
    calls = list(Gemini().read(log))
    assert [call.observation.response.usage.output_tokens for call in calls if call.observation.response.usage] == [
        321,
        321,
    ]
    assert [call.lines for call in calls] == [2, 1]
    assert log.conversations["s"].title == "Fix it"


def test_zeros_take_back_no_usage(tmp_path: Path) -> None:
    """All of them zero is usage that is not known; a smaller count is an earlier state of the message."""
    nothing = dict.fromkeys(("input", "output", "cached", "thoughts", "tool", "total"), 0)
    lines = [header(), message("a"), message("a", tokens=nothing), message("a", output=2), message("b", tokens=nothing)]
    known, unknown = read_all(Gemini(), write_log(tmp_path / "c.jsonl", lines))
    usage = known.observation.response.usage
    assert usage is not None
    assert (usage.output_tokens, known.lines) == (321, 3)
    assert unknown.observation.response.usage is None


def test_a_message_belongs_to_the_header_before_it(imported: Ledger, tmp_path: Path) -> None:
    """A file may go on with another session, which may use the ids of the first again."""
    lines = [header("s"), message("a"), header("t"), message("a", output=5), message("b")]
    write_log(tmp_path / "c.jsonl", lines)
    imported.run(tmp_path)
    assert imported.calls_by_conversation() == {"s": 1, "t": 2}


def test_a_chat_continued_in_the_new_format_is_the_same_chat(imported: Ledger, tmp_path: Path) -> None:
    """Resuming a `.json` makes a `.jsonl` with the same ids."""
    chats = tmp_path / "tmp" / "proj" / "chats"
    write_log(chats / "session-2.jsonl", [header(), message("a"), message("b")])
    whole = header() | {"messages": [message("a")], "lastUpdated": iso(NOON_MS)}
    (chats / "session-1.json").write_text(json.dumps(whole))
    assert imported.run(tmp_path)["gemini-cli"].totals.calls == 2
    assert imported.calls_by_conversation() == {"s": 2}


def test_a_chat_that_grows_is_read_again_and_counted_once(imported: Ledger, tmp_path: Path) -> None:
    """First without the counts of the second answer, then with them."""
    path = write_log(tmp_path / "c.jsonl", [header(), message("a"), message("b", tokens=None)])
    imported.run(tmp_path, "gemini")
    with path.open("ab") as file:
        file.write(json.dumps(message("b")).encode() + b"\n")
    assert imported.run(tmp_path, "gemini")["gemini-cli"].new_calls == 1
    assert imported.calls_by_conversation() == {"s": 2}


def test_a_sub_agents_chat_belongs_to_its_parent(imported: Ledger, tmp_path: Path) -> None:
    """Its folder is named after the parent's session."""
    chats = tmp_path / "tmp" / "proj" / "chats"
    write_log(chats / "session-1.jsonl", [header("main"), message("a")])
    write_log(chats / "main" / "x.jsonl", [header("sub", kind="subagent"), message("b")])
    imported.run(tmp_path)
    assert imported.query("SELECT conversation_id, requests FROM sessions") == [("main", 2)]
    assert imported.query("SELECT subagent_id FROM model_requests WHERE conversation_id = 'sub'") == [("sub",)]


@pytest.mark.parametrize("how", ["root", "slug", "hash", "header"])
def test_the_directory_is_found_beside_the_chat(tmp_path: Path, how: str) -> None:
    """Its folder is named by a slug or a hash, which cannot be turned back."""
    slug = hashlib.sha256(b"/nowhere/w").hexdigest() if how == "hash" else "w"
    folder = tmp_path / ".gemini" / "tmp" / slug
    told = {"directories": ["/nowhere/w"]} if how == "header" else {}
    path = write_log(folder / "chats" / "session-1.jsonl", [header(**told), message("a")])
    if how == "root":
        (folder / ".project_root").write_text("/nowhere/w\n")
    if how in ("slug", "hash"):
        (tmp_path / ".gemini" / "projects.json").write_text(json.dumps({"projects": {"/nowhere/w": "w"}}))
    (call,) = read_all(Gemini(), path)
    assert call.observation.context.project == "/nowhere/w"


def test_an_answer_without_counts_is_none_and_zeros_are_unknown(tmp_path: Path) -> None:
    """The first holds tool calls of an answer that is counted already."""
    path = write_log(tmp_path / "c.jsonl", [header(), message("a", tokens=None), message("b", tokens={"input": 0})])
    (call,) = read_all(Gemini(), path)
    assert call.observation.response.parts == ()


def test_tool_prompts_are_part_of_the_prompt(tmp_path: Path) -> None:
    """They are counted beside it, and the total holds them."""
    counts = {"input": 1000, "output": 10, "cached": 0, "thoughts": 5, "tool": 30, "total": 1045}
    (call,) = read_all(Gemini(), write_log(tmp_path / "c.jsonl", [header(), message("a", tokens=counts)]))
    usage = call.observation.response.usage
    assert usage is not None
    assert (usage.input_tokens, usage.tool_input_tokens, usage.output_tokens) == (1030, 30, 15)
    assert not call.observation.response.mismatch


@pytest.mark.skipif(not PUBLIC.exists(), reason="the published chats are not beside this checkout")
def test_published_chats_of_old_versions_are_read() -> None:
    """No model, a total that does not add up: kept, flagged, and without a price."""
    calls = read_all(Gemini(), *sorted(PUBLIC.iterdir()))
    assert [call.observation.response.response_id for call in calls] == [
        "~gemini-cli:sess-uuid-1:a1",
        "~gemini-cli:sess-uuid-1:a2",
    ]
    assert all(call.observation.response.mismatch for call in calls)


def test_other_files_of_a_home_are_no_chats(tmp_path: Path) -> None:
    """Only what lies in a chats folder is listed; a broken chat is one unreadable line."""
    chats = tmp_path / ".gemini" / "tmp" / "p" / "chats"
    write_log(chats / "session-1.jsonl", [header()])
    (chats / "session-2.json").write_text('{"messages": [')
    (chats.parent / "logs.json").write_text("[]")
    (tmp_path / ".gemini" / "settings.json").write_text("{}")
    found = list(Gemini().files(tmp_path / ".gemini"))
    assert [path.name for path in found] == ["session-1.jsonl", "session-2.json"]
    log = LogFile(path=found[1], root=tmp_path)
    assert (list(Gemini().read(log)), log.bad_count) == ([], 1)


def test_the_agents_variable_moves_its_home() -> None:
    """`GEMINI_CLI_HOME` stands for the user's home."""
    moved = Places(environment={"GEMINI_CLI_HOME": "/g"}, home=Path("/h"))
    assert Gemini().homes(moved) == [Path("/g/.gemini"), Path("/g/.cache/.gemini")]
    assert Gemini().homes(Places(environment={}, home=Path("/h")))[0] == Path("/h/.gemini")
