"""`make demo`: what the README promises, in an empty home."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from support.shell import Shell

ROOT = Path(__file__).parents[2]


@pytest.fixture
def demo(shell: Shell) -> tuple[subprocess.CompletedProcess[str], Path]:
    """The demo run from a copy of the examples, so that a person's own demo is left alone."""
    copied = shell.home.parent / "project"
    shutil.copytree(ROOT / "examples", copied / "examples")
    done = subprocess.run(
        [sys.executable, copied / "examples" / "demo.py"],
        cwd=copied,
        env={**shell.environment(), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return done, copied / ".demo" / "sessions.db"


def test_the_demo_shows_a_whole_run_whose_figures_are_those_of_the_provider(
    demo: tuple[subprocess.CompletedProcess[str], Path], shell: Shell
) -> None:
    """Five calls to two providers, one file, one commit, in the ledger to the token; then one call, and the budget."""
    done, path = demo
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "agent: asked 5 times" in done.stdout
    for words in ("AI cost", "$", "Top model", "1 file changed", "1 commit"):
        assert words in done.stderr, words
    assert "5 calls" in done.stderr
    assert "agent: stopped: codesession: budget 'session total' of $0.0010 is used up" in done.stderr
    assert not shell.ledger.exists()

    ledger = sqlite3.connect(path)
    rows = ledger.execute(
        "SELECT response_id, output_tokens, reasoning_output_tokens, usage_status, cost_status, cost_picousd, sources,"
        " cache_read_input_tokens, cache_write_input_tokens FROM model_requests WHERE session_id = 1 ORDER BY id"
    ).fetchall()
    stopped = ledger.execute("SELECT COUNT(*) FROM model_requests WHERE session_id = 2").fetchone()
    ledger.close()
    assert stopped == (1,)
    assert len({row[0] for row in rows}) == 5
    assert sorted((row[1], row[2]) for row in rows) == [(160, 64), (180, 0), (180, 0), (220, 120), (220, 120)]
    assert {row[3:5] + row[6:7] for row in rows} == {("complete", "exact", "proxy")}
    assert all(row[5] > 0 for row in rows)
    claude = [row for row in rows if row[0].startswith("msg_")]
    assert claude[0][8] == claude[1][7] > 0
    assert claude[0][7] == claude[1][8] == 0
