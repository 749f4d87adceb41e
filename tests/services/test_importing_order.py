"""Whatever the order: files cut, shuffled, doubled and read in several runs give one truth."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.logs import (
    NOON_MS,
    SAMPLES,
    Line,
    claude_line,
    codex_count,
    codex_meta,
    codex_turn,
    encode,
    ledger,
)

_MINUTE = 60_000


def _blocks(number: int, *, session: str, count: int, **fields: object) -> list[Line]:
    """The lines of one answer: the last one has the final count."""
    start = NOON_MS + number * _MINUTE
    return [
        claude_line(
            f"msg_{number}",
            **{"request_id": f"req_{number}", **fields},  # type: ignore[arg-type]
            session=session,
            at_ms=start + block * 100,
            output=2 if block < count - 1 else 100 + number,
            version="2.1.90",
            uuid=f"{session}-{number}-{block}",
        )
        for block in range(count)
    ]


def claude_story(chance: random.Random) -> tuple[dict[str, list[Line]], dict[str, int]]:
    """Files of one conversation with forks, branches, resumes and side chains, and who made how many calls."""
    calls = chance.randint(1, 6)
    counts = [chance.randint(1, 3) for _ in range(calls)]
    parent = [line for n in range(calls) for line in _blocks(n, session="parent", count=counts[n])]
    files = {"parent.jsonl": parent}
    owners = {"parent": calls}
    marks: dict[str, Line] = {
        "fork": {"requestSessionId": "parent"},
        "branch": {"forkedFrom": {"sessionId": "parent"}},
        "resume": {"request_id": None},
        "bg": {"sessionKind": "bg"},
        "btw": {"request_id": "req_replayed", "isSidechain": True},
    }
    for number, name in enumerate(chance.sample(sorted(marks), chance.randint(0, 3))):
        copied = chance.randint(1, calls)
        lines: list[Line] = []
        for n in range(copied):
            mark = dict(marks[name])
            if mark.get("request_id"):
                mark["request_id"] = f"{mark['request_id']}_{n}"
            lines += _blocks(n, session=name, count=counts[n], **mark)
        if name == "resume":
            for line in lines:
                line["timestamp"] = "2026-03-02T00:00:00.000Z"
        lines += _blocks(100 + number, session=name, count=1)
        owners[name] = 1
        files[f"{name}.jsonl"] = lines
    return files, owners


def codex_story(chance: random.Random) -> tuple[dict[str, list[Line]], dict[str, int]]:
    """A thread and forked sub-agents that copied its beginning, re-stamped."""
    ids = [f"01a2000{n}-0000-7000-8000-00000000000{n}" for n in range(4)]
    calls = chance.randint(1, 5)
    turn = "01a20000-0001-7000-8000-00000000000a"
    parent = [codex_meta(ids[0]), codex_turn(turn), *(codex_count(n + 1, at_ms=NOON_MS + n) for n in range(calls))]
    files = {f"rollout-{ids[0]}.jsonl": parent}
    owners = {ids[0]: calls}
    for number in range(1, chance.randint(1, 4)):
        copied, own = chance.randint(0, calls), chance.randint(0, 3)
        later = NOON_MS + number * _MINUTE
        lines = [codex_meta(ids[number], forked_from_id=ids[0]), codex_meta(ids[0]), codex_turn(turn)]
        lines += [codex_count(n + 1, at_ms=later + n) for n in range(copied)]
        lines.append(codex_turn(f"01a2000{number}-0001-7000-8000-00000000000b"))
        lines += [codex_count(copied, at_ms=later + 50)] * (copied > 0)
        lines += [codex_count(copied + n + 1, at_ms=later + 100 + n) for n in range(own)]
        files[f"rollout-{ids[number]}.jsonl"] = lines
        if own:
            owners[ids[number]] = own
    return files, owners


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), story=st.sampled_from([claude_story, codex_story]))
def test_the_order_of_reading_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, seed: int, story: object
) -> None:
    """Every run sees some files, some of them cut anywhere; in the end each call is one row of who made it."""
    chance = random.Random(seed)
    files, owners = story(chance)  # type: ignore[operator]
    tmp = tmp_path_factory.mktemp("order")
    logs = tmp / "logs"
    logs.mkdir()
    whole = {name: encode(lines) for name, lines in files.items()}
    with ledger(tmp / "shuffled") as opened:
        for _ in range(chance.randint(1, 4)):
            for name in chance.sample(sorted(whole), chance.randint(1, len(whole))):
                end = chance.randint(0, len(whole[name]))
                (logs / name).write_bytes(whole[name][:end])
            opened.run(logs)
        doubled = chance.choice(sorted(whole))
        (logs / f"z-{doubled}").write_bytes(whole[doubled])
        for name in chance.sample(sorted(whole), len(whole)):
            (logs / name).write_bytes(whole[name])
        opened.run(logs)
        opened.check()
        assert opened.calls_by_conversation() == owners
        shuffled = opened.state()
    (logs / f"z-{doubled}").unlink()
    with ledger(tmp / "straight") as opened:
        opened.run(logs)
        assert opened.calls_by_conversation() == owners
        assert opened.state() == shuffled


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
def test_recorded_logs_cut_at_random_give_the_same_ledger(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    """Real transcripts with a fork and a sub-agent, grown in passes, in any order."""
    chance = random.Random(seed)
    tmp = tmp_path_factory.mktemp("cut")
    samples = chance.choice([SAMPLES / "claude_code" / "claude-2.1.330", SAMPLES / "codex" / "codex-0.125.0"])
    whole = {path.relative_to(samples): path.read_bytes() for path in samples.rglob("*.jsonl")}
    with ledger(tmp / "straight") as opened:
        opened.run(samples)
        wanted = opened.state()
    with ledger(tmp / "grown") as opened:
        for last in (False, False, True):
            for name in chance.sample(sorted(whole), len(whole)):
                path = tmp / "logs" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                known = path.stat().st_size if path.exists() else 0
                end = len(whole[name]) if last else chance.randint(known, len(whole[name]))
                path.write_bytes(whole[name][:end])
                if chance.random() < 0.5:
                    opened.run(tmp / "logs")
        opened.run(tmp / "logs")
        opened.check()
        assert opened.state() == wanted
