"""Sixteen processes record at once and are killed at random: what was acknowledged is in the ledger, once."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.shell import Shell

WORKERS = 16
WRITES = 100

WORKER = """
import io, os, sys
from codesession.cli.main import main
worker, writes, said = sys.argv[1], int(sys.argv[2]), os.open(sys.argv[3], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
for number in range(writes):
    name = f"msg_{worker}_{number}"
    sys.stdout = io.TextIOWrapper(io.BytesIO())
    code = main(["log-ai", "-p", "anthropic", "-m", "claude-sonnet-4-5", "--prompt-tokens", "1000",
                 "--completion-tokens", "100", "--response-id", name, "--session", "1", "--json"])
    os.write(said, f"{name} {code}\\n".encode())
"""
CALL_PICOUSD = (1_000 * 3 + 100 * 15) * 10**6


def work(shell: Shell, number: int) -> subprocess.Popen[bytes]:
    """One process that records through the command's own entry point and notes every answer it got."""
    said = shell.cwd.parent / f"said-{number}"
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(number), str(WRITES), said],
        env=shell.environment(),
        cwd=shell.cwd,
        stderr=subprocess.PIPE,
    )


def kill_at_work(shell: Shell, workers: list[subprocess.Popen[bytes]], doomed: dict[int, int]) -> None:
    """Kill each of these once it has had so many answers: somewhere inside its next write."""
    waiting = dict(doomed)
    deadline = time.monotonic() + 60
    while waiting:
        assert time.monotonic() < deadline, waiting
        for number, answers in list(waiting.items()):
            said = shell.cwd.parent / f"said-{number}"
            if said.exists() and said.read_bytes().count(b"\n") >= answers:
                workers[number].send_signal(signal.SIGKILL)
                del waiting[number]
        time.sleep(0.002)


def acknowledged(folder: Path) -> dict[str, int]:
    """Response ids and the exit status each was answered with."""
    lines = [line for file in folder.glob("said-*") for line in file.read_text().splitlines()]
    return {name: int(code) for name, code in (line.split() for line in lines)}


@pytest.mark.timeout(120)
def test_every_acknowledged_call_is_one_whole_row(shell: Shell) -> None:
    """Half of the processes are killed in the middle of their work; counters and rollups still equal the rows."""
    shell.ok("start", "task", "--json")
    chance = random.Random(7)
    workers = [work(shell, number) for number in range(WORKERS)]
    doomed = {number: chance.randint(1, WRITES // 2) for number in chance.sample(range(WORKERS), WORKERS // 2)}
    kill_at_work(shell, workers, doomed)
    errors = [process.communicate(timeout=100)[1] for process in workers]
    endings = [(process.returncode, error) for process, error in zip(workers, errors, strict=True)]
    assert endings == [(-signal.SIGKILL if number in doomed else 0, b"") for number in range(WORKERS)]

    answers = acknowledged(shell.cwd.parent)
    assert len(answers) >= (WORKERS - len(doomed)) * WRITES + sum(doomed.values())
    assert set(answers.values()) == {0}
    check_ledger(shell.ledger, set(answers))


def check_ledger(path: Path, expected: set[str]) -> None:
    """No row is missing, half or double; every sum that is kept equals the sum over the rows."""
    ledger = sqlite3.connect(path)
    assert ledger.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert ledger.execute("PRAGMA foreign_key_check").fetchall() == []
    rows = ledger.execute(
        "SELECT response_id, input_tokens, output_tokens, cost_picousd, session_id FROM model_requests"
    ).fetchall()
    found = [row[0] for row in rows]
    assert len(found) == len(set(found))
    assert expected <= set(found)
    assert len(found) <= len(expected) + WORKERS  # a killed process may have stored one more than it could tell
    assert {row[1:] for row in rows} == {(1_000, 100, CALL_PICOUSD, 1)}
    sums = (len(rows), 1_100 * len(rows), CALL_PICOUSD * len(rows))
    session = ledger.execute("SELECT requests, total_tokens, cost_picousd FROM sessions").fetchall()
    rollups = ledger.execute("SELECT SUM(requests), SUM(total_tokens), SUM(cost_picousd) FROM usage_rollups").fetchall()
    assert session == rollups == [sums]
    ledger.close()


def test_many_starts_at_once_open_one_session(shell: Shell) -> None:
    """Ten agents begin in the same second: one session, nine clear answers, one ledger."""
    started = [shell.start("start", f"agent {number}", "--json") for number in range(10)]
    codes = [(process.communicate(timeout=60), process.returncode)[1] for process in started]
    assert sorted(codes) == [0, *[1] * 9]
    assert len(shell.ok("list", "--json", "-l", "50")) == 1
