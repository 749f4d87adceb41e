"""Transcripts of further versions, written from what those versions are known to do, with known truth."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from support.logs import NOON_MS, Ledger, Line, claude_line, iso, ledger, write_log

Files = dict[str, list[Line]]
Truth = dict[str, tuple[int, int]]
"""Calls and output tokens by the conversation that made them."""
_MINUTE = 60_000


def _main(session: str) -> str:
    return f"projects/-nowhere-widgets/{session}.jsonl"


def _answer(number: int, session: str, *, at_ms: int = NOON_MS, blocks: int = 2, **fields: Any) -> list[Line]:
    """The lines of one answer of 321 tokens."""
    start = at_ms + number * _MINUTE
    known = {"request_id": f"req_{number}"} | fields
    return [claude_line(f"msg_{number}", session=session, at_ms=start + block, **known) for block in range(blocks)]


def _resume_of_1_0() -> tuple[Files, Truth]:
    """1.0.60: a new file, old lines with the new session and time and without request ids."""
    first = _answer(1, "first", version="1.0.60") + _answer(2, "first", version="1.0.60")
    copies = [line for n in (1, 2) for line in _answer(n, "again", version="1.0.60", request_id=None)]
    for line in copies:
        line["timestamp"] = iso(NOON_MS + 90 * _MINUTE)
    again = [*copies, *_answer(3, "again", version="1.0.60", at_ms=NOON_MS + 91 * _MINUTE)]
    return {_main("first"): first, _main("again"): again}, {"first": (2, 642), "again": (1, 321)}


def _late_flush() -> tuple[Files, Truth]:
    """1.0.128 to 2.1.94: lines are written before the final count; one call never gets it."""
    slow = _answer(1, "first", version="1.0.128", output=2)
    good = [*_answer(2, "first", version="2.1.94", output=2, blocks=1), *_answer(2, "first", version="2.1.94")]
    return {_main("first"): [*slow, *good]}, {"first": (2, 323)}


def _agents_beside() -> tuple[Files, Truth]:
    """2.0: sub-agents, warm-up ones too, in files of their own beside the transcript of their session."""
    agent = _answer(2, "first", isSidechain=True, agentId="a1", version="2.0.14")
    warm = _answer(3, "first", isSidechain=True, agentId="a2", version="2.0.14", blocks=1)
    return {
        _main("first"): _answer(1, "first", version="2.0.14"),
        "projects/-nowhere-widgets/agent-a1.jsonl": agent,
        "projects/-nowhere-widgets/agent-a2.jsonl": warm,
    }, {"first": (3, 963)}


def _workflow() -> tuple[Files, Truth]:
    """2.1: agents of a workflow, a journal beside them, and the agent's progress told in the main file."""
    agent = _answer(2, "first", isSidechain=True, agentId="w1")
    progress = {"type": "progress", "timestamp": iso(NOON_MS), "sessionId": "first", "data": {"message": agent[0]}}
    result = {"type": "user", "timestamp": iso(NOON_MS), "toolUseResult": {"usage": agent[0]["message"]["usage"]}}
    folder = "projects/-nowhere-widgets/first/subagents/workflows/wf_1"
    return {
        _main("first"): [*_answer(1, "first"), progress, result],
        f"{folder}/agent-w1.jsonl": agent,
        f"{folder}/journal.jsonl": [{"type": "started", "agentId": "w1"}],
    }, {"first": (2, 642)}


def _forks() -> tuple[Files, Truth]:
    """A fork, a branch of the same parent, and a fork of the fork."""
    parent = [*_answer(1, "parent"), *_answer(2, "parent")]
    fork = [line for n in (1, 2) for line in _answer(n, "fork", requestSessionId="parent")]
    origin = {"sessionId": "parent", "messageUuid": "u"}
    branch = [*_answer(1, "branch", forkedFrom=origin), *_answer(5, "branch")]
    second = [line for n in (1, 2) for line in _answer(n, "second", requestSessionId="parent")]
    second += [*_answer(3, "second", requestSessionId="fork"), *_answer(4, "second")]
    return {
        _main("parent"): parent,
        _main("fork"): [*fork, *_answer(3, "fork")],
        _main("branch"): branch,
        _main("second"): second,
    }, {"parent": (2, 642), "fork": (1, 321), "branch": (1, 321), "second": (1, 321)}


def _background() -> tuple[Files, Truth]:
    """Ctrl+B: every line again with another kind of session."""
    copies = [line for n in (1, 2) for line in _answer(n, "behind", sessionKind="bg")]
    return {
        _main("front"): [*_answer(1, "front"), *_answer(2, "front")],
        _main("behind"): [*copies, *_answer(3, "behind", sessionKind="bg")],
    }, {"front": (2, 642), "behind": (1, 321)}


def _side_question() -> tuple[Files, Truth]:
    """`/btw`: the parent's answers replayed with a new request id, then the one to the question."""
    replay = [line for n in (1, 2) for line in _answer(n, "first", request_id=f"req_new{n}", isSidechain=True)]
    side = [*replay, *_answer(3, "first", isSidechain=True)]
    return {
        _main("first"): [*_answer(1, "first"), *_answer(2, "first")],
        "projects/-nowhere-widgets/first/subagents/agent-side.jsonl": side,
    }, {"first": (3, 963)}


def _gateway() -> tuple[Files, Truth]:
    """One id for every answer and no request ids: different prompts are different calls."""
    lines = [
        claude_line("msg_0", request_id=None, read=8000 + n // 2, output=10 + n % 2, at_ms=NOON_MS + n)
        for n in range(6)
    ]
    return {_main("parent"): lines}, {"parent": (3, 33)}


def _asked_twice() -> tuple[Files, Truth]:
    """Two real calls at the start, the same prompt, both billed."""
    same = [claude_line(f"msg_{n}", request_id=f"req_{n}", at_ms=NOON_MS + n) for n in (1, 2)]
    return {_main("parent"): same}, {"parent": (2, 642)}


def _lost_request_id() -> tuple[Files, Truth]:
    """One line of an answer lacks the id of its request."""
    whole, bare = _answer(1, "first", request_id="req_1"), _answer(1, "first", request_id=None, blocks=1)
    return {_main("first"): [*bare, *whole]}, {"first": (1, 321)}


STORIES = (
    _resume_of_1_0,
    _late_flush,
    _agents_beside,
    _workflow,
    _forks,
    _background,
    _side_question,
    _gateway,
    _asked_twice,
    _lost_request_id,
)


def _orders(files: Files) -> Iterator[tuple[str, ...]]:
    return itertools.islice(itertools.permutations(files), 0, 24, 3 if len(files) > 3 else 1)


def _truth(opened: Ledger) -> Truth:
    rows = opened.query("SELECT conversation_id, COUNT(*), SUM(output_tokens) FROM model_requests GROUP BY 1")
    return {name: (calls, output) for name, calls, output in rows}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__.strip("_"))
def test_every_call_is_counted_once_for_its_session(tmp_path: Path, story: object) -> None:
    """In any order of files, an import after each of them, the last file cut in the middle of a line first."""
    files, truth = story()  # type: ignore[operator]
    for number, order in enumerate(_orders(files)):
        home = tmp_path / f"home{number}"
        with ledger(tmp_path / f"ledger{number}") as opened:
            for name in order:
                path = write_log(home / name, files[name])
                whole = path.read_bytes()
                if name == order[-1]:
                    path.write_bytes(whole[: len(whole) * 2 // 3])
                    opened.run(home, "claude-code")
                    path.write_bytes(whole)
                opened.run(home, "claude-code")
            assert _truth(opened) == truth
            opened.check()


def test_a_side_question_in_the_background_takes_nothing_from_its_conversation(tmp_path: Path) -> None:
    """Both are no main lines, and the replay keeps the times: the answers are the conversation's, read in any order."""
    own = _answer(1, "behind", sessionKind="bg")
    replay = _answer(1, "behind", sessionKind="bg", isSidechain=True, agentId="side", request_id="req_new")
    files = {_main("behind"): own, "projects/-nowhere-widgets/behind/subagents/agent-side.jsonl": replay}
    for number, order in enumerate(itertools.permutations(files)):
        with ledger(tmp_path / f"ledger{number}") as opened:
            for name in order:
                write_log(tmp_path / f"home{number}" / name, files[name])
                opened.run(tmp_path / f"home{number}", "claude-code")
            assert opened.query("SELECT conversation_id, subagent_id FROM model_requests") == [("behind", None)]


def test_what_only_a_lower_bound_is_known_of_says_so(tmp_path: Path) -> None:
    """The flush came before the final count: at least that much."""
    files, _ = _late_flush()
    write_log(tmp_path / _main("first"), files[_main("first")])
    with ledger(tmp_path / "ledger") as opened:
        assert opened.run(tmp_path, "claude-code")["claude-code"].totals.lower_bound_calls == 1


def _cost(tmp_path: Path, **usage: Any) -> Decimal:
    """Dollars of one answer with such usage."""
    counts = {
        "input_tokens": 1000,
        "output_tokens": 1000,
        "cache_read_input_tokens": 0,
        "cache_creation_input_tokens": 0,
    }
    line = claude_line(usage=counts | usage, model="claude-opus-4-6")
    name = f"{abs(hash(str(usage)))}"
    write_log(tmp_path / name / "t.jsonl", [line])
    with ledger(tmp_path / f"ledger{name}") as opened:
        opened.run(tmp_path / name, "claude-code")
        ((cost,),) = opened.query("SELECT cost_picousd FROM model_requests")
    return Decimal(cost) / 10**12


def test_what_moves_the_price_is_read_from_the_line(tmp_path: Path) -> None:
    """Fast mode, data residency, web searches, and the parts of an answer that are billed apart."""
    plain = _cost(tmp_path)
    assert _cost(tmp_path, speed="fast") == 6 * plain
    assert _cost(tmp_path, inference_geo="us") == plain * Decimal("1.1")
    assert _cost(tmp_path, server_tool_use={"web_search_requests": 2}) == plain + Decimal("0.02")
    message = {"type": "message", "input_tokens": 1000, "output_tokens": 1000}
    advice = {"type": "advisor_message", "model": "claude-opus-4-6", "input_tokens": 1000, "output_tokens": 1000}
    assert _cost(tmp_path, iterations=[message]) == plain
    assert _cost(tmp_path, iterations=[message, advice]) == 2 * plain
