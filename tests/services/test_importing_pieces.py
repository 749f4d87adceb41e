"""Files that come one by one, in any order, or grow line by line, end as one import of the finished files does."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support.logs import (
    NOON_MS,
    Ledger,
    Line,
    claude_line,
    codex_count,
    codex_event,
    codex_meta,
    codex_record,
    codex_turn,
    codex_usage,
    encode,
    iso,
    ledger,
)

Files = dict[str, list[Line]]
Truth = list[tuple[Any, ...]]
"""Conversation, model and output of every call."""
THREADS = [f"01a2000{n}-0000-7000-8000-00000000000{n}" for n in range(4)]
SONNET, OPUS = "claude-sonnet-4-6", "claude-opus-4-6"
LATER_MS = 600_000


def _rollout(number: int) -> str:
    return f"rollout-2026-03-01T12-00-00-{THREADS[number]}.jsonl"


def _a_model_that_fell_in() -> tuple[Files, Truth]:
    """The same output with another model: the later line counts, though it is the cheaper one."""
    lines = [claude_line("m", model=OPUS), claude_line("m", model=SONNET, at_ms=NOON_MS + 1)]
    back = [claude_line("n", request_id="r", model=SONNET), claude_line("n", request_id="r", model=OPUS)]
    back[1]["timestamp"] = iso(NOON_MS + 1)
    return {"a.jsonl": lines + back}, [("parent", OPUS, 321), ("parent", SONNET, 321)]


def _a_model_that_fell_in_and_its_copy() -> tuple[Files, Truth]:
    """A fork has both lines, too."""
    lines = [claude_line("m", model=OPUS), claude_line("m", model=SONNET, at_ms=NOON_MS + 1)]
    copies: list[Line] = [{**line, "sessionId": "fork", "requestSessionId": "parent"} for line in lines]
    return {"parent.jsonl": lines, "fork.jsonl": copies}, [("parent", SONNET, 321)]


def _branches_of_a_branch() -> tuple[Files, Truth]:
    """The first conversation is gone: who copied a call from it did not make it, though the next branch says so."""

    def line(number: int, session: str, origin: str | None = None) -> Line:
        marks = {"forkedFrom": {"sessionId": origin}} if origin else {}
        at_ms = NOON_MS + number
        known = claude_line(f"m{number}", request_id=f"r{number}", session=session, at_ms=at_ms, output=number)
        return known | marks

    files = {"s5.jsonl": [line(1, "s5", "s9"), line(2, "s5")], "s1.jsonl": [line(1, "s1", "s5"), line(2, "s1", "s5")]}
    return files, [("s9", SONNET, 1), ("s5", SONNET, 2)]


def _a_qwen_chat_of_two_versions() -> tuple[Files, Truth]:
    """Two calls of a version that did not report, two of one that does; one message stands before its report."""

    def line(uuid: str, at_ms: int, **fields: Any) -> Line:
        known = {"uuid": uuid, "sessionId": "chat", "timestamp": iso(at_ms), "cwd": "/nowhere/w"}
        return known | {"version": "0.24.4", "provenance": "x", **fields}

    def message(uuid: str, at_ms: int) -> Line:
        usage = {"promptTokenCount": 9000, "candidatesTokenCount": 321, "totalTokenCount": 9321}
        return line(uuid, at_ms, type="assistant", model="qwen3-coder-plus", usageMetadata=usage)

    def report(response_id: str, at_ms: int) -> Line:
        event = {"event.name": "qwen-code.api_response", "response_id": response_id, "model": "qwen3-coder-plus"}
        event |= {
            "input_token_count": 9000,
            "output_token_count": 321,
            "total_token_count": 9321,
            "auth_type": "openai",
        }
        return line(f"u{response_id}", at_ms, type="system", subtype="ui_telemetry", systemPayload={"uiEvent": event})

    later = NOON_MS + LATER_MS
    old = [message("a1", NOON_MS), message("a2", NOON_MS + 1000)]
    new = [message("a3", later), report("x1", later + 1), report("x2", later + 500), message("a4", later + 501)]
    return {"chat.jsonl": old + new}, [("chat", "qwen3-coder-plus", 321)] * 4


def _an_old_thread_with_records() -> tuple[Files, Truth]:
    """A version with records resumes the thread: the counts before were calls, the last one is the first record's."""
    counts = [codex_count(1), codex_count(2), codex_count(1, at_ms=NOON_MS + LATER_MS)]
    records = [codex_record(f"resp_{n}", THREADS[0], at_ms=NOON_MS + LATER_MS + n) for n in (1, 2)]
    again = codex_count(2, at_ms=NOON_MS + LATER_MS + 3)
    lines = [codex_meta(THREADS[0], version="0.77.0"), codex_turn(None), *counts, records[0], records[1], again]
    return {_rollout(0): lines}, [(THREADS[0], "gpt-5.1-codex", 321)] * 4


def _forks_of_forks_without_turns() -> tuple[Files, Truth]:
    """Copied headers name the threads before: the middle one may come last."""
    first, second, third = (codex_usage(output=output) for output in (100, 200, 300))

    def count(number: int, usage: Line, at_ms: int) -> Line:
        total = {name: value * number for name, value in codex_usage().items()}
        info = {"total_token_usage": total, "last_token_usage": usage}
        return codex_event("event_msg", {"type": "token_count", "info": info}, at_ms=at_ms)

    def heads(number: int) -> list[Line]:
        parent = {"forked_from_id": THREADS[number - 1]} if number else {}
        return [codex_meta(THREADS[number], version="0.77.0", **parent)]

    told = [first, second, third]
    files = {}
    for number in range(3):
        head = heads(number) + (heads(number - 1) if number else [])
        lines = [count(n + 1, told[n], NOON_MS + number * LATER_MS + n) for n in range(number + 1)]
        files[_rollout(number)] = [*head, codex_turn(None), *lines]
    return files, [(THREADS[n], "gpt-5.1-codex", 100 * (n + 1)) for n in range(3)]


def _a_fork_that_names_its_turns() -> tuple[Files, Truth]:
    """What it copied does not, and the parent is gone: the calls are known from the copy alone."""
    head = [codex_meta(THREADS[1], forked_from_id=THREADS[0]), codex_meta(THREADS[0])]
    copied = [codex_turn(None), codex_count(1), codex_count(2)]
    own = [codex_turn(f"{THREADS[1][:-1]}9"), codex_count(3, last=codex_usage(output=400))]
    truth = [(THREADS[1], "gpt-5.1-codex", output) for output in (321, 321, 400)]
    return {_rollout(1): [*head, *copied, *own]}, truth


def _sub_agents_settings() -> tuple[Files, Truth]:
    """Those of the history it was given are its parent's."""
    settings = {"model": "gpt-5.5", "service_tier": "priority"}
    given = [
        codex_event("event_msg", {"type": "thread_settings_applied", "thread_settings": settings}, ordinal=3),
        codex_turn("t0", model="gpt-5.5") | {"ordinal": 4},
    ]
    own = [codex_turn("t1") | {"ordinal": 11}, codex_record("resp_9", THREADS[1]) | {"ordinal": 12}]
    head = codex_meta(THREADS[1], version="0.169.0", subagent_history_start_ordinal=10)
    return {_rollout(1): [head, *given, *own]}, [(THREADS[1], "gpt-5.1-codex", 321)]


STORIES: list[Callable[[], tuple[Files, Truth]]] = [
    _a_model_that_fell_in,
    _a_model_that_fell_in_and_its_copy,
    _branches_of_a_branch,
    _a_qwen_chat_of_two_versions,
    _an_old_thread_with_records,
    _forks_of_forks_without_turns,
    _a_fork_that_names_its_turns,
    _sub_agents_settings,
]


def _ways(files: Files) -> Iterator[list[tuple[str, int]]]:
    """Steps of an import: each a file, and the number of lines it has by then."""
    for order in itertools.permutations(files):
        yield [(name, len(files[name])) for name in order]
        yield [(name, end) for name in order for end in range(1, len(files[name]) + 1)]


def _facts(opened: Ledger) -> Truth:
    columns = "conversation_id, COALESCE(response_model, request_model), output_tokens"
    return sorted(opened.query(f"SELECT {columns} FROM model_requests"))


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__.strip("_"))
def test_pieces_make_the_whole(tmp_path: Path, story: Callable[[], tuple[Files, Truth]]) -> None:
    """Every order of the files, whole or line by line; and nothing changes when all is imported again."""
    files, truth = story()
    for name, lines in files.items():
        (tmp_path / "whole").mkdir(exist_ok=True)
        (tmp_path / "whole" / name).write_bytes(encode(lines))
    with ledger(tmp_path / "ledger") as opened:
        opened.run(tmp_path / "whole")
        assert _facts(opened) == sorted(truth)
        wanted = opened.state()
    for number, steps in enumerate(_ways(files)):
        logs = tmp_path / f"logs-{number}"
        logs.mkdir()
        with ledger(tmp_path / f"ledger-{number}") as opened:
            for name, end in steps:
                with (logs / name).open("ab") as file:
                    file.write(encode(files[name][:end])[file.tell() :])
                opened.run(logs)
            assert opened.state() == wanted
            opened.check()
            for name in files:  # another file in its place is read from its beginning
                (logs / f"new-{name}").write_bytes((logs / name).read_bytes())
                (logs / f"new-{name}").replace(logs / name)
            opened.run(logs)
            assert opened.state() == wanted
            opened.check()


def test_a_line_after_many_other_calls_counts_as_one_beside_the_first(tmp_path: Path) -> None:
    """A file's calls are not held open for ever."""
    others = [claude_line(f"o{n}", request_id=f"o{n}", at_ms=NOON_MS + 1 + n) for n in range(200)]
    last = claude_line("m", model=SONNET, at_ms=NOON_MS + 500)
    (tmp_path / "a.jsonl").write_bytes(encode([claude_line("m", model=OPUS), *others, last]))
    with ledger(tmp_path / "ledger") as opened:
        opened.run(tmp_path / "a.jsonl")
        assert opened.query("SELECT response_model FROM model_requests WHERE response_id = 'm'") == [(SONNET,)]
