"""`cs live` in a pipe and on a real terminal."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from codesession.app import now_ms
from codesession.cli.main import main
from codesession.domain.money import PICO
from codesession.store.sql_store import SqlStore
from codesession.store.sqlite import SqliteDatabase
from support.ledger import make_request, make_session


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SqlStore:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.delenv("CODESESSION_DB_PATH", raising=False)
    made = SqlStore(SqliteDatabase(tmp_path / ".codesession" / "sessions.db", now_ms=now_ms()))
    session = made.create_session(
        make_session(name="Fix the login", started_at_ms=now_ms() - 60_000, budget_picousd=4 * PICO), exclusive=False
    )
    assert session is not None
    made.add_request(
        make_request(session_id=session.id, started_at_ms=now_ms(), cost_picousd=2 * PICO, agent_name="claude-code")
    )
    return made


def test_once_prints_one_picture(store: SqlStore, capsys: pytest.CaptureFixture[str]) -> None:
    """Sessions with their budget, the pace, models, agents and calls, in 80 columns without escape codes."""
    assert main(["live", "--once"]) == 0
    words = capsys.readouterr().out

    assert "Today $2.00" in words
    assert "$12.00/h now" in words
    assert "Fix the login" in words
    assert "50 % of $4.00" in words
    assert "claude-sonnet-4-5" in words
    assert "\x1b" not in words
    assert all(len(line) <= 80 for line in words.splitlines())


def test_a_pipe_gets_one_picture_without_asking(store: SqlStore, tmp_path: Path) -> None:
    """`cs live | cat` ends."""
    command = [sys.executable, "-m", "codesession", "live"]
    done = subprocess.run(command, capture_output=True, timeout=30, check=False, cwd=tmp_path)

    assert done.returncode == 0
    assert b"Fix the login" in done.stdout


def test_json_is_the_same_moment_for_programs(store: SqlStore, capsys: pytest.CaptureFixture[str]) -> None:
    """One value, then it ends."""
    assert main(["live", "--json"]) == 0
    body = json.loads(capsys.readouterr().out)

    assert body["sessions"][0]["name"] == "Fix the login"
    assert body["today"]["costUsd"] == body["lastHourUsd"] == 2.0


class Screen:
    """`cs live` on a pseudo-terminal of 80 columns and 24 lines."""

    def __init__(self, folder: Path, term: str = "xterm-256color") -> None:
        self._master, self._slave = pty.openpty()
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.before = termios.tcgetattr(self._slave)
        environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "codesession", "live"],
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            env={**environment, "TERM": term},
            cwd=folder,
        )
        self.text = ""

    def wait_for(self, words: str, seconds: float = 20) -> None:
        until = time.monotonic() + seconds
        while words not in self.text:
            assert time.monotonic() < until, f"{words!r} never came: {self.text[-2000:]!r}"
            if select.select([self._master], [], [], 0.1)[0]:
                self.text += os.read(self._master, 65536).decode("utf-8", "replace")

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def settings(self) -> list[object]:
        return termios.tcgetattr(self._slave)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._master)
        os.close(self._slave)


def test_a_terminal_that_cannot_be_drawn_on_gets_one_picture(store: SqlStore, tmp_path: Path) -> None:
    """TERM=dumb, as in an editor's shell: nothing would be seen until one leaves."""
    screen = Screen(tmp_path, term="dumb")
    try:
        screen.wait_for("Fix the login")
        screen.wait_for("Last calls")
        assert screen.process.wait(20) == 0
        assert "\x1b" not in screen.text
    finally:
        screen.close()


@pytest.mark.parametrize("leave", ["q", "ctrl+c", "term"])
def test_it_follows_the_ledger_and_leaves_the_terminal_as_it_was(store: SqlStore, tmp_path: Path, leave: str) -> None:
    """New calls appear within a tick or two; q, Ctrl+C and SIGTERM leave with status 0."""
    screen = Screen(tmp_path)
    try:
        screen.wait_for("Fix the login")
        store.add_request(make_request(request_model="fresh-model", started_at_ms=now_ms(), cost_picousd=PICO))
        screen.wait_for("fresh-model")
        screen.press("\x1b[A")
        assert screen.process.poll() is None
        if leave == "q":
            screen.press("q")
        else:
            screen.process.send_signal(signal.SIGINT if leave == "ctrl+c" else signal.SIGTERM)
        screen.wait_for("\x1b[?1049l")
        assert screen.process.wait(10) == 0
        assert screen.settings() == screen.before
        assert "\x1b[?25h" in screen.text
    finally:
        screen.close()
