"""Logs as no agent should write them: everything around the damage is imported, in bounded time."""

from __future__ import annotations

import json
import os
import random
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.logs import NOON_MS, SAMPLES, Ledger, claude_line, encode, ledger, write_log

FIRST = json.dumps(claude_line("msg_1", request_id="req_1")).encode()
SECOND = json.dumps(claude_line("msg_2", request_id="req_2", at_ms=NOON_MS + 60_000)).encode()
HUGE = json.dumps({"type": "user", "message": {"content": "x" * 20_000_000}}).encode()


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Ledger]:
    with ledger(tmp_path / "ledger") as made:
        yield made


@pytest.mark.parametrize(
    ("raw", "unreadable"),
    [
        (FIRST + b"\n" + HUGE + b"\n" + SECOND + b"\n", 0),
        (FIRST + b"\n" + b"x" * 20_000_000 + b"\n" + SECOND + b"\n", 1),
        (b"\xef\xbb\xbf" + FIRST + b"\r\n" + SECOND + b"\r\n", 0),
        (FIRST + b"\n" + b"\x00" * 4096 + b"\n" + SECOND + b"\n", 0),
        (FIRST + b"\n" + b"\x00" * 4096 + SECOND + b"\n", 0),
        (FIRST + b"\n\n\n  \n" + SECOND + b"\n", 0),
        (FIRST.replace(b"All done.", b"All \xff\xfe done.") + b"\n" + SECOND + b"\n", 0),
        (FIRST + b"\n" + SECOND.replace(b'"uuid"', b'"\xed\xa0\x80"') + b"\n", 0),
        (FIRST + b"\n" + b"\xff\xfe\xfd\n" + SECOND + b"\n", 1),
        (FIRST + b"\n" + b"[" * 200_000 + b"\n" + SECOND, 1),
    ],
    ids=["huge", "noise", "bom-crlf", "nul-line", "nul-head", "blank", "text", "key", "bytes", "nested"],
)
def test_the_calls_around_the_damage_are_counted(opened: Ledger, tmp_path: Path, raw: bytes, unreadable: int) -> None:
    """Two calls whatever lies between them; what is no line at all is counted as unreadable."""
    path = tmp_path / "logs" / "t.jsonl"
    path.parent.mkdir()
    path.write_bytes(raw)
    totals = opened.run(path.parent, "claude-code")["claude-code"].totals
    assert (totals.calls, totals.output_tokens, totals.bad_lines) == (2, 642, unreadable)
    opened.check()


def test_links_that_go_in_circles_are_walked_once(opened: Ledger, tmp_path: Path) -> None:
    """A folder that holds itself, and a link to nowhere."""
    logs = tmp_path / "logs"
    write_log(logs / "projects" / "p" / "t.jsonl", [claude_line()])
    (logs / "projects" / "p" / "again").symlink_to(logs / "projects")
    (logs / "projects" / "gone.jsonl").symlink_to(tmp_path / "nowhere")
    found = opened.run(logs, "claude-code")["claude-code"]
    assert found.totals.calls == 1
    opened.check()


def test_ten_thousand_files_take_bounded_memory_and_are_read_once(opened: Ledger, tmp_path: Path) -> None:
    """Mostly empty conversations; looking again without news reads none."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    empty = encode([{"type": "summary", "summary": "nothing", "leafUuid": "u"}])
    for number in range(10_000):
        folder = tmp_path / "logs" / "projects" / f"p{number % 50}"
        if number < 50:
            folder.mkdir(parents=True)
        (folder / f"{number}.jsonl").write_bytes(empty)

    opened.run(tmp_path / "logs", "claude-code")
    again = opened.run(tmp_path / "logs", "claude-code")["claude-code"]
    assert (again.files, again.read_files) == (10_000, 0)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
def test_lines_cut_shuffled_doubled_and_damaged_never_count_twice(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    """Whatever happens to the lines of real transcripts, no call appears that was not made, and none twice."""
    chance = random.Random(seed)
    tmp = tmp_path_factory.mktemp("damage")
    samples = SAMPLES / "claude_code" / "claude-2.1.330"
    with ledger(tmp / "ledger") as opened:
        for path in sorted(samples.rglob("*.jsonl")):
            lines = path.read_bytes().splitlines(keepends=True)
            for number in range(2):
                mixed = chance.choices(lines, k=len(lines)) + lines * chance.randint(0, 1)
                chance.shuffle(mixed)
                damaged = [line[: chance.randint(0, len(line))] if chance.random() < 0.1 else line for line in mixed]
                target = tmp / "logs" / str(number) / path.relative_to(samples)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(b"".join(damaged))
            if chance.random() < 0.3:
                opened.run(tmp / "logs")
        opened.run(tmp / "logs")
        opened.check()
        ((calls, ids),) = opened.query("SELECT COUNT(*), COUNT(DISTINCT response_id) FROM model_requests")
        assert calls == ids <= 14


def test_calls_that_would_cost_millions_cost_the_others_nothing(opened: Ledger, tmp_path: Path) -> None:
    """They are kept without a price, so that every sum fits the ledger; dear ones have theirs."""
    absurd = [claude_line(f"msg_x{n}", request_id=f"req_x{n}", output=5 * 10**11) for n in range(3)]
    plain = [claude_line(f"msg_y{n}", request_id=f"req_y{n}", output=6 * 10**9) for n in range(20)]
    write_log(tmp_path / "logs" / "a.jsonl", [FIRST, *absurd, *plain])
    write_log(tmp_path / "logs" / "b.jsonl", [SECOND])
    assert opened.run(tmp_path / "logs")["claude-code"].new_calls == 25
    unpriced = opened.query("SELECT response_id, cost_status FROM model_requests WHERE cost_picousd IS NULL")
    assert sorted(unpriced) == [(f"msg_x{n}", "unknown") for n in range(3)]
    opened.check()


def test_logs_below_names_that_are_no_text_are_read(opened: Ledger, tmp_path: Path) -> None:
    """One such folder ended the import of everything; two of them are not one."""
    for number, name in enumerate([b"jos\xe9", b"jos\xe8", b"jose"]):
        folder = tmp_path / "home" / ".claude" / "projects" / os.fsdecode(name)
        write_log(folder / "log.jsonl", [claude_line(f"msg_{number}", request_id=f"req_{number}")])
    for new_calls in (3, 0):
        imported = opened.run(tmp_path / "home")["claude-code"]
        assert (imported.new_calls, imported.totals.calls, imported.problems) == (new_calls, 3, ())
    assert imported.read_files == 0
