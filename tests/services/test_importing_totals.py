"""Agents that keep running totals: every token booked once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.logs import NOON_MS, Ledger, ledger


@pytest.fixture
def imported(tmp_path: Path) -> Iterator[Ledger]:
    with ledger(tmp_path / "ledger") as opened:
        yield opened


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    return folder


def _droid(home: Path, output: int, *, at: str = "12:00") -> None:
    """A home with one session whose totals stand at so many output tokens."""
    folder = home / "sessions" / "-nowhere"
    folder.mkdir(parents=True, exist_ok=True)
    usage = {"inputTokens": output * 10, "outputTokens": output}
    (folder / "s1.settings.json").write_text(json.dumps({"tokenUsage": usage, "model": "gpt-5.1"}))
    said = {"type": "message", "timestamp": f"2026-03-01T{at}:00.000Z", "message": {"role": "assistant"}}
    (folder / "s1.jsonl").write_text(json.dumps(said) + "\n")


def test_running_totals_are_booked_once(imported: Ledger, logs: Path) -> None:
    """The memory of a file may be lost, its home copied, its beginning left out and wanted later."""

    def booked() -> int:
        ((output,),) = imported.query("SELECT COALESCE(SUM(output_tokens), 0) FROM model_requests")
        imported.check()
        return int(output)

    _droid(logs / "a", 100)
    imported.run(logs, "droid", since_ms=NOON_MS + 1)
    assert booked() == 0
    imported.run(logs, "droid")
    _droid(logs / "a", 300)
    imported.run(logs, "droid")
    assert booked() == 300
    imported.database.execute("DELETE FROM import_cursors WHERE id NOT IN (SELECT import_id FROM model_requests)")
    imported.database.execute("UPDATE import_cursors SET state = '', size = 0")
    imported.run(logs, "droid")
    assert booked() == 300
    shutil.copytree(logs / "a", logs / "b")
    imported.run(logs, "droid")
    _droid(logs / "a", 400)
    imported.run(logs, "droid")
    _droid(logs / "b", 400)
    imported.run(logs, "droid")
    assert booked() == 400


def test_what_was_left_out_as_too_old_is_remembered(imported: Ledger, logs: Path) -> None:
    """Passes that take only what is new know the total and not that its beginning was never booked."""
    _droid(logs, 100)
    imported.run(logs, "droid", since_ms=NOON_MS + 1)
    _droid(logs, 300, at="12:30")
    for since_ms in (NOON_MS + 1, None):
        imported.run(logs, "droid", since_ms=since_ms)
    assert imported.query("SELECT SUM(output_tokens) FROM model_requests") == [(300,)]
