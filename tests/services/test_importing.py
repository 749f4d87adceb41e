"""Importing logs into a ledger: once, for whoever paid, whatever becomes of the files."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from codesession.errors import InvalidInputError
from codesession.services.importing.service import ImportRequest
from support.ledger import make_session
from support.logs import (
    NOON_MS,
    SAMPLES,
    Ledger,
    Line,
    claude_line,
    codex_meta,
    codex_record,
    encode,
    iso,
    ledger,
    write_log,
)


@pytest.fixture
def imported(tmp_path: Path) -> Iterator[Ledger]:
    with ledger(tmp_path / "ledger") as opened:
        yield opened


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    return folder


# once


def test_importing_twice_changes_nothing(imported: Ledger, logs: Path) -> None:
    """The second run reads nothing, says the same totals and no new calls."""
    shutil.copytree(SAMPLES / "claude_code" / "claude-2.1.330", logs / "home")
    first = imported.run(logs)["claude-code"]
    before = imported.state()
    second = imported.run(logs)["claude-code"]
    assert (first.new_calls, second.new_calls, second.read_files) == (14, 0, 0)
    assert (second.totals, second.files, second.duplicates) == (first.totals, first.files, first.duplicates)
    assert imported.state() == before


# who pays


@pytest.mark.parametrize("order", [("parent", "fork"), ("fork", "parent")])
@pytest.mark.parametrize(
    "copy",
    [
        {"requestSessionId": "parent"},
        {"forkedFrom": {"sessionId": "parent", "messageUuid": "u"}},
        {"request_id": None, "at_ms": NOON_MS + 60_000},
        {"sessionKind": "bg"},
        {"request_id": "req_other", "isSidechain": True},
    ],
    ids=["fork", "branch", "resume", "background", "side chain"],
)
def test_a_copy_never_owns_what_its_original_made(
    imported: Ledger, logs: Path, order: tuple[str, str], copy: Line
) -> None:
    """In separate runs and either order: a later-found original takes the call back, and its time and price."""
    lines = {
        "parent": [claude_line(session="parent")],
        "fork": [
            claude_line(session="fork", **copy),
            claude_line("msg_2", request_id="req_2", session="fork", at_ms=NOON_MS + 70_000),
        ],
    }
    for name in order:
        write_log(logs / f"{name}.jsonl", lines[name])
        imported.run(logs)
        imported.check()
    assert imported.calls_by_conversation() == {"parent": 1, "fork": 1}
    assert imported.query("SELECT started_at_ms FROM model_requests WHERE response_id = 'msg_1'") == [(NOON_MS,)]
    assert sorted(imported.query("SELECT conversation_id, requests FROM sessions")) == [("fork", 1), ("parent", 1)]


def test_a_side_chain_that_goes_on_in_the_background_keeps_its_calls(imported: Ledger, logs: Path) -> None:
    """Lines with the same time under another conversation; a side chain that began there has its own."""
    side = {"isSidechain": True, "agentId": "aside"}
    copy = claude_line(session="fork", sessionKind="bg", **side)
    own = claude_line("msg_2", request_id="req_2", session="fork", sessionKind="bg", **side)
    write_log(logs / "fork" / "agent-aside.jsonl", [copy, own])
    write_log(logs / "parent" / "agent-aside.jsonl", [claude_line(session="parent", **side)])
    imported.run(logs)
    assert imported.calls_by_conversation() == {"parent": 1, "fork": 1}


@pytest.mark.parametrize("mark", [{"sessionKind": "bg"}, {"isSidechain": True, "agentId": "aside"}])
def test_without_request_ids_a_continuation_owns_nothing_of_its_origin(
    imported: Ledger, logs: Path, mark: Line
) -> None:
    """Lines of old versions and of gateways: the mark is all that tells the copy, which keeps the time."""
    write_log(logs / "aaa.jsonl", [claude_line(request_id=None, session="aaa", **mark)])
    write_log(logs / "zzz.jsonl", [claude_line(request_id=None, session="zzz")])
    imported.run(logs)
    assert imported.calls_by_conversation() == {"zzz": 1}


def test_a_copy_of_an_unmarked_copy_leaves_the_call_to_the_earliest(imported: Ledger, logs: Path) -> None:
    """A resume of an old version, then a fork of the resumed conversation: both came later."""
    resumed = {"request_id": None, "at_ms": NOON_MS + 60_000}
    write_log(logs / "fork.jsonl", [claude_line(session="fork", requestSessionId="resumed", **resumed)])
    imported.run(logs)
    write_log(logs / "resumed.jsonl", [claude_line(session="resumed", **resumed)])
    write_log(logs / "first.jsonl", [claude_line(session="first", request_id=None)])
    imported.run(logs)
    assert imported.calls_by_conversation() == {"first": 1}


@pytest.mark.parametrize("mark", [{"forkedFrom": {"sessionId": "s-8"}}, {"sessionKind": "bg"}])
@pytest.mark.parametrize("order", list(itertools.permutations(["whole", "copy", "copy of it"])))
def test_a_copy_of_a_copy_without_its_request_is_the_originals(
    imported: Ledger, logs: Path, order: tuple[str, ...], mark: Line
) -> None:
    """Gateways send no request id, so nothing marks the original; a copy of a copy names who copied the call."""
    files = {
        "whole": claude_line(request_id=None, session="s-8"),
        "copy": claude_line(request_id=None, session="s-27", **mark),
        "copy of it": claude_line(request_id=None, session="s-28", **{**mark, "requestSessionId": "s-27"}),
    }
    for name in order:
        write_log(logs / f"{name}.jsonl", [files[name]])
        imported.run(logs)
    assert imported.calls_by_conversation() == {"s-8": 1}


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a"), ("ab",)])
def test_a_copy_without_its_request_is_the_call_of_another_host(
    imported: Ledger, logs: Path, order: tuple[str, ...]
) -> None:
    """Only the request's id says that Vertex bills; a resume of an old version leaves it out."""
    lines = {
        "a": claude_line(request_id="req_vrtx_1", session="a"),
        "b": claude_line(request_id=None, session="b", at_ms=NOON_MS + 60_000),
    }
    other = claude_line("msg_2", request_id="req_2", session="c", read=9000)
    write_log(logs / "c.jsonl", [other])
    for names in (*order, *order):
        for name in names:
            write_log(logs / f"{name}.jsonl", [lines[name], lines[name]])
        imported.run(logs)
        imported.check()
    found = imported.query("SELECT provider_name, conversation_id FROM model_requests ORDER BY 1")
    assert found == [("anthropic", "c"), ("vertex", "a")]
    with ledger(logs.parent / "whole") as opened:
        opened.run(logs)
        assert opened.state() == imported.state()


def test_a_call_read_in_pieces_has_the_counts_of_its_largest_line(imported: Ledger, logs: Path) -> None:
    """Whole, with its model, whether that has a price or not; it belongs to the earliest."""
    lines = [
        claude_line(output=20, session="early"),
        claude_line(output=300, model="claude-of-tomorrow", session="late", at_ms=NOON_MS + 1),
    ]
    for end in (1, 2):
        write_log(logs / "s.jsonl", lines[:end])
        imported.run(logs)
    pieces = imported.state()
    assert [call[1:4] for call in pieces["calls"]] == [("claude-of-tomorrow", "early", None)]
    with ledger(logs.parent / "whole") as opened:
        opened.run(logs)
        assert opened.state() == pieces


def test_a_replay_does_not_make_its_parents_call_a_sub_agents(imported: Ledger, logs: Path) -> None:
    """`/btw` writes its parent's answers again, under requests of its own and as a side chain."""
    replay = {"isSidechain": True, "agentId": "aside", "request_id": "req_replayed"}
    own = claude_line("msg_2", request_id="req_2", read=9000, isSidechain=True, agentId="aside")
    write_log(logs / "parent" / "subagents" / "agent-aside.jsonl", [claude_line(**replay), own])
    imported.run(logs)
    write_log(logs / "parent.jsonl", [claude_line()])
    imported.run(logs)
    found = imported.query("SELECT response_id, subagent_id FROM model_requests ORDER BY 1")
    assert found == [("msg_1", None), ("msg_2", "aside")]
    imported.check()


def test_a_fork_whose_parent_is_gone_still_charges_the_parent(imported: Ledger, logs: Path) -> None:
    """Transcripts are deleted after a month; the copy names who paid."""
    write_log(logs / "fork.jsonl", [claude_line(session="fork", requestSessionId="parent")])
    imported.run(logs)
    assert imported.calls_by_conversation() == {"parent": 1}


def test_an_unmarked_fork_is_told_by_the_age_of_its_file(imported: Ledger, logs: Path) -> None:
    """Some versions copy everything unchanged but the session; the older file made the call."""
    start = {"type": "queue-operation", "timestamp": iso(NOON_MS - 1000)}
    later = {"type": "queue-operation", "timestamp": iso(NOON_MS + 9000)}
    write_log(logs / "a.jsonl", [later, claude_line(session="aaa")])
    write_log(logs / "b.jsonl", [start, claude_line(session="bbb")])
    imported.run(logs)
    assert imported.calls_by_conversation() == {"bbb": 1}


def test_a_gateways_constant_id_does_not_merge_calls(imported: Ledger, logs: Path) -> None:
    """Different prompts are different calls, in one file or several, in one run or several; copies are copies."""
    lines = [claude_line("const", request_id=None, read=n, at_ms=NOON_MS + n) for n in range(5)]
    write_log(logs / "a.jsonl", lines[:3])
    imported.run(logs)
    write_log(logs / "b.jsonl", lines[2:])
    imported.run(logs)
    write_log(logs / "c.jsonl", lines)
    assert imported.run(logs)["claude-code"].totals.calls == 5
    assert imported.query("SELECT COUNT(*) FROM model_requests") == [(5,)]
    imported.check()


def test_a_moved_time_is_priced_at_its_own_day(imported: Ledger, logs: Path) -> None:
    """A copy carried the time of a day when long prompts cost less; the original corrects it."""
    call = {"model": "claude-sonnet-4-5", "read": 250_000}
    copied = claude_line(**call, session="copy", request_id=None, at_ms=NOON_MS + 200 * 86_400_000)
    write_log(logs / "copy.jsonl", [copied])
    imported.run(logs)
    (cheap,) = imported.query("SELECT cost_picousd FROM model_requests")[0]
    write_log(logs / "parent.jsonl", [claude_line(**call)])
    imported.run(logs)
    assert imported.query("SELECT cost_picousd, cost_status FROM model_requests")[0] > (cheap, "exact")
    with ledger(logs / "other") as alone:
        write_log(logs / "other" / "log" / "parent.jsonl", [claude_line(**call)])
        alone.run(logs / "other" / "log")
        wanted = alone.query("SELECT cost_picousd, cost_status, billing FROM model_requests")
    assert imported.query("SELECT cost_picousd, cost_status, billing FROM model_requests") == wanted
    imported.check()


# sessions


def test_a_conversation_becomes_a_completed_session(imported: Ledger, logs: Path) -> None:
    """Named by project and day; from its first to its last call."""
    lines = [claude_line(), claude_line("msg_2", request_id="req_2", at_ms=NOON_MS + 60_000)]
    write_log(logs / "a.jsonl", lines)
    imported.run(logs)
    columns = "name, status, directory, git_branch, started_at_ms, ended_at_ms, source, agent_name"
    assert imported.query(f"SELECT {columns} FROM sessions") == [
        ("widgets 2026-03-01", "completed", "/nowhere/widgets", "main", NOON_MS, NOON_MS + 60_000, "log", "claude-code")
    ]


def test_a_title_names_the_session_when_it_comes(imported: Ledger, logs: Path) -> None:
    """Agents title a conversation after some calls."""
    path = write_log(logs / "a.jsonl", [claude_line()])
    imported.run(logs)
    with path.open("ab") as file:
        file.write(encode([{"type": "ai-title", "aiTitle": "Mend  the\nlogin", "sessionId": "parent"}]))
    imported.run(logs)
    assert imported.query("SELECT name FROM sessions") == [("Mend the login",)]


@pytest.mark.parametrize(("allowed", "name"), [(False, "widgets 2026-03-01"), (True, "Why is it slow?")])
def test_a_prompt_names_a_session_only_where_it_is_allowed(
    tmp_path: Path, logs: Path, allowed: bool, name: str
) -> None:
    """`import.titles` is off unless the user turns it on."""
    prompt = {"type": "user", "promptId": "p", "sessionId": "parent", "message": {"content": "Why is it\nslow?"}}
    write_log(logs / "a.jsonl", [prompt, claude_line()])
    with ledger(tmp_path / "own", prompt_titles=allowed) as opened:
        opened.run(logs)
        assert opened.query("SELECT name FROM sessions") == [(name,)]
        if not allowed:
            assert b"slow" not in Path(opened.database.path).read_bytes()


def test_calls_join_the_session_of_ours_that_covers_them(imported: Ledger, logs: Path) -> None:
    """By repository and time; a call before its start stays with the conversation."""
    begun = make_session("/nowhere/widgets", started_at_ms=NOON_MS + 1000)
    session = imported.store.create_session(begun, exclusive=True)
    assert session is not None
    lines = [claude_line(), claude_line("msg_2", request_id="req_2", at_ms=NOON_MS + 2000)]
    write_log(logs / "a.jsonl", lines)
    imported.run(logs)
    found = dict(imported.query("SELECT response_id, session_id FROM model_requests"))
    assert found["msg_2"] == session.id
    assert found["msg_1"] not in (None, session.id)
    imported.check()


def test_between_two_sessions_of_ours_nothing_is_guessed(imported: Ledger, logs: Path) -> None:
    """Parallel runs of one repository: the preferred one takes the call, else the conversation keeps it."""
    for _ in range(2):
        imported.store.create_session(make_session("/nowhere/widgets", started_at_ms=NOON_MS - 1), exclusive=False)
    write_log(logs / "a.jsonl", [claude_line()])
    imported.run(logs)
    assert imported.query("SELECT session_id FROM model_requests") == [(3,)]
    write_log(logs / "b.jsonl", [claude_line("msg_2", request_id="req_2")])
    imported.run(logs, session_id=2)
    assert imported.query("SELECT session_id FROM model_requests WHERE response_id = 'msg_2'") == [(2,)]


# what becomes of files


def test_only_appended_lines_are_read(imported: Ledger, logs: Path) -> None:
    """The cursor stands behind the last whole line; a cut one is read again from its start."""
    path = write_log(logs / "a.jsonl", [claude_line()])
    whole = encode([claude_line("msg_2", request_id="req_2")])
    imported.run(logs)
    with path.open("ab") as file:
        file.write(whole[:100])
    cut = imported.run(logs)["claude-code"]
    assert (cut.totals.calls, cut.totals.bad_lines, cut.unreadable[0].number) == (1, 1, 2)
    with path.open("ab") as file:
        file.write(whole[100:])
    done = imported.run(logs)["claude-code"]
    assert (done.totals.calls, done.totals.bad_lines, done.new_calls, done.totals.lines) == (2, 0, 1, 2)


@pytest.mark.parametrize("change", ["shrunk", "rewritten", "rotated", "vanished"])
def test_nothing_is_lost_when_a_file_changes(imported: Ledger, logs: Path, change: str) -> None:
    """What was counted stays counted, what is new is added, nothing twice."""
    lines = [claude_line(f"msg_{n}", request_id=f"req_{n}", at_ms=NOON_MS + n) for n in range(4)]
    path = write_log(logs / "a.jsonl", lines[:3])
    imported.run(logs, "claude-code")
    if change == "shrunk":
        write_log(path, lines[:1])
    elif change == "rewritten":
        write_log(path, [*reversed(lines)])
    elif change == "rotated":
        path.rename(logs / "a.old.jsonl")
        write_log(path, lines[3:])
    else:
        path.unlink()
    calls = 4 if change in ("rewritten", "rotated") else 3
    assert imported.run(logs, "claude-code")["claude-code"].totals.calls == calls
    assert imported.run(logs, "claude-code")["claude-code"].new_calls == 0
    imported.check()


def test_a_rewritten_file_of_the_same_length_is_read_again(imported: Ledger, logs: Path) -> None:
    """The beginning has changed, though the size has not."""
    path = write_log(logs / "a.jsonl", [claude_line("msg_1")])
    imported.run(logs)
    write_log(path, [claude_line("msg_2"), claude_line("msg_3", request_id="r3")])
    assert imported.run(logs)["claude-code"].totals.calls == 3


def test_since_leaves_out_older_calls_until_they_are_asked_for(imported: Ledger, logs: Path) -> None:
    """A later import without it reads the file again."""
    lines = [claude_line("msg_1"), claude_line("msg_2", request_id="r2", at_ms=NOON_MS + 86_400_000)]
    write_log(logs / "a.jsonl", lines)
    assert imported.run(logs, since_ms=NOON_MS + 1000)["claude-code"].totals.calls == 1
    assert imported.run(logs)["claude-code"].totals.calls == 2
    assert imported.run(logs)["claude-code"].new_calls == 0


def test_a_file_that_cannot_be_read_is_named_and_the_rest_is_imported(
    imported: Ledger, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One broken file never costs the others; it is tried again next time."""
    from codesession.importers.claude_code.transcript import Transcript

    write_log(logs / "a.jsonl", [claude_line("msg_1")])
    write_log(logs / "b.jsonl", [claude_line("msg_2", request_id="r2")])
    honest = Transcript.calls

    def failing(self: Transcript) -> object:
        if self._log.path.name == "a.jsonl":
            raise PermissionError("not yours")
        return honest(self)

    monkeypatch.setattr(Transcript, "calls", failing)
    broken = imported.run(logs, "claude-code")["claude-code"]
    assert (broken.totals.calls, len(broken.problems)) == (1, 1)
    assert "a.jsonl" in broken.problems[0]
    monkeypatch.undo()
    assert imported.run(logs, "claude-code")["claude-code"].totals.calls == 2


# what to import


def test_formats_are_told_apart_below_one_folder(imported: Ledger, logs: Path) -> None:
    """With a path and no agent every file goes to the importer that knows it; other files to none."""
    write_log(logs / "x" / "a.jsonl", [claude_line()])
    write_log(logs / "y" / "b.jsonl", [codex_meta("t", version="0.160.0"), codex_record("resp_1", "t")])
    write_log(logs / "z" / "c.jsonl", [{"level": "info", "message": "a log of something else"}])
    found = imported.run(logs)
    assert {name: agent.totals.calls for name, agent in found.items()} == {"claude-code": 1, "codex": 1}
    assert {name: agent.files for name, agent in found.items()} == {"claude-code": 1, "codex": 1}


def test_homes_are_found_without_a_path(tmp_path: Path) -> None:
    """Every agent whose folder is there; links to the same folder count once."""
    write_log(tmp_path / "own" / "home" / ".claude" / "projects" / "-p" / "a.jsonl", [claude_line()])
    (tmp_path / "own" / "home" / ".config").mkdir()
    (tmp_path / "own" / "home" / ".config" / "claude").symlink_to(tmp_path / "own" / "home" / ".claude")
    with ledger(tmp_path / "own") as opened:
        found = opened.run()
        assert {name: (agent.files, agent.totals.calls) for name, agent in found.items()} == {"claude-code": (1, 1)}
        assert opened.service.roots(ImportRequest()) == [tmp_path / "own" / "home" / ".claude"]


def test_totals_cover_the_path_that_was_asked_for(imported: Ledger, logs: Path) -> None:
    """Everything ever imported from below it, and nothing else."""
    write_log(logs / "a" / "a.jsonl", [claude_line("msg_1")])
    write_log(logs / "ab" / "b.jsonl", [claude_line("msg_2", request_id="r2")])
    assert imported.run(logs)["claude-code"].totals.calls == 2
    assert imported.run(logs / "a")["claude-code"].totals.calls == 1


def test_a_path_that_is_not_there_is_named(imported: Ledger, logs: Path) -> None:
    """A typing error must not look like an empty import."""
    with pytest.raises(InvalidInputError, match="does not exist"):
        imported.run(logs / "nothing")


def test_an_agent_that_was_asked_for_is_told_even_without_logs(imported: Ledger) -> None:
    """Zero files is an answer."""
    assert imported.run(None, "codex")["codex"].files == 0
    with pytest.raises(InvalidInputError, match="no importer"):
        imported.run(None, "no-such-agent")


def test_unpriced_calls_are_counted_apart(imported: Ledger, logs: Path) -> None:
    """An unknown model has no price, not the price 0."""
    write_log(logs / "a.jsonl", [claude_line(model="claude-nobody-knows-1")])
    totals = imported.run(logs)["claude-code"].totals
    assert (totals.calls, totals.unpriced_calls, totals.cost_picousd) == (1, 1, 0)
    assert imported.query("SELECT cost_picousd FROM model_requests") == [(None,)]


def test_a_thousand_calls_go_in_whole_batches(imported: Ledger, logs: Path) -> None:
    """More than one transaction; the counters are exact, the evidence is complete."""
    lines = [claude_line(f"m{n}", request_id=f"r{n}", session=f"s{n % 7}", at_ms=NOON_MS + n) for n in range(4500)]
    write_log(logs / "a.jsonl", lines)
    assert imported.run(logs)["claude-code"].new_calls == 4500
    imported.check()
    (billing,) = imported.query("SELECT billing FROM model_requests WHERE response_id = 'm17'")[0]
    assert json.loads(billing)["lines"]
