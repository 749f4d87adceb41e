"""The note that a running dashboard leaves."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from codesession.web.running import Note, Running
from support.web_server import Dashboard


def running(dashboard: Dashboard) -> Running:
    """What the note of a dashboard says."""
    access = dashboard.access
    return Running(host="127.0.0.1", port=dashboard.port, pid=1, token=access.token, instance=access.instance)


def test_a_running_dashboard_is_found_and_lets_one_in(dashboard: Dashboard, tmp_path: Path) -> None:
    """The note is its owner's only."""
    note = Note(tmp_path / "notes", tmp_path / "sessions.db")
    note.leave(running(dashboard))

    found = note.find()

    assert found == running(dashboard)
    assert [path.stat().st_mode & 0o077 for path in (tmp_path / "notes").iterdir()] == [0]
    assert "set-cookie" in dashboard.raw("GET", f"/?token={found.new_code()}").headers


@pytest.mark.parametrize("change", [{"instance": "another"}, {"version": "0.1"}, {"port": 1}])
def test_a_note_that_is_not_true_any_more_is_not_believed(
    dashboard: Dashboard, tmp_path: Path, change: dict[str, object]
) -> None:
    """The server was killed, replaced, or is of another version."""
    note = Note(tmp_path, tmp_path / "sessions.db")
    note.leave(replace(running(dashboard), **change))  # type: ignore[arg-type]  # the test's own

    assert note.find() is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"host": 1}', "null"])
def test_a_broken_note_is_no_note(tmp_path: Path, text: str) -> None:
    """A new server is started."""
    note = Note(tmp_path, tmp_path / "sessions.db")
    note.leave(Running(host="h", port=1, pid=1, token="t", instance="i"))
    next(tmp_path.iterdir()).write_text(text)

    assert note.find() is None


def test_only_ones_own_note_is_taken_away(dashboard: Dashboard, tmp_path: Path) -> None:
    """A newer server's stays; ledgers have notes of their own."""
    note, other = Note(tmp_path, tmp_path / "a.db"), Note(tmp_path, tmp_path / "b.db")
    note.leave(running(dashboard))
    other.leave(running(dashboard))

    note.remove("another instance")
    assert note.find() is not None
    note.remove(dashboard.access.instance)
    note.remove(dashboard.access.instance)
    assert note.find() is None and other.find() is not None


def test_a_server_that_listens_everywhere_is_reached_here() -> None:
    """The note says where it listens, not where it can be reached."""
    noted = Running(host="0.0.0.0", port=5, pid=1, token="t", instance="i")

    assert noted.url == "http://127.0.0.1:5"
    assert replace(noted, host="::1").first_url("x") == "http://[::1]:5/?token=x"
    assert json.loads(json.dumps(asdict(noted)))["port"] == 5
